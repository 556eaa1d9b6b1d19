//! A database server that goes away: what callers are told, what was saved, and that the writer goes on. A proxy between cuts
//! connections at the moment that is asked for.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use zhunsheng::params;
use zhunsheng::store::{Db, Home, Query, StoreFault, settings};

use crate::support::{Folder, run, server, variable};

const COUNTY: &str = "211224";

/// When a connection is cut.
const NEVER: u8 = 0;
const BEFORE_COMMIT: u8 = 1;
const AFTER_COMMIT: u8 = 2;

/// Carries connections to the server of this run.
struct Proxy {
    when: Arc<AtomicU8>,
    home: Home,
}

impl Proxy {
    /// `None` without a server.
    fn start(folder: &Folder) -> Option<Self> {
        let socket = PathBuf::from(server()?.split("host=").nth(1).unwrap()).join(".s.PGSQL.5432");
        let when = Arc::new(AtomicU8::new(NEVER));
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let told = Arc::clone(&when);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(&socket).unwrap();
                let (back, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || carry(back, to, &AtomicU8::new(NEVER)));
                let told = Arc::clone(&told);
                std::thread::spawn(move || carry(client, server, &told));
            }
        });
        let address = variable(folder.path());
        let through = format!("{}host={}", address.split("host=").next().unwrap(), folder.path().display());
        let home = Home { database: Some(through.parse().unwrap()), ..Home::from(folder.path()) };
        Some(Self { when, home })
    }
}

fn carry(mut from: UnixStream, mut to: UnixStream, when: &AtomicU8) {
    let mut chunk = [0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        let commits = chunk[..read].windows(6).any(|word| word == b"COMMIT");
        let cut = if commits { when.load(Ordering::SeqCst) } else { NEVER };
        if cut == BEFORE_COMMIT {
            break;
        }
        if cut == AFTER_COMMIT {
            // The answer may not come through.
            let _ = from.shutdown(Shutdown::Write);
        }
        if to.write_all(&chunk[..read]).is_err() {
            break;
        }
        if cut == AFTER_COMMIT {
            std::thread::sleep(std::time::Duration::from_millis(300));
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

fn put(db: &Db, name: &'static str) -> Result<(), StoreFault> {
    db.write_blocking(move |tx| settings::put(tx, COUNTY, name, ""))
}

fn names(db: &Db) -> Vec<String> {
    let read = |r: &zhunsheng::store::Reader<'_>| {
        r.query_all("SELECT name FROM setting WHERE county_code = $1 ORDER BY name", params![COUNTY], |row| row.text(0))
    };
    db.read_blocking(read).unwrap()
}

#[test]
fn a_commit_without_an_answer_is_told_as_unknown_and_the_writer_goes_on() {
    let folder = Folder::new();
    let Some(proxy) = Proxy::start(&folder) else { return eprintln!("only with PostgreSQL") };
    let db = Db::open(&proxy.home).unwrap();
    put(&db, "a").unwrap();
    for (when, name, saved) in [(BEFORE_COMMIT, "b", false), (AFTER_COMMIT, "c", true)] {
        proxy.when.store(when, Ordering::SeqCst);
        let told = put(&db, name).unwrap_err();
        proxy.when.store(NEVER, Ordering::SeqCst);
        assert!(matches!(told, StoreFault::Unknown), "{told:?}");
        assert!(told.to_string().contains("不知道本次写入是否已经保存"), "{told}");
        // The server has the COMMIT and nobody waits for it: it may still be at it.
        let there = || names(&db).iter().any(|found| found == name);
        let began = std::time::Instant::now();
        while saved && !there() && began.elapsed().as_secs() < 10 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(there(), saved, "{name}");
        put(&db, "after").unwrap();
    }
    assert_eq!(names(&db), ["a", "after", "c"]);
    assert_eq!(db.failure(), None, "the store has not stopped");
}

#[test]
fn a_connection_lost_within_a_job_saves_nothing_of_it() {
    let folder = Folder::new();
    let Some(_) = server() else { return eprintln!("only with PostgreSQL") };
    let db = Db::open(folder.home()).unwrap();
    put(&db, "a").unwrap();
    let address = variable(folder.path());
    let name = address.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    let told = db.write_blocking(move |tx| {
        settings::put(tx, COUNTY, "b", "")?;
        run(&cut);
        settings::put(tx, COUNTY, "c", "")
    });
    assert!(matches!(told, Err(StoreFault::Unreachable { .. })), "{told:?}");
    put(&db, "d").unwrap();
    assert_eq!(names(&db), ["a", "d"], "readers connect again as well");
}
