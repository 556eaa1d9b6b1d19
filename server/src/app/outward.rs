//! The way out, but for mail (`notice/mail.rs`): a request to an address that the county has configured. No redirects, no proxies, one
//! deadline for the whole exchange, a cap on the answer, HTTPS against the configured roots.
//!
//! A [`Target`] is read from what was configured by an act, never from what a visitor typed. Does not belong here: what is asked
//! of whom, and how often.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST};
use axum::http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// For one whole exchange.
const EXCHANGE_MAX: Duration = Duration::from_secs(15);
/// Of it, for the connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// Why there is no answer. Each is one sentence without a full stop.
#[derive(Debug, thiserror::Error)]
pub enum OutwardError {
    /// Not an address that can be asked.
    #[error("地址“{address}”不能使用，应如 https://witness.example.gov.cn/")]
    Address {
        /// As configured.
        address: String,
    },
    /// The name leads nowhere.
    #[error("找不到主机 {host}")]
    Unknown {
        /// The host.
        host: String,
    },
    /// Nobody there.
    #[error("连接不上 {host}")]
    Connect {
        /// The host.
        host: String,
    },
    /// The certificate is not accepted, or no TLS is spoken.
    #[error("{host} 的加密连接不被接受")]
    Tls {
        /// The host.
        host: String,
        /// The library's answer.
        source: std::io::Error,
    },
    /// The file of roots cannot be used.
    #[error("根证书文件 {path} 不能使用，可用环境变量 ZHUNSHENG_CA 另指")]
    Roots {
        /// The file.
        path: PathBuf,
    },
    /// The peer broke off, or does not speak HTTP.
    #[error("{host} 中断了连接，或者答的不是 HTTP")]
    Broken {
        /// The host.
        host: String,
    },
    /// The deadline passed.
    #[error("{host} 在限定时间内没有答复")]
    Late {
        /// The host.
        host: String,
    },
    /// More than was asked for.
    #[error("{host} 的答复过长")]
    TooLong {
        /// The host.
        host: String,
    },
}

/// Where to: scheme, host, port, and a path without its last slash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    secure: bool,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    /// Reads a configured address. Errors: [`OutwardError::Address`] for anything but http and https, and for user names,
    /// queries and fragments.
    pub fn parse(address: &str) -> Result<Self, OutwardError> {
        let wrong = || OutwardError::Address { address: address.chars().take(200).collect() };
        let uri: Uri = address.trim().parse().map_err(|_| wrong())?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        if uri.query().is_some() || address.contains('#') || authority.host().is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            secure,
            host: authority.host().to_owned(),
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Whether what is sent there is encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, as shown.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Below the target's path, with its slash; empty: the target itself.
    pub path: &'static str,
    /// Media type; empty: it is among the headers, because it says more.
    pub kind: &'static str,
    /// Headers beside the usual ones, in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The longest answer that is read, in bytes.
    pub answer_max: usize,
}

