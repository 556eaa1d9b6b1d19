//! `zhunsheng bench`: how fast, measured against the floor of the same machine in the same minute.
//!
//! Its parts can be had alone: `cast` (people with tokens), `load` (clients against a running server, with a ledger of what
//! was acknowledged), `check` (whether all of that is in the record), `forms` (citizens who send forms). Does not belong here: anything the server runs.

mod cast;
mod counties;
mod curve;
mod forms;
mod http;
mod ledger;
mod life;
mod load;
mod machine;
mod measure;
mod pages;
mod report;
mod sample;
mod server;
mod tell;

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
    let first = options.next()?;
    match &first {
        Some(Word::Value(part)) if part == "cast" => engage(options, terminal),
        Some(Word::Value(part)) if part == "load" => make_load(options, terminal),
        Some(Word::Value(part)) if part == "check" => check(options, terminal),
        Some(Word::Value(part)) if part == "forms" => send_forms(options, terminal),
        _ => measure_all(first, options, terminal),
    }
}

/// `bench --out DIR`: everything, with a report.
fn measure_all(first: Option<Word>, mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut plan = measure::Plan {
        out: PathBuf::from("bench-out"),
        counties: PathBuf::new(),
        sizes: vec![10_000, 100_000, 1_000_000],
        clients: vec![1, 8, 64],
        time: Duration::from_secs(8),
        patience: Duration::from_secs(20),
        forms: forms::COUNT,
        quick: false,
    };
    let mut docs = None;
    let mut word = first;
    while let Some(Word::Option(name)) = &word {
        match name.as_str() {
            "out" => plan.out = options.path()?,
            "counties" => plan.counties = options.path()?,
            "docs" => docs = Some(options.path()?),
            "sizes" => plan.sizes = numbers(&options.text()?)?,
            "clients" => plan.clients = numbers(&options.text()?)?,
            "seconds" => plan.time = Duration::from_secs(options.parsed("seconds", "秒数")?),
            "patience" => plan.patience = Duration::from_secs(options.parsed("patience", "秒数")?),
            "forms" => plan.forms = options.parsed("forms", "份数，0 为不测")?,
            "quick" => {
                (plan.sizes, plan.time, plan.quick) = (vec![1_000, 10_000], Duration::from_secs(2), true);
                (plan.patience, plan.forms) = (Duration::from_secs(2), 1_000);
            }
            _ => break,
        }
        word = options.next()?;
    }
    if let Some(word) = &word {
        return Err(unknown(word));
    }
    if plan.counties.as_os_str().is_empty() {
        plan.counties = plan.out.join("counties");
    }
    let report = measure::run(&plan, terminal)?;
    let path = plan.out.join("performance.json");
    let text = serde_json::to_string_pretty(&report).map_err(|error| Failure::because(&error))?;
    std::fs::write(&path, text + "\n").map_err(|error| Failure::file("写", &path, &error))?;
    let told = docs.unwrap_or(plan.out);
    tell::write(&report, &told)?;
    terminal.say(format!("{} 和 {} 已写好。", path.display(), told.join("performance.md").display()));
    Ok(Outcome::Fine)
}

/// `1,8,64`.
fn numbers(text: &str) -> Result<Vec<usize>, Failure> {
    let parsed: Result<Vec<usize>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    parsed
        .ok()
        .filter(|all| !all.is_empty() && !all.contains(&0))
        .ok_or_else(|| Failure::Usage(format!("“{text}”无法理解，应为逗号分隔的正整数，如 1,8,64。")))
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
    opening::require_county(&options.config.home())?;
    let db = Db::open(options.config.home())?;
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

/// `bench forms`: citizens at the door of a demonstration county that nobody serves, and whether all that they sent is there once.
fn send_forms(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut clients, mut count, mut time) = (forms::CLIENTS, forms::COUNT, forms::TIME);
    while let Some(word) = options.next()? {
        let Word::Option(name) = &word else { return Err(unknown(&word)) };
        match name.as_str() {
            "clients" => clients = options.parsed::<u64>("clients", "正整数")?.max(1),
            "count" => count = options.parsed("count", "正整数")?,
            "seconds" => time = Duration::from_secs(options.parsed("seconds", "秒数")?),
            _ => return Err(unknown(&word)),
        }
    }
    let data = options.config.data_dir.clone();
    let cast = engage_in(options)?;
    let server = server::Server::start(&data, &data.join("bench-forms.log"))?;
    let run = format!("{:x}", MachineClock::System.millis());
    let wish = forms::Wish { address: server.address, clients, count, time, run };
    let (sent, missing) = forms::judge(server, &cast, &wish, &data)?;
    terminal.say(serde_json::to_string_pretty(&sent).map_err(|error| Failure::because(&error))?);
    match missing {
        None => terminal.say(format!("{} 份表单都在记录里，各登记一次，查询码都查得到。", sent.forms)),
        Some(what) => {
            terminal.say(what);
            return Ok(Outcome::Finding);
        }
    }
    Ok(if sent.errors == 0 { Outcome::Fine } else { Outcome::Finding })
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
    let db = Db::open_for_reading(options.config.home())?;
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
