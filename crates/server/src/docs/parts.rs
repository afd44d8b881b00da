//! Pieces of the page that come from the program.

use std::fmt::Write as _;

use khocr_store::{Plan, PlanLimits};

use super::administration::ADMINISTRATION;
use super::endpoints::{ENDPOINTS, Endpoint, Parameter};
use super::snippets::{self, Tongue};
use crate::config::Config;
use crate::error::{Code, Status};
use crate::format::Format;

/// Text as it may stand in HTML, attributes included.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Braces as entities, so that no word of the operator's is taken for a placeholder.
            '{' => out.push_str("&#123;"),
            c => out.push(c),
        }
        out
    })
}

/// Code as it may stand in HTML; placeholders stay, to be filled in later.
fn code(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same in both languages; the style sheet shows one.
fn both(en: &str, km: &str) -> String {
    format!("<span lang=\"en\">{en}</span><span lang=\"km\">{km}</span>")
}

/// The endpoints in the table of contents.
pub(super) fn contents() -> String {
    ENDPOINTS.iter().fold(String::new(), |mut out, e| {
        let _ = write!(out, "<a href=\"#{}\">{}</a>", e.id, both(e.title_en, e.title_km));
        out
    })
}

/// One example in all languages.
pub(super) fn tabs<T: AsRef<str>>(id: &str, example: impl Fn(Tongue) -> T) -> String {
    let mut out = "<div class=\"tabs\">".to_owned();
    for tongue in Tongue::ALL {
        let (key, title) = (tongue.id(), tongue.title());
        let text = code(example(tongue).as_ref());
        let _ = write!(
            out,
            "<pre id=\"{id}-{key}\" data-tongue=\"{key}\" data-title=\"{title}\" tabindex=\"0\">\
             <code>{text}</code></pre>"
        );
    }
    out + "</div>"
}

/// The formats in the form.
pub(super) fn options(formats: &[Format]) -> String {
    formats.iter().fold(String::new(), |mut out, f| {
        let _ = write!(out, "<option data-ending=\"{}\">{f}</option>", f.extension());
        out
    })
}

/// Thousands parted by commas.
fn grouped(n: u32) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The table of plans.
pub(super) fn plans(plans: &[PlanLimits]) -> String {
    let head = [
        both("Plan", "កញ្ចប់"),
        both("Requests a minute", "សំណើក្នុងមួយនាទី"),
        both("Pages a month", "ទំព័រក្នុងមួយខែ"),
    ];
    let rows = plans.iter().map(|limits| {
        let name = match limits.plan {
            Plan::Free => both("Free", "ឥតគិតថ្លៃ (Free)"),
            Plan::Standard => both("Standard", "ស្តង់ដារ (Standard)"),
            Plan::Enterprise => both("Enterprise", "សហគ្រាស (Enterprise)"),
        };
        let cells = [
            format!("<td>{name}</td>"),
            format!("<td class=\"n\">{}</td>", grouped(limits.requests_per_minute)),
            format!("<td class=\"n\">{}</td>", grouped(limits.pages_per_month)),
        ];
        format!("<tr>{}</tr>", cells.concat())
    });
    table(&head, rows)
}

fn table(head: &[String], rows: impl Iterator<Item = String>) -> String {
    let head: String = head.iter().map(|h| format!("<th scope=\"col\">{h}</th>")).collect();
    format!(
        "<div class=\"table\" tabindex=\"0\"><table><thead><tr>{head}</tr></thead>\
         <tbody>{}</tbody></table></div>",
        rows.collect::<String>()
    )
}

/// All endpoints with parameters, examples and answers.
pub(super) fn endpoints(formats: &[Format]) -> String {
    let names: Vec<&str> = formats.iter().map(|f| f.name()).collect();
    let names = names.join(" · ");
    ENDPOINTS.iter().map(|e| endpoint(e, &names)).collect()
}

fn endpoint(e: &Endpoint, formats: &str) -> String {
    let (id, path) = (e.id, e.path);
    let parameters = if e.parameters.is_empty() {
        String::new()
    } else {
        let head = [both("Parameter", "ប៉ារ៉ាម៉ែត្រ"), both("Values", "តម្លៃ"), both("Meaning", "អត្ថន័យ")];
        let rows = e.parameters.iter().map(|p| parameter(p, formats));
        table(&head, rows).replacen("<table>", "<table class=\"stack\">", 1)
    };
    format!(
        "<article class=\"endpoint\" id=\"{id}\"><h3>{}</h3>\
         <p class=\"route\"><span class=\"method {}\">{}</span> {path}</p>\
         <p lang=\"en\">{}</p><p lang=\"km\">{}</p>{parameters}{}\
         <details><summary>{}</summary><pre class=\"single\"><code>{}</code></pre></details>\
         </article>",
        both(e.title_en, e.title_km),
        e.method.to_lowercase(),
        e.method,
        e.en,
        e.km,
        tabs(id, |tongue| snippets::of(e, tongue)),
        both("Answer", "ចម្លើយ"),
        code(&pretty(e.answer)),
    )
}

/// The operator's endpoints, a line each.
pub(super) fn administration() -> String {
    let head = [both("Endpoint", "មុខងារ"), both("What it does", "សកម្មភាព")];
    let rows = ADMINISTRATION.iter().map(|e| {
        let takes = e.takes.iter().map(|t| format!("<code>{t}</code>")).collect::<Vec<_>>();
        format!(
            "<tr><td><code>{} {}</code></td><td>{}<br>{}</td></tr>",
            e.method,
            e.path,
            both(e.en, e.km),
            takes.join(" ")
        )
    });
    table(&head, rows)
}

fn parameter(p: &Parameter, formats: &str) -> String {
    let place = match p.place {
        "form" => both("form field", "វាលក្នុងទម្រង់"),
        "json" => both("JSON field", "វាលក្នុង JSON"),
        "path" => both("in the path", "ក្នុងផ្លូវ URL"),
        "query" => both("query", "ប៉ារ៉ាម៉ែត្រ URL"),
        _ => both("header", "header"),
    };
    let required = match p.required {
        true => format!(" <span class=\"req\">{}</span>", both("required", "ចាំបាច់")),
        false => String::new(),
    };
    let values = p.values.replace("{{formats}}", formats);
    format!(
        "<tr><td><code>{}</code>{required}<span class=\"where\">{place}</span></td>\
         <td>{values}</td><td>{}</td></tr>",
        p.name,
        both(p.en, p.km),
    )
}

/// JSON with a field a line, its order kept.
fn pretty(json: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = chars.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            // Boxes stay on a line.
            '[' if chars.peek().is_some_and(|n| n.is_ascii_digit() || *n == ']' || *n == '"') => {
                out.push(c);
                for n in chars.by_ref() {
                    out.push(n);
                    if n == ',' {
                        out.push(' ');
                    }
                    if n == ']' {
                        break;
                    }
                }
            }
            '{' | '[' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

/// What an error looks like.
pub(super) fn error_sample() -> String {
    let row = Code::EmptyFile;
    let sample = serde_json::json!({
        "code": row.as_str(),
        "message": row.status().message(),
        "message_km": row.status().message_km(),
        "detail": row.english(),
        "detail_km": row.khmer(),
        "request_id": "9f86d081884c7d65",
    });
    code(&serde_json::to_string_pretty(&sample).unwrap_or_default())
}

/// The seven statuses.
pub(super) fn statuses() -> String {
    let head = [both("Status", "ស្ថានភាព"), "English".to_owned(), "ខ្មែរ".to_owned()];
    let row = |s: &Status| {
        format!(
            "<tr><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
            s.number(),
            s.message(),
            s.message_km()
        )
    };
    table(&head, Status::ALL.iter().map(row))
}

/// The table of error codes.
pub(super) fn errors() -> String {
    let head = [
        both("Status", "ស្ថានភាព"),
        both("Code", "កូដ"),
        both("Meaning and remedy", "អត្ថន័យ និងដំណោះស្រាយ"),
    ];
    let row = |c: &Code| {
        format!(
            "<tr id=\"{0}\"><td class=\"n\">{1}</td><td><code>{0}</code></td><td>{2}</td></tr>",
            c.as_str(),
            c.status().number(),
            both(&ticks(c.english()), &ticks(c.khmer())),
        )
    };
    table(&head, Code::ALL.iter().map(row))
}

/// Words in backticks as code.
pub(super) fn ticks(text: &str) -> String {
    let mut out = String::new();
    for (i, piece) in code(text).split('`').enumerate() {
        if i % 2 == 1 {
            let _ = write!(out, "<code>{piece}</code>");
        } else {
            out.push_str(piece);
        }
    }
    out
}

/// How to reach the operator.
pub(super) fn support(config: &Config) -> String {
    let name = escape(&config.platform_name);
    let contact = &config.contact;
    let mut rows = format!("<dt>{}</dt><dd>{name}</dd>", both("Platform", "ប្រព័ន្ធ"));
    let mut row = |en: &str, km: &str, text: &str, scheme: &str| {
        if text.trim().is_empty() {
            return;
        }
        let text = escape(text.trim());
        // Only what is plainly a web address becomes a link by its own scheme.
        let link = match scheme {
            "" if !(text.starts_with("https://") || text.starts_with("http://")) => text.clone(),
            _ => format!("<a href=\"{scheme}{text}\" rel=\"noopener\">{text}</a>"),
        };
        let _ = write!(rows, "<dt>{}</dt><dd>{link}</dd>", both(en, km));
    };
    row("E-mail", "អ៊ីមែល", &contact.email, "mailto:");
    row("Telephone", "ទូរសព្ទ", &contact.phone, "tel:");
    row("Web", "គេហទំព័រ", &contact.url, "");
    let nobody = contact.email.is_empty() && contact.phone.is_empty() && contact.url.is_empty();
    let intro = if nobody {
        [
            "<p lang=\"en\">Ask whoever gave you your API key. Name the <code>request_id</code> of \
             the answer in question; it is also in the header <code>X-Request-Id</code>.</p>",
            "<p lang=\"km\">សូមសួរអ្នកដែលបានផ្តល់កូដ API ឱ្យអ្នក ហើយប្រាប់ <code>request_id</code> នៃចម្លើយដែលមានបញ្ហា \
             (មានក្នុង header <code>X-Request-Id</code> ផងដែរ)។</p>",
        ]
    } else {
        [
            "<p lang=\"en\">Write or call us for keys, other limits or help. Name the \
             <code>request_id</code> of the answer in question; it is also in the header \
             <code>X-Request-Id</code>.</p>",
            "<p lang=\"km\">សូមទាក់ទងយើង ដើម្បីសុំកូដ API ប្តូរកម្រិតប្រើប្រាស់ ឬស្នើសុំជំនួយ។ សូមប្រាប់ <code>request_id</code> \
             នៃចម្លើយដែលមានបញ្ហា (មានក្នុង header <code>X-Request-Id</code> ផងដែរ)។</p>",
        ]
    };
    format!("{}<dl>{rows}</dl>", intro.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page says all that the OpenAPI document says, and nothing that it does not.
    #[test]
    fn endpoints_and_parameters_are_those_of_the_openapi_document() {
        let document = serde_json::to_value(crate::openapi_document()).unwrap();
        let mut described = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let mut names: Vec<String> = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|p| p["name"].as_str().unwrap().to_owned())
                    .collect();
                if let Some(body) = operation.get("requestBody") {
                    let content = body["content"].as_object().unwrap().values().next().unwrap();
                    let form = content["schema"]["$ref"].as_str().unwrap();
                    let form = document.pointer(form.trim_start_matches('#')).unwrap();
                    names.extend(form["properties"].as_object().unwrap().keys().cloned());
                }
                names.sort();
                described.push((method.to_uppercase(), path.clone(), names));
            }
        }
        let mut shown: Vec<_> = ENDPOINTS
            .iter()
            .map(|e| {
                let mut names: Vec<_> = e.parameters.iter().map(|p| p.name.to_owned()).collect();
                names.sort();
                (e.method.to_owned(), e.path.to_owned(), names)
            })
            .collect();
        shown.extend(ADMINISTRATION.iter().map(|e| {
            let mut names: Vec<_> = e.takes.iter().map(|t| (*t).to_owned()).collect();
            // What stands in braces in the path.
            let places = e.path.split(['{', '}']).skip(1).step_by(2);
            names.extend(places.map(str::to_owned));
            names.sort();
            (e.method.to_owned(), e.path.to_owned(), names)
        }));
        described.sort();
        shown.sort();
        assert_eq!(shown, described);
    }

    #[test]
    fn sample_answers_are_json() {
        for e in ENDPOINTS {
            let parsed: serde_json::Value = serde_json::from_str(e.answer).unwrap();
            let again: serde_json::Value = serde_json::from_str(&pretty(e.answer)).unwrap();
            assert_eq!(parsed, again, "{}", e.id);
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(10), "10");
        assert_eq!(grouped(5_000), "5,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
