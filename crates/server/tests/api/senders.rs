//! Senders that die, receivers that are away, secrets that change: no message is lost, and each is
//! known by its id.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use khocr_store::{Clock, Store, StoreOptions};
use serde_json::json;
use tokio::net::TcpListener;

use crate::app::Setup;
use crate::webhooks::{PATH, Receiver, TAKEN, header, last_message, register, send_from};

/// Whether one of the request's signatures is that secret's.
fn signed_with(request: &str, secret: &str) -> bool {
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let (id, time) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let signed = format!("{id}.{time}.{body}");
    header(request, "webhook-signature").split(' ').any(|one| {
        let tag = BASE64.decode(one.strip_prefix("v1,").unwrap()).unwrap();
        ring::hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    })
}

/// A clock that stands still a little after now: what the server has just written down is past for
/// it, although PostgreSQL's clock may be some milliseconds ahead of ours.
fn ahead() -> Clock {
    Clock::manual(jiff::Timestamp::now() + Duration::from_secs(2))
}

/// A sender that had its message taken dies before it can write that down: another sends it again,
/// and the receiver knows it by its id.
pub(crate) async fn a_sender_that_dies_loses_no_message(setup: Setup) {
    let database = setup.database().to_owned();
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    // It takes what is sent and never says so: the sender waits for the answer when it dies.
    let receiver = Receiver::start(&["", TAKEN]).await;
    let made = register(&app, json!({ "url": receiver.url() })).await;
    app.submit(1).await;
    app.work().await;
    let clock = ahead();
    let node = async || {
        let options = StoreOptions { clock: clock.clone(), ..StoreOptions::new(&database) };
        Store::open(&options).await.unwrap()
    };
    let (first, second) = (node().await, node().await);
    let sender = tokio::spawn(khocr_server::send_webhooks(first, true, std::future::pending()));
    receiver.got(1).await;
    sender.abort();
    assert!(sender.await.unwrap_err().is_cancelled());
    // Another sender leaves it alone for as long as the first may be alive.
    tokio::spawn(khocr_server::send_webhooks(second, true, std::future::pending()));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(receiver.got(1).await.len(), 1);
    clock.advance(Duration::from_secs(61));
    let both = receiver.got(2).await;
    assert_eq!(header(&both[0], "webhook-id"), header(&both[1], "webhook-id"));
    let body = |request: &str| request.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body(&both[0]), body(&both[1]));
    let last = last_message(&app, &made["id"], |m| m["state"] == "DELIVERED").await;
    assert_eq!(last["attempts"], 2);
}

/// A receiver that is not there, then says nothing for too long, then is back.
pub(crate) async fn a_receiver_that_was_away_gets_its_messages(setup: Setup) {
    let database = setup.database().to_owned();
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let made = register(&app, json!({ "url": format!("http://{address}/hook") })).await;
    app.submit(1).await;
    app.work().await;
    let clock = ahead();
    let options = StoreOptions { clock: clock.clone(), ..StoreOptions::new(&database) };
    let store = Store::open(&options).await.unwrap();
    tokio::spawn(khocr_server::send_webhooks(store, true, std::future::pending()));
    let why = async |what: &str| last_message(&app, &made["id"], |m| m["last_error"] == what).await;
    let away = why("it could not be reached").await;
    assert_eq!((&away["state"], &away["attempts"]), (&json!("WAITING"), &json!(1)));
    // It takes connections and answers none of them.
    let silent = TcpListener::bind(address).await.unwrap();
    let held = tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            kept.push(silent.accept().await.unwrap());
        }
    });
    clock.advance(Duration::from_secs(6));
    let hung = why("no answer in time").await;
    assert_eq!((&hung["state"], &hung["attempts"]), (&json!("WAITING"), &json!(2)));
    held.abort();
    let _ = held.await;
    let receiver = Receiver::on(TcpListener::bind(address).await.unwrap(), &[TAKEN]);
    clock.advance(Duration::from_secs(400));
    let request = receiver.got(1).await.remove(0);
    assert_eq!(header(&request, "webhook-id"), hung["id"]);
    let last = last_message(&app, &made["id"], |m| m["state"] == "DELIVERED").await;
    assert_eq!(last["attempts"], 3);
}

/// While a secret is changed, messages carry both signatures; a message sent again has its old id.
pub(crate) async fn a_secret_changes_over_and_messages_are_sent_again(setup: Setup) {
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    let receiver = Receiver::start(&[TAKEN]).await;
    let made = register(&app, json!({ "url": receiver.url() })).await;
    let one = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let rotate = async |body: serde_json::Value| {
        app.bare("POST", &format!("{one}/secret")).key(&app.key).json(&body).send().await
    };
    let old = made["secret"].as_str().unwrap();
    let answer = rotate(json!({})).await.ok();
    let new = answer["secret"].as_str().unwrap();
    assert_ne!(old, new);
    send_from(&app, true);
    app.submit(1).await;
    app.work().await;
    let request = receiver.got(1).await.remove(0);
    assert!(signed_with(&request, new) && signed_with(&request, old), "{request}");
    let message = last_message(&app, &made["id"], |m| m["state"] == "DELIVERED").await;
    // The old one is ended, and the message sent again under the new one alone.
    let newest = rotate(json!({ "grace_hours": 0 })).await.ok();
    let newest = newest["secret"].as_str().unwrap();
    let again = format!("{one}/deliveries/{}", message["id"].as_str().unwrap());
    let post = async |path: &str| app.bare("POST", path).key(&app.key).send().await;
    let waits = post(&again).await.ok();
    assert_eq!((&waits["state"], &waits["attempts"]), (&json!("WAITING"), &json!(0)));
    let request = receiver.got(2).await.remove(1);
    assert_eq!(header(&request, "webhook-id"), message["id"]);
    assert!(signed_with(&request, newest) && !signed_with(&request, new), "{request}");
    // What is not there, not usable, or another's.
    post(&format!("{one}/deliveries/msg_0")).await.refused(404, "message_not_found");
    post(&format!("{one}/deliveries/%00")).await.refused(404, "message_not_found");
    post(&format!("{PATH}/0f1e2d3c4b5a69788796a5b4/secret"))
        .await
        .refused(404, "webhook_not_found");
    rotate(json!({ "grace_hours": 721 })).await.refused(400, "invalid_parameter");
    rotate(json!({ "grace": 1 })).await.refused(400, "malformed_json");
    let other = app.stranger(khocr_store::Plan::Enterprise).await;
    for path in [&again, &format!("{one}/secret")] {
        app.bare("POST", path).key(&other).send().await.refused(404, "webhook_not_found");
    }
    let reader = app.key_that_may("read").await;
    app.bare("POST", &again).key(&reader).send().await.refused(403, "forbidden");
    // The operator sees how many were delivered, and that none waits.
    last_message(&app, &made["id"], |m| m["state"] == "DELIVERED").await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let metrics = app.bare("GET", "/metrics").send().await;
    for line in [
        "khocr_webhook_deliveries_total{outcome=\"delivered\"} 2\n",
        "khocr_webhook_waiting 0\n",
        "khocr_webhook_oldest_seconds 0\n",
    ] {
        assert!(metrics.text().contains(line), "{line}{}", metrics.text());
    }
}
