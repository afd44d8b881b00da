//! What a key may do.

use serde::{Serialize, Serializer};

use crate::ParseWordError;

/// One right a key may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Submit documents, cancel and delete jobs, register webhooks.
    Convert,
    /// Follow jobs, fetch results, see usage.
    Read,
    /// The operator's: organisations, plans, keys and the audit trail of all.
    Admin,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Convert, Self::Read, Self::Admin];

    /// The lower-case word of the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Convert => "convert",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Convert => 1,
            Self::Read => 2,
            Self::Admin => 4,
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Scope {
    type Err = ParseWordError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|s| s.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| ParseWordError::new("scope", text, "convert, read or admin"))
    }
}

/// A set of scopes, never empty. The usual one, [`Scopes::default`], is convert and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Default for Scopes {
    fn default() -> Self {
        Self(Scope::Convert.bit() | Scope::Read.bit())
    }
}

impl Scopes {
    /// Those scopes; `None` when there is none of them.
    #[must_use]
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let bits = scopes.into_iter().fold(0, |bits, s| bits | s.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// Whether that one is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Each of them, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |s| self.has(*s))
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            write!(f, "{}{scope}", if i > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Scopes {
    type Err = ParseWordError;

    /// Words parted by spaces or commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split([' ', ',']).filter(|w| !w.is_empty());
        let scopes = words.map(str::parse).collect::<Result<Vec<Scope>, _>>()?;
        Self::of(scopes).ok_or_else(|| ParseWordError::new("scope", text, "convert, read or admin"))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Scope::name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_read_back_and_are_never_empty() {
        for text in ["convert", "read", "admin", "convert read", "convert read admin"] {
            assert_eq!(text.parse::<Scopes>().unwrap().to_string(), text);
        }
        let set: Scopes = "Admin,read".parse().unwrap();
        assert!(set.has(Scope::Admin) && set.has(Scope::Read) && !set.has(Scope::Convert));
        assert!("".parse::<Scopes>().is_err() && "convert write".parse::<Scopes>().is_err());
        assert_eq!(Scopes::of([]), None);
        assert_eq!(serde_json::to_string(&Scopes::default()).unwrap(), r#"["convert","read"]"#);
    }
}
