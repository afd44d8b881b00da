//! What the page says of the operator's endpoints. A test holds it against the OpenAPI document.

/// An endpoint, in a line.
pub(crate) struct Brief {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// Fields of its body and parameters of its query.
    pub(crate) takes: &'static [&'static str],
    pub(crate) en: &'static str,
    pub(crate) km: &'static str,
}

/// The operator's endpoints.
pub(crate) const ADMINISTRATION: &[Brief] = &[
    Brief {
        method: "GET",
        path: "/api/v1/admin/organisations",
        takes: &["limit", "cursor"],
        en: "Lists organisations.",
        km: "បង្ហាញបញ្ជីអង្គភាព។",
    },
    Brief {
        method: "POST",
        path: "/api/v1/admin/organisations",
        takes: &["name", "plan", "requests_per_minute", "pages_per_month", "retention_days"],
        en: "Makes an organisation.",
        km: "បង្កើតអង្គភាពថ្មី។",
    },
    Brief {
        method: "GET",
        path: "/api/v1/admin/organisations/{organisation_id}",
        takes: &[],
        en: "An organisation and its use of this month.",
        km: "ព័ត៌មានអង្គភាព និងការប្រើប្រាស់ក្នុងខែនេះ។",
    },
    Brief {
        method: "PATCH",
        path: "/api/v1/admin/organisations/{organisation_id}",
        takes: &["name", "plan", "requests_per_minute", "pages_per_month", "retention_days"],
        en: "Changes its plan, limits or retention, with its next request. Null takes back what \
             was agreed.",
        km: "ប្តូរកញ្ចប់ កម្រិតប្រើប្រាស់ ឬរយៈពេលរក្សាទុក ដោយមានប្រសិទ្ធភាពពីសំណើបន្ទាប់។ តម្លៃ null \
             ត្រឡប់ទៅកម្រិតធម្មតាវិញ។",
    },
    Brief {
        method: "GET",
        path: "/api/v1/admin/organisations/{organisation_id}/keys",
        takes: &[],
        en: "Lists its keys: scopes, end, last use; never the keys themselves.",
        km: "បង្ហាញបញ្ជីកូដ API៖ សិទ្ធិ ថ្ងៃផុតកំណត់ និងការប្រើចុងក្រោយ ដោយមិនបង្ហាញកូដពេញទេ។",
    },
    Brief {
        method: "POST",
        path: "/api/v1/admin/organisations/{organisation_id}/keys",
        takes: &["label", "scopes", "expires_at"],
        en: "Makes a key and shows it once.",
        km: "បង្កើតកូដ API ថ្មី ហើយបង្ហាញតែម្តងគត់។",
    },
    Brief {
        method: "POST",
        path: "/api/v1/admin/keys/{key_id}/rotate",
        takes: &["grace_seconds", "expires_at"],
        en: "Makes a key in place of another, which works on for a day or what is said.",
        km: "បង្កើតកូដថ្មីជំនួសកូដចាស់។ កូដចាស់នៅប្រើបានមួយថ្ងៃ ឬតាមរយៈពេលដែលបានកំណត់។",
    },
    Brief {
        method: "DELETE",
        path: "/api/v1/admin/keys/{key_id}",
        takes: &[],
        en: "Revokes a key at once.",
        km: "ដកហូតកូដ API ភ្លាមៗ។",
    },
    Brief {
        method: "GET",
        path: "/api/v1/admin/plans",
        takes: &[],
        en: "The plans and their limits.",
        km: "កញ្ចប់សេវា និងកម្រិតកំណត់។",
    },
    Brief {
        method: "PATCH",
        path: "/api/v1/admin/plans/{plan}",
        takes: &["requests_per_minute", "pages_per_month"],
        en: "Changes a plan for every organisation on it without agreed limits.",
        km: "ប្តូរកម្រិតកញ្ចប់ សម្រាប់អង្គភាពទាំងអស់ដែលប្រើកញ្ចប់នោះ ហើយគ្មានកិច្ចព្រមព្រៀងផ្សេង។",
    },
    Brief {
        method: "GET",
        path: "/api/v1/admin/audit",
        takes: &["organisation", "action", "limit", "cursor"],
        en: "Who changed what, when and from where. The database lets nobody change it.",
        km: "នរណាបានប្តូរអ្វី នៅពេលណា និងពីណា។ មូលដ្ឋានទិន្នន័យមិនអនុញ្ញាតឱ្យអ្នកណាកែប្រែឡើយ។",
    },
];
