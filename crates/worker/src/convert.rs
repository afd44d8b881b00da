//! What the child does with a file: a trait, and the real converter behind it.

use std::ops::ControlFlow;

use khocr_convert::{ConvertError, Converter, Options, PageRanges};
use khocr_pdf::PdfError;
use serde::Deserialize;

use crate::{Converted, Refusal, join};

/// Converts a file; behind a trait so that the tests need no models.
pub trait Convert {
    /// Converts a file, or only the pages from `part`'s first to its last. `options` is
    /// [`khocr_store::Job::options`]; `progress` takes pages done and pages in all, and breaks when
    /// the conversion shall stop.
    ///
    /// # Errors
    /// Why there is no result.
    fn convert(
        &self,
        bytes: Vec<u8>,
        options: &serde_json::Value,
        part: Option<(u32, u32)>,
        progress: &mut dyn FnMut(u32, u32) -> ControlFlow<()>,
    ) -> Result<Converted, Refusal>;

    /// Joins the results of a file's parts, which come in the order of their pages.
    ///
    /// # Errors
    /// Why there is no result.
    fn join(
        &self,
        parts: &mut dyn Iterator<Item = Result<Vec<u8>, Refusal>>,
    ) -> Result<Converted, Refusal>;
}

/// The options a job may have; the rest is somebody else's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JobOptions {
    force_ocr: bool,
    pages: Option<String>,
    password: Option<String>,
}

impl Convert for Converter {
    fn convert(
        &self,
        bytes: Vec<u8>,
        options: &serde_json::Value,
        part: Option<(u32, u32)>,
        progress: &mut dyn FnMut(u32, u32) -> ControlFlow<()>,
    ) -> Result<Converted, Refusal> {
        let asked = match options {
            serde_json::Value::Null => JobOptions::default(),
            some => {
                JobOptions::deserialize(some).map_err(|e| Refusal::bad_options(&e.to_string()))?
            }
        };
        let pages = part.map(|(first, last)| format!("{first}-{last}")).or(asked.pages);
        let pages = pages.map(|p| p.parse::<PageRanges>()).transpose();
        let options = Options {
            force_ocr: asked.force_ocr,
            pages: pages.map_err(|e| Refusal::bad_options(&e.to_string()))?,
            password: asked.password,
            ..Options::default()
        };
        let converted = Self::convert(self, bytes, &options, &mut |p| progress(p.done, p.total));
        let document = match (converted, part) {
            // Other parts may have pages that can be read: the join will tell.
            (Err(ConvertError::EveryPageFailed(why)), Some(part)) => join::unread(part, &why),
            (converted, _) => converted.map_err(|e| refusal(&e))?,
        };
        let pages = u32::try_from(document.pages.len()).unwrap_or(u32::MAX);
        let json = serde_json::to_vec(&document).map_err(|e| Refusal::crashed(&e.to_string()))?;
        Ok(Converted { json, pages })
    }

    fn join(
        &self,
        parts: &mut dyn Iterator<Item = Result<Vec<u8>, Refusal>>,
    ) -> Result<Converted, Refusal> {
        join::join(parts)
    }
}

/// What a converter's error means for the job.
pub(crate) fn refusal(error: &ConvertError) -> Refusal {
    let (code, km) = match error {
        ConvertError::UnknownFormat | ConvertError::Pdf(PdfError::NotPdf) => {
            ("unknown_format", "ឯកសារនេះមិនមែនជា PDF, PNG, JPEG ឬ TIFF ទេ")
        }
        ConvertError::Empty => ("empty_file", "ឯកសារទទេ"),
        ConvertError::Pdf(PdfError::NeedsPassword | PdfError::WrongPassword) => {
            ("encrypted", "PDF នេះត្រូវបានដាក់ពាក្យសម្ងាត់ការពារ")
        }
        ConvertError::Pdf(PdfError::UnsupportedEncryption) => {
            ("encrypted", "PDF នេះត្រូវបានអ៊ិនគ្រីបតាមវិធីដែលមិនទាន់អាចអានបាន")
        }
        ConvertError::Pdf(PdfError::NoPages) => ("no_pages", "PDF នេះគ្មានទំព័រ"),
        ConvertError::Pdf(PdfError::TooManyPages { .. }) => {
            ("too_many_pages", "PDF នេះមានទំព័រច្រើនលើសកម្រិតកំណត់")
        }
        ConvertError::Pdf(PdfError::PageTooLarge { .. } | PdfError::ImageTooLarge { .. })
        | ConvertError::TooManyPixels { .. } => ("too_large", "ទំព័រ ឬរូបភាពធំលើសកម្រិតកំណត់"),
        ConvertError::Pdf(_) | ConvertError::Picture { .. } => {
            ("damaged", "ឯកសារខូច ឬមិនពេញលេញ មិនអាចអានបាន")
        }
        ConvertError::NoSuchPages { .. } => ("no_such_pages", "គ្មានទំព័រដែលបានស្នើនៅក្នុងឯកសារ"),
        ConvertError::EveryPageFailed(_) => ("unreadable", "មិនអាចអានទំព័រណាមួយបានទេ"),
        ConvertError::Read(_) | ConvertError::Panic(_) | ConvertError::Cancelled => {
            return Refusal::crashed(&error.to_string());
        }
    };
    Refusal::for_good(code, error.to_string(), km)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_own_faults_are_final_and_ours_are_not() {
        let of = |e: ConvertError| (refusal(&e).failure.code, refusal(&e).again);
        assert_eq!(of(ConvertError::UnknownFormat), ("unknown_format".to_owned(), false));
        assert_eq!(of(PdfError::NeedsPassword.into()), ("encrypted".to_owned(), false));
        assert_eq!(of(PdfError::Damaged.into()), ("damaged".to_owned(), false));
        assert_eq!(of(ConvertError::Panic("x".into())), ("converter_crashed".to_owned(), true));
    }

    #[test]
    fn options_of_others_are_passed_over() {
        let options = serde_json::json!({"force_ocr": true, "webhook": "x"});
        let ours = JobOptions::deserialize(&options).unwrap();
        assert!(ours.force_ocr && ours.pages.is_none());
        assert!(JobOptions::deserialize(serde_json::json!({"pages": 3})).is_err());
    }
}
