//! The documentation page: one self-contained document in Khmer and English.
//!
//! Both languages are in it, and the style sheet shows one: switching needs no request. The page is
//! put together once, when the server starts; only its address, first language and the plans'
//! limits are filled in for each request. Plans, errors and formats are those of the program, not a copy of them.

mod administration;
mod endpoints;
mod parts;
mod snippets;

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use khocr_store::PlanLimits;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::format::Format;

/// A document of one page to try the API with.
pub(crate) const SAMPLE: &[u8] = include_bytes!("sample.pdf");

/// The language a reader sees first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Khmer,
}

/// The page, ready but for its address and language.
pub(crate) struct Page {
    template: String,
    policy: HeaderValue,
}

impl Page {
    /// Puts the page together.
    pub(crate) fn new(config: &Config, rendered: &[Format]) -> Self {
        let formats: Vec<Format> = Format::ALL
            .into_iter()
            .filter(|f| *f == Format::Json || rendered.contains(f))
            .collect();
        let font = BASE64.encode(include_bytes!("kantumruy-pro.woff2"));
        let style = include_str!("style.css").replace("{{font}}", &font);
        let script = include_str!("page.js");
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; font-src data:; img-src data:; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            source_hash(&style),
            source_hash(script),
        );
        let limit = (config.max_upload_bytes / (1024 * 1024)).to_string();
        let template = fill(include_str!("page.html"), |name| {
            Some(match name {
                "platform" => parts::escape(&config.platform_name),
                "limit" => limit.clone(),
                "version" => env!("CARGO_PKG_VERSION").to_owned(),
                "style" => style.clone(),
                "script" => script.to_owned(),
                "toc" => parts::contents(),
                "whole" => parts::tabs("whole", snippets::whole),
                "options" => parts::options(&formats),
                "endpoints" => parts::endpoints(&formats).replace("{{limit}}", &limit),
                "administration" => parts::administration(),
                "error_sample" => parts::error_sample(),
                "statuses" => parts::statuses(),
                "errors" => parts::errors(),
                "support" => parts::support(config),
                _ => return None,
            })
        });
        let policy = HeaderValue::from_str(&policy)
            .unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { template, policy }
    }

    /// The page for a server seen at `base` (which must be harmless in HTML and in a shell).
    /// `plans` are the limits as they are now.
    pub(crate) fn html(&self, base: &str, language: Language, plans: &[PlanLimits]) -> String {
        let lang = match language {
            Language::English => "en",
            Language::Khmer => "km",
        };
        fill(&self.template, |name| match name {
            "base" => Some(base.to_owned()),
            "lang" => Some(lang.to_owned()),
            "plans" => Some(parts::plans(plans)),
            _ => None,
        })
    }

    /// Its content security policy: nothing runs but what is in the page, nothing is loaded from
    /// elsewhere.
    pub(crate) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }
}

/// Replaces each `{{name}}` that `value` knows; in one pass, so that what is filled in is never
/// taken for a template.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        let known = after[2..]
            .find("}}")
            .and_then(|end| value(&after[2..2 + end]).map(|text| (text, &after[end + 4..])));
        match known {
            Some((text, behind)) => {
                out.push_str(&text);
                rest = behind;
            }
            None => {
                out.push_str("{{");
                rest = &after[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// How a policy names an inline style or script.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use khocr_store::Plan;

    use super::*;
    use crate::config::Contact;
    use crate::error::Code;

    fn page(config: &Config) -> String {
        Page::new(config, &[Format::Text, Format::Docx]).html(
            "http://127.0.0.1:8080",
            Language::Khmer,
            &Plan::ALL.map(PlanLimits::usual),
        )
    }

    #[test]
    fn nothing_is_left_to_fill_in_and_nothing_comes_from_elsewhere() {
        let html = page(&Config::default());
        assert!(!html.contains("{{"), "a placeholder was not filled in");
        assert!(html.contains("<html lang=\"km\">"));
        for external in ["src=\"http", "href=\"http", "url(http", "@import"] {
            assert!(!html.contains(external), "{external}");
        }
    }

    #[test]
    fn every_error_code_is_on_the_page() {
        let html = page(&Config::default());
        for code in Code::ALL {
            assert!(html.contains(&format!("id=\"{}\"", code.as_str())), "{code:?}");
            assert!(html.contains(&parts::ticks(code.khmer())), "{code:?}");
        }
    }

    #[test]
    fn the_operators_words_are_text_not_markup() {
        let contact = Contact { email: "a@b.kh\"><script>".into(), ..Contact::default() };
        let config = Config { platform_name: "A<b>{{base}}".into(), contact, ..Config::default() };
        let html = page(&config);
        assert!(html.contains("A&lt;b&gt;"));
        assert!(!html.contains("<b>{{") && !html.contains("\"><script>"));
    }

    #[test]
    fn each_sentence_is_there_in_both_languages() {
        let html = page(&Config::default());
        let body = &html[html.find("<body>").unwrap()..html.find("<script>").unwrap()];
        let count = |lang: &str| body.matches(&format!(" lang=\"{lang}\"")).count();
        assert_eq!(count("en"), count("km"));
    }

    #[test]
    fn filling_is_one_pass() {
        let fill = |t: &str| fill(t, |n| (n == "a").then(|| "{{a}}".to_owned()));
        assert_eq!(fill("x{{a}}y{{b}}z{{"), "x{{a}}y{{b}}z{{");
    }
}
