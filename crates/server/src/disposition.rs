//! The file name of a result (RFC 6266, RFC 8187).

use axum::http::HeaderValue;

/// `attachment` with the uploaded file's stem and the format's ending: in ASCII for old clients,
/// in UTF-8 for all others, since most names here are Khmer.
pub(crate) fn attachment(uploaded: &str, extension: &str) -> HeaderValue {
    let stem = match uploaded.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 5 => stem,
        _ => uploaded,
    };
    let plain: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " -_.()".contains(c) { c } else { '_' })
        .collect();
    let name = format!("{stem}.{extension}");
    let encoded = percent_encode(&name);
    let value = format!("attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Percent-encodes all but RFC 8187's `attr-char`.
fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len() * 3), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn khmer_names_survive_and_quotes_do_no_harm() {
        let value = attachment("លិខិត 1.pdf", "json");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"_____ 1.json\"; \
             filename*=UTF-8''%E1%9E%9B%E1%9E%B7%E1%9E%81%E1%9E%B7%E1%9E%8F%201.json"
        );
        let value = attachment("a\";x=\".pdf", "txt");
        assert!(value.to_str().unwrap().starts_with("attachment; filename=\"a__x__.txt\"; "));
        assert!(attachment("noending", "docx").to_str().unwrap().contains("\"noending.docx\""));
    }
}
