//! From which address a request comes: the peer's, or what a trusted proxy says about it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::HOST;

use crate::config::Config;

/// The other end of the connection, put into every request by `serve.rs`.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Where this site is found from outside: as configured, else as the browser called it.
#[must_use]
pub fn own(headers: &HeaderMap, config: &Config) -> String {
    config.public_url.clone().unwrap_or_else(|| {
        let scheme = if config.https { "https" } else { "http" };
        let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
        format!("{scheme}://{host}")
    })
}

/// The visitor's address. X-Forwarded-For is read from the right, past the proxies we trust, and only if the peer
/// itself is one of them: everything further left can be made up by the visitor.
#[must_use]
pub fn of(request: &Request, config: &Config) -> IpAddr {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    if !config.trusts(peer) {
        return peer;
    }
    let mut visitor = peer;
    let lines: Vec<&str> =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.join(",").rsplit(',') {
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => visitor = address,
            Err(_) => return visitor,
        }
        if !config.trusts(visitor) {
            return visitor;
        }
    }
    visitor
}

#[cfg(test)]
mod tests {
    use super::{Peer, of};
    use crate::config::{Config, Network};
    use axum::body::Body;
    use axum::extract::Request;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let config = Config { trusted_proxy: vec![Network::parse("10.0.0.0/8").unwrap()], ..Config::default() };
        for (peer, forwarded, expected) in [
            ("203.0.113.9:1", "198.51.100.7", "203.0.113.9"),
            ("10.0.0.1:1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1:1", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
            ("10.0.0.1:1", "garbage", "10.0.0.1"),
        ] {
            let mut request = Request::new(Body::empty());
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
            request.extensions_mut().insert(Peer(peer.parse().unwrap()));
            assert_eq!(of(&request, &config), expected.parse::<std::net::IpAddr>().unwrap(), "{peer} {forwarded}");
        }
    }
}
