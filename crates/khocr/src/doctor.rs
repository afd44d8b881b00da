//! `khocr doctor`: is everything a service needs there?

use anyhow::{Context, bail};
use khocr_store::{Files, Store, StoreOptions};

use crate::settings::{PlaceArgs, Settings};
use crate::{models, out};

/// Checks one thing after the other and prints a line for each; an error when any is wrong.
pub(crate) async fn run(place: &PlaceArgs) -> anyhow::Result<()> {
    let mut wrong = 0;
    let mut say = |what: &str, result: Result<String, String>| {
        wrong += usize::from(result.is_err());
        match result {
            Ok(detail) => out::line(format!("ok     {what}: {detail}")),
            Err(why) => out::line(format!("WRONG  {what}: {why}")),
        }
    };
    let settings = match Settings::load(place) {
        Ok(settings) => settings,
        Err(error) => {
            say("settings", Err(format!("{error:#}")))?;
            bail!("the settings must be right before anything else can be checked");
        }
    };
    say("settings", Ok("readable".to_owned()))?;
    say("models", models::check().map(|()| "they load".to_owned()))?;
    let folder = settings.data.display().to_string();
    if settings.database.is_none() || settings.files.is_none() {
        let there = settings.prepare().and_then(|()| writable(&settings));
        say("data folder", there.map(|()| folder.clone()).map_err(|e| format!("{folder}: {e:#}")))?;
    }
    say("database", database(&settings).await.map_err(|e| why(&e)))?;
    say("files", files(&settings).await.map_err(|e| why(&e)))?;
    say("child process", child().map_err(|e| format!("{e:#}")))?;
    match wrong {
        0 => Ok(()),
        n => bail!("{n} thing(s) are wrong"),
    }
}

/// An error and what it came from; what one of them has said already is not said again.
fn why(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !said.contains(&cause) {
            said = if said.is_empty() { cause } else { format!("{said}: {cause}") };
        }
    }
    said
}

/// Whether a file can be made in the data folder.
fn writable(settings: &Settings) -> anyhow::Result<()> {
    let probe = settings.data.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"khocr")?;
    Ok(std::fs::remove_file(&probe)?)
}

/// Opens the database, which brings its schema up to date.
async fn database(settings: &Settings) -> anyhow::Result<String> {
    let store = Store::open(&StoreOptions::new(settings.database_url())).await?;
    store.check().await?;
    let organisations = store.organisations().await?.len();
    let engine = format!("{:?}", store.engine());
    store.close().await;
    Ok(format!("{engine}, {organisations} organisation(s)"))
}

/// Writes, reads, lists and removes a small file, in the folder or the bucket.
async fn files(settings: &Settings) -> anyhow::Result<String> {
    let place = settings.files_place();
    let files = Files::open_with(&place, &settings.s3).await.with_context(|| place.clone())?;
    files.try_out().await.with_context(|| place.clone())?;
    Ok(format!("{place}, written, read, listed and removed"))
}

/// Whether this program can start itself, as it does for each job. Without a task the child fails
/// at once, which is answer enough.
fn child() -> anyhow::Result<String> {
    let program = std::env::current_exe()?;
    std::process::Command::new(&program)
        .arg("child-convert")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()?;
    Ok(program.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = anyhow::Error::from(refused);
        let words = error.to_string();
        let error = error.context(format!("the database failed: {words}")).context("opening it");
        assert_eq!(why(&error), format!("opening it: the database failed: {words}"));
    }
}
