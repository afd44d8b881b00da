//! OpenTelemetry traces: spans of requests and jobs, sent to a collector by OTLP over HTTP as JSON.
//!
//! A layer of `tracing` takes every span of ours of level `info`; where a span has a `traceparent`
//! field that is its place, and where it has a `parent` it lies below that. Ended spans go through a
//! bounded channel to a thread of their own, which sends them every second; when the collector
//! cannot keep up or cannot be reached, spans are lost and the service is not slowed.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use khocr_server::span_id;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::settings::{ServeArgs, Settings};

/// Spans that may wait to be sent.
const WAITING: usize = 4_096;
/// Spans sent at once, at most.
const BATCH: usize = 512;

/// The layer that hears of spans.
pub(crate) struct Traces {
    send: SyncSender<Value>,
}

/// The traces that the settings of a service ask for; none without a collector.
pub(crate) fn of(flags: &ServeArgs) -> anyhow::Result<Option<Traces>> {
    // Settings that cannot be read are told by whoever needs them.
    let Some(settings) = Settings::load(flags).ok() else { return Ok(None) };
    let instance = settings.node.unwrap_or_else(khocr_worker::Settings::host_name);
    settings.traces.map(|collector| Traces::start(&collector, &instance)).transpose()
}

/// What is known of a span while it lasts.
struct Open {
    trace: String,
    span: String,
    parent: Option<String>,
    fields: BTreeMap<&'static str, String>,
    start: SystemTime,
    failed: bool,
}

impl Traces {
    /// Starts the thread that sends to that collector, such as `http://localhost:4318`.
    pub(crate) fn start(collector: &str, instance: &str) -> anyhow::Result<Self> {
        let (send, ended) = sync_channel(WAITING);
        let address = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let resource = json!({ "attributes": [
            attribute("service.name", "khocr"),
            attribute("service.version", env!("CARGO_PKG_VERSION")),
            attribute("service.instance.id", instance),
        ]});
        // One provider a process; an error says that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        std::thread::Builder::new()
            .name("traces".to_owned())
            .spawn(move || forward(&ended, &runtime, &client, &address, &resource))
            .context("no thread for traces")?;
        Ok(Self { send })
    }
}

/// Sends what ends until there is nobody left who could end anything.
fn forward(
    ended: &Receiver<Value>,
    runtime: &tokio::runtime::Runtime,
    client: &reqwest::Client,
    address: &str,
    resource: &Value,
) {
    let mut silent_until = Instant::now();
    loop {
        let (batch, open) = collect(ended);
        if !batch.is_empty() {
            let scope = json!({ "name": "khocr", "version": env!("CARGO_PKG_VERSION") });
            let body = json!({ "resourceSpans": [
                { "resource": resource, "scopeSpans": [{ "scope": scope, "spans": batch }] }
            ]});
            let request = client
                .post(address)
                .header("content-type", "application/json")
                .body(body.to_string());
            let sent = runtime.block_on(async { request.send().await?.error_for_status() });
            if let Err(error) = sent
                && Instant::now() >= silent_until
            {
                tracing::warn!(%error, "traces could not be sent");
                silent_until = Instant::now() + Duration::from_secs(60);
            }
        }
        if !open {
            return;
        }
    }
}

/// A second's spans, or a batch; and whether there may be more.
fn collect(ended: &Receiver<Value>) -> (Vec<Value>, bool) {
    let (mut batch, end) = (Vec::new(), Instant::now() + Duration::from_secs(1));
    while batch.len() < BATCH {
        match ended.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(span) => batch.push(span),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return (batch, false),
        }
    }
    (batch, true)
}

