//! Parameters: what they may be, and a clear word when they are something else.

use std::fmt::Display;
use std::str::FromStr;

use khocr_store::{JobId, JobState, Plan, Priority, Scope, WebhookEvent};

use crate::error::{ApiError, Code};
use crate::format::Format;
use crate::state::App;

/// Formats this server can write, as a list for a message.
fn formats(app: &App) -> Vec<Format> {
    let known = app.renderer().formats();
    Format::ALL.into_iter().filter(|f| *f == Format::Json || known.contains(f)).collect()
}

/// A result format.
pub(crate) fn format(app: &App, name: &str, text: &str) -> Result<Format, ApiError> {
    let known = formats(app);
    match text.parse::<Format>() {
        Ok(format) if known.contains(&format) => Ok(format),
        _ => Err(not_one_of(name, text, &list(&known))),
    }
}

/// A truth value, in the spellings that forms and languages commonly send.
pub(crate) fn boolean(name: &str, text: &str) -> Result<bool, ApiError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(not_one_of(name, text, "true, false")),
    }
}

/// How soon.
pub(crate) fn priority(name: &str, text: &str) -> Result<Priority, ApiError> {
    text.trim().parse().map_err(|_| not_one_of(name, text, &list(&Priority::ALL)))
}

/// A job's state.
pub(crate) fn state(name: &str, text: &str) -> Result<JobState, ApiError> {
    text.trim().parse().map_err(|_| not_one_of(name, text, &list(&JobState::ALL)))
}

/// A plan.
pub(crate) fn plan(name: &str, text: &str) -> Result<Plan, ApiError> {
    text.trim().parse().map_err(|_| not_one_of(name, text, &list(&Plan::ALL)))
}

/// A scope of a key.
pub(crate) fn scope(name: &str, text: &str) -> Result<Scope, ApiError> {
    text.trim().parse().map_err(|_| not_one_of(name, text, &list(&Scope::ALL)))
}

/// What a webhook is told of.
pub(crate) fn webhook_event(name: &str, text: &str) -> Result<WebhookEvent, ApiError> {
    text.trim().parse().map_err(|_| not_one_of(name, text, &list(&WebhookEvent::ALL)))
}

/// A whole number from `low` to `high`.
pub(crate) fn number(name: &str, text: &str, low: u32, high: u32) -> Result<u32, ApiError> {
    match u32::from_str(text.trim()) {
        Ok(n) if (low..=high).contains(&n) => Ok(n),
        _ => Err(ApiError::new(Code::InvalidParameter).detail(
            format!("`{name}` must be a whole number from {low} to {high}, not {}.", quote(text)),
            format!("`{name}` ត្រូវតែជាចំនួនគត់ពី {low} ដល់ {high} មិនមែន {} ទេ។", quote(text)),
        )),
    }
}

/// How many a page of a list holds: 1 to 200, 50 when it is not said.
pub(crate) fn limit(text: Option<&str>) -> Result<u32, ApiError> {
    text.map_or(Ok(50), |text| number("limit", text, 1, 200))
}

/// Where a list goes on: what an answer of ours said.
pub(crate) fn cursor(name: &str, text: &str) -> Result<String, ApiError> {
    if text.parse::<i64>().is_ok_and(|n| n > 0) {
        return Ok(text.to_owned());
    }
    Err(ApiError::new(Code::InvalidParameter).detail(
        format!("`{name}` must be the `next` of the page before, not {}.", quote(text)),
        format!("`{name}` ត្រូវតែជាតម្លៃ `next` ពីទំព័រមុន មិនមែន {} ទេ។", quote(text)),
    ))
}

/// A job's id in the path. Anything that can be no id is the id of no job.
pub(crate) fn job_id(text: &str) -> Result<JobId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Code::JobNotFound))
}

/// A webhook's id. Anything that can be no id is the id of no webhook.
pub(crate) fn webhook_id(text: &str) -> Result<String, ApiError> {
    match text.parse::<JobId>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(ApiError::new(Code::WebhookNotFound)),
    }
}

/// A webhook's message.
pub(crate) fn message_id(text: &str) -> Result<String, ApiError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    match text.len() <= 60 && text.bytes().all(fits) {
        true => Ok(text.to_owned()),
        false => Err(Code::MessageNotFound.into()),
    }
}

/// What was done, as the audit trail names it.
pub(crate) fn action(name: &str, text: &str) -> Result<String, ApiError> {
    let fits = |b: u8| b.is_ascii_lowercase() || b == b'.' || b == b'_';
    if (1..=60).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(ApiError::invalid(
        format!("`{name}` must be an action such as key.created, not {}.", quote(text)),
        format!("`{name}` ត្រូវតែជាសកម្មភាពដូចជា key.created មិនមែន {} ទេ។", quote(text)),
    ))
}

/// A file's name as it may be kept and sent back: no path, no control characters, not too long.
pub(crate) fn file_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    // Directional overrides can make an ending look like another.
    let harmless = |c: &char| {
        !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = last.chars().filter(harmless).take(200).collect();
    match name.trim().trim_matches('.') {
        "" => "document".to_owned(),
        _ => name.trim().to_owned(),
    }
}

fn list<T: Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What was sent, short enough for a message.
fn quote(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

fn not_one_of(name: &str, text: &str, allowed: &str) -> ApiError {
    let sent = quote(text);
    ApiError::new(Code::InvalidParameter).detail(
        format!("`{name}` must be one of {allowed}, not {sent}."),
        format!("`{name}` ត្រូវតែជាតម្លៃណាមួយក្នុងចំណោម {allowed} មិនមែន {sent} ទេ។"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_values_of_common_spellings() {
        for yes in ["true", "True", "1", "on", " yes "] {
            assert!(boolean("force_ocr", yes).unwrap());
        }
        for no in ["false", "FALSE", "0", "off"] {
            assert!(!boolean("force_ocr", no).unwrap());
        }
        let error = boolean("force_ocr", "maybe").unwrap_err();
        assert_eq!(error.detail.unwrap(), "`force_ocr` must be one of true, false, not \"maybe\".");
    }

    #[test]
    fn numbers_keep_their_bounds() {
        assert_eq!(number("limit", "200", 1, 200).unwrap(), 200);
        for bad in ["0", "201", "-1", "1.5", "", "９"] {
            assert!(number("limit", bad, 1, 200).is_err(), "{bad}");
        }
    }

    #[test]
    fn file_names_lose_what_is_dangerous() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\docs\\លិខិត.pdf"), "លិខិត.pdf");
        assert_eq!(file_name("a\r\nb\".pdf"), "ab\".pdf");
        assert_eq!(file_name("fdp\u{202e}.exe"), "fdp.exe");
        assert_eq!(file_name(""), "document");
        assert_eq!(file_name("..."), "document");
        assert_eq!(file_name(&"x".repeat(500)).len(), 200);
    }
}
