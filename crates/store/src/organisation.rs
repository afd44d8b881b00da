//! Organisations, their plans and their keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{KeyText, ParseWordError};

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
    /// Days its finished jobs and their files are kept; `None` for the operator's default.
    pub retention_days: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
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
