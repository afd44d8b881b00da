//! What the binary knows about its models, and whether they work.

use std::sync::OnceLock;

use anyhow::Context;
use serde::Deserialize;

use crate::{out, reader};

/// The list kept beside the weights.
const LIST: &str = include_str!("../../../models/models.json");

/// One model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Stable id.
    pub(crate) id: String,
    /// `line_finder` or `line_reader`.
    pub(crate) kind: String,
    /// BCP 47 codes.
    pub(crate) languages: Vec<String>,
    /// Its version.
    pub(crate) version: String,
    /// What was measured.
    pub(crate) accuracy: Vec<Figure>,
}

/// A measured figure, in per cent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) metric: String,
    /// On what.
    pub(crate) on: String,
    /// The figure.
    pub(crate) percent: f64,
}

/// The models in this binary.
pub(crate) fn list() -> anyhow::Result<Vec<Model>> {
    serde_json::from_str(LIST).context("the list of models in this binary is damaged")
}

/// Whether the models load. They are tried once; asking again costs nothing.
pub(crate) fn check() -> Result<(), String> {
    static TRIED: OnceLock<Result<(), String>> = OnceLock::new();
    TRIED.get_or_init(|| reader::reader().map(|_| ()).map_err(|e| e.to_string())).clone()
}

/// `khocr models`.
pub(crate) fn run(json: bool) -> anyhow::Result<()> {
    if json {
        return out::bytes(LIST.as_bytes());
    }
    for model in list()? {
        let languages =
            if model.languages.is_empty() { "any".to_owned() } else { model.languages.join(", ") };
        out::line(format!(
            "{} {} ({}, languages: {languages})",
            model.id, model.version, model.kind
        ))?;
        for figure in &model.accuracy {
            out::line(format!("  {} {} % on {}", figure.metric, figure.percent, figure.on))?;
        }
    }
    match check() {
        Ok(()) => out::line("the models load"),
        Err(why) => anyhow::bail!("the models do not load: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_a_finder_and_a_reader() {
        let kinds: Vec<String> = list().unwrap().into_iter().map(|m| m.kind).collect();
        assert_eq!(kinds, ["line_finder", "line_reader"]);
    }
}
