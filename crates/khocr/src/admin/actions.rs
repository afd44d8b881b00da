//! What `khocr orgs`, `keys`, `plans`, `webhooks` and `audit` take.

use clap::{Args, Subcommand};
use khocr_store::{Plan, Scopes, WebhookEvent};

use crate::settings::PlaceArgs;

/// A limit on the command line: a number, or `plan` (or `default`) for what holds without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<u32>);

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "plan" | "default" => Ok(Self(None)),
            _ => match text.replace('_', "").parse() {
                Ok(n) => Ok(Self(Some(n))),
                Err(_) => Err(format!("{text:?} is neither a number nor `default`")),
            },
        }
    }
}

/// Limits of an organisation.
#[derive(Debug, Args)]
pub(crate) struct Limits {
    /// Requests a minute instead of the plan's; `default` takes it back.
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<Limit>,
    /// Pages a month instead of the plan's; `default` takes it back.
    #[arg(long, value_name = "N")]
    pub(crate) pages_per_month: Option<Limit>,
    /// Days its finished jobs are kept; `default` for the service's own rule.
    #[arg(long, value_name = "N")]
    pub(crate) retention_days: Option<Limit>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrgsAction {
    /// Make an organisation.
    Create {
        /// Its name.
        #[arg(long, alias = "org")]
        name: String,
        /// free, standard or enterprise.
        #[arg(long, default_value = "free")]
        plan: Plan,
        #[command(flatten)]
        limits: Limits,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// List them.
    List {
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Show one and its use of this month.
    Show {
        /// Its name.
        #[arg(long, alias = "org")]
        name: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Change one. Holds from its next request on; no restart is needed.
    Set {
        /// Its name.
        #[arg(long, alias = "org")]
        name: String,
        /// A new name.
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        /// free, standard or enterprise.
        #[arg(long)]
        plan: Option<Plan>,
        #[command(flatten)]
        limits: Limits,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Revoke every key of an organisation. Its jobs and results stay.
    Revoke {
        /// Its name.
        #[arg(long, alias = "org")]
        name: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// Make a key and print it, alone, on standard output. It is shown only now.
    Create {
        /// The organisation's name; it is made if there is none.
        #[arg(long, value_name = "NAME")]
        org: String,
        /// free, standard or enterprise. Changes the plan of an organisation that exists.
        #[arg(long)]
        plan: Option<Plan>,
        /// A note to tell keys apart.
        #[arg(long, default_value = "")]
        label: String,
        /// What it may do, such as `read` or `convert,read`; `admin` is the operator's.
        #[arg(long, default_value = "convert,read")]
        scopes: Scopes,
        /// Days until it ends by itself; never without it.
        #[arg(long, value_name = "N")]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// List keys, without their secret part.
    List {
        /// Only this organisation's.
        #[arg(long, value_name = "NAME")]
        org: Option<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Make a key in place of another and print it. The old one works on for a while.
    Rotate {
        /// Number or first characters of the old key.
        key: String,
        /// Hours the old key works on.
        #[arg(long, value_name = "N", default_value_t = 24)]
        grace_hours: u32,
        /// Days until the new key ends by itself; never without it.
        #[arg(long, value_name = "N")]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Revoke a key, by its number or its first characters as `keys list` shows them.
    Revoke {
        /// Number or prefix.
        key: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlansAction {
    /// List the plans and their limits.
    List {
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Change a plan for every organisation on it that has no agreed limits.
    Set {
        /// free, standard or enterprise.
        plan: Plan,
        /// Requests a minute; `default` sets it back.
        #[arg(long, value_name = "N")]
        requests_per_minute: Option<Limit>,
        /// Pages a month; `default` sets it back.
        #[arg(long, value_name = "N")]
        pages_per_month: Option<Limit>,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksAction {
    /// Register an address that is told when jobs end. Prints its id and, only now, its secret.
    Create {
        /// The organisation's name.
        #[arg(long, value_name = "NAME")]
        org: String,
        /// A public https address.
        #[arg(long)]
        url: String,
        /// job.completed, job.failed, job.cancelled; all without it.
        #[arg(long, value_delimiter = ',')]
        events: Vec<WebhookEvent>,
        /// Told only of jobs that are submitted with its id.
        #[arg(long)]
        named_jobs: bool,
        /// Allow an address that is not public; `serve --private-webhooks` must allow it too.
        #[arg(long)]
        private: bool,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// List an organisation's webhooks.
    List {
        /// The organisation's name.
        #[arg(long, value_name = "NAME")]
        org: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Turn a webhook on, which sends at once what waits.
    Enable(WebhookArgs),
    /// Turn a webhook off.
    Disable(WebhookArgs),
    /// Remove a webhook with all that it had still to send.
    Delete(WebhookArgs),
    /// Give a webhook a new secret and print it. The old one signs too for a while.
    Rotate {
        #[command(flatten)]
        which: WebhookArgs,
        /// Hours that messages are signed with the old secret too.
        #[arg(long, value_name = "N", default_value_t = 24)]
        grace_hours: u32,
    },
    /// List a webhook's last messages, newest first.
    Messages {
        #[command(flatten)]
        which: WebhookArgs,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
    },
    /// Send messages again, whatever became of them.
    Resend {
        #[command(flatten)]
        which: WebhookArgs,
        /// The messages' ids, `msg_…`.
        #[arg(long = "message", value_name = "ID", required_unless_present = "failed")]
        messages: Vec<String>,
        /// Those of the last 200 messages that were given up.
        #[arg(long)]
        failed: bool,
    },
}

/// Which webhook.
#[derive(Debug, Args)]
pub(crate) struct WebhookArgs {
    /// The webhook's id.
    pub(crate) id: String,
    /// The organisation's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) org: String,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// `khocr audit`: who changed what, when, from where; newest first.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Only what was about this organisation.
    #[arg(long, value_name = "NAME")]
    pub(crate) org: Option<String>,
    /// Only this action, such as key.created.
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// At most so many lines.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
    /// Go on after this entry's number: the last of the page before.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<String>,
    /// Print JSON, an entry a line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}
