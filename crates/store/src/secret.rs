//! What webhooks' messages are signed with, and how one secret takes another's place.

use std::time::Duration;

use serde_json::json;

use crate::audit::Deed;
use crate::clock::timestamp;
use crate::db::{Sql, args};
use crate::{Desk, StoreError};

/// How a secret begins.
const SECRET: &str = "whsec_";

/// What a webhook's messages are signed with: `whsec_` and base64 of 24 random bytes or more.
/// `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// A new random secret, 192 bits.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the operating system gives no random numbers.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = [0u8; 24];
        getrandom::fill(&mut bytes).map_err(|e| StoreError::Random(e.to_string()))?;
        Ok(Self(format!("{SECRET}{}", base64(&bytes))))
    }

    /// A secret as it was kept.
    pub(crate) fn kept(text: String) -> Self {
        Self(text)
    }

    /// The whole secret, `whsec_` included. To be shown once to its owner and never logged.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The base64 behind `whsec_`.
    #[must_use]
    pub fn encoded(&self) -> &str {
        self.0.strip_prefix(SECRET).unwrap_or(&self.0)
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("whsec_…")
    }
}

/// Standard base64 of a multiple of three bytes, so without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let n = three.iter().fold(0u32, |n, b| n << 8 | u32::from(*b));
        for shift in [18, 12, 6, 0] {
            out.push(char::from(DIGITS[(n >> shift & 63) as usize]));
        }
    }
    out
}

impl Desk {
    /// Gives a webhook a new secret, which is in the answer and is not shown again. Messages are
    /// signed with the old one too for `grace`, so that its receiver can change over meanwhile; of
    /// one that was still going on when it was rotated before, no more is heard.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that id, or it is another's.
    pub async fn rotate_webhook_secret(
        &self,
        organisation: i64,
        id: &str,
        grace: Duration,
    ) -> Result<WebhookSecret, StoreError> {
        const LOCKED: Sql = Sql::each(
            "SELECT secret FROM webhooks WHERE id = $1 AND organisation_id = $2",
            "SELECT secret FROM webhooks WHERE id = $1 AND organisation_id = $2 FOR UPDATE",
        );
        let secret = WebhookSecret::generate()?;
        let mut tx = self.store.inner.db.begin().await?;
        let row = tx.first(LOCKED, args![id, organisation]).await?.ok_or(StoreError::NotFound)?;
        let grace = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
        let until = self.store.millis().saturating_add(grace);
        let sql = "UPDATE webhooks SET secret = $2, old_secret = $3, old_secret_until = $4
                   WHERE id = $1";
        tx.execute(sql, args![id, secret.reveal(), &row.text(0)?, until]).await?;
        let deed = Deed {
            action: "webhook.secret_rotated",
            organisation: Some(organisation),
            target: format!("webhook:{id}"),
            detail: json!({ "old_until": timestamp(until) }),
        };
        self.done(tx, deed).await?;
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_standard_one() {
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }

    #[test]
    fn a_secret_is_not_shown_by_accident() {
        let secret = WebhookSecret::generate().unwrap();
        assert!(secret.reveal().starts_with("whsec_") && secret.encoded().len() == 32);
        assert_ne!(secret, WebhookSecret::generate().unwrap());
        assert!(!format!("{secret:?}").contains(secret.encoded()));
    }
}
