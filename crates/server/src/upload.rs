//! The multipart form of `POST /api/v1/convert`, read as it arrives.

use axum::extract::Multipart;
use axum::extract::multipart::Field;
use khocr_store::Priority;

use crate::body::BodyState;
use crate::error::{ApiError, Code};
use crate::fields;
use crate::format::Format;
use crate::sniff::FileKind;
use crate::spool::{Spool, SpoolError};
use crate::state::App;

/// Most parts a form may have.
const MAX_PARTS: usize = 32;
/// Most bytes of a part that is not the file.
const MAX_TEXT: usize = 1_024;

/// A form that was read to its end, its file on disk.
pub(crate) struct Upload {
    pub(crate) spool: Spool,
    pub(crate) kind: FileKind,
    pub(crate) file_name: String,
    pub(crate) output_format: Format,
    pub(crate) force_ocr: bool,
    pub(crate) priority: Priority,
    pub(crate) webhook_id: Option<String>,
}

/// Reads the form. What is wrong with it is answered as soon as it is seen. `hashed` when the
/// file's fingerprint will be asked for.
pub(crate) async fn read(
    app: &App,
    mut form: Multipart,
    body: &BodyState,
    hashed: bool,
) -> Result<Upload, ApiError> {
    let broken = |error: &dyn std::fmt::Display| broken_body(body, error);
    let mut file = None;
    let mut output_format = None;
    let mut force_ocr = None;
    let mut priority = None;
    let mut webhook_id = None;
    let mut others = Vec::new();
    let mut parts = 0;
    while let Some(field) = form.next_field().await.map_err(|e| broken(&e.body_text()))? {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(ApiError::new(Code::MalformedBody).detail(
                format!("The form has more than {MAX_PARTS} fields."),
                format!("ទម្រង់មានវាលលើសពី {MAX_PARTS}។"),
            ));
        }
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" if file.is_some() => return Err(twice("file")),
            "file" => file = Some(receive(app, field, body, hashed).await?),
            "output_format" => {
                let text = text(&name, field, body).await?;
                set(&mut output_format, &name, fields::format(app, &name, &text)?)?;
            }
            "force_ocr" => {
                let text = text(&name, field, body).await?;
                set(&mut force_ocr, &name, fields::boolean(&name, &text)?)?;
            }
            "priority" => {
                let text = text(&name, field, body).await?;
                set(&mut priority, &name, fields::priority(&name, &text)?)?;
            }
            "webhook_id" => {
                let text = text(&name, field, body).await?;
                let id = match text.trim() {
                    // A form's empty field is one that was left out.
                    "" => None,
                    id => Some(fields::webhook_id(id)?),
                };
                set(&mut webhook_id, &name, id)?;
            }
            // Left to the multipart reader to skip. Clients may send fields of later versions.
            _ => others.push(name.chars().take(40).collect::<String>()),
        }
    }
    let Some((mut spool, file_name)) = file else { return Err(no_file(&others)) };
    if spool.bytes() == 0 {
        return Err(ApiError::new(Code::EmptyFile));
    }
    let kind = spool.finish().await.map_err(|e| refuse(app, e))?;
    Ok(Upload {
        spool,
        kind,
        file_name,
        output_format: output_format.unwrap_or_default(),
        force_ocr: force_ocr.unwrap_or_default(),
        priority: priority.unwrap_or_default(),
        webhook_id: webhook_id.flatten(),
    })
}

/// Writes the file to disk chunk by chunk.
async fn receive(
    app: &App,
    mut field: Field<'_>,
    body: &BodyState,
    hashed: bool,
) -> Result<(Spool, String), ApiError> {
    let name = fields::file_name(field.file_name().unwrap_or_default());
    let limit = app.config().max_upload_bytes;
    let mut spool =
        Spool::create(app.files().staging(), hashed).await.map_err(|e| refuse(app, e))?;
    loop {
        match field.chunk().await {
            Ok(Some(chunk)) => spool.write(&chunk, limit).await.map_err(|e| refuse(app, e))?,
            Ok(None) => return Ok((spool, name)),
            Err(error) => return Err(broken_body(body, &error.body_text())),
        }
    }
}

/// A short text field.
async fn text(name: &str, mut field: Field<'_>, body: &BodyState) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| broken_body(body, &e.body_text()))? {
        if bytes.len() + chunk.len() > MAX_TEXT {
            return Err(ApiError::new(Code::InvalidParameter).detail(
                format!("`{name}` is longer than {MAX_TEXT} bytes."),
                format!("`{name}` វែងជាង {MAX_TEXT} បៃ។"),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| {
        ApiError::new(Code::InvalidParameter).detail(
            format!("`{name}` is not UTF-8 text."),
            format!("`{name}` មិនមែនជាអក្សរ UTF-8 ទេ។"),
        )
    })
}

fn set<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), ApiError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(twice(name)),
    }
}

fn twice(name: &str) -> ApiError {
    ApiError::new(Code::InvalidParameter).detail(
        format!("The field `{name}` was sent more than once; send one document a request."),
        format!("វាល `{name}` ត្រូវបានផ្ញើលើសពីម្តង។ សូមផ្ញើឯកសារតែមួយក្នុងសំណើមួយ។"),
    )
}

fn no_file(others: &[String]) -> ApiError {
    if others.is_empty() {
        return ApiError::new(Code::MissingFile);
    }
    let names = others.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    ApiError::new(Code::MissingFile).detail(
        format!("The document must be in the field `file`; the form has {names}."),
        format!("ឯកសារត្រូវតែនៅក្នុងវាល `file` ប៉ុន្តែទម្រង់នេះមាន {names}។"),
    )
}

/// A body that ended early, stood still, or is no form.
fn broken_body(body: &BodyState, error: &dyn std::fmt::Display) -> ApiError {
    tracing::debug!(%error, "a form could not be read");
    ApiError::new(if body.stalled() { Code::UploadTimeout } else { Code::MalformedBody })
}

fn refuse(app: &App, error: SpoolError) -> ApiError {
    match error {
        SpoolError::TooLarge => too_large(app.config().max_upload_bytes),
        SpoolError::Unsupported => ApiError::new(Code::UnsupportedFile),
        SpoolError::Io(error) => error.into(),
        SpoolError::Store(error) => error.into(),
    }
}

/// The refusal of a file with more than `limit` bytes.
pub(crate) fn too_large(limit: u64) -> ApiError {
    let limit = limit / (1024 * 1024);
    ApiError::new(Code::FileTooLarge).detail(
        format!("A file may have at most {limit} MB. Split it or compress its pictures."),
        format!("ឯកសារអាចមានទំហំយ៉ាងច្រើន {limit} MB។ សូមបំបែកឯកសារ ឬបង្រួមទំហំរូបភាពក្នុងឯកសារ។"),
    )
}
