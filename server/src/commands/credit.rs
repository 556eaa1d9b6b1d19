//! `zhunsheng credit`: how complete the reports to the credit platform are; whether the reports of a file would pass the check.

use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::credit::{self, Finding, Values};
use zhunsheng_core::day::Day;

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::program::Program;
use super::terminal::Terminal;
use crate::app::clock::{CountyClock, MachineClock};
use crate::app::credit::coverage::{self, Covered, Decision, Organ};
use crate::app::credit::table::Table;
use crate::app::fault::Fault;

/// A file of a batch at most.
const ANSWER_MAX: usize = 64 << 20;

/// What was asked.
#[derive(Default)]
struct Asked {
    from: Option<Day>,
    to: Option<Day>,
    json: bool,
    file: Option<PathBuf>,
    out: Option<PathBuf>,
    program: Program,
    category: Option<String>,
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut words = Vec::new();
    let mut asked = Asked::default();
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "from" => asked.from = Some(Day::from(options.date("from")?)),
            Word::Option(name) if name == "to" => asked.to = Some(Day::from(options.date("to")?)),
            Word::Option(name) if name == "category" => asked.category = Some(options.text()?),
            Word::Option(name) if name == "json" => asked.json = true,
            Word::Option(name) if name == "server" => asked.program.server = Some(options.text()?),
            Word::Option(name) if name == "token" => asked.program.token = Some(options.path()?),
            Word::Option(name) if name == "out" => asked.out = Some(options.path()?),
            Word::Value(value) if words.len() < 3 => words.push(value.clone()),
            _ => return Err(unknown(&word)),
        }
    }
    let mut words = words.into_iter();
    match words.next().as_ref().and_then(|word| word.to_str()) {
        Some("coverage") | None => show_coverage(options, &asked, terminal),
        Some("check") => {
            asked.file = words.next().map(PathBuf::from);
            check(&asked, terminal)
        }
        Some("batch") => {
            let named: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
            batch(&asked, &named, options.config.roots, terminal)
        }
        Some(other) => {
            let known = "可用 credit coverage、credit check、credit batch";
            Err(Failure::Usage(format!("没有 credit {other}；{known}。")))
        }
    }
}

/// Makes a batch of what waits, or fetches a file of one.
fn batch(asked: &Asked, named: &[String], roots: PathBuf, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match (named, &asked.out) {
        ([], None) => made(asked, roots, terminal),
        ([name, file], Some(out)) => {
            let plain = |word: &String| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            if !plain(name) || !plain(file) {
                return Err(Failure::Usage(format!("“{name} {file}”不是批次的文件。")));
            }
            let path = format!("credit/batches/{name}/{file}");
            asked.program.fetch(roots, &path, ANSWER_MAX, out, terminal)
        }
        _ => {
            let how = "组成批次不写名称；取文件写明批次、文件名和 --out 文件";
            Err(Failure::Usage(format!("credit batch：{how}。")))
        }
    }
}

fn made(asked: &Asked, roots: PathBuf, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let reply = asked.program.ask(roots, "credit/batches", true, ANSWER_MAX)?;
    let answer: Value = serde_json::from_slice(&reply.body).map_err(|error| Failure::because(&error))?;
    let count = |field: &str| answer.get(field).and_then(Value::as_u64).unwrap_or_default();
    let name = answer.get("batch").and_then(Value::as_str).unwrap_or_default();
    let (sent, held_back) = (count("sent"), count("held_back"));
    if asked.json {
        terminal.say(answer.to_string());
    } else if name.is_empty() {
        terminal.say(format!("没有可以报送的；校验没有通过、留下的 {held_back} 条。"));
    } else {
        terminal.say(format!("批次 {name}：报送 {sent} 条；校验没有通过、留下的 {held_back} 条。"));
    }
    Ok(if held_back > 0 { Outcome::Finding } else { Outcome::Fine })
}

