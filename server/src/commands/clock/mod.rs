//! `zhunsheng clock`: when a statutory time limit ends, and why — one asked on the command line, or a file of vectors.
//!
//! Does not belong here: how limits are counted (`zhunsheng_core::clock`), what JSON looks like (`vector.rs`).

mod suite;
mod vector;

use std::path::{Path, PathBuf};

use serde_json::json;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{Answer, Direction, Due, Duty, Happened, Known, LimitKind, Looked, Problem, Question};
use zhunsheng_core::clock::{Start, Stated, StatedUnit, Unit, read_amount};
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::Statutes;

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use super::texts::Folder;
use crate::app::ruling::{embedded, read_folder};

/// What was typed.
#[derive(Default)]
struct Wish {
    vectors: Vec<PathBuf>,
    law: Option<PathBuf>,
    texts: Option<PathBuf>,
    json: bool,
    days: bool,
    statute: Option<String>,
    edition: Option<Day>,
    article: Option<String>,
    phrase: Option<String>,
    limit: Option<Stated>,
    start: Option<String>,
    events: Vec<Happened>,
    direction: Option<Direction>,
    kind: Option<LimitKind>,
    duty: Option<Duty>,
    roll: Option<bool>,
}

/// The texts of a folder, of which there must be some: else nothing would be looked up, and nobody would notice.
fn texts(folder: &Path, statutes: &Statutes) -> Result<Folder, Failure> {
    let texts = Folder::read(folder, statutes)?;
    if texts.len() == 0 {
        return Err(Failure::Fault(format!("{} 中没有名为“法名(通过日期).md”的法规文本。", folder.display())));
    }
    Ok(texts)
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut wish = Wish::default();
    while let Some(word) = options.next()? {
        wish.take(word, &mut options)?;
    }
    let (statutes, calendar) = rules(wish.law.as_deref())?;
    let texts = wish.texts.as_deref().map(|folder| texts(folder, &statutes)).transpose()?;
    let look = |statute: &_, edition: &_, article, phrase: &str| match &texts {
        Some(texts) => texts.look(statute, edition, article, phrase),
        None => Looked::NoText,
    };
    let known = Known { statutes: &statutes, calendar: &calendar, texts: Some(&look) };
    if wish.vectors.is_empty() {
        let question = wish.question()?;
        return Ok(answer(&question, &wish, &known, terminal));
    }
    suite::run(&wish.vectors, wish.json, texts.is_some(), &known, terminal)
}

/// Statutes and calendars of a law folder, or those that came with the program.
fn rules(folder: Option<&std::path::Path>) -> Result<(Statutes, Calendar), Failure> {
    let files = match folder {
        Some(folder) => read_folder(folder)?,
        None => embedded(),
    };
    let (mut statutes, mut calendar) = (Statutes::default(), Calendar::default());
    for (path, text) in &files {
        if path == "statutes.toml" {
            statutes = Statutes::parse(path, text).map_err(|error| Failure::because(&error))?;
        } else if path.starts_with("calendars/") {
            calendar.load(path, text).map_err(|error| Failure::because(&error))?;
        }
    }
    Ok((statutes, calendar))
}

impl Wish {
    fn take(&mut self, word: Word, options: &mut Options) -> Result<(), Failure> {
        let Word::Option(name) = &word else {
            // `--vectors a.json b.json`: the shell spreads a star over several words.
            return match word {
                Word::Value(value) if !self.vectors.is_empty() => {
                    self.vectors.push(PathBuf::from(value));
                    Ok(())
                }
                other => Err(unknown(&other)),
            };
        };
        match name.as_str() {
            "vectors" => self.vectors.push(options.path()?),
            "law" => self.law = Some(options.path()?),
            "statutes" => self.texts = Some(options.path()?),
            "json" => self.json = true,
            "days" => self.days = true,
            "statute" => self.statute = Some(options.text()?),
            "edition" => self.edition = Some(Day::from(options.date("edition")?)),
            "article" => self.article = Some(options.text()?),
            "phrase" => self.phrase = Some(options.text()?),
            "start" => self.start = Some(options.text()?),
            "limit" => self.limit = Some(limit(&options.text()?)?),
            "exclude" => self.events.push(exclusion(&options.text()?)?),
            "extend" => self.events.push(extension(&options.text()?)?),
            "restart" => self.events.push(Happened::Restart(start("restart", &options.text()?)?)),
            "backward" => self.direction = Some(Direction::Backward),
            "min" => self.kind = Some(LimitKind::Minimum),
            "party" => self.duty = Some(Duty::Party),
            "roll" => self.roll = Some(true),
            "no-roll" => self.roll = Some(false),
            _ => return Err(unknown(&word)),
        }
        Ok(())
    }

