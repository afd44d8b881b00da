//! How deep objects lie in each other, before anything parses them.
//!
//! The parser under this crate follows 512 levels and then gives the object up; but while it mends
//! a file it tries again at every level, so that depth costs depth times 512 steps: half a minute
//! for two million levels. No writer needs more than a few dozen, so a look along the bytes settles
//! it at once.

/// Levels of dictionaries and arrays in each other that a file may have; the parser's own bound.
pub(crate) const DEEPEST: usize = 512;

/// Levels of what looks like dictionaries inside a stream's data, where it may be chance.
const DEEPEST_IN_STREAM: usize = 20_000;

/// Whether objects of the file lie deeper in each other than [`DEEPEST`].
pub(crate) fn is_too_deep(bytes: &[u8]) -> bool {
    let mut depth = 0usize;
    let mut in_stream = false;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match rest[0] {
            b'<' if rest.starts_with(b"<<") => {
                // In data, pixels of one grey can repeat the sign for long; a key or a blank behind
                // it they do not have.
                let told = rest.get(2).is_none_or(|b| *b == b'/' || b.is_ascii_whitespace());
                depth += usize::from(!in_stream || told);
                at += 1;
            }
            b'>' if rest.starts_with(b">>") => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'[' if !in_stream => depth += 1,
            b']' if !in_stream => depth = depth.saturating_sub(1),
            b'e' if rest.starts_with(b"endobj") => (depth, in_stream) = (0, false),
            b'e' if rest.starts_with(b"endstream") => {
                (depth, in_stream) = (0, false);
                at += 8;
            }
            b's' if is_stream(rest) => (depth, in_stream) = (0, true),
            _ => {}
        }
        if depth > if in_stream { DEEPEST_IN_STREAM } else { DEEPEST } {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a stream's data start here.
fn is_stream(rest: &[u8]) -> bool {
    rest.starts_with(b"stream\n") || rest.starts_with(b"stream\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_and_width_is_not() {
        let deep = |open: &str, n: usize| format!("1 0 obj {}", open.repeat(n)).into_bytes();
        for open in ["<< /A ", "[", "<</A["] {
            assert!(!is_too_deep(&deep(open, 200)), "{open}");
            assert!(is_too_deep(&deep(open, 2_000_000)), "{open}");
        }
        assert!(!is_too_deep(&b"<< /A [1] >> ".repeat(100_000)));
        assert!(!is_too_deep(&b"1 0 obj << /A [ endobj ".repeat(100_000)));
    }

    #[test]
    fn data_that_looks_like_depth_is_none() {
        for byte in [b'[', b'<', b'>'] {
            let pixels = vec![byte; 1 << 20];
            let file = [b"1 0 obj << >> stream\n", &pixels[..], b"\nendstream endobj"].concat();
            assert!(!is_too_deep(&file), "{}", char::from(byte));
        }
    }

    #[test]
    fn depth_hidden_in_a_stream_is_found() {
        let file = format!("1 0 obj << >> stream\n{}", "<< /A ".repeat(2_000_000));
        assert!(is_too_deep(file.as_bytes()));
    }
}
