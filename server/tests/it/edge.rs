//! The accept loop over real sockets: slow peers are cut, crowds are turned away, running requests end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::TestApp;
use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zhunsheng::app::App;
use zhunsheng::app::limit::Rules;
use zhunsheng::config::Config;
use zhunsheng::web::serve::{Patience, serve};

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    _test: TestApp,
}

async fn start(config: Config, patience: Patience) -> Running {
    let routes: Router<Arc<App>> = Router::new()
        .route(
            "/slow",
            get(async || {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        )
        .route("/big", get(async || vec![b'x'; 64 << 20]));
    let test = TestApp::with(routes, config.clone(), Rules::none()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let site = test.router.clone();
    let task = tokio::spawn(async move {
        serve(listener, &config, site, patience, async {
            let _ = stopped.await;
        })
        .await;
    });
    Running { address, stop, task, _test: test }
}

async fn send(address: std::net::SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.expect("cut");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn slow_headers_are_cut_and_others_go_on() {
    let patience = Patience { headers: Duration::from_millis(300), ..Patience::default() };
    let running = start(Config::default(), patience).await;
    let began = Instant::now();
    let slow = send(running.address, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ").await;
    let good = send(running.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(read_all(good).await.starts_with("HTTP/1.1 200"));
    let _ = read_all(slow).await;
    let idle = send(running.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(read_all(idle).await.ends_with("ok\n"), "a kept connection without a next request is cut too");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_peer_that_never_reads_is_cut() {
    let patience = Patience { write: Duration::from_millis(300), ..Patience::default() };
    let running = start(Config { connections_max: 1, ..Config::default() }, patience).await;
    let deaf = send(running.address, b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let next = send(running.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(read_all(next).await.starts_with("HTTP/1.1 200"), "its place is free again");
    drop(deaf);
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_no_more() {
    let config = Config { connections_per_address_max: 2, ..Config::default() };
    let running = start(config, Patience::default()).await;
    let first = send(running.address, b"GET").await;
    let _second = send(running.address, b"GET").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let third = TcpStream::connect(running.address).await.unwrap();
    assert!(read_all(third).await.starts_with("HTTP/1.1 503"));
    drop(first);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let fourth = send(running.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(read_all(fourth).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_lets_running_requests_end() {
    let running = start(Config::default(), Patience::default()).await;
    let slow = send(running.address, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    assert!(read_all(slow).await.ends_with("done"));
    running.task.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err(), "nobody listens any more");
}