    fn question(&self) -> Result<Question, Failure> {
        let needed = |value: &Option<String>, name: &str| {
            value.clone().ok_or_else(|| Failure::Usage(format!("缺少 --{name}；也可以用 --vectors 文件。")))
        };
        if self.phrase.is_none() && self.limit.is_none() {
            return Err(Failure::Usage(
                "要有 --phrase 条文原文（如 九十日）或者 --limit（如 \"90 day\"）。".to_owned(),
            ));
        }
        Ok(Question {
            statute: needed(&self.statute, "statute")?,
            edition: self.edition,
            article: needed(&self.article, "article")?,
            phrase: self.phrase.clone().unwrap_or_default(),
            limit: self.limit.clone(),
            start: start("start", &needed(&self.start, "start")?)?,
            events: self.events.clone(),
            direction: self.direction,
            kind: self.kind,
            duty: self.duty,
            roll: self.roll,
        })
    }
}

fn start(name: &str, typed: &str) -> Result<Start, Failure> {
    Start::parse(typed).ok_or_else(|| {
        Failure::Usage(format!(
            "--{name} 的取值“{typed}”不是日期，应如 2024-10-26；以小时计算的，如 2024-10-26T15:30。"
        ))
    })
}

/// `90 day`, `fixed 01-31`.
fn limit(typed: &str) -> Result<Stated, Failure> {
    let wrong = || {
        Failure::Usage(format!(
            "--limit 的取值“{typed}”无法理解，应如 \"90 day\"、\"7 work_day\"、\"3 month\"、\"2 year\"、\"24 hour\"、\"fixed 01-31\"。"
        ))
    };
    let (amount, unit) = read_amount(typed.trim()).map_err(|_| wrong())?;
    let unit = match unit {
        Unit::Fixed(month, day) => StatedUnit::Fixed(Some((u32::from(month), u32::from(day)))),
        unit => StatedUnit::Plain(unit),
    };
    Ok(Stated::Limit(i64::from(amount), unit))
}

/// `2024-03-01..2024-03-11`; nothing behind the dots: it still lasts.
fn exclusion(typed: &str) -> Result<Happened, Failure> {
    let wrong = || {
        Failure::Usage(format!(
            "--exclude 的取值“{typed}”无法理解，应如 2024-03-01..2024-03-11：不计入的第一日..恢复计算的第一日。"
        ))
    };
    let (from, until) = typed.split_once("..").ok_or_else(wrong)?;
    let until = match until.trim() {
        "" => None,
        until => Some(start("exclude", until)?),
    };
    Ok(Happened::Exclude(start("exclude", from.trim())?, until))
}

fn extension(typed: &str) -> Result<Happened, Failure> {
    match limit(typed) {
        Ok(Stated::Limit(amount, StatedUnit::Plain(unit))) => Ok(Happened::Extend(amount, unit)),
        _ => Err(Failure::Usage(format!("--extend 的取值“{typed}”无法理解，应如 \"30 day\"、\"10 work_day\"。"))),
    }
}

/// A due day as the suite writes it.
fn written(due: Due) -> String {
    match due {
        Due::At(moment) => {
            let (hour, minute, _) = moment.time();
            format!("{}T{hour:02}:{minute:02}", moment.day())
        }
        due => due.day().map(|day| day.to_string()).unwrap_or_default(),
    }
}

fn answer(question: &Question, wish: &Wish, known: &Known<'_>, terminal: &mut Terminal) -> Outcome {
    let found = question.answer(known);
    if wish.json {
        terminal.say(as_json(&found, wish.days, known).to_string());
    } else {
        tell(&found, wish.days, known, terminal);
    }
    if found.is_ok() { Outcome::Fine } else { Outcome::Finding }
}

fn tell(found: &Result<Answer, Problem>, days: bool, known: &Known<'_>, terminal: &mut Terminal) {
    match found {
        Err(problem) => terminal.say(format!("错误 [{}] {problem}", problem.code())),
        Ok(answer) => {
            terminal.say(written(answer.deadline.due));
            terminal.say(answer.deadline.because.concat());
            let list = if days { answer.run.days(known.calendar) } else { Vec::new() };
            for line in list {
                let nth = line.nth.map_or_else(|| "—".to_owned(), |nth| nth.to_string());
                terminal.say(format!("{} {}\t{nth}\t{}", line.day, line.day.weekday_chinese(), line.why));
            }
        }
    }
}

fn as_json(found: &Result<Answer, Problem>, days: bool, known: &Known<'_>) -> serde_json::Value {
    match found {
        Err(problem) => json!({ "error": problem.code(), "what": problem.to_string() }),
        Ok(answer) => {
            let list = days.then(|| answer.run.days(known.calendar));
            let list = list.map(|list| {
                let line = |line: &zhunsheng_core::clock::CountedDay| {
                    json!({ "day": line.day.to_string(), "nth": line.nth, "why": line.why })
                };
                list.iter().map(line).collect::<Vec<_>>()
            });
            json!({ "due": written(answer.deadline.due), "because": answer.deadline.because.concat(), "days": list })
        }
    }
}
