//! What the page says of each endpoint. A test holds it against the OpenAPI document.

/// A parameter of an endpoint.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// `form`, `json`, `path`, `query` or `header`.
    pub(crate) place: &'static str,
    /// Its values, needing no translation.
    pub(crate) values: &'static str,
    pub(crate) required: bool,
    pub(crate) en: &'static str,
    pub(crate) km: &'static str,
}

/// An endpoint.
pub(crate) struct Endpoint {
    /// Its anchor on the page.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// With `{job_id}` and the like as the OpenAPI document has it.
    pub(crate) path: &'static str,
    pub(crate) title_en: &'static str,
    pub(crate) title_km: &'static str,
    pub(crate) en: &'static str,
    pub(crate) km: &'static str,
    pub(crate) parameters: &'static [Parameter],
    pub(crate) answer: &'static str,
}

const JOB: Parameter = Parameter {
    name: "job_id",
    place: "path",
    values: "a1b2c3…",
    required: true,
    en: "The id that the submission answered with.",
    km: "លេខសម្គាល់ការងារ ដែលទទួលបានពេលផ្ញើឯកសារ។",
};

const WEBHOOK: Parameter = Parameter {
    name: "webhook_id",
    place: "path",
    values: "0f1e2d…",
    required: true,
    en: "The id that the registration answered with.",
    km: "លេខសម្គាល់ webhook ដែលទទួលបានពេលចុះឈ្មោះ។",
};

const MESSAGE: Parameter = Parameter {
    name: "message_id",
    place: "path",
    values: "msg_0f1e2d…",
    required: true,
    en: "The message's id, as <code>webhook-id</code> has it.",
    km: "លេខសម្គាល់សារ ដូចក្នុង <code>webhook-id</code>។",
};

const URL: Parameter = Parameter {
    name: "url",
    place: "json",
    values: "https://…",
    required: false,
    en: "A public https address. Required when a webhook is registered.",
    km: "អាសយដ្ឋាន https សាធារណៈ។ ចាំបាច់ពេលចុះឈ្មោះ webhook។",
};

const EVENTS: Parameter = Parameter {
    name: "events",
    place: "json",
    values: "job.completed · job.failed · job.cancelled",
    required: false,
    en: "What it is told of; all when absent at registration.",
    km: "ព្រឹត្តិការណ៍ដែលត្រូវជូនដំណឹង។ បើមិនបញ្ជាក់ពេលចុះឈ្មោះ គឺទាំងអស់។",
};

const EVERY_JOB: Parameter = Parameter {
    name: "every_job",
    place: "json",
    values: "true · false",
    required: false,
    en: "Told of every job, or only of those submitted with its id as <code>webhook_id</code>.",
    km: "ជូនដំណឹងគ្រប់ការងារ ឬតែការងារដែលផ្ញើជាមួយ <code>webhook_id</code> របស់វា។",
};

