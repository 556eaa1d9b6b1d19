//! `zhunsheng bench`: how fast, measured against the floor of the same machine in the same minute.
//!
//! Three parts can be had alone: `cast` (people with tokens), `load` (clients against a running server, with a ledger of what
//! was acknowledged) and `check` (whether all of that is in the record). Does not belong here: anything the server runs.

mod cast;
mod http;
mod ledger;
mod life;
mod load;
mod sample;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::App;
use crate::app::clock::MachineClock;
use crate::store::Db;
use cast::Cast;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match options.next()? {
        Some(Word::Value(part)) if part == "cast" => engage(options, terminal),
        Some(Word::Value(part)) if part == "load" => make_load(options, terminal),
        Some(Word::Value(part)) if part == "check" => check(options, terminal),
        Some(other) => Err(unknown(&other)),
        None => Err(Failure::Usage("请写明 cast、load 或者 check。".to_owned())),
    }
}

/// `bench cast --out FILE`: tokens and sessions in a demonstration county that nobody serves.
fn engage(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut out = PathBuf::from("cast.json");
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "out" => out = options.path()?,
            _ => return Err(unknown(&word)),
        }
    }
    let cast = engage_in(options)?;
    cast.write(&out)?;
    terminal.say(format!("{} 名调解员的令牌已写入 {}", cast.actors.len(), out.display()));
    Ok(Outcome::Fine)
}

fn engage_in(options: Options) -> Result<Cast, Failure> {
    if !opening::has_database(&options.config.data_dir) {
        return Err(crate::app::fault::Fault::NoCounty.into());
    }
    let db = Db::open(&options.config.data_dir)?;
    Cast::engage(&App::start(options.config, db, MachineClock::System)?)
}

/// `bench load`: clients against a running server.
fn make_load(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut cast = PathBuf::from("cast.json");
    let mut wish = load::Wish {
        address: SocketAddr::from(([127, 0, 0, 1], 8826)),
        clients: 8,
        time: Duration::from_secs(10),
        warm_up: Duration::ZERO,
        count: u64::MAX,
        ledger: None,
        patience: Duration::ZERO,
        run: format!("{:x}", MachineClock::System.millis()),
    };
    while let Some(word) = options.next()? {
        let Word::Option(name) = &word else { return Err(unknown(&word)) };
        match name.as_str() {
            "cast" => cast = options.path()?,
            "address" => wish.address = options.parsed("address", "地址和端口，如 127.0.0.1:8826")?,
            "clients" => wish.clients = options.parsed("clients", "正整数")?,
            "seconds" => wish.time = Duration::from_secs(options.parsed("seconds", "秒数")?),
            "warm-up" => wish.warm_up = Duration::from_secs(options.parsed("warm-up", "秒数")?),
            "count" => wish.count = options.parsed("count", "正整数")?,
            "ledger" => wish.ledger = Some(options.path()?),
            "patience" => wish.patience = Duration::from_secs(options.parsed("patience", "秒数")?),
            _ => return Err(unknown(&word)),
        }
    }
    let made = load::run(&Cast::read(&cast)?, &wish)?;
    terminal.say(serde_json::to_string(&made).map_err(|error| Failure::because(&error))?);
    Ok(if made.errors == 0 { Outcome::Fine } else { Outcome::Finding })
}

/// `bench check --ledger FILE`: whether everything acknowledged is in the record.
fn check(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut ledger = None;
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "ledger" => ledger = Some(options.path()?),
            _ => return Err(unknown(&word)),
        }
    }
    let path = ledger.ok_or_else(|| Failure::Usage("请用 --ledger 指明账本文件。".to_owned()))?;
    let lines = ledger::Ledger::read(&path)?;
    let db = Db::open_for_reading(&options.config.data_dir)?;
    match ledger::missing(&db, &lines)? {
        None => {
            terminal.say(format!("已答复的 {} 项都在记录里。", lines.len()));
            Ok(Outcome::Fine)
        }
        Some(what) => {
            terminal.say(what);
            Ok(Outcome::Finding)
        }
    }
}
