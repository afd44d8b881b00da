//! Uploads and results, wherever they are kept.

use bytes::Bytes;
use futures_util::TryStreamExt;
use khocr_store::{Files, JobId, StoreError};

use crate::context::Context;

pub(crate) async fn a_file_is_written_once_and_read_back(context: &Context) {
    let files = context.files();
    files.check().await.unwrap();
    let id = JobId::generate().unwrap();
    let key = Files::result_key(&id, 3, "json");
    assert!(matches!(files.get(&key).await, Err(StoreError::NotFound)));
    files.put(&key, Bytes::from_static(b"first")).await.unwrap();
    let again = files.put(&key, Bytes::from_static(b"second")).await;
    assert!(matches!(again, Err(StoreError::FileExists(_))), "{again:?}");
    assert_eq!(files.get(&key).await.unwrap(), "first");
    let (size, stream) = files.stream(&key).await.unwrap();
    let all: Vec<Bytes> = stream.try_collect().await.unwrap();
    assert_eq!((size, all.concat().as_slice()), (5, &b"first"[..]));
    let left = std::fs::read_dir(files.staging()).unwrap();
    let left = left.filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().contains("put-"));
    assert_eq!(left.count(), 0, "nothing stays in the staging folder");
    files.delete(&key).await.unwrap();
    files.delete(&key).await.unwrap();
    assert!(matches!(files.get(&key).await, Err(StoreError::NotFound)));
}

pub(crate) async fn an_imported_file_outlives_its_origin_and_a_job_goes_whole(context: &Context) {
    let files = context.files();
    let (id, other) = (JobId::generate().unwrap(), JobId::generate().unwrap());
    let scratch = tempfile::tempdir_in(files.staging()).unwrap();
    let upload = scratch.path().join("upload");
    std::fs::write(&upload, b"%PDF").unwrap();
    for id in [&id, &other] {
        files.import(&Files::input_key(id), &upload).await.unwrap();
    }
    let again = files.import(&Files::input_key(&id), &upload).await;
    assert!(matches!(again, Err(StoreError::FileExists(_))), "{again:?}");
    std::fs::remove_file(&upload).unwrap();
    let place = scratch.path().join("local");
    let path = files.local(&Files::input_key(&id), &place).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"%PDF");
    files.put(&Files::result_key(&id, 1, "json"), Bytes::from_static(b"{}")).await.unwrap();
    files.delete_job(&id).await.unwrap();
    files.delete_job(&id).await.unwrap();
    for key in [Files::input_key(&id), Files::result_key(&id, 1, "json")] {
        assert!(matches!(files.get(&key).await, Err(StoreError::NotFound)));
        assert!(matches!(files.local(&key, &place).await, Err(StoreError::NotFound)));
    }
    assert!(files.get(&Files::input_key(&other)).await.is_ok(), "another job's file stays");
}

pub(crate) async fn a_large_file_comes_back_as_it_was(context: &Context) {
    let files = context.files();
    let id = JobId::generate().unwrap();
    let scratch = tempfile::tempdir_in(files.staging()).unwrap();
    let upload = scratch.path().join("upload");
    // More than two parts of a multipart upload, and no two parts alike.
    let content: Vec<u8> = (0..20_000_011u32).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect();
    std::fs::write(&upload, &content).unwrap();
    let key = Files::input_key(&id);
    files.import(&key, &upload).await.unwrap();
    let again = files.import(&key, &upload).await;
    assert!(matches!(again, Err(StoreError::FileExists(_))), "{again:?}");
    let path = files.local(&key, &scratch.path().join("local")).await.unwrap();
    assert!(std::fs::read(path).unwrap() == content, "the file came back changed");
    let (size, _) = files.stream(&key).await.unwrap();
    assert_eq!(size, content.len() as u64);
}

pub(crate) async fn everything_a_service_asks_of_its_files_works(context: &Context) {
    context.files().try_out().await.unwrap();
}

pub(crate) async fn of_two_writers_of_a_large_file_one_wins(context: &Context) {
    let files = context.files();
    let id = JobId::generate().unwrap();
    let scratch = tempfile::tempdir_in(files.staging()).unwrap();
    let key = Files::input_key(&id);
    let contents = [vec![1u8; 17_000_000], vec![2u8; 18_000_000], vec![3u8; 19_000_000]];
    let mut writers = tokio::task::JoinSet::new();
    for (i, content) in contents.iter().enumerate() {
        let upload = scratch.path().join(format!("upload-{i}"));
        std::fs::write(&upload, content).unwrap();
        let (files, key) = (files.clone(), key.clone());
        writers.spawn(async move { (i, files.import(&key, &upload).await) });
    }
    let mut won = Vec::new();
    for (i, outcome) in writers.join_all().await {
        match outcome {
            Ok(()) => won.push(i),
            Err(StoreError::FileExists(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    assert!(files.get(&key).await.unwrap() == contents[won[0]], "it is the winner's, whole");
}
