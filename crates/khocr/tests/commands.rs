//! The binary from outside: what other people's scripts rely on.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The documentation page's own sample, one page of Khmer.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/docs/sample.pdf");

fn khocr(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khocr"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KHOCR_")) {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Path, line: &str) -> Output {
    khocr(folder).args(line.split(' ')).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn is_key(text: &str) -> bool {
    let rest = text.strip_prefix("khocr_").unwrap_or_default();
    rest.len() == 38 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn has_khmer(text: &str) -> bool {
    text.chars().any(|c| ('\u{1780}'..='\u{17b3}').contains(&c))
}

#[test]
fn a_pdf_becomes_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&run(folder.path(), &format!("convert {SAMPLE}")));
    assert!(has_khmer(&text), "{text}");
    let formats = [
        ("text", "txt"),
        ("json", "json"),
        ("docx", "docx"),
        ("pdf", "pdf"),
        ("markdown", "md"),
        ("hocr", "hocr.html"),
    ];
    for (format, extension) in formats {
        stdout(&run(folder.path(), &format!("convert {SAMPLE} -o out --format {format}")));
        let result = folder.path().join("out").join(format!("sample.{extension}"));
        assert!(std::fs::metadata(&result).unwrap().len() > 100, "{format}");
    }
    let json = std::fs::read(folder.path().join("out/sample.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["text"].as_str().unwrap().trim_end(), text.trim_end());
    let written = std::fs::read_dir(folder.path().join("out")).unwrap().count();
    assert_eq!(written, formats.len(), "nothing half-written stays behind");
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pdf"), "MZ").unwrap();
    std::fs::copy(SAMPLE, folder.path().join("b.pdf")).unwrap();
    let output = run(folder.path(), "convert a.pdf b.pdf -o out");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("a.pdf"));
    assert!(folder.path().join("out/b.txt").exists());
    assert!(!folder.path().join("out/a.txt").exists());
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let line = "keys create --org Ministry --plan standard --data d";
    let key = stdout(&run(folder.path(), line));
    assert!(is_key(key.trim_end()) && key.ends_with('\n'), "{key}");
    let organisations = stdout(&run(folder.path(), "orgs list --data d"));
    assert!(organisations.contains("Ministry\tstandard"), "{organisations}");
    let keys = stdout(&run(folder.path(), "keys list --data d"));
    assert!(keys.contains(&key[..14]) && !keys.contains(key.trim_end()), "{keys}");
    stdout(&run(folder.path(), &format!("keys revoke {} --data d", &key[..14])));
    assert!(stdout(&run(folder.path(), "keys list --data d")).contains("revoked"));
}

#[test]
fn the_operator_changes_things_and_the_trail_tells() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |line: &str| stdout(&run(folder.path(), &format!("{line} --data d")));
    ask("orgs create --name Secretive --plan free --retention-days 9");
    let set = ask("orgs set --name Secretive --pages-per-month 1234 --retention-days default");
    assert!(set.contains("1234 pages/month") && !set.contains("kept"), "{set}");
    assert!(ask("plans set free --requests-per-minute 77").contains("free\t77 requests/minute"));
    assert!(ask("orgs show --name Secretive").contains("77 requests/minute"));
    let old = ask("keys create --org Secretive --scopes read --expires-in-days 3");
    let new = ask(&format!("keys rotate {} --grace-hours 0", &old[..14]));
    assert!(is_key(new.trim_end()) && new != old, "{new}");
    let keys = ask("keys list --org Secretive");
    assert!(keys.contains("\texpired\t") && keys.contains("\tread\tno end"), "{keys}");
    let refused =
        run(folder.path(), "webhooks create --org Secretive --url https://10.0.0.1/ --data d");
    assert!(!refused.status.success());
    let hook =
        ask("webhooks create --org Secretive --url https://example.org/ --events job.failed");
    let (id, secret) = hook.trim_end().split_once('\t').unwrap();
    assert!(secret.starts_with("whsec_"), "{hook}");
    let off = ask(&format!("webhooks disable {id} --org Secretive"));
    assert!(off.contains("job.failed\tevery job\toff (owner)"), "{off}");
    let list = ask("webhooks list --org Secretive");
    assert!(list.contains(id) && !list.contains("whsec_"), "{list}");
    let new = ask(&format!("webhooks rotate {id} --org Secretive --grace-hours 1"));
    assert!(new.starts_with("whsec_") && new.trim_end() != secret, "{new}");
    assert_eq!(ask(&format!("webhooks messages {id} --org Secretive")), "");
    assert_eq!(ask(&format!("webhooks resend {id} --org Secretive --failed")), "");
    let nothing = format!("webhooks resend {id} --org Secretive --message msg_0 --data d");
    assert!(!run(folder.path(), &nothing).status.success());
    let trail = ask("audit --limit 200");
    for action in [
        "organisation.created",
        "organisation.changed",
        "plan.changed",
        "key.created",
        "key.rotated",
        "webhook.created",
        "webhook.changed",
        "webhook.secret_rotated",
    ] {
        assert!(trail.contains(&format!("\t{action}\t")), "{action}: {trail}");
    }
    for secret in ["Secretive", "khocr_", "whsec_", "example.org"] {
        assert!(!trail.contains(secret), "{secret}: {trail}");
    }
    assert_eq!(ask("audit --action key.rotated --json").lines().count(), 1);
}

/// A server that is killed when the test ends, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn serve_prints_a_key_once_and_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = khocr(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data", "d", "--workers", "1"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Server(child);
        let lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
        (server, lines.map(Result::unwrap))
    };
    let (server, mut lines) = start();
    let key = lines.next().unwrap();
    assert!(is_key(&key), "{key}");
    let address = lines.next().unwrap();
    let host = address.strip_prefix("http://").unwrap();
    let ask = |path: &str, key: &str| {
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert!(ask("/api/v1/usage", &key).starts_with("HTTP/1.1 200"));
    assert!(ask("/api/v1/usage", "khocr_wrong").starts_with("HTTP/1.1 401"));
    assert!(ask("/docs", "").contains("/api/v1/convert"));
    drop(server);

    let (_server, mut lines) = start();
    assert!(lines.next().unwrap().starts_with("http://"), "no second key");
}

#[test]
fn what_cannot_be_understood_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for line in
        ["convert", "convert none.pdf", "convert none.pdf --pages 0", "orgs create --plan gold"]
    {
        assert!(!run(folder.path(), line).status.success(), "{line}");
    }
}
