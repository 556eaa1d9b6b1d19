//! Which engine a test runs on: SQLite, or PostgreSQL if `ZHUNSHENG_TEST_DATABASE` names a server. Every data folder gets a
//! database of its own there, gone with the folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use zhunsheng::store::{Db, Home};

/// Names of the databases that were made, by data folder.
static MADE: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());

/// The server, if this run is on PostgreSQL.
pub fn server() -> Option<String> {
    std::env::var("ZHUNSHENG_TEST_DATABASE").ok()
}

/// Whether this run is on PostgreSQL; a test that looks into SQLite's file ends early there, and says so.
pub fn only_sqlite(why: &str) -> bool {
    let elsewhere = server().is_some();
    if elsewhere {
        eprintln!("only on SQLite: {why}");
    }
    !elsewhere
}

/// The home of a data folder on the engine of this run: no county in it yet, the schema up to date.
pub fn home(data: &Path) -> Home {
    made(data, template)
}

/// As [`home`], with nothing at all in it.
pub fn blank_home(data: &Path) -> Home {
    made(data, || "template0".to_owned())
}

fn made(data: &Path, template: impl Fn() -> String) -> Home {
    let mut home = Home::from(data);
    if let Some(server) = server() {
        let name = MADE.lock().unwrap_or_else(PoisonError::into_inner).get(data).cloned();
        let name = name.unwrap_or_else(|| create(data, &template()));
        home.database = Some(server.replace("/postgres?", &format!("/{name}?")).parse().unwrap());
    }
    home
}

/// What a command is told of the database of a data folder.
pub fn variable(data: &Path) -> String {
    let name = home(data).database.map(|_| MADE.lock().unwrap_or_else(PoisonError::into_inner)[data].clone());
    name.map(|name| server().unwrap().replace("/postgres?", &format!("/{name}?"))).unwrap_or_default()
}

/// Drops the databases of a folder that goes away.
pub fn forget(folder: &Path) {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let gone: Vec<PathBuf> = made.keys().filter(|data| data.starts_with(folder)).cloned().collect();
    let names: Vec<String> = gone.iter().filter_map(|data| made.remove(data)).collect();
    drop(made);
    for name in names {
        run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// A copy of a county: its folder, and on a server its database. Nobody may be at work in it; connections to it are cut.
pub fn copy_county(from: &Path, to: &Path) {
    super::copied(from, to);
    let known = MADE.lock().unwrap_or_else(PoisonError::into_inner).get(from).cloned();
    if let Some(name) = known {
        cut_off(&name);
        create(to, &name);
    }
}

/// Ends every connection to a database: only then can it be cloned.
fn cut_off(name: &str) {
    run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
}

fn create(data: &Path, template: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    run(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
    MADE.lock().unwrap_or_else(PoisonError::into_inner).insert(data.to_owned(), name.clone());
    name
}

/// A database with the schema in it, made once per run; cloning it is much quicker than migrating.
fn template() -> String {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE
        .get_or_init(|| {
            let folder = super::Folder::new();
            let name = format!("t{}_template", std::process::id());
            run(&format!("CREATE DATABASE {name} TEMPLATE template0"));
            let mut home = Home::from(folder.path());
            home.database = Some(server().unwrap().replace("/postgres?", &format!("/{name}?")).parse().unwrap());
            drop(Db::open(&home).unwrap());
            // The connections close behind our back.
            cut_off(&name);
            name
        })
        .clone()
}

/// One statement on the server, on a thread of its own: tests call it from async code as well.
pub fn run(sql: &str) {
    let server = server().unwrap();
    let work = || async {
        let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        drop(client);
        connection.await.unwrap().unwrap();
    };
    std::thread::scope(|scope| {
        let ran = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(work());
        });
        ran.join().unwrap();
    });
}
