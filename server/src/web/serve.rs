//! The accept loop: our own, because `axum::serve` gives hyper no timer and so no defence against slow headers.
//!
//! Caps: connections in all and per address; ten seconds for a request's headers (also between two requests of one
//! connection); thirty seconds for a stalled write; a quarter of an hour for a connection. Bodies and whole requests
//! have their own times (router.rs, trace.rs).

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;

use super::address::Peer;
use super::patience::Patient;
use crate::config::Config;

/// How patient the server is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a request's headers, and for the next request on a kept connection.
    pub headers: Duration,
    /// For a write that makes no progress.
    pub write: Duration,
    /// For a whole connection; its running request still ends.
    pub connection: Duration,
    /// For running requests when the server stops.
    pub stop: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            write: Duration::from_secs(30),
            connection: Duration::from_secs(15 * 60),
            stop: Duration::from_secs(10),
        }
    }
}

/// SIGINT or SIGTERM.
pub async fn stop_signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("no signal handlers: stop the process by force");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Opens the configured address.
pub async fn bind(config: &Config) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::new(config.address, config.port)).await
}

/// Serves until `stop`, then lets running requests end.
pub async fn serve(
    listener: TcpListener,
    config: &Config,
    site: Router,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let slots_max = config.connections_max.clamp(1, 1 << 20);
    let slots = Arc::new(Semaphore::new(slots_max));
    let crowd = Crowd { counts: Arc::default(), max: config.connections_per_address_max.max(1) };
    let (closing, closed) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a peer that gave up: neither ends the server.
                tracing::warn!(%error, "accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
            turn_away(&stream);
            continue;
        };
        let place = if config.trusts(peer.ip()) { None } else { Some(crowd.enter(peer.ip())) };
        if matches!(place, Some(None)) {
            turn_away(&stream);
            continue;
        }
        let ticket = (slot, place.flatten());
        tokio::spawn(attend(stream, peer, site.clone(), patience, closed.clone(), ticket));
    }
    let _ = closing.send(true);
    let all = u32::try_from(slots_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(patience.stop, slots.acquire_many(all)).await.is_err() {
        tracing::warn!("some requests were still running at the end");
    }
}

/// Serves one connection. The ticket is given back at the end.
async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    site: Router,
    patience: Patience,
    mut closed: watch::Receiver<bool>,
    _ticket: (OwnedSemaphorePermit, Option<Place>),
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let answer = site.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(Patient::new(stream, patience.write)), service);
    let mut connection = pin!(connection);
    let mut leaving = false;
    let mut too_long = pin!(tokio::time::sleep(patience.connection));
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection");
                }
                return;
            }
            () = &mut too_long, if !leaving => leaving = true,
            _ = closed.changed(), if !leaving => leaving = true,
        }
        connection.as_mut().graceful_shutdown();
    }
}

/// A short answer without waiting for the question.
fn turn_away(stream: &TcpStream) {
    let _ = stream.try_write(
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
}

/// How many connections each address has.
struct Crowd {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    max: usize,
}

impl Crowd {
    /// A place for one more connection, unless the address has enough.
    fn enter(&self, address: IpAddr) -> Option<Place> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(Place { counts: Arc::clone(&self.counts), address })
    }
}

/// One connection's place; given back when dropped.
struct Place {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
