//! The server under test: this same program as a process of its own, so that what it uses can be told from what the load uses.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::http::Kept;
use crate::commands::failure::Failure;

/// A server that does not answer within this time has failed to start.
const START_MAX: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(5);

/// A running server.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it answered.
    pub start: Duration,
}

impl Server {
    /// Serves a demonstration county on a free port of the loopback; its log goes to a file.
    pub fn start(data: &Path, log: &Path) -> Result<Self, Failure> {
        let address = free_address().map_err(|error| Failure::because(&error))?;
        let program = std::env::current_exe().map_err(|error| Failure::because(&error))?;
        let log = File::create(log).map_err(|error| Failure::file("建立", log, &error))?;
        let began = Instant::now();
        let child = Command::new(&program)
            .args(["demo", "--port", &address.port().to_string(), "--data"])
            .arg(data)
            .envs([("MIMALLOC_PURGE_DELAY", "10"), ("MIMALLOC_ALLOW_THP", "0")])
            // Citizens of a measurement come from an address each.
            .env("ZHUNSHENG_TRUSTED_PROXY", "127.0.0.1")
            .env_remove("ZHUNSHENG_DATABASE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| Failure::file("启动", &program, &error))?;
        let mut server = Self { child, address, start: Duration::ZERO };
        server.wait(began)?;
        server.start = began.elapsed();
        Ok(server)
    }

    fn wait(&mut self, began: Instant) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::because(&error))?;
        let address = self.address;
        loop {
            let healthy = runtime.block_on(async { Kept::open(address).await?.get("/healthz", "").await });
            if healthy.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            let ended = self.child.try_wait().ok().flatten();
            if ended.is_some() || began.elapsed() > START_MAX {
                return Err(Failure::Fault("被测的服务没有启动，原因见它的日志。".to_owned()));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would: no signal that it could answer.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends it as an operator does.
    pub fn stop(mut self) {
        let asked = Command::new("kill").arg(self.pid().to_string()).status();
        if asked.is_ok_and(|status| status.success()) {
            let _ = self.child.wait();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
