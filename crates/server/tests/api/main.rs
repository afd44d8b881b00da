//! The contract, told to a running server over a real socket; once on SQLite, once on PostgreSQL.
//!
//! Each file holds the cases of one route. What lies behind the API is a real store and, in place
//! of the PDF library, the models and the worker, the fakes of `app`.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

mod admin_audit;
mod admin_keys;
mod admin_organisations;
mod admin_plans;
mod app;
mod away;
mod client;
mod convert;
mod delete;
mod documents;
mod errors;
mod events;
mod examples;
mod fakes;
mod health;
mod job;
mod jobs;
mod limits;
mod models;
#[path = "../../../store/tests/conformance/postgres.rs"]
mod postgres;
mod result;
mod scopes;
mod senders;
mod service;
mod usage;
mod webhooks;

use app::TestApp;

/// Makes one SQLite test of each case, and a list of all cases for PostgreSQL.
macro_rules! cases {
    ($($module:ident :: $case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let folder = tempfile::tempdir().unwrap();
                let database = format!("sqlite:{}", folder.path().join("khocr.db").display());
                $module::$case(TestApp::on(&database, folder.path())).await;
            }
        )*

        async fn on_postgres(server: &postgres::Server) {
            $(
                let folder = tempfile::tempdir().unwrap();
                let database = server.new_database(stringify!($case)).await;
                eprintln!("postgres: {}", stringify!($case));
                // Boxed: all cases' futures in one would not fit on a stack.
                Box::pin($module::$case(TestApp::on(&database, folder.path()))).await;
            )*
        }
    };
}

cases! {
    convert::a_document_is_taken_and_queued,
    convert::all_fields_are_kept,
    convert::pictures_are_taken_by_content,
    convert::the_form_may_come_in_any_order_and_with_more_fields,
    convert::a_request_that_is_no_form_is_refused,
    convert::a_form_without_the_file_is_refused,
    convert::an_empty_file_is_refused,
    convert::a_renamed_program_is_refused,
    convert::an_over_long_file_is_refused_while_it_streams,
    convert::an_over_long_file_is_refused_by_its_stated_length,
    convert::unusable_documents_are_refused_with_the_reason,
    convert::a_picture_with_too_many_pixels_is_refused,
    convert::parameters_out_of_range_are_refused,
    convert::a_cut_form_is_refused,
    convert::a_stalled_upload_is_refused,
    convert::the_same_request_sent_twice_is_one_job,
    convert::refused_uploads_leave_no_file,
    job::a_job_is_followed_page_by_page,
    job::waiting_ends_with_the_job,
    job::a_failed_job_says_why,
    job::another_organisations_job_is_not_found,
    job::ids_that_can_be_none_are_not_found,
    jobs::the_list_is_paged_and_private,
    jobs::the_list_can_be_filtered,
    jobs::bad_parameters_are_refused,
    result::the_result_comes_in_the_format_asked_for,
    result::the_json_is_as_documented,
    result::an_unfinished_job_has_no_result_yet,
    result::a_failed_or_cancelled_job_has_none_and_says_why,
    result::another_organisations_result_is_not_found,
    delete::a_waiting_job_is_cancelled_and_gives_its_pages_back,
    delete::a_running_job_is_cancelled,
    delete::a_finished_job_is_deleted_with_its_files,
    delete::another_organisations_job_cannot_be_deleted,
    usage::usage_counts_pages_requests_and_jobs,
    models::models_are_listed,
    events::a_stream_shows_each_step_and_closes_at_the_end,
    events::a_client_that_comes_back_goes_on_where_it_was,
    events::a_stream_ends_with_its_job_or_the_server,
    events::streams_are_limited_and_private,
    webhooks::webhooks_are_registered_changed_and_removed,
    webhooks::addresses_that_are_not_public_are_refused,
    webhooks::a_message_is_signed_and_sent,
    webhooks::what_is_not_taken_is_sent_again,
    webhooks::redirects_and_inner_addresses_are_not_followed,
    webhooks::a_name_that_leads_inside_is_not_called,
    webhooks::a_job_may_name_its_webhook,
    senders::a_sender_that_dies_loses_no_message,
    senders::a_receiver_that_was_away_gets_its_messages,
    senders::a_secret_changes_over_and_messages_are_sent_again,
    scopes::a_key_does_what_its_scopes_allow,
    scopes::an_expired_key_is_told_so,
    admin_organisations::an_organisation_is_made_seen_and_changed,
    admin_organisations::what_makes_no_organisation_is_refused,
    admin_organisations::organisations_are_paged,
    admin_keys::keys_are_made_rotated_and_revoked,
    admin_keys::orders_that_make_no_key_are_refused,
    admin_plans::a_plan_changes_for_all_on_it,
    admin_audit::what_was_done_is_read_page_by_page,
    health::health_needs_no_key,
    health::a_failing_part_is_named,
    limits::the_minute_is_limited_and_said_on_every_answer,
    limits::pages_of_the_month_are_limited,
    limits::racing_uploads_never_overdraw,
    limits::guessing_at_keys_is_slowed_down,
    errors::keys_are_asked_for_and_told_apart,
    errors::a_key_may_come_in_the_query,
    errors::errors_have_one_shape_in_both_languages,
    errors::problem_json_is_sent_when_asked_for,
    errors::only_seven_statuses_leave_the_server,
    errors::request_ids_are_given_and_taken,
    errors::a_panic_is_a_500,
    documents::the_page_is_served_in_both_languages,
    documents::the_page_shows_the_address_it_is_seen_at,
    documents::the_openapi_document_is_the_committed_one,
    documents::answers_carry_security_headers,
    documents::other_pages_may_use_the_api,
    examples::every_example_of_the_page_runs_as_it_stands,
    service::requests_in_progress_are_finished_on_shutdown,
    service::connections_are_kept_alive_and_idle_ones_let_go,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_behaves_the_same() {
    match postgres::Server::start() {
        Some(server) => on_postgres(&server).await,
        None => eprintln!(
            "\n!!! SKIPPED: no PostgreSQL under /usr/lib/postgresql; its half of the suite did NOT run\n"
        ),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_and_comes_back() {
    match postgres::Server::start() {
        Some(server) => {
            let folder = tempfile::tempdir().unwrap();
            let database = server.new_database("away").await;
            away::said_and_over(&server, TestApp::on(&database, folder.path())).await;
            let database = server.new_database("silent").await;
            let folder = tempfile::tempdir().unwrap();
            away::silence_is_said_too(&server, TestApp::on(&database, folder.path())).await;
        }
        None => eprintln!("\n!!! SKIPPED: no PostgreSQL under /usr/lib/postgresql\n"),
    }
}
