//! What lies in deploy/ speaks of things that exist.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect()
}

/// Every word of a text that begins so.
fn words(text: &str, start: &str) -> BTreeSet<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let all = text.split(|c| !part(c)).filter(|w| w.starts_with(start) && w.len() > start.len());
    all.map(str::to_owned).collect()
}

fn help() -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_khocr")).args(["serve", "--help"]).output().unwrap();
    String::from_utf8(out.stdout).unwrap()
}

/// What `/metrics` of a new process says.
fn metrics() -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_khocr"))
        .args(["--log", "warn", "serve", "--role", "api", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let address =
        lines.map_while(Result::ok).find_map(|l| l.strip_prefix("http://").map(str::to_owned));
    let mut stream = TcpStream::connect(address.unwrap()).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

#[test]
fn every_metric_that_is_watched_is_exported() {
    let exported = metrics();
    let known: BTreeSet<&str> =
        exported.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let mut watched = 0;
    for file in files(&deploy()) {
        let text = std::fs::read_to_string(&file).unwrap();
        for name in words(&text, "khocr_") {
            let bare = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let known = known.contains(name.as_str()) || bare.is_some_and(|n| known.contains(n));
            // A key's beginning is no metric.
            assert!(known || name == "khocr_nothing", "{}: {name}\n{known:?}", file.display());
            watched += 1;
        }
    }
    assert!(watched >= 10, "{watched}");
    for name in known {
        let text = std::fs::read_to_string(deploy().join("grafana/khocr.json")).unwrap();
        assert!(text.contains(name), "{name} is on no panel");
    }
}

#[test]
fn the_dashboard_is_one() {
    let text = std::fs::read_to_string(deploy().join("grafana/khocr.json")).unwrap();
    let board: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|p| p["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels {
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
                assert_eq!(query.matches(open).count(), query.matches(close).count(), "{query}");
            }
        }
    }
}

#[test]
fn every_setting_that_is_used_is_in_the_help() {
    let help = help();
    let known = words(&help, "KHOCR_");
    for file in files(&deploy()) {
        let text = std::fs::read_to_string(&file).unwrap();
        for name in words(&text, "KHOCR_") {
            assert!(known.contains(&name), "{}: {name}\n{known:?}", file.display());
        }
    }
    for said in ["--database", "--files", "khocr.toml", "AWS_ENDPOINT", "postgres://", "s3://"] {
        assert!(help.contains(said), "{said}");
    }
}

/// The words of each `args: [...]`, `command: [...]` and `CMD [...]` of a file.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let list = |line: &str| {
        let line = line.trim();
        let rest = ["args: [", "command: [", "CMD ["].iter().find_map(|s| line.strip_prefix(s))?;
        let words = rest.strip_suffix(']')?.split(',');
        Some(words.map(|w| w.trim().trim_matches('"').to_owned()).collect::<Vec<_>>())
    };
    text.lines().filter_map(list).collect()
}

#[test]
fn every_command_line_is_one_that_is_understood() {
    let understood = |line: &[String]| {
        // Flags before it are read first, and what is not known is an error.
        let out = Command::new(env!("CARGO_BIN_EXE_khocr")).args(line).arg("--help").output();
        out.unwrap().status.success()
    };
    let mut seen = 0;
    for file in files(&deploy()) {
        for line in command_lines(&std::fs::read_to_string(&file).unwrap()) {
            // Others' programs have command lines too.
            if line.iter().any(|word| word == "serve" || word == "worker") {
                assert!(understood(&line), "{}: {line:?}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "{seen}");
    let wrong = |line: &str| !understood(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    assert!(wrong("serve --nonsense x") && wrong("serve --role nobody") && wrong("server"));
}

/// Every route of our own that a dashboard or an alert asks for is one that is counted.
#[test]
fn every_route_that_is_watched_exists() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/openapi.json");
    let document: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
    let mut seen = 0;
    for file in files(&deploy()) {
        let text = std::fs::read_to_string(&file).unwrap().replace("\\\"", "\"");
        for rest in text.split("route=\"").skip(1) {
            let route = rest.split('"').next().unwrap();
            assert!(!document["paths"][route].is_null(), "{}: {route}", file.display());
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen}");
}