/// Names and values as a query or a form (`application/x-www-form-urlencoded`) writes them.
#[must_use]
pub fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pair = |(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    pairs.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

/// What came back. A redirect is an answer like any other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Media type, empty if none was said.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The door.
pub struct Outward {
    roots: PathBuf,
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Outward {
    /// With the roots in a PEM file, which is read when HTTPS is first spoken.
    #[must_use]
    pub fn new(roots: PathBuf) -> Self {
        Self { roots, tls: OnceLock::new() }
    }

    /// Sends one letter and waits for the reply.
    pub async fn post(&self, target: &Target, letter: Letter) -> Result<Reply, OutwardError> {
        self.ask(target, Method::POST, letter).await
    }

    /// Asks for what is there; the letter has no body.
    pub async fn get(&self, target: &Target, letter: Letter) -> Result<Reply, OutwardError> {
        self.ask(target, Method::GET, letter).await
    }

    async fn ask(&self, target: &Target, method: Method, letter: Letter) -> Result<Reply, OutwardError> {
        let late = |_| OutwardError::Late { host: target.host.clone() };
        timeout(EXCHANGE_MAX, self.exchange(target, method, letter)).await.map_err(late)?
    }

    async fn exchange(&self, target: &Target, method: Method, letter: Letter) -> Result<Reply, OutwardError> {
        let host = || target.host.clone();
        let late = |_| OutwardError::Late { host: host() };
        let stream = timeout(CONNECT_MAX, connect(target)).await.map_err(late)??;
        if !target.secure {
            return converse(TokioIo::new(stream), target, method, letter).await;
        }
        let name = ServerName::try_from(bare(&target.host).to_owned());
        let name = name.map_err(|_| OutwardError::Address { address: host() })?;
        let connector = TlsConnector::from(self.tls()?);
        let stream = timeout(CONNECT_MAX, connector.connect(name, stream)).await.map_err(late)?;
        let stream = stream.map_err(|source| OutwardError::Tls { host: host(), source })?;
        converse(TokioIo::new(stream), target, method, letter).await
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, OutwardError> {
        if let Some(made) = self.tls.get() {
            return Ok(Arc::clone(made));
        }
        let wrong = || OutwardError::Roots { path: self.roots.clone() };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted(&self.roots)?);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = Arc::new(config.map_err(|_| wrong())?.with_root_certificates(roots).with_no_client_auth());
        Ok(Arc::clone(self.tls.get_or_init(|| config)))
    }
}

/// The certificate authorities of a PEM file, those that can be used. Errors: [`OutwardError::Roots`], also if it has none.
pub fn trusted(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, OutwardError> {
    let wrong = || OutwardError::Roots { path: path.to_path_buf() };
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|_| wrong())?.collect();
    let usable = |authority: &CertificateDer<'static>| RootCertStore::empty().add(authority.clone()).is_ok();
    let usable: Vec<_> = read.map_err(|_| wrong())?.into_iter().filter(usable).collect();
    if usable.is_empty() { Err(wrong()) } else { Ok(usable) }
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The first of the host's addresses that answers.
async fn connect(target: &Target) -> Result<TcpStream, OutwardError> {
    let host = || target.host.clone();
    let found = tokio::net::lookup_host((bare(&target.host), target.port)).await;
    for address in found.map_err(|_| OutwardError::Unknown { host: host() })? {
        if let Ok(stream) = TcpStream::connect(address).await {
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
    }
    Err(OutwardError::Connect { host: host() })
}

/// One request and its answer on a connection that ends with them.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: TokioIo<S>,
    target: &Target,
    method: Method,
    letter: Letter,
) -> Result<Reply, OutwardError> {
    let broken = || OutwardError::Broken { host: target.host.clone() };
    let mut request = Request::builder()
        .method(method)
        .uri(path_of(target, &letter))
        .header(HOST, format!("{}:{}", target.host, target.port))
        .header(ACCEPT, "*/*");
    if !letter.kind.is_empty() {
        request = request.header(CONTENT_TYPE, letter.kind);
    }
    for (name, value) in &letter.headers {
        request = request.header(*name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(letter.body)))
        .map_err(|_| OutwardError::Address { address: target.path.clone() })?;
    let (mut sender, connection) = http1::handshake(stream).await.map_err(|_| broken())?;
    // Ends when the sender is dropped, at the latest with this exchange.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    let answer = sender.send_request(request).await.map_err(|_| broken())?;
    read(answer, target, letter.answer_max).await
}

/// Never empty.
fn path_of(target: &Target, letter: &Letter) -> String {
    let path = format!("{}{}", target.path, letter.path);
    if path.is_empty() { "/".to_owned() } else { path }
}

async fn read(answer: Response<Incoming>, target: &Target, max: usize) -> Result<Reply, OutwardError> {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let (status, kind) = (answer.status().as_u16(), kind.unwrap_or_default().to_owned());
    let body = Limited::new(answer.into_body(), max).collect().await.map_err(|error| {
        let host = target.host.clone();
        if error.is::<LengthLimitError>() { OutwardError::TooLong { host } } else { OutwardError::Broken { host } }
    })?;
    Ok(Reply { status, kind, body: body.to_bytes().to_vec() })
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn only_plain_configured_addresses_are_targets() {
        let right = Target::parse(" https://witness.example.gov.cn/county/ ").unwrap();
        assert_eq!((right.host(), right.port, right.path.as_str()), ("witness.example.gov.cn", 443, "/county"));
        assert_eq!(Target::parse("http://[::1]:8827").unwrap().port, 8827);
        for wrong in [
            "",
            "witness.example",
            "ftp://witness.example/",
            "file:///etc/passwd",
            "gopher://x/",
            "https://user@witness.example/",
            "https://witness.example/?to=other",
            "https://witness.example/#x",
            "https:///x",
            "http://a b/",
            "javascript:alert(1)",
        ] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
