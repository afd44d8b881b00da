//! Every error the API can answer, in one place: code, status, English, Khmer.
//!
//! The docs page and the OpenAPI document are rendered from this table, so a row added here is
//! documented by being added. The `message` of an answer belongs to its status and never
//! changes; what a row says is the default `detail`, which a call may sharpen.

/// The seven statuses that leave the API for a client's mistake or a fault of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// 400
    BadRequest,
    /// 401
    Unauthorized,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 429
    TooMany,
    /// 500
    Internal,
    /// 503
    Unavailable,
}

impl Status {
    /// All of them, by rising number.
    pub const ALL: [Self; 7] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The HTTP status number.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// The English message, fixed by the contract.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::BadRequest => "Bad request (invalid file or parameters)",
            Self::Unauthorized => "Invalid or missing API key",
            Self::Forbidden => "Insufficient permissions",
            Self::NotFound => "Not found",
            Self::TooMany => "Rate limit exceeded",
            Self::Internal => "Internal error",
            Self::Unavailable => "Service unavailable",
        }
    }

    /// The Khmer message, fixed by the contract.
    #[must_use]
    pub const fn message_km(self) -> &'static str {
        match self {
            Self::BadRequest => "សំណើមិនត្រឹមត្រូវ",
            Self::Unauthorized => "កូដ API មិនត្រឹមត្រូវ",
            Self::Forbidden => "សិទ្ធិមិនគ្រប់គ្រាន់",
            Self::NotFound => "រកមិនឃើញ",
            Self::TooMany => "ការស្នើសុំច្រើនពេក",
            Self::Internal => "កំហុសម៉ាស៊ីនមេ",
            Self::Unavailable => "សេវាមិនអាចប្រើបានជាបណ្តោះអាសន្ន",
        }
    }
}

macro_rules! table {
    ($( $variant:ident, $code:literal, $status:ident, $en:literal, $km:literal; )*) => {
        /// The stable machine code of an error: one row of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $( #[doc = $en] $variant, )*
        }

        impl Code {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The machine code, as it stands in the JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }

            /// The status it is answered with.
            #[must_use]
            pub const fn status(self) -> Status {
                match self { $( Self::$variant => Status::$status, )* }
            }

            /// What is wrong and what to do, in English.
            #[must_use]
            pub const fn english(self) -> &'static str {
                match self { $( Self::$variant => $en, )* }
            }

            /// What is wrong and what to do, in Khmer.
            #[must_use]
            pub const fn khmer(self) -> &'static str {
                match self { $( Self::$variant => $km, )* }
            }
        }
    };
}

