//! `GET /metrics`: what was answered, for Prometheus. Counts only: no key, name or address.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::gauges;
use crate::state::App;

/// Upper bounds of the histogram of answer times, in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Answers counted since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<Label, Series>>);

/// Method, route and error code (`ok` for a success).
type Label = (String, String, &'static str);

#[derive(Debug, Default)]
struct Series {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    seconds: f64,
}

impl Metrics {
    /// Counts one answer. `route` is the route's pattern, never an address.
    pub(crate) fn count(&self, method: &str, route: &str, code: &'static str, took: Duration) {
        let seconds = took.as_secs_f64();
        // Methods are the client's to invent.
        let method = match method {
            "GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let series = all.entry((method.to_owned(), route.to_owned(), code)).or_default();
        series.count += 1;
        series.seconds += seconds;
        for (bound, bucket) in BOUNDS.iter().zip(&mut series.buckets) {
            *bucket += u64::from(seconds <= *bound);
        }
    }

    /// All of it in Prometheus' text form.
    fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out =
            "# HELP khocr_http_request_seconds Time to answer, by route and error code.\n\
                       # TYPE khocr_http_request_seconds histogram\n"
                .to_owned();
        for ((method, route, code), s) in all.iter() {
            let labels = format!("method=\"{method}\",route=\"{route}\",code=\"{code}\"");
            for (bound, n) in BOUNDS.iter().zip(s.buckets) {
                let _ = writeln!(
                    out,
                    "khocr_http_request_seconds_bucket{{{labels},le=\"{bound}\"}} {n}"
                );
            }
            let (count, sum) = (s.count, s.seconds);
            let _ = writeln!(
                out,
                "khocr_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {count}\n\
                 khocr_http_request_seconds_sum{{{labels}}} {sum}\n\
                 khocr_http_request_seconds_count{{{labels}}} {count}"
            );
        }
        out
    }
}

/// `GET /metrics`.
pub(crate) async fn serve(State(app): State<App>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let text = app.metrics().text() + &gauges::text(&app).await;
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_methods_few() {
        let metrics = Metrics::default();
        metrics.count("GET", "/livez", "ok", Duration::from_millis(3));
        metrics.count("GET", "/livez", "ok", Duration::from_millis(30));
        metrics.count("BREW", "/livez", "method_not_allowed", Duration::ZERO);
        let text = metrics.text();
        let labels = "method=\"GET\",route=\"/livez\",code=\"ok\"";
        for (le, n) in [("0.001", 0), ("0.005", 1), ("0.025", 1), ("0.05", 2), ("+Inf", 2)] {
            let line = format!("khocr_http_request_seconds_bucket{{{labels},le=\"{le}\"}} {n}\n");
            assert!(text.contains(&line), "{text}");
        }
        assert!(text.contains("method=\"other\"") && !text.contains("BREW"));
    }
}
