//! Why a job fails, in English and Khmer.

use std::time::Duration;

use khocr_store::JobFailure;
use serde::{Deserialize, Serialize};

/// A conversion that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why.
    pub failure: JobFailure,
    /// Whether trying again may help. If not, the job fails for good at once.
    pub again: bool,
}

impl Refusal {
    /// A fault of the file's: no use in trying again.
    #[must_use]
    pub fn for_good(code: &str, message: impl Into<String>, message_km: impl Into<String>) -> Self {
        Self { failure: failure(code, message, message_km), again: false }
    }

    /// A fault that may pass.
    #[must_use]
    pub fn for_now(code: &str, message: impl Into<String>, message_km: impl Into<String>) -> Self {
        Self { failure: failure(code, message, message_km), again: true }
    }

    pub(crate) fn out_of_memory() -> Self {
        Self::for_good(
            "out_of_memory",
            "the converter ran out of memory on this document",
            "កម្មវិធីបម្លែងអស់អង្គចងចាំពេលដំណើរការឯកសារនេះ",
        )
    }

    /// The system, not our limit, took the memory away: with fewer neighbours it may do.
    pub(crate) fn killed() -> Self {
        Self::for_now(
            "out_of_memory",
            "the converter was killed by the system, most likely for want of memory",
            "ប្រព័ន្ធបានបញ្ឈប់កម្មវិធីបម្លែង ទំនងជាខ្វះអង្គចងចាំ",
        )
    }

    pub(crate) fn page_too_slow(limit: Duration) -> Self {
        let s = limit.as_secs();
        Self::for_good(
            "timeout",
            format!("one page took longer than {s} seconds"),
            format!("ទំព័រមួយចំណាយពេលលើសពី {s} វិនាទី"),
        )
    }

    pub(crate) fn job_too_slow(limit: Duration) -> Self {
        let s = limit.as_secs();
        Self::for_good(
            "timeout",
            format!("the document took longer than {s} seconds"),
            format!("ឯកសារចំណាយពេលលើសពី {s} វិនាទី"),
        )
    }

    pub(crate) fn too_much_processor_time() -> Self {
        Self::for_good(
            "timeout",
            "the document took more processor time than a job may have",
            "ឯកសារបានប្រើពេលវេលាស៊ីភីយូលើសពីកម្រិតកំណត់",
        )
    }

    pub(crate) fn result_too_large() -> Self {
        Self::for_good(
            "result_too_large",
            "the result is larger than a job's result may be",
            "លទ្ធផលធំលើសពីទំហំដែលអនុញ្ញាត",
        )
    }

    pub(crate) fn crashed(how: &str) -> Self {
        Self::for_now(
            "converter_crashed",
            format!("the converter crashed on this document ({how})"),
            format!("កម្មវិធីបម្លែងបានគាំងពេលដំណើរការឯកសារនេះ ({how})"),
        )
    }

    pub(crate) fn no_converter(why: &str) -> Self {
        Self::for_now(
            "converter_unavailable",
            format!("the converter could not be started: {why}"),
            "មិនអាចចាប់ផ្តើមកម្មវិធីបម្លែងបានទេ",
        )
    }

    pub(crate) fn storage(why: &str) -> Self {
        Self::for_now(
            "storage",
            format!("the document or its result could not be stored or read: {why}"),
            "មិនអាចរក្សាទុក ឬអានឯកសារ ឬលទ្ធផលបានទេ",
        )
    }

    pub(crate) fn upload_gone() -> Self {
        Self::for_good(
            "upload_missing",
            "the uploaded file is no longer there",
            "ឯកសារដែលបានផ្ទុកឡើងលែងមានទៀតហើយ",
        )
    }

    pub(crate) fn bad_options(why: &str) -> Self {
        Self::for_good(
            "bad_options",
            format!("the job's options cannot be understood: {why}"),
            "ជម្រើសនៃកិច្ចការនេះមិនត្រឹមត្រូវ",
        )
    }
}

fn failure(code: &str, message: impl Into<String>, message_km: impl Into<String>) -> JobFailure {
    JobFailure { code: code.to_owned(), message: message.into(), message_km: message_km.into() }
}
