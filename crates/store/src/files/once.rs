//! A large file goes to an S3 store in parts, and is there, whole, when they are put together: two
//! writers of one key could never mix their parts, but the later one could take the other's place.
//! So the request that puts them together says that there must be nothing yet (`If-None-Match: *`),
//! as the one that writes a small file does. The library has no word for it with parts, so the
//! header is added on its way out; the signature covers the host and the headers of Amazon's own
//! only, and holds.
//!
//! A store that refuses such conditions is told apart by the operator: `AWS_CONDITIONAL_PUT=disabled`.
//! Then a look beforehand must do, and it does: a key is one upload's or one lease's, nobody else's.

use std::future::Future;
use std::pin::Pin;

use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

/// Makes clients that put parts together only where there is nothing yet.
#[derive(Debug)]
pub(super) struct Once;

impl HttpConnector for Once {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Conditional(plain)))
    }
}

#[derive(Debug)]
struct Conditional(HttpClient);

impl HttpService for Conditional {
    fn call<'a, 'b>(
        &'a self,
        mut request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        // Beginning to send parts is a POST with `uploads`, removing many files one with `delete`.
        let joins = |pair: &str| pair.starts_with("uploadId=");
        if request.method() == "POST"
            && request.uri().query().is_some_and(|q| q.split('&').any(joins))
            && let Ok(anything) = "*".parse()
        {
            request.headers_mut().insert("if-none-match", anything);
        }
        Box::pin(self.0.execute(request))
    }
}
