//! The page's examples, run as a reader would: pasted from the page as it was served.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::process::Command;

use crate::app::{Setup, TestApp, sample};

/// Programs that run an example given on standard input.
const TONGUES: [(&str, &str, &[&str]); 3] = [
    ("curl", "bash", &["-e", "-o", "pipefail"]),
    ("python", "python3", &["-"]),
    ("javascript", "node", &["--input-type=module"]),
];

/// In the order in which a job lives.
const ENDPOINTS: [&str; 9] = [
    "get-job",
    "follow-job",
    "get-result",
    "list-jobs",
    "list-webhooks",
    "usage",
    "models",
    "health",
    "delete-job",
];

pub(crate) async fn every_example_of_the_page_runs_as_it_stands(setup: Setup) {
    let app = Arc::new(setup.start().await);
    let html = app.bare("GET", "/docs").send().await.text().to_owned();
    let stop = Arc::new(AtomicBool::new(false));
    let worker = {
        let (app, stop) = (Arc::clone(&app), Arc::clone(&stop));
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                if let Some(lease) =
                    app.store.lease("test#1", Duration::from_secs(60)).await.unwrap()
                {
                    app.complete(&lease).await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    };
    for (tongue, program, arguments) in TONGUES {
        if Command::new(program).arg("--version").stdout(Stdio::null()).status().await.is_err() {
            eprintln!("\n!!! SKIPPED: no {program}; the {tongue} examples were NOT run\n");
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let run = async |id: &str, job: &str| {
            let source = example(&html, &format!("{id}-{tongue}"));
            run_with(&app, folder.path(), program, arguments, &source, (job, "")).await
        };
        run("whole", "").await;
        let text = std::fs::read_to_string(folder.path().join("result.txt")).unwrap();
        assert_eq!(text, sample().text, "{tongue}");
        assert!(folder.path().join("document.pdf").exists());

        let said = run("convert", "").await;
        let job = job_id(&said);
        for endpoint in ENDPOINTS {
            let said = run(endpoint, &job).await;
            let expected = match endpoint {
                "get-job" => "COMPLETED",
                "follow-job" => "event: end",
                "list-webhooks" => "webhooks",
                "get-result" => "",
                "list-jobs" => job.as_str(),
                "usage" => "resets_at",
                "models" => "fake-line",
                "health" => "database",
                _ => "DELETED",
            };
            assert!(said.contains(expected), "{endpoint} in {tongue}: {said}");
        }
        let webhook = job_id(&run("webhooks", "").await);
        // A message of it, to be sent again by the example.
        app.submit(1).await;
        let message = loop {
            if let Some(seen) = app.store.deliveries(&webhook, 1).await.unwrap().pop() {
                break seen.id;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let source = example(&html, &format!("resend-message-{tongue}"));
        let ids = (webhook.as_str(), message.as_str());
        let said = run_with(&app, folder.path(), program, arguments, &source, ids).await;
        assert!(said.contains(&message), "{tongue}: {said}");
        for endpoint in ["get-webhook", "change-webhook", "rotate-webhook-secret", "delete-webhook"]
        {
            let said = run(endpoint, &webhook).await;
            assert!(said.contains(&webhook), "{endpoint} in {tongue}: {said}");
        }
        assert!(std::fs::read(folder.path().join("result.docx")).unwrap().starts_with(b"PK"));
    }
    stop.store(true, Ordering::Relaxed);
    worker.await.unwrap();
}

/// The text of an example, as a browser would copy it.
fn example(html: &str, id: &str) -> String {
    let start = html.find(&format!("<pre id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}"));
    let code = html[start..].split_once("<code>").unwrap().1.split_once("</code>").unwrap().0;
    code.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The first run of 24 hex digits.
fn job_id(text: &str) -> String {
    let mut runs = text.split(|c: char| !c.is_ascii_hexdigit());
    runs.find(|r| r.len() == 24).unwrap_or_else(|| panic!("no job id in {text}")).to_owned()
}

/// `ids` are a job's or a webhook's, and a message's.
async fn run_with(
    app: &TestApp,
    folder: &Path,
    program: &str,
    arguments: &[&str],
    source: &str,
    ids: (&str, &str),
) -> String {
    use tokio::io::AsyncWriteExt;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("KHOCR_API_KEY", &app.key)
        .env("JOB_ID", ids.0)
        .env("WEBHOOK_ID", ids.0)
        .env("MESSAGE_ID", ids.1)
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(source.as_bytes()).await.unwrap();
    drop(stdin);
    let done = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output());
    let done = done.await.expect("the example did not end").unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let cried = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}:\n{source}\nsaid {said}\nand {cried}");
    said
}
