//! One POST to a stranger's server: a name resolved once, a connection to that very address, no
//! redirects, and an end to it in any case.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::{Target, public};

/// Longest that one attempt may take, from the name to the answer's head.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// Longest that resolving, connecting and greeting may take each.
const STEP: Duration = Duration::from_secs(5);

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    private: bool,
    tls: TlsConnector,
}

impl Client {
    /// `private` allows addresses that are not public.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(private: bool) -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::trusting(private, roots)
    }

    fn trusting(private: bool, roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { private, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Posts and gives the answer's status. Nothing of its body is read, and what it redirects to
    /// is not followed.
    ///
    /// # Errors
    /// What went wrong, in our own words: nothing of the answer is in it.
    pub(crate) async fn post(
        &self,
        target: &Target,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<u16, &'static str> {
        timeout(PATIENCE, self.try_post(target, headers, body))
            .await
            .unwrap_or(Err("no answer in time"))
    }

    async fn try_post(
        &self,
        target: &Target,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<u16, &'static str> {
        let mut request = Request::post(target.path.as_str())
            .header("host", &target.authority)
            .header("content-type", "application/json")
            .header("user-agent", concat!("khocr/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body)).map_err(|_| "the request cannot be made")?;
        let stream = self.connect(target).await?;
        if !target.tls {
            return ask(stream, request).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| "its host is no name")?;
        let stream = timeout(STEP, self.tls.connect(name, stream)).await;
        let stream = stream.map_err(|_| "no TLS in time")?.map_err(|error| {
            tracing::debug!(%error, "a webhook's TLS failed");
            "TLS failed: its certificate is not trusted, or it speaks none"
        })?;
        ask(stream, request).await
    }

    /// A connection to an address that was looked at: the name is not resolved again, so it
    /// cannot lead elsewhere the second time.
    async fn connect(&self, target: &Target) -> Result<TcpStream, &'static str> {
        let found = timeout(STEP, lookup_host((target.host.as_str(), target.port))).await;
        let found = found.map_err(|_| "its name was not resolved in time")?;
        let addresses: Vec<SocketAddr> =
            found.map_err(|_| "its name could not be resolved")?.collect();
        let allowed = |a: &&SocketAddr| self.private || public(a.ip());
        let address = addresses.iter().find(allowed).ok_or("its address is not public")?;
        let stream = timeout(STEP, TcpStream::connect(address)).await;
        stream.map_err(|_| "no connection in time")?.map_err(|_| "it could not be reached")
    }
}

/// One request and the status of its answer.
async fn ask<S>(stream: S, request: Request<Full<Bytes>>) -> Result<u16, &'static str>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |_: hyper::Error| "it speaks no HTTP";
    let handshake = http1::Builder::new().max_buf_size(64 * 1024).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await;
    connection.abort();
    Ok(answer.map_err(broken)?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use rustls::ServerConfig;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::super::address::target;
    use super::*;

    /// Makes an authority and a certificate for `localhost` in that folder; whether openssl is
    /// there to do so.
    fn certificates(folder: &Path) -> bool {
        let run = |line: &str| {
            let done = Command::new("openssl").args(line.split(' ')).current_dir(folder).output();
            done.is_ok_and(|d| d.status.success())
        };
        std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
        run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out \
             ca.pem -days 2 -subj /CN=test-authority")
            && run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out \
                    csr.pem -subj /CN=localhost")
            && run("x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -days 2 -extfile names -out \
                    cert.pem")
    }

    /// A server that answers 204 to whoever greets it well; its port.
    async fn server(folder: &Path) -> u16 {
        let chain = vec![CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(socket).await else { continue };
                let mut buffer = [0u8; 4_096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        });
        port
    }

    #[tokio::test]
    async fn certificates_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        if !certificates(folder.path()) {
            eprintln!("\n!!! SKIPPED: no openssl; the check of certificates did NOT run\n");
            return;
        }
        let port = server(folder.path()).await;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(folder.path().join("ca.pem")).unwrap()).unwrap();
        let trusting = Client::trusting(true, roots).unwrap();
        let url = |host: &str| target(&format!("https://{host}:{port}/"), true).unwrap();
        let body = || Bytes::from_static(b"{}");
        assert_eq!(trusting.post(&url("localhost"), &[], body()).await, Ok(204));
        // Another name than the certificate's, and an authority that nobody knows.
        assert!(trusting.post(&url("127.0.0.1"), &[], body()).await.unwrap_err().contains("TLS"));
        let usual = Client::new(true).unwrap();
        assert!(usual.post(&url("localhost"), &[], body()).await.unwrap_err().contains("TLS"));
        let careful = Client::new(false).unwrap();
        let refused = careful.post(&url("localhost"), &[], body()).await.unwrap_err();
        assert_eq!(refused, "its address is not public");
    }

    #[tokio::test]
    async fn what_is_no_web_server_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.write_all(b"220 mail.example.org ESMTP\r\n").await;
        });
        let client = Client::new(true).unwrap();
        let target = target(&format!("http://{address}/"), true).unwrap();
        let refused = client.post(&target, &[], Bytes::new()).await.unwrap_err();
        assert_eq!(refused, "it speaks no HTTP");
    }
}
