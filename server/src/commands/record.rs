//! `zhunsheng record verify` (alias `verify`): every leaf and the root again from the stored bytes.

use std::path::PathBuf;

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::county_in;
use crate::app::fault::Fault;
use crate::app::found::{self, FoundingAct};
use crate::app::verify::{self, Verified};
use crate::store::Db;

/// `record verify`.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match options.next()? {
        Some(Word::Value(word)) if word == "verify" => verify(options, terminal),
        Some(word) => Err(unknown(&word)),
        None => Err(Failure::Usage("record 后面要写明做什么：record verify。".to_owned())),
    }
}

/// `verify`, alias of `record verify`.
pub fn verify(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut json = false;
    let mut folder = None;
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "json" => json = true,
            Word::Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let data = folder.unwrap_or(options.config.data_dir);
    if !opening::has_database(&data) {
        return Err(Fault::NoCounty.into());
    }
    let (county, name, act, found) = Db::open_for_reading(&data)?.read_blocking(|r| {
        let (county, name) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let found = verify::verify(r, &county)?;
        // What cannot be read is said by the verification itself.
        let act = found::founding_act(r, &county).ok().flatten();
        Ok::<_, Fault>((county, name, act, found))
    })?;
    if json {
        terminal.say(as_json(&county, &name, act.as_ref(), &found).to_string());
    } else {
        tell(&county, &name, act.as_ref(), &found, terminal);
    }
    Ok(if found.wrong.is_none() { Outcome::Fine } else { Outcome::Finding })
}

fn tell(county: &str, name: &str, act: Option<&FoundingAct>, found: &Verified, terminal: &mut Terminal) {
    terminal.say(format!("{name}（{county}）全程记录"));
    if let Some(act) = act {
        let kind = if act.demonstration { "设立演示县" } else { "设立真实县" };
        terminal.say(format!("  第 0 项：{kind}，{}。这是唯一没有事先授权的行为。", act.day.chinese()));
    }
    match &found.wrong {
        None => {
            terminal.say(format!("  共 {} 项，逐项核验一致。", found.entries));
            terminal.say(format!("  树根 {}", found.root));
        }
        Some(wrong) => {
            terminal.say(format!("  核验不通过：{wrong}。"));
            terminal.say(format!("  此前 {} 项核验一致。请保留现场，不要覆盖，用备份比对。", found.entries));
        }
    }
}

fn as_json(county: &str, name: &str, act: Option<&FoundingAct>, found: &Verified) -> serde_json::Value {
    serde_json::json!({
        "county": county,
        "name": name,
        "demonstration": act.map(|act| act.demonstration),
        "founded": act.map(|act| act.day.to_string()),
        "entries": found.entries,
        "root": found.wrong.is_none().then(|| found.root.to_string()),
        "without_authority": found.without_authority,
        "wrong": found.wrong,
    })
}
