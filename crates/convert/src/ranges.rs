//! Page ranges such as `1-3,7`.

use std::fmt;
use std::str::FromStr;

/// A set of 1-based page numbers, written `1-3,7,10-`: single pages and ranges, both ends included,
/// an open end standing for the last page. Order and repetition do not matter: pages are always
/// converted once, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRanges(Vec<(u32, u32)>);

/// Why a text is no page range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no page range; write for example 1-3,7 or 5-")]
pub struct RangeError(String);

impl PageRanges {
    /// Whether page `number`, counted from 1, is in the set.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|&(first, last)| (first..=last).contains(&number))
    }
}

impl FromStr for PageRanges {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let wrong = || RangeError(text.to_owned());
        let number = |s: &str| s.trim().parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(wrong);
        let range = |part: &str| {
            let (first, last) = match part.split_once('-') {
                None => (number(part)?, number(part)?),
                Some((first, last)) if last.trim().is_empty() => (number(first)?, u32::MAX),
                Some((first, last)) if first.trim().is_empty() => (1, number(last)?),
                Some((first, last)) => (number(first)?, number(last)?),
            };
            if first <= last { Ok((first, last)) } else { Err(wrong()) }
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for PageRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.0.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            match (first, last) {
                (first, last) if first == last => write!(f, "{comma}{first}")?,
                (first, &u32::MAX) => write!(f, "{comma}{first}-")?,
                (first, last) => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(text: &str, total: u32) -> Vec<u32> {
        let ranges: PageRanges = text.parse().unwrap();
        (1..=total).filter(|n| ranges.contains(*n)).collect()
    }

    #[test]
    fn ranges_name_pages() {
        assert_eq!(pages("1-3,7", 9), [1, 2, 3, 7]);
        assert_eq!(pages("8-", 9), [8, 9]);
        assert_eq!(pages("-2", 9), [1, 2]);
        assert_eq!(pages(" 7 , 1 - 2, 2", 9), [1, 2, 7]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "0", "3-1", "a", "1,", "1--2", "-", "4294967296"] {
            assert!(text.parse::<PageRanges>().is_err(), "{text}");
        }
    }

    #[test]
    fn written_as_it_was_read() {
        for text in ["1-3,7", "5-", "2"] {
            assert_eq!(text.parse::<PageRanges>().unwrap().to_string(), text);
        }
    }
}
