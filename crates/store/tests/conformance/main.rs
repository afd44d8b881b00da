//! One suite, two engines: whatever the store promises, it promises on SQLite and on PostgreSQL.
//!
//! The PostgreSQL half starts a server of its own in a temporary folder from the binaries under
//! `/usr/lib/postgresql`; where there are none it says so loudly and is skipped.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

mod accounts;
mod context;
mod leases;
mod postgres;
mod queue;
mod quota;
mod upkeep;

use context::Context;

/// Makes one SQLite test of each case, and a list of all cases for PostgreSQL.
macro_rules! cases {
    ($($module:ident :: $case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("khocr.db");
                let address = format!("sqlite:{}", path.display());
                $module::$case(&Context::new(address, folder.path())).await;
            }
        )*

        async fn on_postgres(server: &postgres::Server) {
            $(
                let folder = tempfile::tempdir().unwrap();
                let address = server.new_database(stringify!($case)).await;
                eprintln!("postgres: {}", stringify!($case));
                $module::$case(&Context::new(address, folder.path())).await;
            )*
        }
    };
}

cases! {
    accounts::organisations_have_unique_names_and_changeable_plans,
    accounts::several_keys_live_until_revoked,
    accounts::requests_are_counted_and_keys_remember_their_use,
    accounts::the_request_limit_holds_and_refills,
    quota::pages_are_reserved_used_and_given_back,
    quota::racing_uploads_never_overdraw,
    quota::a_new_month_begins_whole,
    quota::usage_counts_jobs_and_days,
    queue::high_before_normal_before_low_oldest_first,
    queue::low_does_not_starve,
    queue::a_single_page_does_not_wait_behind_a_thousand_jobs,
    queue::idempotent_submissions_make_one_job,
    queue::lists_are_paged_and_private,
    queue::waiting_workers_hear_of_new_jobs,
    leases::parallel_workers_never_share_a_job,
    leases::an_expired_lease_is_fenced_off,
    leases::three_crashes_fail_for_good,
    leases::three_silent_deaths_fail_for_good,
    leases::a_released_job_waits_again_uncounted,
    leases::cancelling_stops_a_running_job,
    leases::a_restarted_node_takes_its_jobs_back,
    leases::completing_twice_is_no_error,
    upkeep::nodes_that_start_together_agree_on_the_schema,
    upkeep::what_was_stored_is_there_after_reopening,
    upkeep::old_jobs_are_purged_with_their_files,
    upkeep::files_without_a_job_are_swept,
    upkeep::a_deleted_job_is_gone_with_its_files,
    upkeep::words_with_quotes_and_khmer_survive,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_behaves_the_same() {
    match postgres::Server::start() {
        Some(server) => on_postgres(&server).await,
        None => eprintln!(
            "\n!!! SKIPPED: no PostgreSQL under /usr/lib/postgresql; its half of the suite did NOT run\n"
        ),
    }
}