table! {
    BadRequest, "bad_request", BadRequest,
        "The request could not be understood.",
        "ម៉ាស៊ីនមេមិនអាចយល់សំណើនេះបានទេ។";
    NotMultipart, "not_multipart", BadRequest,
        "The body must be multipart/form-data with the document in the field `file`.",
        "តួសំណើត្រូវតែជា multipart/form-data ដែលមានឯកសារក្នុងវាល `file`។";
    MalformedBody, "malformed_body", BadRequest,
        "The multipart body is broken or ended too early. Send it again.",
        "តួសំណើខូច ឬដាច់មុនពេលបញ្ចប់។ សូមផ្ញើម្តងទៀត។";
    UploadTimeout, "upload_timeout", BadRequest,
        "The upload stood still for too long. Send it again over a steadier connection.",
        "ការផ្ញើឯកសារបានជាប់គាំងយូរពេក។ សូមផ្ញើម្តងទៀតដោយប្រើបណ្តាញដែលមានស្ថិរភាពជាងនេះ។";
    MissingFile, "missing_file", BadRequest,
        "There is no file. Put the document in the multipart field `file`.",
        "គ្មានឯកសារទេ។ សូមដាក់ឯកសារក្នុងវាល `file` នៃ multipart។";
    EmptyFile, "empty_file", BadRequest,
        "The file is empty.",
        "ឯកសារទទេ គ្មានទិន្នន័យ។";
    FileTooLarge, "file_too_large", BadRequest,
        "The file is larger than the limit. Split it or compress its pictures.",
        "ឯកសារធំលើសកម្រិតកំណត់។ សូមបំបែកឯកសារ ឬបង្រួមទំហំរូបភាពក្នុងឯកសារ។";
    UnsupportedFile, "unsupported_file", BadRequest,
        "The file is not a PDF, PNG, JPEG or TIFF. Its content counts, not its name.",
        "ឯកសារនេះមិនមែនជា PDF, PNG, JPEG ឬ TIFF ទេ។ យើងពិនិត្យខ្លឹមសារឯកសារ មិនមែនឈ្មោះឯកសារឡើយ។";
    DamagedFile, "damaged_file", BadRequest,
        "The file is damaged and cannot be opened. Export it again from where it came.",
        "ឯកសារខូច មិនអាចបើកបានទេ។ សូមនាំចេញវាម្តងទៀតពីប្រភពដើម។";
    EncryptedFile, "encrypted_file", BadRequest,
        "The PDF is encrypted and asks for a password. Remove the password and send it again.",
        "ឯកសារ PDF នេះមានពាក្យសម្ងាត់។ សូមដកពាក្យសម្ងាត់ចេញ រួចផ្ញើម្តងទៀត។";
    NoPages, "no_pages", BadRequest,
        "The document has no pages.",
        "ឯកសារនេះគ្មានទំព័រទេ។";
    TooManyPages, "too_many_pages", BadRequest,
        "The document has more pages than one job may have. Split it.",
        "ឯកសារមានចំនួនទំព័រលើសកម្រិតសម្រាប់ការងារមួយ។ សូមបំបែកឯកសារ។";
    ImageTooLarge, "image_too_large", BadRequest,
        "The picture has too many pixels. Scale it down; 300 dots per inch is enough.",
        "រូបភាពមានចំនួនភីកសែលច្រើនពេក។ សូមបន្ថយទំហំ ត្រឹម ៣០០ dpi គឺគ្រប់គ្រាន់ហើយ។";
    InvalidParameter, "invalid_parameter", BadRequest,
        "A parameter has a value that is not known.",
        "ប៉ារ៉ាម៉ែត្រមានតម្លៃដែលមិនស្គាល់។";
    MalformedJson, "malformed_json", BadRequest,
        "The body must be JSON of the documented form.",
        "តួសំណើត្រូវតែជា JSON តាមទម្រង់ដែលបានកំណត់ក្នុងឯកសារណែនាំ។";
    AddressNotAllowed, "address_not_allowed", BadRequest,
        "Webhooks go to public https addresses only; this one is not.",
        "Webhook ផ្ញើទៅតែអាសយដ្ឋាន https សាធារណៈប៉ុណ្ណោះ។ អាសយដ្ឋាននេះមិនអនុញ្ញាតទេ។";
    MethodNotAllowed, "method_not_allowed", BadRequest,
        "This address does not take this method; see the Allow header.",
        "អាសយដ្ឋាននេះមិនទទួលវិធី HTTP នេះទេ។ សូមមើល header `Allow`។";
    MissingApiKey, "missing_api_key", Unauthorized,
        "Send your API key in the header X-API-Key or the query parameter api_key.",
        "សូមផ្ញើកូដ API របស់អ្នកតាម header X-API-Key ឬតាមប៉ារ៉ាម៉ែត្រ api_key។";
    MalformedApiKey, "malformed_api_key", Unauthorized,
        "This is not a well-formed API key: its check digits do not fit, so it is mistyped or cut.",
        "កូដ API នេះមានទម្រង់មិនត្រឹមត្រូវ៖ ប្រហែលជាវាយខុស ឬចម្លងមិនអស់។";
    InvalidApiKey, "invalid_api_key", Unauthorized,
        "This API key is not known, or it was revoked. Ask the operator for a new one.",
        "យើងមិនស្គាល់កូដ API នេះទេ ឬវាត្រូវបានដកហូតហើយ។ សូមស្នើសុំកូដថ្មីពីអ្នកគ្រប់គ្រង។";
    ExpiredApiKey, "expired_api_key", Unauthorized,
        "This API key has expired. Ask the operator for a new one.",
        "កូដ API នេះហួសកំណត់ហើយ។ សូមស្នើសុំកូដថ្មីពីអ្នកគ្រប់គ្រង។";
    Forbidden, "forbidden", Forbidden,
        "This API key may not do this. Ask the operator for one with the right to.",
        "កូដ API នេះគ្មានសិទ្ធិធ្វើសកម្មភាពនេះទេ។ សូមស្នើសុំកូដដែលមានសិទ្ធិពីអ្នកគ្រប់គ្រង។";
    NotFound, "not_found", NotFound,
        "There is nothing at this address. The documentation page lists what there is.",
        "គ្មានអ្វីនៅអាសយដ្ឋាននេះទេ។ សូមមើលទំព័រឯកសារណែនាំ។";
    JobNotFound, "job_not_found", NotFound,
        "There is no such job, or it was deleted.",
        "គ្មានការងារនេះទេ ឬវាត្រូវបានលុបហើយ។";
    ResultNotReady, "result_not_ready", NotFound,
        "The job is not finished. Ask again after the seconds in Retry-After.",
        "ការងារមិនទាន់ចប់ទេ។ សូមសាកម្តងទៀតក្រោយរយៈពេល (គិតជាវិនាទី) ក្នុង Retry-After។";
    JobFailed, "job_failed", NotFound,
        "The job failed, so there is no result.",
        "ការងារបានបរាជ័យ ដូច្នេះគ្មានលទ្ធផលទេ។";
    JobCancelled, "job_cancelled", NotFound,
        "The job was cancelled, so there is no result.",
        "ការងារត្រូវបានបោះបង់ ដូច្នេះគ្មានលទ្ធផលទេ។";
    OrganisationNotFound, "organisation_not_found", NotFound,
        "There is no such organisation.",
        "គ្មានអង្គភាពនេះទេ។";
    KeyNotFound, "key_not_found", NotFound,
        "There is no key of this number.",
        "គ្មានកូដ API ដែលមានលេខនេះទេ។";
    WebhookNotFound, "webhook_not_found", NotFound,
        "There is no such webhook, or it was deleted.",
        "គ្មាន webhook នេះទេ ឬវាត្រូវបានលុបហើយ។";
    MessageNotFound, "message_not_found", NotFound,
        "This webhook has no such message, or it is forgotten: messages are kept for 30 days.",
        "Webhook នេះគ្មានសារនេះទេ ឬសារត្រូវបានលុបចោលហើយ៖ សារត្រូវរក្សាទុកតែ ៣០ ថ្ងៃ។";
    RateLimitExceeded, "rate_limit_exceeded", TooMany,
        "Too many requests in one minute. Wait the seconds in Retry-After.",
        "មានសំណើច្រើនពេកក្នុងមួយនាទី។ សូមរង់ចាំតាមចំនួនវិនាទីក្នុង Retry-After។";
    PageQuotaExceeded, "page_quota_exceeded", TooMany,
        "The document has more pages than are left this month.",
        "ចំនួនទំព័រក្នុងឯកសារលើសចំនួនទំព័រដែលនៅសល់សម្រាប់ខែនេះ។";
    TooManyStreams, "too_many_streams", TooMany,
        "Too many event streams are open. Close some, or ask with `wait` instead.",
        "មានការតាមដានព្រឹត្តិការណ៍ (stream) បើកក្នុងពេលតែមួយច្រើនពេក។ សូមបិទខ្លះ ឬប្រើ `wait` ជំនួសវិញ។";
    InternalError, "internal_error", Internal,
        "Something broke on our side. Try again; if it stays, send us the request_id.",
        "មានបញ្ហានៅខាងម៉ាស៊ីនមេ។ សូមសាកម្តងទៀត បើនៅតែមានបញ្ហា សូមផ្ញើ request_id មកយើង។";
    ServiceUnavailable, "service_unavailable", Unavailable,
        "A part of the service is away for a moment. Send it again after the seconds in Retry-After.",
        "ផ្នែកមួយនៃសេវាមិនអាចប្រើបានមួយភ្លែត។ សូមផ្ញើម្តងទៀតក្រោយរយៈពេល (គិតជាវិនាទី) ក្នុង Retry-After។";
    StorageFull, "storage_full", Internal,
        "The server has no room left for files. Nothing was stored or charged; try again later.",
        "ម៉ាស៊ីនមេគ្មានទំហំផ្ទុកឯកសារទៀតទេ។ គ្មានអ្វីត្រូវបានរក្សាទុក ឬគិតទំព័រឡើយ។ សូមសាកម្តងទៀតពេលក្រោយ។";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_in_both_languages() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            let name = code.as_str();
            assert!(seen.insert(name), "{name} stands twice");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
            assert!(code.english().ends_with('.'), "{name}");
            let khmer = |c: char| ('\u{1780}'..='\u{17FF}').contains(&c);
            assert!(code.khmer().chars().filter(|c| khmer(*c)).count() > 10, "{name}");
        }
    }

    #[test]
    fn the_contract_has_a_code_for_each_status() {
        for status in Status::ALL {
            assert!(Code::ALL.iter().any(|c| c.status() == status), "{status:?}");
        }
    }
}
