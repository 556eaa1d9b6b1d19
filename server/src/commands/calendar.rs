//! `zhunsheng calendar load FILE` and `calendar show YEAR`: the notices of days off that working days are counted by.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zhunsheng_core::calendar::{Calendar, Notice};
use zhunsheng_core::matter::Actor;

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::App;
use crate::app::calendar::{self, Loaded, NotLoaded, shown};
use crate::app::clock::MachineClock;
use crate::app::fault::Fault;
use crate::app::ruling::Ruling;
use crate::app::ruling::embedded;
use crate::config::Config;
use crate::store::{Db, Tx};

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let verb = match options.next()? {
        Some(Word::Value(word)) if word == "load" || word == "show" => word,
        Some(word) => return Err(unknown(&word)),
        None => {
            return Err(Failure::Usage(
                "calendar 后面要写明做什么：calendar load 文件，或 calendar show 年份。".to_owned(),
            ));
        }
    };
    let (mut what, mut json) = (None, false);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "json" => json = true,
            Word::Value(value) if what.is_none() => what = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    if verb == "load" {
        let file =
            what.ok_or_else(|| Failure::Usage("缺少文件名，如 zhunsheng calendar load 2027.toml。".to_owned()))?;
        return load(options.config, &file, json, terminal);
    }
    let typed = what.map(|what| what.to_string_lossy().into_owned());
    let year = typed.ok_or_else(|| Failure::Usage("缺少年份，如 zhunsheng calendar show 2026。".to_owned()))?;
    let year = year.parse().map_err(|_| Failure::Usage(format!("“{year}”不是年份，应如 2026。")))?;
    show(options.config, year, json, terminal)
}

fn load(config: Config, file: &Path, json: bool, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    if !opening::has_county(&config.home())? {
        return Err(Fault::NoCounty.into());
    }
    let text = std::fs::read_to_string(file).map_err(|error| Failure::file("读取", file, &error))?;
    let db = Db::open(config.home())?;
    let mut desk = App::start(config, db.clone(), MachineClock::System)?.recording_desk()?;
    let work = move |tx: &mut Tx<'_>| calendar::load(tx, &mut desk, &Actor::System, &text);
    match db.write_blocking::<_, NotLoaded, _>(work) {
        Ok(loaded) if json => terminal.say(loaded_json(&loaded).to_string()),
        Ok(loaded) => tell(&loaded, terminal),
        Err(NotLoaded::Known) if json => terminal.say(json!({ "loaded": false, "moved": [] }).to_string()),
        Err(NotLoaded::Known) => terminal.say("同样内容的放假安排已经录入过，没有改动。"),
        Err(NotLoaded::Unread(why)) => {
            return Err(Failure::Fault(format!("{} 不是放假安排，没有改动。{why}", file.display())));
        }
        Err(NotLoaded::Act(error)) => return Err(error.into()),
    }
    Ok(Outcome::Fine)
}

fn tell(loaded: &Loaded, terminal: &mut Terminal) {
    let seq = loaded.seq.unwrap_or_default();
    terminal.say(format!("已录入{}年放假安排（{}），记录第 {seq} 项。", loaded.year, loaded.notice));
    for line in &loaded.moved {
        terminal.say(format!("{} → {}\t{}\t{}", shown(line.old), shown(line.new), line.clock_title, line.title));
    }
    terminal.say(match loaded.moved.len() {
        0 => "没有期限变动。".to_owned(),
        moved => format!("{moved} 个期限变动。"),
    });
}

fn loaded_json(loaded: &Loaded) -> Value {
    let due = |shown: crate::store::recount::Shown| json!({ "day": shown.day.map(|day| day.to_string()), "provisional": shown.provisional });
    let moved = loaded.moved.iter().map(|line| {
        json!({
            "matter": line.matter.to_string(),
            "title": line.title,
            "clock": line.clock,
            "clock_title": line.clock_title,
            "old": due(line.old),
            "new": due(line.new),
        })
    });
    json!({
        "loaded": true,
        "year": loaded.year,
        "notice": loaded.notice,
        "entry": loaded.seq,
        "moved": moved.collect::<Vec<_>>(),
    })
}

/// From the county if there is one in the folder, else from what came with the program.
fn known(config: Config) -> Result<Calendar, Failure> {
    if opening::has_county(&config.home())? {
        return Ok(opening::open_for_reading(config)?.county.ruling().calendar.clone());
    }
    Ok(Ruling::check(&embedded())?.calendar)
}

fn show(config: Config, year: i16, json: bool, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let calendar = known(config)?;
    let found = calendar.years().find(|(known, _)| *known == year);
    let (_, notice) = found.ok_or_else(|| Failure::Fault(format!("{year}年放假安排尚未录入。")))?;
    if json {
        terminal.say(notice_json(year, notice, &calendar).to_string());
        return Ok(Outcome::Fine);
    }
    terminal.say(format!("{year}年　{}　工作日 {} 天", notice.notice, calendar.work_days_in(year)));
    for run in &notice.off {
        let days = run.to.days_since(run.from) + 1;
        terminal.say(format!("  休 {}　{} 至 {}　{days} 天", run.name, run.from, run.to));
    }
    for work in &notice.work {
        let days: Vec<String> = work.days.iter().map(|day| format!("{day}（{}）", day.weekday_chinese())).collect();
        terminal.say(format!("  班 {}　{}", work.name, days.join("、")));
    }
    Ok(Outcome::Fine)
}

fn notice_json(year: i16, notice: &Notice, calendar: &Calendar) -> Value {
    let off = notice
        .off
        .iter()
        .map(|run| json!({ "name": run.name, "from": run.from.to_string(), "to": run.to.to_string() }));
    let work = notice.work.iter().map(|work| {
        let days: Vec<String> = work.days.iter().map(ToString::to_string).collect();
        json!({ "name": work.name, "days": days })
    });
    json!({
        "year": year,
        "notice": notice.notice,
        "digest": notice.digest.to_string(),
        "work_days": calendar.work_days_in(year),
        "off": off.collect::<Vec<_>>(),
        "work": work.collect::<Vec<_>>(),
    })
}
