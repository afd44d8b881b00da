//! Organisations, their plans and their keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{KeyText, ParseWordError, Scope, Scopes};

/// What an organisation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// 10 requests a minute, 100 pages a month.
    Free,
    /// 50 requests a minute, 5,000 pages a month.
    Standard,
    /// 200 requests a minute, 50,000 pages a month.
    Enterprise,
}

impl Plan {
    /// All plans, smallest first.
    pub const ALL: [Self; 3] = [Self::Free, Self::Standard, Self::Enterprise];

    /// Requests a minute, over all keys of the organisation.
    #[must_use]
    pub fn requests_per_minute(self) -> u32 {
        match self {
            Self::Free => 10,
            Self::Standard => 50,
            Self::Enterprise => 200,
        }
    }

    /// Pages a calendar month (UTC).
    #[must_use]
    pub fn pages_per_month(self) -> u32 {
        match self {
            Self::Free => 100,
            Self::Standard => 5_000,
            Self::Enterprise => 50_000,
        }
    }

    /// Its lower-case name, as [`std::str::FromStr`] takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::Enterprise => "enterprise",
        }
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Plan {
    type Err = ParseWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| ParseWordError::new("plan", text, "free, standard or enterprise"))
    }
}

/// A customer: it owns keys, jobs and quotas, and sees nobody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Number in this store, from 1.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// Its plan.
    pub plan: Plan,
    /// Requests a minute: the plan's, or what was agreed instead.
    pub requests_per_minute: u32,
    /// Pages a month: the plan's, or what was agreed instead.
    pub pages_per_month: u32,
    /// Requests a minute that were agreed instead of the plan's.
    pub agreed_requests_per_minute: Option<u32>,
    /// Pages a month that were agreed instead of the plan's.
    pub agreed_pages_per_month: Option<u32>,
    /// Days its finished jobs and their files are kept; `None` for the operator's default.
    pub retention_days: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What shall change of an organisation. `None` leaves a thing; `Some(None)` takes back what was
/// agreed: the plan's limit and the operator's retention hold again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganisationChange {
    /// A new unique name.
    pub name: Option<String>,
    /// Another plan.
    pub plan: Option<Plan>,
    /// Requests a minute.
    pub requests_per_minute: Option<Option<u32>>,
    /// Pages a month.
    pub pages_per_month: Option<Option<u32>>,
    /// Days its finished jobs and their files are kept.
    pub retention_days: Option<Option<u32>>,
}

/// A key as the store remembers it: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Number in this store, from 1.
    pub id: i64,
    /// Its organisation.
    pub organisation_id: i64,
    /// The first characters (`khocr_` and eight more): enough to tell keys apart, useless to
    /// anyone else.
    pub prefix: String,
    /// A note of its owner's, possibly empty.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends by itself: as it was made, or since it was rotated.
    pub expires_at: Option<Timestamp>,
    /// The key it was made to take the place of.
    pub replaces: Option<i64>,
}

impl ApiKey {
    /// Whether it opens anything at that moment.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// A key to be made. The default has no label, converts and reads, and never ends.
#[derive(Clone, Debug, Default)]
pub struct KeyPlan {
    /// A note to tell keys apart, possibly empty.
    pub label: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A key just made: the only moment its text is known.
#[derive(Debug)]
pub struct NewKey {
    /// The text to hand out.
    pub text: KeyText,
    /// What the store keeps.
    pub key: ApiKey,
}

/// Who is calling: a live key and its organisation.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The organisation.
    pub organisation: Organisation,
    /// The key's number.
    pub key_id: i64,
    /// What the key may do.
    pub scopes: Scopes,
}

impl Caller {
    /// Whether the key may do that.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.has(scope)
    }
}

/// What a well-formed key turned out to be.
#[derive(Clone, Debug)]
pub enum Identified {
    /// A live key.
    Caller(Box<Caller>),
    /// A key that was revoked.
    Revoked,
    /// A key whose time is up.
    Expired,
    /// Nobody's.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_those_of_the_contract() {
        let rows: Vec<_> = Plan::ALL
            .iter()
            .map(|p| (p.name(), p.requests_per_minute(), p.pages_per_month()))
            .collect();
        assert_eq!(rows, [("free", 10, 100), ("standard", 50, 5_000), ("enterprise", 200, 50_000)]);
        assert_eq!("Standard".parse::<Plan>().unwrap(), Plan::Standard);
        assert!("gold".parse::<Plan>().is_err());
    }
}
