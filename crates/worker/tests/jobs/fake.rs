//! A converter that does what the job's options say.

use std::ops::ControlFlow;
use std::time::Duration;

use khocr_worker::{Convert, Converted, Refusal};

pub(crate) struct Fake;

impl Convert for Fake {
    fn convert(
        &self,
        bytes: Vec<u8>,
        options: &serde_json::Value,
        part: Option<(u32, u32)>,
        progress: &mut dyn FnMut(u32, u32) -> ControlFlow<()>,
    ) -> Result<Converted, Refusal> {
        let text = |name: &str| options[name].as_str().unwrap_or_default();
        let (first, last) = part.unwrap_or((1, options["pages"].as_u64().unwrap_or(1) as u32));
        let pages = last + 1 - first;
        if !text("trail").is_empty() {
            // Which part, and which pool started it.
            let parent = std::os::unix::process::parent_id();
            std::fs::write(format!("{}/{first}-{parent}", text("trail")), "").unwrap();
        }
        if !text("pid").is_empty() {
            std::fs::write(text("pid"), std::process::id().to_string()).unwrap();
        }
        let _ = progress(0, pages);
        match text("mode") {
            "abort" => std::process::abort(),
            "abort_once" if std::fs::File::create_new(text("marker")).is_ok() => {
                std::process::abort()
            }
            "abort_on_12" if (first..=last).contains(&12) => std::process::abort(),
            "exit" => std::process::exit(0),
            "hang" => loop {
                std::thread::sleep(Duration::from_secs(60));
            },
            "memory" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(vec![1u8; 64 << 20]);
                }
            }
            "stack" => return Ok(Converted { json: deep(1).to_le_bytes().to_vec(), pages }),
            "refuse" => return Err(Refusal::for_good("encrypted", "it is encrypted", "ចាក់សោ")),
            "large" => return Ok(Converted { json: vec![b' '; 8 << 20], pages }),
            "slow" | "abort_on_12" => {
                for done in 1..=pages {
                    std::thread::sleep(Duration::from_millis(300));
                    if progress(done, pages).is_break() {
                        return Err(Refusal::for_now("cancelled", "", ""));
                    }
                }
            }
            "quick" => {
                for done in 1..=pages {
                    std::thread::sleep(Duration::from_millis(40));
                    let _ = progress(done, pages);
                }
            }
            "environment" => {
                if let Some(leaked) = std::env::vars().find(|(name, _)| name == "PATH") {
                    return Err(Refusal::for_good("leaked", leaked.1, ""));
                }
            }
            "escape" => {
                let out = escapes();
                if !out.is_empty() {
                    return Err(Refusal::for_good("escaped", out.join(", "), ""));
                }
            }
            _ => {}
        }
        let _ = progress(pages, pages);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let numbers: Vec<u32> = (first..=last).collect();
        let json = serde_json::json!({ "text": text, "pages": numbers }).to_string().into_bytes();
        Ok(Converted { json, pages })
    }

    fn join(
        &self,
        parts: &mut dyn Iterator<Item = Result<Vec<u8>, Refusal>>,
    ) -> Result<Converted, Refusal> {
        let mut pages = Vec::new();
        for part in parts {
            let part: serde_json::Value = serde_json::from_slice(&part?).unwrap();
            pages.extend_from_slice(part["pages"].as_array().unwrap());
        }
        let count = pages.len() as u32;
        let json = serde_json::json!({ "pages": pages }).to_string().into_bytes();
        Ok(Converted { json, pages: count })
    }
}

/// What a child that was taken over could do.
fn escapes() -> Vec<&'static str> {
    let tries: [(&str, bool); 5] = [
        ("read", std::fs::read("/etc/passwd").is_ok()),
        ("list", std::fs::read_dir("/").is_ok()),
        ("write", std::fs::write("/tmp/khocr-escaped", "x").is_ok()),
        ("run", std::process::Command::new("/bin/true").status().is_ok()),
        ("network", std::net::UdpSocket::bind("127.0.0.1:0").is_ok()),
    ];
    tries.iter().filter(|(_, done)| *done).map(|(name, _)| *name).collect()
}

/// Eats the stack.
#[expect(unconditional_recursion, reason = "that is the point")]
fn deep(n: u64) -> u64 {
    let room = [n; 1024];
    deep(std::hint::black_box(room)[7] + 1) + n
}
