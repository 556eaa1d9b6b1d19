//! `zhunsheng figures`: every figure from the records, with its check. Exit code 1 if one is off. `figures yearly`: the yearly sheet of
//! enforcement.

use zhunsheng_core::day::Day;
use zhunsheng_core::indicator::{Qualifier, Stated};

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::fault::Fault;
use crate::app::figures::{self, Check, Figure};
use crate::app::yearly::{self, Scope};

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut as_of, mut json, mut yearly) = (None, false, None);
    while let Some(word) = options.next()? {
        match &word {
            Word::Value(value) if value == "yearly" && yearly.is_none() => yearly = Some(Yearly::default()),
            Word::Option(name) if name == "as-of" && yearly.is_none() => {
                as_of = Some(Day::from(options.date("as-of")?))
            }
            Word::Option(name) if name == "json" => json = true,
            Word::Option(name) => match (name.as_str(), &mut yearly) {
                ("year", Some(asked)) => asked.year = Some(options.parsed("year", "年份，如 2024")?),
                ("organ", Some(asked)) => asked.organ = options.text()?,
                _ => return Err(unknown(&word)),
            },
            Word::Value(_) => return Err(unknown(&word)),
        }
    }
    if let Some(asked) = yearly {
        return tell_year(options, &asked, json, terminal);
    }
    let app = opening::open_for_reading(options.config)?;
    let (county, ruling, today) = (app.county_code.clone(), app.county.ruling(), app.today());
    let found: Result<_, Fault> = app.db.read_blocking(|r| figures::compute(r, &county, &ruling, today, as_of));
    let found = found?;
    if json {
        let text = serde_json::to_string_pretty(&figures::to_json(&found)).map_err(|error| Failure::because(&error))?;
        terminal.say(text);
    } else {
        tell(&app.county_name, app.is_demonstration(), as_of.unwrap_or(today), &found, terminal);
    }
    let off = found.iter().any(|figure| figure.check == Check::Off);
    Ok(if off { Outcome::Finding } else { Outcome::Fine })
}

/// Which sheet was asked for.
#[derive(Default)]
struct Yearly {
    year: Option<i16>,
    organ: String,
}

/// The yearly sheet of enforcement: the county's, or an organ's without amounts.
fn tell_year(options: Options, asked: &Yearly, json: bool, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let app = opening::open_for_reading(options.config)?;
    let today = app.today();
    let Some(year) = yearly::year_of(asked.year.unwrap_or_else(|| today.year()), today) else {
        let (first, last) = (yearly::FIRST_YEAR, today.year());
        return Err(Failure::Usage(format!("--year 应为{first}年至{last}年的年份，如 2024。")));
    };
    let Some(scope) = Scope::of(&app.county.registry(), None, &asked.organ) else {
        return Err(Failure::Usage(format!("本县没有代码为 {} 的机关。", asked.organ)));
    };
    let ruling = app.county.ruling();
    let Some(rules) = &ruling.law.yearly else {
        return Err(Failure::Usage("本县的法规目录没有 yearly.toml。".to_owned()));
    };
    let groups = app.db.read_blocking(|r| yearly::sheet(r, &app, year, &scope))?;
    if json {
        let text = serde_json::to_string_pretty(&yearly::to_json(rules, year, &groups));
        terminal.say(text.map_err(|error| Failure::because(&error))?);
        return Ok(Outcome::Fine);
    }
    terminal.say(format!("{}{year}年度{}", app.county_name, rules.title));
    for group in groups.iter() {
        terminal.say(&group.title);
        for line in &group.lines {
            terminal.say(format!("{}\t{}\t{}", line.title, line.value, line.unit));
        }
    }
    Ok(Outcome::Fine)
}

fn tell(county: &str, demonstration: bool, day: Day, found: &[Figure], terminal: &mut Terminal) {
    let mark = if demonstration { "（演示数据，与昌图县实际工作无关）" } else { "" };
    terminal.say(format!("{county}数字核对，截至{}{mark}", day.chinese()));
    for figure in found {
        let value = match figure.value {
            Some(value) => format!("{}{}", figures::written(value), figure.unit),
            None => "—".to_owned(),
        };
        let stated = figure.stated.as_ref().map(in_words).unwrap_or_default();
        terminal.say(format!(
            "{:<5}{:<6}\t{value}\t{stated}\t事项 {} 件\t{}",
            figure.id,
            figure.verdict(),
            figure.matters,
            figure.title
        ));
    }
    let count = |check| found.iter().filter(|figure| figure.check == check).count();
    let agreeing = found.iter().filter(|figure| figure.check == Check::Ok && figure.stated.is_some()).count();
    terminal.say(format!(
        "共 {} 项：相符 {agreeing}，口径待说明 {}，未接入 {}，没有口径可对的 {}。",
        found.len(),
        count(Check::Off),
        count(Check::NotConnected),
        count(Check::Ok) - agreeing
    ));
}

/// 口径近2,000件.
fn in_words(stated: &Stated) -> String {
    let number = figures::written(stated.value);
    match stated.qualifier {
        Qualifier::Exact => format!("口径{number}{}", stated.unit),
        Qualifier::AtLeast => format!("口径{number}{}余", stated.unit),
        Qualifier::Nearly | Qualifier::Over => format!("口径{}{number}{}", stated.qualifier.word(), stated.unit),
    }
}