fn ours(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO && metadata.target().starts_with("khocr")
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !ours(attributes.metadata()) {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut fields = fields.0;
        let parent = fields.remove("parent").and_then(|p| place(&p));
        let own = fields.remove("traceparent").and_then(|p| place(&p));
        let above = span.parent().and_then(|parent| {
            parent.extensions().get::<Open>().map(|open| (open.trace.clone(), open.span.clone()))
        });
        let parent = parent.or(above);
        let (trace, id) = own.unwrap_or_else(|| {
            let trace = parent.as_ref().map(|p| p.0.clone());
            (trace.unwrap_or_else(|| span_id() + &span_id()), span_id())
        });
        let parent = parent.map(|p| p.1);
        let start = SystemTime::now();
        span.extensions_mut().insert(Open {
            trace,
            span: id,
            parent,
            fields,
            start,
            failed: false,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            let mut fields = Fields::default();
            values.record(&mut fields);
            open.fields.append(&mut fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !ours(event.metadata()) {
            return;
        }
        let Some(span) = context.event_span(event) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            let mut fields = Fields::default();
            event.record(&mut fields);
            // What was said is for the log; how it went is the span's.
            fields.0.remove("message");
            open.fields.append(&mut fields.0);
            open.failed |= *event.metadata().level() <= Level::WARN;
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        // A full channel loses the span: the service is not to wait.
        let _ = self.send.try_send(wire(span.name(), open, SystemTime::now()));
    }
}

/// A span in OTLP's JSON.
fn wire(name: &str, open: Open, end: SystemTime) -> Value {
    let nanos =
        |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string();
    let failed = open.failed || open.fields.get("status").is_some_and(|s| s.starts_with('5'));
    // A server's, one that takes up what was queued, or an inner one.
    let kind = match name {
        "request" => 2,
        "job" => 5,
        _ => 1,
    };
    let attributes: Vec<_> = open.fields.iter().map(|(n, v)| attribute(n, v)).collect();
    let mut span = json!({
        "traceId": open.trace,
        "spanId": open.span,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": nanos(open.start),
        "endTimeUnixNano": nanos(end),
        "attributes": attributes,
        "status": { "code": if failed { 2 } else { 0 } },
    });
    if let Some(parent) = open.parent {
        span["parentSpanId"] = parent.into();
    }
    span
}

fn attribute(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

/// Trace and span of a `traceparent`.
fn place(text: &str) -> Option<(String, String)> {
    let mut parts = text.split('-').skip(1);
    let (trace, span) = (parts.next()?, parts.next()?);
    let hex = |s: &str| s.bytes().all(|b| b.is_ascii_hexdigit());
    (trace.len() == 32 && span.len() == 16 && hex(trace) && hex(span))
        .then(|| (trace.to_owned(), span.to_owned()))
}

/// Fields as text.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// The bodies of the requests a collector is sent, until a span of that name was in one.
    fn hear(listener: TcpListener, until: &'static str) -> Vec<Value> {
        let mut heard = Vec::new();
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            loop {
                let (mut length, mut line) = (0, String::new());
                while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                    let lower = line.to_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                if length == 0 {
                    break;
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap();
                let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
                heard.extend(spans.as_array().unwrap().iter().cloned());
                if heard.iter().any(|s| s["name"] == until) {
                    return heard;
                }
            }
        }
        heard
    }

    #[test]
    fn a_request_s_trace_reaches_its_job_and_the_collector() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let collector = format!("http://{}/", listener.local_addr().unwrap());
        let heard = std::thread::spawn(move || hear(listener, "job"));
        let traces = Traces::start(&collector, "node").unwrap();
        let (trace, caller) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        let here = format!("00-{trace}-00f067aa0ba902b7-01");
        let from = format!("00-{trace}-{caller}-01");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(traces), || {
            let span =
                tracing::info_span!("request", route = "/x", parent = from, traceparent = here);
            span.in_scope(|| {
                tracing::info_span!("inner").in_scope(|| {});
                tracing::info!(status = 200, "answered");
            });
            drop(span);
            let span = tracing::info_span!("job", job = "j1", parent = here);
            span.in_scope(|| tracing::warn!(code = "timeout", "failed"));
        });
        let spans = heard.join().unwrap();
        let span = |name: &str| spans.iter().find(|s| s["name"] == name).unwrap().clone();
        let (request, inner, job) = (span("request"), span("inner"), span("job"));
        assert!(spans.iter().all(|s| s["traceId"] == trace), "{spans:#?}");
        assert_eq!((&request["parentSpanId"], &request["kind"]), (&json!(caller), &json!(2)));
        assert_eq!(inner["parentSpanId"], "00f067aa0ba902b7");
        assert_eq!((&job["parentSpanId"], &job["status"]["code"]), (&request["spanId"], &json!(2)));
        let attributes = request["attributes"].to_string();
        assert!(attributes.contains("status") && attributes.contains("/x"), "{attributes}");
        assert!(!attributes.contains("answered"));
    }
}
