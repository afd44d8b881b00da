//! Signatures of the Standard Webhooks form: `v1,` and the base64 of an HMAC-SHA256 over the
//! message's id, the time of sending and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use khocr_store::WebhookSecret;
use ring::hmac;

/// The value of `webhook-signature`: one signature for each secret, a space between.
pub(crate) fn signatures(secrets: &[WebhookSecret], id: &str, seconds: i64, body: &str) -> String {
    let key = |secret: &WebhookSecret| BASE64.decode(secret.encoded()).unwrap_or_default();
    let signed = secrets.iter().map(|secret| sign(&key(secret), id, seconds, body));
    signed.collect::<Vec<_>>().join(" ")
}

fn sign(key: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_known_example_comes_out() {
        let key = BASE64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = sign(&key, id, 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
