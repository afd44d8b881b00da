//! `GET /api/v1/jobs/{job_id}/result`.

use khocr_store::Plan;

use crate::app::{Setup, sample};
use crate::client::Form;
use crate::documents::snapshot;

pub(crate) async fn the_result_comes_in_the_format_asked_for(setup: Setup) {
    let app = setup.start().await;
    let form = Form::default().named("លិខិត.pdf", b"%PDF-1.7").text("output_format", "text");
    let id = app.convert(form).send().await.ok()["job_id"].as_str().unwrap().to_owned();
    app.work().await;
    let fetch =
        async |query: &str| app.get(&format!("/api/v1/jobs/{id}/result{query}")).send().await;
    let text = sample().text;

    let usual = fetch("").await;
    assert_eq!((usual.status, usual.text()), (200, text.as_str()));
    assert_eq!(usual.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        usual.header("content-disposition"),
        "attachment; filename=\"_____.txt\"; \
         filename*=UTF-8''%E1%9E%9B%E1%9E%B7%E1%9E%81%E1%9E%B7%E1%9E%8F.txt"
    );
    let json = fetch("?format=json").await;
    assert_eq!(json.ok()["text"], *text);
    assert_eq!(json.header("content-type"), "application/json");
    assert!(json.header("content-disposition").contains("filename=\"_____.json\""));
    // Twice: rendered the first time, kept from then on.
    for _ in 0..2 {
        let word = fetch("?format=DOCX").await;
        assert_eq!(word.status, 200);
        assert!(word.body.starts_with(b"PK\x03\x04"));
        assert_eq!(
            word.header("content-type"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        );
        assert!(word.header("content-disposition").contains("filename=\"_____.docx\""));
    }
    // Known to khocr, but not to this server's renderer.
    fetch("?format=hocr").await.refused(400, "invalid_parameter");
    fetch("?format=odt").await.refused(400, "invalid_parameter");
}

pub(crate) async fn the_json_is_as_documented(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    app.work().await;
    let answer = app.get(&format!("/api/v1/jobs/{id}/result")).send().await;
    snapshot("tests/api/snapshots/result.json", &answer.ok());
}

pub(crate) async fn an_unfinished_job_has_no_result_yet(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(4).await;
    let path = format!("/api/v1/jobs/{id}/result");
    let answer = app.get(&path).send().await;
    answer.refused(404, "result_not_ready");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    let lease = app.lease().await;
    app.pages_done(&lease, 1).await;
    let detail = app.get(&path).send().await.refused(404, "result_not_ready");
    assert!(detail.contains("1 of 4"), "{detail}");
}

pub(crate) async fn a_failed_or_cancelled_job_has_none_and_says_why(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(4).await;
    app.fail().await;
    let detail =
        app.get(&format!("/api/v1/jobs/{id}/result")).send().await.refused(404, "job_failed");
    assert!(detail.contains("out_of_memory") && detail.contains("page 3"), "{detail}");

    let id = app.submit(4).await;
    app.delete(&format!("/api/v1/jobs/{id}")).send().await.ok();
    let answer = app.get(&format!("/api/v1/jobs/{id}/result")).send().await;
    answer.refused(404, "job_cancelled");
}

pub(crate) async fn another_organisations_result_is_not_found(setup: Setup) {
    let app = setup.start().await;
    let id = app.submit(1).await;
    app.work().await;
    let key = app.stranger(Plan::Free).await;
    let answer = app.bare("GET", &format!("/api/v1/jobs/{id}/result")).key(&key).send().await;
    answer.refused(404, "job_not_found");
}
