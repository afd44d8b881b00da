//! What must happen to a job, whatever its converter does.

use std::process::Command;
use std::time::{Duration, Instant};

use khocr_store::JobState;
use khocr_worker::Settings;
use serde_json::{Value, json};

use crate::chaos::{chaos_on_postgres, chaos_on_sqlite};
use crate::house::{House, gone, settings};
use crate::parts::{
    a_book_is_worked_on_by_two_nodes_and_comes_back_in_order,
    a_part_that_crashes_ends_the_book_with_its_reason, cancelling_a_book_kills_every_child,
    stopping_gives_parts_back_and_others_go_on,
};

macro_rules! run {
    ($only:ident: $($case:ident),* $(,)?) => {
        $(
            if stringify!($case).contains($only) {
                let start = Instant::now();
                // In a task of its own, so that its panic is told with its name.
                let done = tokio::spawn($case()).await;
                let seconds = start.elapsed().as_secs_f32();
                eprintln!("{} {} ({seconds:.1} s)", if done.is_ok() { "ok  " } else { "FAIL" }, stringify!($case));
                assert!(done.is_ok(), "{} failed", stringify!($case));
            }
        )*
    };
}

pub(crate) async fn run(only: &str) {
    run!(only:
        a_job_is_done_and_its_progress_seen,
        a_refused_file_fails_at_once_with_its_reason,
        three_crashes_fail_for_good,
        a_crash_that_passes_is_forgotten,
        an_exit_without_a_result_is_a_crash,
        a_hang_ends_at_the_page_limit,
        a_slow_document_ends_at_the_job_limit,
        a_memory_bomb_fails_alone,
        a_stack_overflow_is_a_crash,
        an_oversized_result_fails,
        a_missing_upload_fails,
        a_missing_program_is_no_endless_loop,
        the_environment_does_not_leak,
        a_sandboxed_child_cannot_get_out,
        cancelling_kills_the_child_within_a_second,
        stopping_gives_running_jobs_back,
        a_killed_pool_leaves_no_orphan_and_its_job_resumes,
        many_jobs_none_lost_none_twice,
        a_book_is_worked_on_by_two_nodes_and_comes_back_in_order,
        a_part_that_crashes_ends_the_book_with_its_reason,
        cancelling_a_book_kills_every_child,
        stopping_gives_parts_back_and_others_go_on,
        chaos_on_sqlite,
        chaos_on_postgres,
    );
}

async fn a_job_is_done_and_its_progress_seen() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("slow", 4, Value::Null).await;
    let half = house.wait(&id, |job| job.pages_done >= 1).await;
    assert_eq!(half.state, JobState::Processing);
    assert!(half.progress() > 0.0 && half.progress() < 100.0);
    let job = house.end(&id).await;
    assert_eq!((job.state, job.pages_done, job.attempts), (JobState::Completed, 4, 1));
    let json = house.files.get(&job.result_key.unwrap()).await.unwrap();
    let result: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(result["text"], "សួស្តី");
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved), (4, 0));
    pool.stop().await;
    let left = std::fs::read_dir(house.files.staging()).unwrap().count();
    assert_eq!(left, 0, "nothing stays behind");
}

async fn a_refused_file_fails_at_once_with_its_reason() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("refuse", 3, Value::Null).await;
    let job = house.end(&id).await;
    let failure = job.failure.unwrap();
    assert_eq!((failure.code.as_str(), job.attempts), ("encrypted", 1));
    assert_eq!(
        (failure.message.as_str(), failure.message_km.as_str()),
        ("it is encrypted", "ចាក់សោ")
    );
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved), (0, 0));
    pool.stop().await;
}

async fn three_crashes_fail_for_good() {
    let house = House::build().await;
    let pool = house.start(settings());
    let bad = house.submit("abort", 3, Value::Null).await;
    let good = house.submit("", 1, Value::Null).await;
    assert_eq!(house.failure(&bad).await, "converter_crashed");
    assert_eq!(house.job(&bad).await.attempts, 3);
    assert_eq!(house.end(&good).await.state, JobState::Completed);
    pool.stop().await;
}

async fn a_crash_that_passes_is_forgotten() {
    let house = House::build().await;
    let pool = house.start(settings());
    let marker = house.path("marker");
    let id = house.submit("abort_once", 1, json!({ "marker": marker })).await;
    let job = house.end(&id).await;
    assert_eq!((job.state, job.attempts, job.failure), (JobState::Completed, 2, None));
    pool.stop().await;
}

async fn an_exit_without_a_result_is_a_crash() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("exit", 1, Value::Null).await;
    assert_eq!(house.failure(&id).await, "converter_crashed");
    pool.stop().await;
}

async fn a_hang_ends_at_the_page_limit() {
    let house = House::build().await;
    let pool = house.start(Settings { page_time: Duration::from_secs(2), ..settings() });
    let id = house.submit("hang", 1, json!({ "pid": house.path("pid") })).await;
    assert_eq!(house.failure(&id).await, "timeout");
    assert_eq!(house.job(&id).await.attempts, 1);
    gone(&house.pid("pid").await).await;
    pool.stop().await;
}

async fn a_slow_document_ends_at_the_job_limit() {
    let house = House::build().await;
    // Each of the 100 pages is quick enough, all together are not.
    let quick = Settings {
        page_time: Duration::from_secs(20),
        base_time: Duration::from_secs(0),
        ..settings()
    };
    assert!(quick.page_time / 4 > Duration::from_secs(1));
    let pool = house.start(Settings { page_time: Duration::from_millis(4_000), ..quick });
    // Announced as one page, the fake makes a hundred of them.
    let id = house.submit("slow", 1, json!({ "pages": 100 })).await;
    assert_eq!(house.failure(&id).await, "timeout");
    pool.stop().await;
}

