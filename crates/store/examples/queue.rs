//! Measures the queue on one database: `queue ADDRESS [JOBS]`, the address as `khocr serve
//! --database` takes it. Submits from twenty sides at once, then leases, beats and completes from
//! eight; prints operations a second and the milliseconds one took.

use std::time::{Duration, Instant};

use khocr_store::{Files, JobId, NewJob, Plan, Priority, Store, StoreError, StoreOptions};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1);
    let usage = || StoreError::Configuration("usage: queue ADDRESS [JOBS]".to_owned());
    let address = arguments.next().ok_or_else(usage)?;
    let jobs: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let store = Store::open(&StoreOptions::new(address)).await?;
    let name = format!("bench {}", JobId::generate()?);
    let organisation = store.create_organisation(&name, Plan::Enterprise).await?.id;

    let start = Instant::now();
    let mut sides = JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        sides.spawn(async move {
            let mut took = Vec::new();
            for _ in 0..jobs / 20 {
                let start = Instant::now();
                store.submit(job(organisation)?).await?;
                took.push(start.elapsed());
            }
            Ok::<_, StoreError>(took)
        });
    }
    report("submit", start, sides).await?;

    let start = Instant::now();
    let mut sides = JoinSet::new();
    for worker in 0..8 {
        let store = store.clone();
        sides.spawn(async move {
            let hold = Duration::from_secs(30);
            let mut took = Vec::new();
            let mut begun = Instant::now();
            while let Some(lease) = store.lease(&format!("bench#{worker}"), hold).await? {
                store.heartbeat(&lease, Some(1), hold).await?;
                store.complete(&lease, "result", 1).await?;
                took.push(begun.elapsed());
                begun = Instant::now();
            }
            Ok::<_, StoreError>(took)
        });
    }
    report("lease + heartbeat + complete", start, sides).await
}

fn job(organisation_id: i64) -> Result<NewJob, StoreError> {
    let id = JobId::generate()?;
    Ok(NewJob {
        input_key: Files::input_key(&id),
        id,
        organisation_id,
        key_id: None,
        file_name: "bench.pdf".to_owned(),
        input_bytes: 1,
        pages: 1,
        output_format: "json".to_owned(),
        options: serde_json::Value::Null,
        priority: Priority::Normal,
        idempotency: None,
    })
}

type Took = Result<Vec<Duration>, StoreError>;

async fn report(what: &str, start: Instant, sides: JoinSet<Took>) -> Result<(), StoreError> {
    let mut took = Vec::new();
    for side in sides.join_all().await {
        took.extend(side?);
    }
    let seconds = start.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: f64| {
        let last = took.len().saturating_sub(1);
        took.get((last as f64 * share) as usize).map_or(0.0, Duration::as_secs_f64) * 1_000.0
    };
    #[expect(clippy::print_stdout, reason = "printing is what it is for")]
    {
        println!(
            "{what}: {} in {seconds:.2} s, {:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
            took.len(),
            took.len() as f64 / seconds,
            at(0.5),
            at(0.99)
        );
    }
    Ok(())
}