fn show_coverage(options: Options, asked: &Asked, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let app = opening::open_for_reading(options.config)?;
    let today = app.today();
    let to = asked.to.unwrap_or(today);
    let from = asked.from.or_else(|| Day::new(to.year(), 1, 1)).unwrap_or(to);
    let found: Result<_, Fault> = app.db.read_blocking(|r| Ok(coverage::of(r, &app, (from, to), None)?));
    let covered = found?;
    let Covered { decisions, organs } = &*covered;
    let missing = decisions.iter().any(|decision| decision.standing.missing());
    let without = organs.iter().any(|organ| !organ.without_list.is_empty());
    if asked.json {
        let answer = coverage::to_json(&app.county.ruling().law, (from, to), &covered);
        terminal.say(serde_json::to_string_pretty(&answer).map_err(|error| Failure::because(&error))?);
    } else {
        tell(&app.county_name, (from, to), decisions, organs, terminal);
    }
    Ok(if missing || without { Outcome::Finding } else { Outcome::Fine })
}

fn tell(county: &str, (from, to): (Day, Day), decisions: &[Decision], organs: &[Organ], terminal: &mut Terminal) {
    terminal.say(format!("{county}信用信息报送，决定日期{from}至{to}（内部核对，不作排名）"));
    for organ in organs {
        let percent = match organ.percent() {
            Some(percent) => percent,
            None if organ.without_list.is_empty() => "没有到期的".to_owned(),
            None => format!("分母未提供：缺{}", organ.lacking()),
        };
        terminal.say(format!(
            "{}\t应报送 {}　已报送 {}　漏报 {}\t{percent}",
            organ.name,
            organ.owed(),
            organ.reported(),
            organ.missing()
        ));
    }
    for decision in decisions.iter().filter(|decision| decision.standing.missing()) {
        let number = if decision.number.is_empty() { decision.matter.to_string() } else { decision.number.clone() };
        terminal.say(format!(
            "漏报\t{}\t{number}\t{}\t{}",
            decision.organ,
            decision.decided,
            decision.standing.chinese()
        ));
    }
}

/// Checks a table of reports by the rules that came with the program; no county is opened.
fn check(asked: &Asked, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let Some(path) = &asked.file else { return Err(Failure::Usage("credit check 后面要写文件。".to_owned())) };
    let loaded = zhunsheng_core::law::load_adopted(&crate::app::ruling::embedded(), &[]);
    let category = asked.category.as_deref().unwrap_or("penalty");
    let template = loaded.law.credit.template(category);
    let template = template.ok_or_else(|| Failure::Usage(format!("--category 的取值“{category}”没有报送模板。")))?;
    let bytes = std::fs::read(path).map_err(|source| Fault::File { path: path.clone(), source })?;
    let table = Table::read(&bytes).map_err(|why| Failure::Usage(format!("{}：{why}。", path.display())))?;
    // A file is checked without a county, so by the machine's own day.
    let today = Day::from(CountyClock::real(MachineClock::System).today());
    let values = |cells: &[String]| -> Values {
        let pairs = table.columns().iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        pairs.map(|(code, cell)| (code.clone(), cell.clone())).collect()
    };
    let reports: Vec<(u64, Values)> = table.rows.iter().map(|(line, cells)| (*line, values(cells))).collect();
    let mut found: Vec<(u64, Finding)> = Vec::new();
    for (line, report) in &reports {
        found.extend(credit::check(template, report, today).into_iter().map(|finding| (*line, finding)));
    }
    let twice = credit::duplicates(template, reports.iter().map(|(_, report)| report));
    found.extend(twice.into_iter().filter_map(|(at, finding)| Some((reports.get(at)?.0, finding))));
    report(asked.json, reports.len(), &found, terminal)?;
    Ok(if found.is_empty() { Outcome::Fine } else { Outcome::Finding })
}

fn report(as_json: bool, count: usize, found: &[(u64, Finding)], terminal: &mut Terminal) -> Result<(), Failure> {
    if as_json {
        let one = |(line, finding): &(u64, Finding)| json!({ "line": line, "field": finding.code, "title": finding.title, "problem": finding.what, "remedy": finding.remedy });
        let answer = json!({ "reports": count, "findings": found.iter().map(one).collect::<Vec<_>>() });
        terminal.say(serde_json::to_string_pretty(&answer).map_err(|error| Failure::because(&error))?);
        return Ok(());
    }
    for (line, finding) in found {
        terminal.say(format!("第{line}行\t{} {}\t{}\t{}", finding.code, finding.title, finding.what, finding.remedy));
    }
    terminal.say(format!("共 {count} 条，发现 {} 处问题。", found.len()));
    Ok(())
}
