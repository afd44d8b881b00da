//! The time of day, replaceable in tests, and calendar months.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Where the store takes the time from.
///
/// On PostgreSQL the store adds the measured difference to the database's clock, so that nodes
/// whose clocks differ agree on when a lease ends.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until it is told: for tests. Milliseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Moves a manual clock on; does nothing to the machine's.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(now) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            now.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(&self) -> i64 {
        match self {
            Self::System => Timestamp::now().as_millisecond(),
            Self::Manual(now) => now.load(Ordering::SeqCst),
        }
    }
}

/// A calendar month in UTC, counted from year 0: `year * 12 + month - 1`. Page quotas run by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(pub i32);

impl Month {
    /// The month a moment lies in.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let date = day_of(at);
        Self(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let year = i16::try_from(self.0.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(self.0.rem_euclid(12) + 1).unwrap_or(1);
        Date::new(year, month, 1)
            .ok()
            .and_then(|d| d.to_zoned(TimeZone::UTC).ok())
            .map_or(Timestamp::MAX, |z| z.timestamp())
    }

    /// The first moment of the month after it.
    #[must_use]
    pub fn end(self) -> Timestamp {
        Self(self.0 + 1).start()
    }
}

/// The UTC day a moment lies in.
pub(crate) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Days since 1970 in UTC.
pub(crate) fn day_number(millis: i64) -> i64 {
    millis.div_euclid(86_400_000)
}

/// A moment from milliseconds since 1970, clamped to what a [`Timestamp`] can hold.
pub(crate) fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_where_the_calendar_says() {
        let at: Timestamp = "2026-12-31T23:59:59.999Z".parse().unwrap();
        let month = Month::of(at);
        assert_eq!(month.start(), "2026-12-01T00:00:00Z".parse().unwrap());
        assert_eq!(month.end(), "2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(Month::of(month.end()).0, month.0 + 1);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
        let before = clock.millis();
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.millis(), before + 2_000);
    }
}
