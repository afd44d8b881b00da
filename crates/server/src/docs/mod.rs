//! The documentation page.
use axum::http::HeaderValue;
use crate::config::Config;
use crate::format::Format;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language { English, Khmer }

pub(crate) struct Page;

impl Page {
    pub(crate) fn new(_: &Config, _: &[Format]) -> Self { Self }
    pub(crate) fn html(&self, base: &str, _: Language) -> String { base.to_owned() }
    pub(crate) fn policy(&self) -> HeaderValue { HeaderValue::from_static("default-src 'none'") }
}
