//! `khocr legacy`: plain text typed in a legacy font's encoding, turned into Unicode.

use std::io::Read;

use anyhow::{Context, bail};
use khocr_khmer::legacy::Encoding;

use crate::cli::LegacyArgs;
use crate::out;

/// Reads the file, or standard input, and prints Unicode.
pub(crate) fn run(args: &LegacyArgs) -> anyhow::Result<()> {
    let known = Encoding::from_name(&args.font).or_else(|| Encoding::from_font_name(&args.font));
    let Some(encoding) = known else {
        let names = Encoding::ALL.map(Encoding::name).join(", ");
        bail!("no encoding is known by the name {}; known are {names}", args.font);
    };
    let bytes = match &args.input {
        Some(file) => {
            std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?
        }
        None => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("standard input cannot be read")?;
            bytes
        }
    };
    out::bytes(convert(&bytes, encoding).as_bytes())
}

/// The text in Unicode. Text that is UTF-8 holds each code as the character of that number, as
/// copying out of a program gives it; anything else is one byte a code.
fn convert(bytes: &[u8], encoding: Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => encoding.to_unicode(text),
        Err(_) => encoding.to_unicode(&bytes.iter().map(|b| char::from(*b)).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_copied_text_give_the_same() {
        let text = "ទឹក\nភ្លៀង";
        let codes = text.lines().map(|l| Encoding::Limon.to_legacy(l).unwrap());
        let copied = codes.collect::<Vec<_>>().join("\n");
        assert_eq!(convert(copied.as_bytes(), Encoding::Limon), text);
        let bytes: Vec<u8> = copied.chars().filter_map(|c| u8::try_from(c).ok()).collect();
        assert_eq!(bytes.len(), copied.chars().count());
        assert_eq!(convert(&bytes, Encoding::Limon), text);
    }
}
