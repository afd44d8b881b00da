//! `khocr serve`: the API and the workers in one process, or either alone.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use khocr_server::{App, Config, Contact};
use khocr_store::{Files, Plan, Store, StoreError, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::house::{Embedded, Opener, Writer};
use crate::settings::{Role, ServeArgs, Settings};
use crate::{models, out};

/// The organisation made when there is none.
const FIRST: &str = "default";

/// Runs until told to stop, then finishes what is in progress.
pub(crate) async fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args)?;
    settings.prepare()?;
    let store = Store::open(&StoreOptions::new(settings.database_url()))
        .await
        .context("the database cannot be opened")?;
    let files = Files::open_with(&settings.files_place(), &settings.s3)
        .await
        .context("the files' place cannot be opened")?;
    // The address is taken before anything is printed or promised.
    let listener = match settings.role {
        Role::Worker => settings.status.as_ref(),
        Role::All | Role::Api => Some(&settings.listen),
    };
    let listener = match listener {
        None => None,
        Some(address) => {
            let bound = TcpListener::bind(address).await;
            Some(bound.with_context(|| format!("cannot listen on {address}"))?)
        }
    };
    if let Some(listener) = listener.as_ref().filter(|_| settings.role != Role::Worker) {
        if let Some(key) = first_key(&store).await? {
            out::line(key)?;
        }
        out::line(format!("http://{}", listener.local_addr()?))?;
    }

    let (stop, stopped) = watch::channel(false);
    let retention = Duration::from_secs(u64::from(settings.retention_days) * 24 * 60 * 60);
    let house = {
        let (store, files) = (store.clone(), files.clone());
        tokio::spawn(async move { store.keep_house(files, retention).await })
    };
    // Any node sends webhooks, whatever its role: they are leased like jobs.
    let hooks = tokio::spawn(khocr_server::send_webhooks(
        store.clone(),
        settings.private_webhooks,
        told(stopped.clone()),
    ));
    let workers = match settings.role {
        Role::Api => None,
        Role::All | Role::Worker => {
            let worker = worker_settings(&settings);
            tracing::info!(node = worker.node, workers = worker.workers, "working on jobs");
            let end = told(stopped.clone());
            Some(tokio::spawn(khocr_worker::run(store.clone(), files.clone(), worker, end)))
        }
    };
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping; another signal stops at once");
        let _ = stop.send(true);
        signal().await;
        std::process::exit(130);
    });
    // Loading the models takes a moment; the first health check should not wait for it.
    tokio::task::spawn_blocking(|| {
        if let Err(why) = models::check() {
            tracing::error!("the reading models are unusable: {why}");
        }
    });
    match listener {
        Some(listener) => {
            let parts = (Arc::new(Opener), Arc::new(Writer), Arc::new(Embedded));
            let app = App::new(
                config(&settings),
                store.clone(),
                files.clone(),
                parts.0,
                parts.1,
                parts.2,
            );
            match settings.role {
                Role::Worker => khocr_server::serve_status(listener, app, told(stopped)).await?,
                Role::All | Role::Api => {
                    khocr_server::serve(listener, app, told(stopped)).await?;
                }
            }
        }
        None => told(stopped).await,
    }
    if let Some(workers) = workers {
        workers.await.context("the workers ended badly")?;
    }
    hooks.await.context("the webhooks' sender ended badly")?;
    house.abort();
    store.close().await;
    Ok(())
}

/// A key of the first organisation, when there is none yet. Of several processes that start at
/// once on one database, one makes it.
async fn first_key(store: &Store) -> anyhow::Result<Option<String>> {
    if !store.organisations().await?.is_empty() {
        return Ok(None);
    }
    match store.create_organisation(FIRST, Plan::Enterprise).await {
        Ok(made) => {
            let key = store.create_key(made.id, "made by the first start").await?;
            Ok(Some(key.text.reveal().to_owned()))
        }
        Err(StoreError::NameTaken(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn config(settings: &Settings) -> Config {
    Config {
        platform_name: settings.platform_name.clone(),
        contact: Contact {
            email: settings.contact_email.clone(),
            phone: settings.contact_phone.clone(),
            url: settings.contact_url.clone(),
        },
        public_url: settings.public_url.clone(),
        behind_proxy: settings.behind_proxy,
        private_webhooks: settings.private_webhooks,
        ..Config::default()
    }
}

fn worker_settings(settings: &Settings) -> khocr_worker::Settings {
    let host = khocr_worker::Settings::host_name();
    // One API process listens on one address of a host, so that name is the same after a restart.
    // Of workers alone there may be several on a host, and without a name of their own one must
    // not take back what another one holds.
    let name = match (&settings.node, settings.role) {
        (Some(name), _) => name.clone(),
        (None, Role::Worker) => format!("{host}/{}", std::process::id()),
        (None, _) => format!("{host}/{}", settings.listen),
    };
    let mut worker = khocr_worker::Settings::new(name);
    if let Some(workers) = settings.workers {
        worker.workers = workers;
    }
    worker
}

/// Done when the process is told to stop.
async fn told(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the process's reason to go on.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The next interrupt or request to terminate.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_key_is_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("t.db").display());
        let store = Store::open(&StoreOptions::new(url)).await.unwrap();
        let key = first_key(&store).await.unwrap().unwrap();
        assert!(key.starts_with("khocr_"));
        assert_eq!(first_key(&store).await.unwrap(), None);
    }

    #[test]
    fn workers_alone_have_names_of_their_own() {
        let settings = Settings { role: Role::Worker, ..Settings::default() };
        assert!(worker_settings(&settings).node.ends_with(&std::process::id().to_string()));
        let named = Settings { node: Some("n1".to_owned()), ..settings };
        assert_eq!(worker_settings(&named).node, "n1");
    }
}
