//! What every route behind a key may answer, told once for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

/// The refusals of every route behind a key: 401, 403, 429, 500 and 503, each with an [`ErrorBody`].
///
/// [`ErrorBody`]: super::ErrorBody
pub(crate) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [
            ("401", "No key, or not a good one."),
            ("403", "The key may not do this."),
            ("429", "Too many requests."),
            ("500", "A fault of the server."),
            ("503", "A part of the service is away; try again."),
        ]
        .into_iter()
        .map(|(status, description)| {
            let body = Content::new(Some(Ref::from_schema_name("ErrorBody")));
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/json", body)
                .build();
            (status.to_owned(), response.into())
        })
        .collect()
    }
}
