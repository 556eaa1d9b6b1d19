//! A kept HTTP/1.1 connection that asks one thing at a time: as little as a load generator can do.
//!
//! Does not belong here: what is asked. Bodies must have a length; ours do.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer comes within this time or not at all.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The first cookie that was set, as it is sent back: `name=value`.
    pub cookie: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The connection.
pub struct Kept {
    stream: TcpStream,
    host: String,
    read: Vec<u8>,
}

impl Kept {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_string(), read: Vec::with_capacity(16 << 10) })
    }

    /// The connection that is kept, or a new one. Whoever met an error forgets it.
    pub async fn again(kept: &mut Option<Self>, address: SocketAddr) -> Result<&mut Self> {
        let open = match kept.take() {
            Some(open) => open,
            None => Self::open(address).await?,
        };
        Ok(kept.insert(open))
    }

    /// `GET path` with the cookie of a session.
    pub async fn get(&mut self, path: &str, cookie: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: zs={cookie}\r\n\r\n", self.host);
        self.ask(request.as_bytes()).await
    }

    /// `POST path` with a token, a key and a JSON body.
    pub async fn post(&mut self, path: &str, token: &str, key: &str, body: &str) -> Result<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.ask(request.as_bytes()).await
    }

    /// `GET path` as a visitor without a session, from an address that a proxy tells.
    pub async fn visit(&mut self, path: &str, from: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: {from}\r\n\r\n", self.host);
        self.ask(request.as_bytes()).await
    }

    /// `POST path` with a filled form, as the visitor who has this cookie.
    pub async fn send(&mut self, path: &str, from: &str, cookie: &str, form: &str) -> Result<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: {from}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        );
        self.ask(request.as_bytes()).await
    }

    async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        match timeout(ANSWER_TIME_MAX, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(ErrorKind::TimedOut.into()),
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let (status, cookie, begins, ends) = loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(head) = Head::of(&self.read)? {
                break (head.status, head.cookie, head.bytes, head.bytes + head.body);
            }
        };
        while self.read.len() < ends {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Answer { status, cookie, body: self.read.get(begins..ends).unwrap_or_default().to_vec() })
    }
}

/// The head of an answer.
struct Head {
    status: u16,
    cookie: Option<String>,
    bytes: usize,
    body: usize,
}

impl Head {
    /// The head, once all of it is there.
    fn of(read: &[u8]) -> Result<Option<Self>> {
        let Some(end) = read.windows(HEAD_END.len()).position(|window| window == HEAD_END) else { return Ok(None) };
        let wrong = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
        let head = std::str::from_utf8(read.get(..end).unwrap_or_default()).map_err(|_| wrong("head"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let named = |wanted: &str| {
            let mut fields = lines.clone().filter_map(|line| line.split_once(':'));
            fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        let body = named("content-length").and_then(|length| length.parse().ok());
        Ok(Some(Self {
            status: status.ok_or_else(|| wrong("status"))?,
            cookie: named("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned),
            bytes: end + HEAD_END.len(),
            body: body.ok_or_else(|| wrong("an answer without a length"))?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        assert!(Head::of(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n").unwrap().is_none());
        let head =
            Head::of(b"HTTP/1.1 422 No\r\nSet-Cookie: zs=1; Path=/\r\nContent-Length: 12\r\n\r\n{").unwrap().unwrap();
        assert_eq!((head.status, head.bytes, head.body, head.cookie.as_deref()), (422, 65, 12, Some("zs=1")));
        assert!(Head::of(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "no length");
        assert!(Head::of(b"nonsense\r\ncontent-length: 1\r\n\r\n").is_err());
    }
}