async fn a_memory_bomb_fails_alone() {
    let house = House::build().await;
    let pool = house.start(settings());
    let bomb = house.submit("memory", 1, Value::Null).await;
    let good = house.submit("slow", 2, Value::Null).await;
    assert_eq!(house.failure(&bomb).await, "out_of_memory");
    assert_eq!(house.job(&bomb).await.attempts, 1, "no use in trying again");
    assert_eq!(house.end(&good).await.state, JobState::Completed);
    pool.stop().await;
}

async fn a_stack_overflow_is_a_crash() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("stack", 1, Value::Null).await;
    assert_eq!(house.failure(&id).await, "converter_crashed");
    pool.stop().await;
}

async fn an_oversized_result_fails() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("large", 1, Value::Null).await;
    assert_eq!(house.failure(&id).await, "result_too_large");
    pool.stop().await;
}

async fn a_missing_upload_fails() {
    let house = House::build().await;
    let id = house.submit("", 1, Value::Null).await;
    house.files.delete_job(&id).await.unwrap();
    let pool = house.start(settings());
    assert_eq!(house.failure(&id).await, "upload_missing");
    pool.stop().await;
}

async fn a_missing_program_is_no_endless_loop() {
    let house = House::build().await;
    let program = Some(house.path("no-such-program"));
    let pool = house.start(Settings { program, ..settings() });
    let id = house.submit("", 1, Value::Null).await;
    assert_eq!(house.failure(&id).await, "converter_unavailable");
    pool.stop().await;
}

async fn the_environment_does_not_leak() {
    assert!(std::env::var_os("PATH").is_some(), "else this proves nothing");
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("environment", 1, Value::Null).await;
    assert_eq!(house.end(&id).await.state, JobState::Completed);
    pool.stop().await;
}

async fn a_sandboxed_child_cannot_get_out() {
    let house = House::build().await;
    let pool = house.start(Settings { sandbox: true, ..settings() });
    let id = house.submit("escape", 1, Value::Null).await;
    let job = house.end(&id).await;
    match job.failure {
        None => assert_eq!(job.state, JobState::Completed),
        // Without Landlock files stay open to it; programs and the network never do.
        Some(failure) if !landlock() => {
            assert_eq!(failure.message, "read, list, write");
            eprintln!("     !!! this kernel has no Landlock: only seccomp was tested");
        }
        Some(failure) => panic!("{failure:?}"),
    }
    pool.stop().await;
}

/// Whether the kernel lists Landlock; a kernel that cannot say is taken to have none.
fn landlock() -> bool {
    std::fs::read_to_string("/sys/kernel/security/lsm").is_ok_and(|all| all.contains("landlock"))
}

async fn cancelling_kills_the_child_within_a_second() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("hang", 5, json!({ "pid": house.path("pid") })).await;
    let pid = house.pid("pid").await;
    let start = Instant::now();
    let job = house.store.cancel(house.organisation.id, &id).await.unwrap();
    assert_eq!(job.state, JobState::Cancelled);
    gone(&pid).await;
    eprintln!("     gone after {} ms", start.elapsed().as_millis());
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved), (0, 0));
    // The worker is free again.
    let next = house.submit("", 1, Value::Null).await;
    assert_eq!(house.end(&next).await.state, JobState::Completed);
    assert_eq!(house.job(&id).await.state, JobState::Cancelled);
    pool.stop().await;
}

async fn stopping_gives_running_jobs_back() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("hang", 1, json!({ "pid": house.path("pid") })).await;
    let pid = house.pid("pid").await;
    pool.stop().await;
    gone(&pid).await;
    let job = house.job(&id).await;
    assert_eq!((job.state, job.attempts), (JobState::Queued, 0));
}

async fn a_killed_pool_leaves_no_orphan_and_its_job_resumes() {
    let house = House::build().await;
    let marker = house.path("pid");
    let mut pool = Command::new(std::env::current_exe().unwrap())
        .arg("pool")
        .args(house.arguments("node"))
        .spawn()
        .unwrap();
    let id = house.submit("slow", 10, json!({ "pid": marker, "pages": 100 })).await;
    let pid = house.pid("pid").await;
    house.wait(&id, |job| job.pages_done > 0).await;
    pool.kill().unwrap();
    pool.wait().unwrap();
    gone(&pid).await;
    assert_eq!(house.job(&id).await.state, JobState::Processing, "nobody knows yet");
    // The node starts again: its job is taken up at once, not when the lease expires.
    std::fs::remove_file(&marker).unwrap();
    let pool = house.start(settings());
    house.pid("pid").await;
    let job = house.wait(&id, |job| job.state == JobState::Processing && job.attempts == 2).await;
    assert_eq!(job.worker.as_deref().map(|w| w.starts_with("node#")), Some(true));
    house.store.cancel(house.organisation.id, &id).await.unwrap();
    pool.stop().await;
}

async fn many_jobs_none_lost_none_twice() {
    let house = House::build().await;
    let pool = house.start(Settings { workers: 4, ..settings() });
    let mut all = Vec::new();
    for _ in 0..40 {
        all.push(house.submit("", 2, Value::Null).await);
    }
    for id in &all {
        let job = house.end(id).await;
        assert_eq!((job.state, job.attempts), (JobState::Completed, 1));
    }
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved, usage.jobs.completed), (80, 0, 40));
    pool.stop().await;
}
