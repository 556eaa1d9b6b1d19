//! What stands outside the house in tests, on loopback: a program that takes notices over HTTP, and a mail server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A program that answers as told, then with 200.
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<Told>,
}

#[derive(Default)]
struct Told {
    answers: Mutex<Vec<(u16, String)>>,
    arrived: Mutex<Vec<Arrived>>,
}

async fn take(State(told): State<Arc<Told>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let body = String::from_utf8(body.to_vec()).unwrap();
    told.arrived.lock().unwrap().push(Arrived { headers: headers.collect(), body });
    let mut answers = told.answers.lock().unwrap();
    let (status, text) = if answers.is_empty() { (200, "ok".to_owned()) } else { answers.remove(0) };
    (StatusCode::from_u16(status).unwrap(), text)
}

impl Receiver {
    pub async fn start(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Told::default());
        *state.answers.lock().unwrap() = answers.iter().map(|(status, text)| (*status, (*text).to_owned())).collect();
        let router = Router::new().fallback(take).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, state }
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.state.arrived.lock().unwrap().clone()
    }
}

/// A mail server that keeps what it is given; addresses that begin with `nobody` it does not know.
pub struct MailServer {
    pub address: SocketAddr,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&kept)));
            }
        });
        Self { address, mails }
    }

    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

async fn converse(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 stub ESMTP\r\n").await.unwrap();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let word = line.split([' ', ':', '\r']).next().unwrap().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" | "HELO" => "250 stub\r\n",
            "RCPT" if line.contains("<nobody") => "550 5.1.1 <nobody@example.gov.cn> unknown\r\n",
            "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 ok\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut mail).await.unwrap();
                }
                mails.lock().unwrap().push(mail);
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "500 what\r\n",
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        if word == "QUIT" {
            return;
        }
    }
}
