//! What the operator may set.

use std::time::Duration;

/// Settings of the HTTP side. [`Config::default`] suits one machine.
#[derive(Clone, Debug)]
pub struct Config {
    /// The platform's name on the documentation page.
    pub platform_name: String,
    /// How to reach the operator.
    pub contact: Contact,
    /// The address clients see, such as `https://ocr.example.org`, without a slash at the end.
    /// When absent it is taken from each request's `Host`.
    pub public_url: Option<String>,
    /// Trust `X-Forwarded-For` and `X-Forwarded-Proto`, because a proxy of ours sets them.
    pub behind_proxy: bool,
    /// Largest upload in bytes.
    pub max_upload_bytes: u64,
    /// Most pages a document may have.
    pub max_pages: u32,
    /// Most pixels a picture may have.
    pub max_pixels: u64,
    /// Files that are inspected at once: each takes memory of the file's size.
    pub inspections: usize,
    /// How long inspecting one file may take.
    pub inspection_time: Duration,
    /// How long a connection may stand still while the server waits for the client.
    pub idle: Duration,
    /// How long a request's headers may take to arrive.
    pub header_time: Duration,
    /// How long requests in progress may go on after a shutdown began.
    pub drain_time: Duration,
    /// Connections served at once; more wait to be accepted.
    pub connections: usize,
    /// Event streams open at once.
    pub streams: usize,
    /// Event streams of one organisation open at once.
    pub streams_each: usize,
    /// How long an event stream stays open at most; its client comes back and goes on.
    pub stream_time: Duration,
    /// Allow webhooks to addresses that are not public, and to such without TLS: for tests, and
    /// for a network of the operator's own.
    pub private_webhooks: bool,
}

/// How to reach the operator. What is empty is not shown.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// Web address, `https://…`.
    pub url: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            platform_name: "khocr".to_owned(),
            contact: Contact::default(),
            public_url: None,
            behind_proxy: false,
            max_upload_bytes: 50 * 1024 * 1024,
            max_pages: 5_000,
            max_pixels: 200_000_000,
            inspections: 2,
            inspection_time: Duration::from_secs(20),
            idle: Duration::from_secs(30),
            header_time: Duration::from_secs(15),
            drain_time: Duration::from_secs(25),
            connections: 4_096,
            streams: 1_024,
            streams_each: 64,
            stream_time: Duration::from_secs(15 * 60),
            private_webhooks: false,
        }
    }
}