/// All endpoints of the contract, in the order a newcomer meets them.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        id: "convert",
        method: "POST",
        path: "/api/v1/convert",
        title_en: "Submit a document",
        title_km: "ផ្ញើឯកសារ",
        en: "Takes a PDF, PNG, JPEG or TIFF of at most {{limit}} MB as <code>multipart/form-data</code> and \
             answers at once with a job. Its pages are reserved from the month's pages, and given \
             back when the job fails or is cancelled before they were read.",
        km: "ទទួលឯកសារ PDF, PNG, JPEG ឬ TIFF ទំហំមិនលើស {{limit}} MB ក្នុងទម្រង់ <code>multipart/form-data</code> \
             ហើយឆ្លើយតបភ្លាមជាមួយលេខការងារ។ ចំនួនទំព័រត្រូវបានកក់ទុកពីទំព័រប្រចាំខែ ហើយនឹងត្រូវបង្វិលមកវិញ \
             បើការងារបរាជ័យ ឬត្រូវបានបោះបង់មុនពេលអានទំព័រទាំងនោះ។",
        parameters: &[
            Parameter {
                name: "file",
                place: "form",
                values: "PDF, PNG, JPEG, TIFF",
                required: true,
                en: "The document. Its content counts, not its name.",
                km: "ឯកសារដែលត្រូវអាន។ យើងពិនិត្យខ្លឹមសារ មិនមែនឈ្មោះឯកសារទេ។",
            },
            Parameter {
                name: "output_format",
                place: "form",
                values: "json · text · docx",
                required: false,
                en: "The usual format of the result; json when absent. Any other can still be \
                     asked for later.",
                km: "ទម្រង់លទ្ធផល។ បើមិនបញ្ជាក់ គឺ json។ ក្រោយមកអ្នកនៅតែអាចសុំទម្រង់ផ្សេងទៀតបាន។",
            },
            Parameter {
                name: "force_ocr",
                place: "form",
                values: "true · false",
                required: false,
                en: "Read the picture of every page, even where the file's own text seems right; \
                     false when absent.",
                km: "អានពីរូបភាពទំព័រទាំងអស់ ទោះបីអត្ថបទក្នុងឯកសារមើលទៅត្រឹមត្រូវក៏ដោយ។ បើមិនបញ្ជាក់ គឺ false។",
            },
            Parameter {
                name: "priority",
                place: "form",
                values: "high · normal · low",
                required: false,
                en: "How soon; normal when absent.",
                km: "អាទិភាពនៃការងារ។ បើមិនបញ្ជាក់ គឺ normal។",
            },
            Parameter {
                name: "webhook_id",
                place: "form",
                values: "0f1e2d…",
                required: false,
                en: "A <a href=\"#webhooks\">webhook</a> of yours to be told when this job ends.",
                km: "<a href=\"#webhooks\">Webhook</a> របស់អ្នក ដែលត្រូវជូនដំណឹងពេលការងារនេះចប់។",
            },
            Parameter {
                name: "Idempotency-Key",
                place: "header",
                values: "1–255 ASCII",
                required: false,
                en: "A word of your own. The same request sent again with the same word gives the \
                     first job instead of a second one, so retrying is safe.",
                km: "ពាក្យសម្គាល់ដែលអ្នកកំណត់ដោយខ្លួនឯង។ បើផ្ញើសំណើដដែលជាមួយពាក្យដដែលម្តងទៀត \
                     អ្នកនឹងទទួលបានការងារដដែល មិនមែនការងារថ្មីទេ ដូច្នេះការផ្ញើឡើងវិញមានសុវត្ថិភាព។",
            },
        ],
        answer: r#"{"job_id":"a1b2c3d4e5f6a1b2c3d4e5f6","status":"queued","message":"PDF submitted for processing","message_km":"ឯកសារ PDF បានដាក់សម្រាប់ដំណើរការ"}"#,
    },
    Endpoint {
        id: "get-job",
        method: "GET",
        path: "/api/v1/jobs/{job_id}",
        title_en: "Follow a job",
        title_km: "តាមដានការងារ",
        en: "<code>status</code> is QUEUED, PROCESSING, COMPLETED, FAILED or CANCELLED; \
             <code>progress</code> is in per cent and moves page by page. A failed job says why in \
             <code>error</code>.",
        km: "<code>status</code> គឺ QUEUED (រង់ចាំ), PROCESSING (កំពុងអាន), COMPLETED (រួចរាល់), FAILED (បរាជ័យ) \
             ឬ CANCELLED (បានបោះបង់)។ <code>progress</code> គិតជាភាគរយ ហើយកើនឡើងម្តងមួយទំព័រ។ \
             បើការងារបរាជ័យ មូលហេតុមាននៅក្នុង <code>error</code>។",
        parameters: &[
            JOB,
            Parameter {
                name: "wait",
                place: "query",
                values: "0–60",
                required: false,
                en: "Put the answer off for up to so many seconds, until the job has ended. Saves \
                     requests.",
                km: "រង់ចាំចម្លើយរហូតដល់ការងារចប់ ប៉ុន្តែមិនលើសចំនួនវិនាទីនេះ។ ជួយសន្សំចំនួនសំណើ។",
            },
        ],
        answer: r#"{"id":"a1b2c3d4e5f6a1b2c3d4e5f6","status":"PROCESSING","progress":45.0,"task_type":"convert","elapsed_seconds":12.5,"pages_done":9,"pages_total":20,"priority":"normal","output_format":"json","force_ocr":false,"file_name":"letter.pdf","created_at":"2026-11-22T08:00:00Z","started_at":"2026-11-22T08:00:01Z","finished_at":null,"error":null}"#,
    },
    Endpoint {
        id: "follow-job",
        method: "GET",
        path: "/api/v1/jobs/{job_id}/events",
        title_en: "Follow a job live",
        title_km: "តាមដានការងារផ្ទាល់",
        en: "Server-sent events: <code>progress</code> for each step and <code>end</code> when the job \
             has ended, after which the stream closes. A client that comes back with \
             <code>Last-Event-ID</code>, as browsers do, goes on where it was; 204 says that it has \
             seen the end.",
        km: "ព្រឹត្តិការណ៍ផ្ញើពីម៉ាស៊ីនមេ (SSE)៖ <code>progress</code> សម្រាប់ដំណាក់កាលនីមួយៗ និង <code>end</code> \
             ពេលការងារចប់ រួចការតភ្ជាប់ត្រូវបិទ។ បើភ្ជាប់ឡើងវិញជាមួយ <code>Last-Event-ID</code> \
             អ្នកនឹងបន្តពីកន្លែងដដែល។ 204 មានន័យថាអ្នកបានឃើញចុងបញ្ចប់រួចហើយ។",
        parameters: &[
            JOB,
            Parameter {
                name: "Last-Event-ID",
                place: "header",
                values: "PROCESSING.1.9",
                required: false,
                en: "The id of the last event that was seen.",
                km: "លេខសម្គាល់ព្រឹត្តិការណ៍ចុងក្រោយដែលបានឃើញ។",
            },
        ],
        answer: r#"{"job_id":"a1b2c3d4e5f6a1b2c3d4e5f6","status":"PROCESSING","progress":45.0,"pages_done":9,"pages_total":20,"error":null}"#,
    },
    Endpoint {
        id: "get-result",
        method: "GET",
        path: "/api/v1/jobs/{job_id}/result",
        title_en: "Fetch the result",
        title_km: "ទាញយកលទ្ធផល",
        en: "The result in the format asked for, with the right content type and file name. While \
             the job goes on: 404 with the code <code>result_not_ready</code> and \
             <code>Retry-After</code>. When it failed: <code>job_failed</code> and the reason.",
        km: "លទ្ធផលតាមទម្រង់ដែលបានសុំ ព្រមទាំង content type និងឈ្មោះឯកសារត្រឹមត្រូវ។ បើការងារមិនទាន់ចប់៖ 404 ជាមួយកូដ \
             <code>result_not_ready</code> និង <code>Retry-After</code>។ បើការងារបរាជ័យ៖ <code>job_failed</code> \
             និងមូលហេតុ។",
        parameters: &[
            JOB,
            Parameter {
                name: "format",
                place: "query",
                values: "{{formats}}",
                required: false,
                en: "Another format than the one the job was submitted with. The same job can be \
                     had in all of them.",
                km: "ទម្រង់ផ្សេងពីទម្រង់ដែលបានសុំពេលផ្ញើ។ ការងារតែមួយអាចយកលទ្ធផលបានគ្រប់ទម្រង់។",
            },
        ],
        answer: r#"{"schema":"1.0","kind":"pdf","total_pages":1,"confidence":0.98,"pages":[{"number":1,"width":595.0,"height":842.0,"rotation":0,"skew":0.0,"source":"ocr","confidence":0.98,"blocks":[{"type":"paragraph","box":[72.0,70.0,300.0,92.0],"alignment":"left","indent":0.0,"lines":[{"text":"ព្រះរាជាណាចក្រកម្ពុជា","box":[72.0,70.0,300.0,92.0],"confidence":0.98,"source":"ocr","words":[]}]}]}],"text":"ព្រះរាជាណាចក្រកម្ពុជា"}"#,
    },
    Endpoint {
        id: "list-jobs",
        method: "GET",
        path: "/api/v1/jobs",
        title_en: "List jobs",
        title_km: "បញ្ជីការងារ",
        en: "Your organisation's jobs, newest first, page by page.",
        km: "ការងារទាំងអស់របស់អង្គភាពអ្នក ចាប់ពីថ្មីបំផុត ម្តងមួយទំព័រ។",
        parameters: &[
            Parameter {
                name: "status",
                place: "query",
                values: "QUEUED · PROCESSING · COMPLETED · FAILED · CANCELLED",
                required: false,
                en: "Only jobs in this state.",
                km: "តែការងារក្នុងស្ថានភាពនេះ។",
            },
            Parameter {
                name: "limit",
                place: "query",
                values: "1–200",
                required: false,
                en: "At most so many; 50 when absent.",
                km: "ចំនួនច្រើនបំផុត។ បើមិនបញ្ជាក់ គឺ 50។",
            },
            Parameter {
                name: "cursor",
                place: "query",
                values: "next",
                required: false,
                en: "<code>next</code> of the page before; it is null on the last page.",
                km: "តម្លៃ <code>next</code> ពីទំព័រមុន។ នៅទំព័រចុងក្រោយ វាគឺ null។",
            },
        ],
        answer: r#"{"jobs":[{"id":"a1b2c3d4e5f6a1b2c3d4e5f6","status":"COMPLETED","progress":100.0,"…":"…"}],"next":"41"}"#,
    },
    Endpoint {
        id: "webhooks",
        method: "POST",
        path: "/api/v1/webhooks",
        title_en: "Register a webhook",
        title_km: "ចុះឈ្មោះ webhook",
        en: "When a job ends, a JSON message goes to your address by POST, signed in the \
             Standard Webhooks form: \
             <code>webhook-id</code>, <code>webhook-timestamp</code> and <code>webhook-signature</code>, \
             with the secret of this answer, which is shown only once. What is not answered with \
             2xx within 15 seconds is sent again, ten times in three days; an address that takes \
             nothing for five days is turned off. Redirects are not followed.",
        km: "ពេលការងារចប់ សារ JSON មួយត្រូវបានផ្ញើ (POST) ទៅអាសយដ្ឋានរបស់អ្នក ដោយមានហត្ថលេខាតាមទម្រង់ \
             Standard Webhooks៖ \
             <code>webhook-id</code> <code>webhook-timestamp</code> និង <code>webhook-signature</code> \
             ដោយប្រើលេខសម្ងាត់ (secret) ក្នុងចម្លើយនេះ ដែលបង្ហាញតែម្តងគត់។ បើគ្មានចម្លើយ 2xx ក្នុង ១៥ វិនាទី \
             សារនឹងត្រូវផ្ញើឡើងវិញដប់ដងក្នុងបីថ្ងៃ។ អាសយដ្ឋានដែលមិនទទួលអ្វីសោះប្រាំថ្ងៃ នឹងត្រូវបិទ។ \
             ប្រព័ន្ធមិនតាមការបញ្ជូនបន្ត (redirect) ទេ។",
        parameters: &[URL, EVENTS, EVERY_JOB],
        answer: r#"{"secret":"whsec_…","id":"0f1e2d3c4b5a69788796a5b4","url":"https://example.org/khocr","events":["job.completed","job.failed","job.cancelled"],"every_job":true,"enabled":true,"disabled_why":null,"failing_since":null,"created_at":"2026-11-22T08:00:00Z"}"#,
    },
    Endpoint {
        id: "list-webhooks",
        method: "GET",
        path: "/api/v1/webhooks",
        title_en: "List webhooks",
        title_km: "បញ្ជី webhook",
        en: "Your organisation's webhooks, without their secrets.",
        km: "Webhook របស់អង្គភាពអ្នក ដោយមិនបង្ហាញលេខសម្ងាត់ទេ។",
        parameters: &[],
        answer: r#"{"webhooks":[{"id":"0f1e2d3c4b5a69788796a5b4","url":"https://example.org/khocr","…":"…"}]}"#,
    },
    Endpoint {
        id: "get-webhook",
        method: "GET",
        path: "/api/v1/webhooks/{webhook_id}",
        title_en: "A webhook and its messages",
        title_km: "Webhook មួយ និងសាររបស់វា",
        en: "The webhook and its last 20 messages: what was taken, what waits, what went wrong.",
        km: "Webhook និងសារ ២០ ចុងក្រោយ៖ អ្វីដែលបានទទួល អ្វីដែលកំពុងរង់ចាំ និងបញ្ហាដែលបានកើតឡើង។",
        parameters: &[WEBHOOK],
        answer: r#"{"id":"0f1e2d3c4b5a69788796a5b4","…":"…","deliveries":[{"id":"msg_…","job_id":"a1b2c3d4e5f6a1b2c3d4e5f6","event":"job.completed","state":"DELIVERED","attempts":1,"next_at":null,"last_status":200,"last_error":null,"created_at":"2026-11-22T08:00:00Z","finished_at":"2026-11-22T08:00:01Z"}]}"#,
    },
    Endpoint {
        id: "change-webhook",
        method: "PATCH",
        path: "/api/v1/webhooks/{webhook_id}",
        title_en: "Change a webhook",
        title_km: "កែប្រែ webhook",
        en: "What is absent stays. Turning it on again sends at once what waits.",
        km: "អ្វីដែលមិនបានបញ្ជាក់ នៅដដែល។ ពេលបើកវាឡើងវិញ សារដែលរង់ចាំត្រូវផ្ញើភ្លាម។",
        parameters: &[
            WEBHOOK,
            URL,
            EVENTS,
            EVERY_JOB,
            Parameter {
                name: "enabled",
                place: "json",
                values: "true · false",
                required: false,
                en: "Turns it on or off.",
                km: "បើក ឬបិទ webhook។",
            },
        ],
        answer: r#"{"id":"0f1e2d3c4b5a69788796a5b4","url":"https://example.org/khocr","enabled":true,"…":"…"}"#,
    },
    Endpoint {
        id: "rotate-webhook-secret",
        method: "POST",
        path: "/api/v1/webhooks/{webhook_id}/secret",
        title_en: "A new secret for a webhook",
        title_km: "លេខសម្ងាត់ថ្មីសម្រាប់ webhook",
        en: "For as many hours each message carries two signatures, of the new secret and of the \
             old one, with a space between: your receiver changes over meanwhile and loses nothing.",
        km: "ក្នុងរយៈពេលនេះ សារនីមួយៗមានហត្ថលេខាពីរ (លេខសម្ងាត់ថ្មី និងចាស់) ខណ្ឌដោយដកឃ្លា ដូច្នេះ \
             អ្នកទទួលអាចប្តូរលេខសម្ងាត់ដោយមិនបាត់សារណាមួយឡើយ។",
        parameters: &[
            WEBHOOK,
            Parameter {
                name: "grace_hours",
                place: "json",
                values: "0 … 720",
                required: false,
                en: "Hours that the old secret signs too; 24 when absent.",
                km: "ចំនួនម៉ោងដែលលេខសម្ងាត់ចាស់នៅប្រើបាន។ បើមិនបញ្ជាក់ គឺ ២៤។",
            },
        ],
        answer: r#"{"id":"0f1e2d3c4b5a69788796a5b4","secret":"whsec_…"}"#,
    },
    Endpoint {
        id: "resend-message",
        method: "POST",
        path: "/api/v1/webhooks/{webhook_id}/deliveries/{message_id}",
        title_en: "Send a message again",
        title_km: "ផ្ញើសារម្តងទៀត",
        en: "Whatever became of it, it is sent at once, with the same id. Messages are kept for 30 days.",
        km: "ទោះសារនោះទៅជាយ៉ាងណាក៏ដោយ វានឹងត្រូវផ្ញើម្តងទៀតភ្លាម ដោយមានលេខសម្គាល់ដដែល។ សារត្រូវរក្សាទុក ៣០ ថ្ងៃ។",
        parameters: &[WEBHOOK, MESSAGE],
        answer: r#"{"id":"msg_…","job_id":"a1b2c3d4e5f6a1b2c3d4e5f6","event":"job.completed","state":"WAITING","attempts":0,"…":"…"}"#,
    },
    Endpoint {
        id: "delete-webhook",
        method: "DELETE",
        path: "/api/v1/webhooks/{webhook_id}",
        title_en: "Remove a webhook",
        title_km: "លុប webhook",
        en: "Removes it with all that it had still to send.",
        km: "លុប webhook រួមទាំងសារទាំងអស់ដែលមិនទាន់បានផ្ញើ។",
        parameters: &[WEBHOOK],
        answer: r#"{"id":"0f1e2d3c4b5a69788796a5b4","url":"https://example.org/khocr","…":"…"}"#,
    },
    Endpoint {
        id: "usage",
        method: "GET",
        path: "/api/v1/usage",
        title_en: "Usage",
        title_km: "ការប្រើប្រាស់",
        en: "Pages and requests used and left this month, when the count starts anew, jobs by \
             state, and a history by day.",
        km: "ចំនួនទំព័រ និងសំណើដែលបានប្រើ និងនៅសល់ក្នុងខែនេះ ពេលដែលការរាប់ចាប់ផ្តើមឡើងវិញ \
             ចំនួនការងារតាមស្ថានភាព និងប្រវត្តិប្រចាំថ្ងៃ។",
        parameters: &[],
        answer: r#"{"organisation":"Example Ltd","plan":"standard","period_start":"2026-11-01T00:00:00Z","resets_at":"2026-12-01T00:00:00Z","pages":{"limit":5000,"used":120,"reserved":20,"left":4860},"requests":{"limit_per_minute":50,"left_this_minute":49,"resets_in_seconds":2,"used":640},"jobs":{"queued":0,"processing":1,"completed":37,"failed":1,"cancelled":0},"history":[{"date":"2026-11-22","pages":12,"requests":80,"jobs":3}]}"#,
    },
    Endpoint {
        id: "models",
        method: "GET",
        path: "/api/v1/models",
        title_en: "Models",
        title_km: "ម៉ូដែលអានអក្សរ",
        en: "The reading models in this server: id, kind, languages, version and measured accuracy.",
        km: "ម៉ូដែលអានអក្សរក្នុងម៉ាស៊ីនមេនេះ៖ លេខសម្គាល់ ប្រភេទ ភាសា ជំនាន់ និងភាពត្រឹមត្រូវដែលបានវាស់។",
        parameters: &[],
        answer: r#"{"models":[{"id":"khocr-line","kind":"line_reader","languages":["km","en"],"version":"1.0.0","accuracy":[{"metric":"character_error_rate","on":"…","percent":1.0}]}]}"#,
    },
    Endpoint {
        id: "health",
        method: "GET",
        path: "/api/v1/health",
        title_en: "Health (no key)",
        title_km: "ស្ថានភាពម៉ាស៊ីនមេ (មិនត្រូវការកូដ)",
        en: "Whether the database, the files and the models are usable. 503 when one is not.",
        km: "ប្រាប់ថាមូលដ្ឋានទិន្នន័យ ឯកសារ និងម៉ូដែល អាចប្រើបានឬអត់។ ឆ្លើយ 503 បើមានមួយប្រើមិនបាន។",
        parameters: &[],
        answer: r#"{"status":"ok","version":"0.1.0","uptime_seconds":86400,"checks":{"database":"ok","files":"ok","models":"ok"}}"#,
    },
    Endpoint {
        id: "delete-job",
        method: "DELETE",
        path: "/api/v1/jobs/{job_id}",
        title_en: "Cancel or delete a job",
        title_km: "បោះបង់ ឬលុបការងារ",
        en: "A waiting or running job is cancelled and its unread pages are given back. A job that \
             has ended is deleted with its document and its result.",
        km: "ការងារដែលកំពុងរង់ចាំ ឬកំពុងអាន នឹងត្រូវបោះបង់ ហើយទំព័រដែលមិនទាន់អានត្រូវបង្វិលមកវិញ។ \
             ការងារដែលចប់ហើយ នឹងត្រូវលុប រួមទាំងឯកសារ និងលទ្ធផលរបស់វា។",
        parameters: &[JOB],
        answer: r#"{"id":"a1b2c3d4e5f6a1b2c3d4e5f6","status":"DELETED","message":"The job was deleted with its document and its result","message_km":"ការងារត្រូវបានលុប រួមទាំងឯកសារ និងលទ្ធផលរបស់វា"}"#,
    },
];
