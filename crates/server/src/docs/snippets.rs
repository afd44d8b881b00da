//! The examples of each endpoint, in three languages. They run as they stand: the key is in
//! `KHOCR_API_KEY`, the job's id in `JOB_ID`, a webhook's in `WEBHOOK_ID`, a message's in
//! `MESSAGE_ID`, the document in `document.pdf`.

use super::endpoints::Endpoint;

/// An example's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    Curl,
    Python,
    JavaScript,
}

impl Tongue {
    pub(crate) const ALL: [Self; 3] = [Self::Curl, Self::Python, Self::JavaScript];

    /// As the tab says it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Curl => "cURL",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
        }
    }

    /// As the page's markup names it.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }
}

/// A whole program: submit, wait, fetch. `{{base}}` stands for the server's address.
pub(crate) const fn whole(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::Curl => include_str!("examples/whole.sh"),
        Tongue::Python => include_str!("examples/whole.py"),
        Tongue::JavaScript => include_str!("examples/whole.mjs"),
    }
}

/// The example of one endpoint.
pub(crate) fn of(endpoint: &Endpoint, tongue: Tongue) -> String {
    match (endpoint.id, tongue) {
        ("convert", Tongue::Curl) => include_str!("examples/convert.sh").to_owned(),
        ("convert", Tongue::Python) => include_str!("examples/convert.py").to_owned(),
        ("convert", Tongue::JavaScript) => include_str!("examples/convert.mjs").to_owned(),
        (_, Tongue::Curl) => curl(endpoint),
        (_, Tongue::Python) => python(endpoint),
        (_, Tongue::JavaScript) => javascript(endpoint),
    }
}

/// The path with ids in this language's way, and the query that shows something. `variable` writes
/// what the environment holds under a name.
fn address(endpoint: &Endpoint, variable: impl Fn(&str) -> String) -> String {
    let query = match endpoint.id {
        "get-job" => "?wait=20",
        "get-result" => "?format=docx",
        "list-jobs" => "?limit=10",
        _ => "",
    };
    let path = endpoint
        .path
        .replace("{job_id}", &variable("JOB_ID"))
        .replace("{webhook_id}", &variable("WEBHOOK_ID"))
        .replace("{message_id}", &variable("MESSAGE_ID"));
    format!("{{{{base}}}}{path}{query}")
}

fn needs_key(endpoint: &Endpoint) -> bool {
    endpoint.id != "health"
}

/// The JSON that is sent, where some is.
fn body(endpoint: &Endpoint) -> Option<&'static str> {
    match endpoint.id {
        "webhooks" => Some("{\"url\": \"https://example.org/khocr\"}"),
        "change-webhook" => Some("{\"enabled\": true}"),
        "rotate-webhook-secret" => Some("{\"grace_hours\": 24}"),
        _ => None,
    }
}

fn curl(e: &Endpoint) -> String {
    let mut lines = vec!["curl -sS".to_owned()];
    if e.id == "follow-job" {
        lines[0].push_str(" -N");
    }
    if e.method != "GET" {
        lines[0].push_str(&format!(" -X {}", e.method));
    }
    if needs_key(e) {
        lines.push("-H \"X-API-Key: $KHOCR_API_KEY\"".to_owned());
    }
    if let Some(body) = body(e) {
        lines.push("-H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("-d '{body}'"));
    }
    if e.id == "get-result" {
        lines.push("-o result.docx".to_owned());
    }
    lines.push(format!("\"{}\"", address(e, |name| format!("${name}"))));
    lines.join(" \\\n  ") + "\n"
}

fn python(e: &Endpoint) -> String {
    let url = address(e, |name| format!("\" + os.environ[\"{name}\"] + \""));
    let url = format!("\"{url}\"").replace(" + \"\"", "");
    let imports = match (needs_key(e), e.id) {
        (_, "get-result" | "follow-job") => "import os, urllib.request",
        (true, _) => "import json, os, urllib.request",
        (false, _) => "import json, urllib.request",
    };
    let mut out = format!("{imports}\n\nrequest = urllib.request.Request(\n    {url},\n");
    if let Some(body) = body(e) {
        out += &format!("    data=b'{body}',\n");
    }
    if needs_key(e) {
        out += "    headers={\"X-API-Key\": os.environ[\"KHOCR_API_KEY\"]";
        if body(e).is_some() {
            out += ", \"Content-Type\": \"application/json\"";
        }
        out += "},\n";
    }
    if e.method != "GET" {
        out += &format!("    method=\"{}\",\n", e.method);
    }
    out += ")\nwith urllib.request.urlopen(request) as answer:\n";
    out += match e.id {
        "get-result" => {
            "    with open(\"result.docx\", \"wb\") as file:\n        file.write(answer.read())\n"
        }
        "follow-job" => "    for line in answer:\n        print(line.decode().rstrip())\n",
        _ => "    print(json.load(answer))\n",
    };
    out
}

fn javascript(e: &Endpoint) -> String {
    let mut out = String::new();
    if e.id == "get-result" {
        out += "import { writeFile } from \"node:fs/promises\";\n\n";
    }
    let url = address(e, |name| format!("${{process.env.{name}}}"));
    let quote = if e.path.contains('{') { '`' } else { '"' };
    out += &format!("const answer = await fetch({quote}{url}{quote}");
    if needs_key(e) {
        out += ", {\n";
        if e.method != "GET" {
            out += &format!("  method: \"{}\",\n", e.method);
        }
        out += "  headers: { \"X-API-Key\": process.env.KHOCR_API_KEY";
        if let Some(body) = body(e) {
            out += &format!(", \"Content-Type\": \"application/json\" }},\n  body: '{body}',\n}}");
        } else {
            out += " },\n}";
        }
    }
    out += ");\n";
    out += match e.id {
        "get-result" => {
            "await writeFile(\"result.docx\", Buffer.from(await answer.arrayBuffer()));\n"
        }
        "follow-job" => "for await (const piece of answer.body) process.stdout.write(piece);\n",
        _ => "console.log(await answer.json());\n",
    };
    out
}
