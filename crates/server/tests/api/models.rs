//! `GET /api/v1/models`.

use crate::app::Setup;

pub(crate) async fn models_are_listed(setup: Setup) {
    let app = setup.start().await;
    let models = app.get("/api/v1/models").send().await.ok();
    let accuracy = serde_json::json!([{ "metric": "character_error_rate", "on": "nothing at all", "percent": 0.5 }]);
    let expected = serde_json::json!({ "models": [{
        "id": "fake-line",
        "kind": "line_reader",
        "languages": ["km", "en"],
        "version": "1.0.0",
        "accuracy": accuracy,
    }]});
    assert_eq!(models, expected);
    app.bare("GET", "/api/v1/models").send().await.refused(401, "missing_api_key");
}
