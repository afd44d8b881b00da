//! Long documents, five pages a part.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use khocr_store::JobState;
use serde_json::{Value, json};

use crate::house::{House, settings};

/// How often each part was begun, by its first page, and how many pools began any.
fn trail(house: &House) -> (BTreeMap<u32, u32>, usize) {
    let (mut parts, mut pools) = (BTreeMap::new(), std::collections::BTreeSet::new());
    for entry in std::fs::read_dir(house.path("trail")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (part, pool) = name.split_once('-').unwrap();
        *parts.entry(part.parse().unwrap()).or_default() += 1;
        pools.insert(pool.to_owned());
    }
    (parts, pools.len())
}

fn with_trail(house: &House) -> Value {
    std::fs::create_dir(house.path("trail")).unwrap();
    json!({ "trail": house.path("trail") })
}

pub(crate) async fn a_book_is_worked_on_by_two_nodes_and_comes_back_in_order() {
    let house = House::build().await;
    let id = house.submit("slow", 38, with_trail(&house)).await;
    let mut other = Command::new(std::env::current_exe().unwrap())
        .arg("pool")
        .args(house.arguments("other"))
        .spawn()
        .unwrap();
    let pool = house.start(settings());
    let half = house.wait(&id, |job| job.pages_done >= 12).await;
    assert_eq!((half.state, half.pages_total), (JobState::Processing, 38));
    let job = house.end(&id).await;
    assert_eq!((job.state, job.pages_done, job.attempts), (JobState::Completed, 38, 1));
    let json = house.files.get(&job.result_key.unwrap()).await.unwrap();
    let result: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(result["pages"], json!((1..=38).collect::<Vec<u32>>()));
    let (parts, pools) = trail(&house);
    let firsts: Vec<u32> = parts.keys().copied().collect();
    assert_eq!(firsts, [1, 5, 10, 15, 20, 24, 29, 34]);
    assert!(parts.values().all(|n| *n == 1), "each once: {parts:?}");
    assert_eq!(pools, 2, "both nodes had a hand in it");
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved, usage.jobs.completed), (38, 0, 1));
    other.kill().unwrap();
    other.wait().unwrap();
    pool.stop().await;
    // The parts' results went when they were joined: the upload and the result are left.
    let folder = house.path("files").join("jobs").join(&id.as_str()[..2]).join(id.as_str());
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
}

pub(crate) async fn a_part_that_crashes_ends_the_book_with_its_reason() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("abort_on_12", 20, Value::Null).await;
    let good = house.submit("", 1, Value::Null).await;
    assert_eq!(house.failure(&id).await, "converter_crashed");
    let job = house.job(&id).await;
    assert_eq!(job.attempts, 3);
    let why = job.failure.unwrap().message;
    assert!(why.starts_with("pages 11 to 15: "), "{why}");
    assert_eq!(house.end(&good).await.state, JobState::Completed);
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved), (job.pages_done + 1, 0));
    pool.stop().await;
}

pub(crate) async fn cancelling_a_book_kills_every_child() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("hang", 30, with_trail(&house)).await;
    let start = Instant::now();
    while trail(&house).0.len() < 2 {
        assert!(start.elapsed() < Duration::from_secs(30), "both workers should have a part");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    house.store.cancel(house.organisation.id, &id).await.unwrap();
    // Both workers are free again: they would hang for ever else.
    let start = Instant::now();
    let next =
        [house.submit("slow", 2, Value::Null).await, house.submit("slow", 2, Value::Null).await];
    for id in &next {
        assert_eq!(house.end(id).await.state, JobState::Completed);
    }
    eprintln!("     both were free and done after {} ms", start.elapsed().as_millis());
    let job = house.job(&id).await;
    assert_eq!((job.state, job.pages_done), (JobState::Cancelled, 0));
    let usage = house.store.usage(house.organisation.id).await.unwrap();
    assert_eq!((usage.pages_used, usage.pages_reserved), (4, 0));
    pool.stop().await;
}

pub(crate) async fn stopping_gives_parts_back_and_others_go_on() {
    let house = House::build().await;
    let pool = house.start(settings());
    let id = house.submit("slow", 20, Value::Null).await;
    house.wait(&id, |job| job.pages_done >= 3).await;
    pool.stop().await;
    assert_eq!(house.job(&id).await.state, JobState::Processing);
    let pool = house.start(settings());
    let job = house.end(&id).await;
    assert_eq!((job.state, job.pages_done, job.attempts), (JobState::Completed, 20, 1));
    pool.stop().await;
}
