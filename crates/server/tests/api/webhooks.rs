//! `/api/v1/webhooks`, and what is sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use khocr_store::Plan;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::app::{Setup, TestApp};
use crate::client::Form;

pub(crate) const PATH: &str = "/api/v1/webhooks";

/// A server that keeps what it is sent and answers each request with the next of these.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub(crate) async fn start(answers: &'static [&'static str]) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answers)
    }

    /// An empty answer is none: the connection stays open and nothing comes.
    pub(crate) fn on(listener: TcpListener, answers: &'static [&'static str]) -> Self {
        let address = listener.local_addr().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        tokio::spawn(async move {
            let mut hung = Vec::new();
            for answer in answers.iter().cycle() {
                let (mut socket, _) = listener.accept().await.unwrap();
                let (mut text, mut buffer) = (String::new(), [0u8; 4_096]);
                while !text.ends_with('}') {
                    let n = socket.read(&mut buffer).await.unwrap();
                    if n == 0 {
                        break;
                    }
                    text.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
                }
                kept.lock().unwrap().push(text);
                let _ = socket.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    hung.push(socket);
                }
            }
        });
        Self { address, taken }
    }

    /// Waits for that many requests.
    pub(crate) async fn got(&self, n: usize) -> Vec<String> {
        for _ in 0..400 {
            let taken = self.taken.lock().unwrap().clone();
            if taken.len() >= n {
                return taken;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {n} requests came", self.taken.lock().unwrap().len());
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?a=b", self.address)
    }
}

pub(crate) const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

pub(crate) fn send_from(app: &TestApp, private: bool) {
    tokio::spawn(khocr_server::send_webhooks(app.store.clone(), private, std::future::pending()));
}

pub(crate) async fn register(app: &TestApp, body: Value) -> Value {
    app.bare("POST", PATH).key(&app.key).json(&body).send().await.ok()
}

/// The webhook's last message, once it is no longer as it was.
pub(crate) async fn last_message(
    app: &TestApp,
    id: &Value,
    done: impl Fn(&Value) -> bool,
) -> Value {
    let path = format!("{PATH}/{}", id.as_str().unwrap());
    for _ in 0..200 {
        let seen = app.store.deliveries(id.as_str().unwrap(), 1).await.unwrap();
        if !seen.is_empty() {
            let detail = app.get(&path).send().await.ok();
            if done(&detail["deliveries"][0]) {
                return detail["deliveries"][0].clone();
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    panic!("nothing happened to the message");
}

pub(crate) fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let line = request.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {request}"))
}

pub(crate) async fn webhooks_are_registered_changed_and_removed(setup: Setup) {
    let app = setup.start().await;
    let made = register(&app, json!({ "url": "https://example.org/a" })).await;
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made["events"].as_array().unwrap().len(), 3);
    assert_eq!((&made["every_job"], &made["enabled"]), (&json!(true), &json!(true)));
    let list = app.get(PATH).send().await;
    assert_eq!(list.ok()["webhooks"][0]["id"], made["id"]);
    assert!(!list.text().contains("whsec_"), "{}", list.text());
    let one = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let change = json!({ "events": ["job.failed"], "enabled": false });
    let changed = app.bare("PATCH", &one).key(&app.key).json(&change).send().await.ok();
    assert_eq!(
        (&changed["events"], &changed["disabled_why"]),
        (&json!(["job.failed"]), &json!("owner"))
    );
    let on = json!({ "enabled": true });
    let changed = app.bare("PATCH", &one).key(&app.key).json(&on).send().await.ok();
    assert_eq!((&changed["enabled"], &changed["events"]), (&json!(true), &json!(["job.failed"])));
    // Another organisation's: as if there were none.
    let key = app.stranger(Plan::Free).await;
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = app.bare(method, &one).key(&key).send().await;
        answer.refused(404, "webhook_not_found");
    }
    let form =
        Form::default().file(b"%PDF-1.7 pages=1").text("webhook_id", made["id"].as_str().unwrap());
    let answer = app.bare("POST", "/api/v1/convert").key(&key).form(form).send().await;
    answer.refused(404, "webhook_not_found");
    assert!(
        app.bare("GET", PATH).key(&key).send().await.ok()["webhooks"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    app.delete(&one).send().await.ok();
    app.get(&one).send().await.refused(404, "webhook_not_found");
    for id in ["x", "%00", "..", "0f1e2d3c4b5a69788796a5b4'"] {
        let path = format!("{PATH}/{id}");
        let answer = app.get(&path).send().await;
        assert_eq!(answer.status, 404, "{id}: {:?}", answer.body);
        let answer = app.bare("PATCH", &path).key(&app.key).json(&json!({})).send().await;
        assert_eq!(answer.status, 404, "{id}: {:?}", answer.body);
    }
    let form = Form::default().file(b"%PDF-1.7 pages=1").text("webhook_id", "a\0b");
    app.convert(form).send().await.refused(404, "webhook_not_found");
}

pub(crate) async fn addresses_that_are_not_public_are_refused(setup: Setup) {
    let app = setup.start().await;
    for url in [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]:8443/",
        "https://10.0.0.8/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://user:word@example.org/",
        "nonsense",
    ] {
        let answer = app.bare("POST", PATH).key(&app.key).json(&json!({ "url": url })).send().await;
        answer.refused(400, "address_not_allowed");
    }
    let made = register(&app, json!({ "url": "https://example.org/" })).await;
    let one = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let inside = json!({ "url": "https://192.168.1.1/" });
    let answer = app.bare("PATCH", &one).key(&app.key).json(&inside).send().await;
    answer.refused(400, "address_not_allowed");
    for body in [json!({ "events": [] }), json!({ "events": ["job.begun"] })] {
        let answer = app.bare("PATCH", &one).key(&app.key).json(&body).send().await;
        answer.refused(400, "invalid_parameter");
    }
    let answer = app.bare("POST", PATH).key(&app.key).json(&json!({})).send().await;
    answer.refused(400, "malformed_json");
}

pub(crate) async fn a_message_is_signed_and_sent(setup: Setup) {
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    let receiver = Receiver::start(&[TAKEN]).await;
    let made = register(&app, json!({ "url": receiver.url() })).await;
    send_from(&app, true);
    let id = app.submit(3).await;
    app.work().await;
    let request = receiver.got(1).await.remove(0);
    assert!(request.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{request}");
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(sent["type"], "job.completed");
    assert_eq!((&sent["data"]["job_id"], &sent["data"]["pages_done"]), (&json!(id), &json!(3)));
    assert!(!request.contains("letter"), "{request}");
    // Whoever has the secret can tell that it comes from us.
    let (message, time) = (header(&request, "webhook-id"), header(&request, "webhook-timestamp"));
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    let secret = made["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &BASE64.decode(secret).unwrap());
    let signature = header(&request, "webhook-signature").strip_prefix("v1,").unwrap();
    let signed = format!("{message}.{time}.{body}");
    ring::hmac::verify(&key, signed.as_bytes(), &BASE64.decode(signature).unwrap()).unwrap();
    let age = jiff::Timestamp::now().as_second() - time.parse::<i64>().unwrap();
    assert!(age.abs() < 120, "{age}");
    let last = last_message(&app, &made["id"], |m| m["state"] == "DELIVERED").await;
    assert_eq!((&last["attempts"], &last["last_status"]), (&json!(1), &json!(204)));
    assert_eq!(last["id"], message);
}

pub(crate) async fn what_is_not_taken_is_sent_again(setup: Setup) {
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    // Two senders, as on two nodes; the second attempt comes after five seconds, more or less.
    let receiver = Receiver::start(&["HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", TAKEN]).await;
    let made = register(&app, json!({ "url": receiver.url() })).await;
    send_from(&app, true);
    send_from(&app, true);
    app.submit(1).await;
    app.work().await;
    let last = last_message(&app, &made["id"], |m| m["state"] == "DELIVERED").await;
    assert_eq!(last["attempts"], 2);
    let both = receiver.got(2).await;
    assert_eq!(header(&both[0], "webhook-id"), header(&both[1], "webhook-id"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(receiver.got(2).await.len(), 2, "and no third");
}

pub(crate) async fn redirects_and_inner_addresses_are_not_followed(setup: Setup) {
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    let inside = Receiver::start(&[TAKEN]).await;
    let elsewhere: &'static str = Box::leak(
        format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", inside.url())
            .into_boxed_str(),
    );
    let answers: &'static [&'static str] = Box::leak(vec![elsewhere].into_boxed_slice());
    let outside = Receiver::start(answers).await;
    let made = register(&app, json!({ "url": outside.url() })).await;
    send_from(&app, true);
    app.submit(1).await;
    app.work().await;
    let last = last_message(&app, &made["id"], |m| m["last_status"] == 302).await;
    assert_eq!(last["state"], "WAITING");
    assert!(inside.taken.lock().unwrap().is_empty());
}

pub(crate) async fn a_name_that_leads_inside_is_not_called(setup: Setup) {
    let app = setup.start().await;
    let inside = Receiver::start(&[TAKEN]).await;
    // Public by its looks; where it leads shows only when it is resolved.
    let url = format!("https://localhost:{}/", inside.address.port());
    let made = register(&app, json!({ "url": url })).await;
    send_from(&app, false);
    app.submit(1).await;
    app.work().await;
    let last =
        last_message(&app, &made["id"], |m| m["attempts"] == 1 && !m["last_error"].is_null()).await;
    assert_eq!(last["last_error"], "its address is not public");
    assert!(inside.taken.lock().unwrap().is_empty());
}

pub(crate) async fn a_job_may_name_its_webhook(setup: Setup) {
    let app = setup.with(|c| c.private_webhooks = true).start().await;
    let receiver = Receiver::start(&[TAKEN]).await;
    let order = json!({ "url": receiver.url(), "every_job": false });
    let made = register(&app, order).await;
    send_from(&app, true);
    app.submit(1).await;
    app.work().await;
    let form =
        Form::default().file(b"%PDF-1.7 pages=2").text("webhook_id", made["id"].as_str().unwrap());
    let id = app.convert(form).send().await.ok()["job_id"].as_str().unwrap().to_owned();
    app.work().await;
    let requests = receiver.got(1).await;
    assert!(requests[0].contains(&id), "{requests:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(receiver.got(1).await.len(), 1, "only of the job that named it");
}
