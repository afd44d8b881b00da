//! One suite, two engines: whatever the store promises, it promises on SQLite and on PostgreSQL;
//! and what it promises of files, in a folder and in an S3 store.
//!
//! The PostgreSQL half starts a server of its own in a temporary folder from the binaries under
//! `/usr/lib/postgresql`; where there are none it says so loudly and is skipped. The S3 server is a real one within the test.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

mod accounts;
mod audit;
mod context;
mod files;
mod keys;
mod leases;
mod parts;
mod postgres;
mod queue;
mod quota;
#[cfg(feature = "s3")]
mod s3;
mod upkeep;
mod webhooks;

use context::Context;

/// Makes one SQLite test of each case, a list of all cases for PostgreSQL, and one of those with
/// files for S3.
macro_rules! cases {
    (with files: $($filed:ident :: $file_case:ident),* ; $($module:ident :: $case:ident),* $(,)?) => {
        /// On SQLite, with the files in an S3 store.
        #[cfg(feature = "s3")]
        async fn on_s3(server: &s3::Server) {
            $(
                let folder = tempfile::tempdir().unwrap();
                let address = format!("sqlite:{}", folder.path().join("khocr.db").display());
                eprintln!("s3: {}", stringify!($file_case));
                let files = server.files(stringify!($file_case)).await;
                $filed::$file_case(&Context::with(address, files)).await;
            )*
        }

        cases! { $($filed::$file_case,)* $($module::$case),* }
    };
    ($($module:ident :: $case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("khocr.db");
                let address = format!("sqlite:{}", path.display());
                $module::$case(&Context::new(address, folder.path()).await).await;
            }
        )*

        async fn on_postgres(server: &postgres::Server) {
            $(
                let folder = tempfile::tempdir().unwrap();
                let address = server.new_database(stringify!($case)).await;
                eprintln!("postgres: {}", stringify!($case));
                let context = Context::new(address, folder.path()).await;
                // Boxed: all cases' futures in one would not fit on a stack.
                Box::pin($module::$case(&context)).await;
            )*
        }
    };
}

cases! {
    with files:
    files::a_file_is_written_once_and_read_back,
    files::an_imported_file_outlives_its_origin_and_a_job_goes_whole,
    files::a_large_file_comes_back_as_it_was,
    files::of_two_writers_of_a_large_file_one_wins,
    files::everything_a_service_asks_of_its_files_works,
    upkeep::old_jobs_are_purged_with_their_files,
    upkeep::files_without_a_job_are_swept,
    upkeep::a_deleted_job_is_gone_with_its_files;
    accounts::organisations_have_unique_names_and_changeable_plans,
    accounts::several_keys_live_until_revoked,
    accounts::requests_are_counted_and_keys_remember_their_use,
    accounts::the_request_limit_holds_and_refills,
    accounts::changes_are_heard_of_on_every_node,
    accounts::a_large_limit_holds_across_nodes,
    keys::a_key_has_the_scopes_it_was_made_with,
    keys::a_key_ends_when_it_was_told_to,
    keys::a_rotated_key_works_for_its_grace,
    audit::what_operators_do_is_written_down,
    audit::the_database_refuses_to_change_the_trail,
    audit::limits_change_without_a_restart,
    webhooks::webhooks_are_registered_changed_and_private,
    webhooks::every_end_of_a_job_is_told_once,
    webhooks::only_what_was_asked_for_is_told,
    webhooks::a_message_outlives_its_senders,
    webhooks::parallel_senders_never_share_a_message,
    webhooks::failures_back_off_and_end,
    webhooks::a_slow_receiver_holds_up_no_other,
    webhooks::a_rotated_secret_signs_for_its_grace,
    webhooks::a_message_is_sent_again_when_asked,
    webhooks::many_jobs_are_seen_in_one_look,
    queue::those_who_ask_at_once_see_their_own_jobs,
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
    parts::a_long_document_is_worked_on_in_parts_and_joined_in_order,
    parts::parts_are_fenced_and_tried_again_one_by_one,
    parts::a_part_that_fails_for_good_fails_the_document,
    parts::cancelling_takes_every_part_back,
    parts::a_book_leaves_room_for_others,
    parts::parallel_workers_do_every_part_once,
    upkeep::nodes_that_start_together_agree_on_the_schema,
    upkeep::what_was_stored_is_there_after_reopening,
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

#[cfg(feature = "s3")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_behave_the_same_in_an_s3_store() {
    let server = s3::Server::start().await;
    on_s3(&server).await;
    server.refuses_strangers().await;
}
