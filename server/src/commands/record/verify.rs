//! `zhunsheng record verify` (alias `verify`): every leaf and the root again, of a county's data folder or of an export.

use std::path::{Path, PathBuf};

use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::LogKey;

use super::{Keys, take_key, take_witness, tell_cosigned, tell_stamped};
use crate::app::clock::MachineClock;
use crate::app::deposit::cosigned::{self, CosignWrong, Cosigned};
use crate::app::deposit::stamped;
use crate::app::export::Asked;
use crate::app::fault::Fault;
use crate::app::found::{self, FoundingAct};
use crate::app::verify::{self, Verified};
use crate::app::{audit, checkpoint, county_in, export};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::opening::require_county;
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;
use crate::store::{Db, Home, Query, checkpoint as stored};

#[derive(Default)]
struct Wish {
    json: bool,
    folder: Option<PathBuf>,
    asked: Asked,
}

/// Runs the command. A folder with a manifest is an export, any other a data folder.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut wish = Wish::default();
    wish.asked.now = MachineClock::System.seconds().unsigned_abs();
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "json" => wish.json = true,
            Word::Option(name) if name == "key" => take_key(&mut wish.asked.keys, &options.text()?)?,
            Word::Option(name) if name == "witness" => {
                take_witness(&mut wish.asked.witnesses, &mut wish.asked.pinned, &options.text()?)?;
            }
            Word::Option(name) if name == "checkpoint" => {
                let path = options.path()?;
                let read = std::fs::read_to_string(&path);
                wish.asked.kept = Some(read.map_err(|error| Failure::file("读取检查点", &path, &error))?);
            }
            Word::Value(value) if wish.folder.is_none() => wish.folder = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    // A folder that is named is looked at as it lies there: an export, or a data folder with its file.
    let home = wish.folder.take().map_or_else(|| options.config.home(), |folder| Home::from(&folder));
    if export::is_export(&home.data) {
        return verify_export(&home.data, &wish, terminal);
    }
    require_county(&home)?;
    verify_county(&home, &wish, terminal)
}

/// A county's record with what stands around it.
struct Found {
    county: String,
    name: String,
    act: Option<FoundingAct>,
    keys: Both<Option<LogKey>>,
    signed: Option<u64>,
    cosigned: Vec<Cosigned>,
    stamped: Vec<Cosigned>,
    verified: Verified,
}

fn verify_county(home: &Home, wish: &Wish, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let found = Db::open_for_reading(home)?.read_blocking(|r| {
        let (county, name) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let mut verified = verify::verify(r, &county)?;
        // What cannot be read is said by the verification itself.
        let act = found::founding_act(r, &county).ok().flatten();
        let keys = Both::try_of(|suite| checkpoint::public_key(r, &county, suite))?;
        let signed = stored::newest(r, &county)?.map(|signed| signed.size);
        if verified.wrong.is_none() {
            verified.wrong = compare_kept(r, &county, wish, &keys, verified.entries.unsigned_abs())?;
        }
        let (mut cosigned, mut stamped) = (Vec::new(), Vec::new());
        if let (None, Some(key)) = (&verified.wrong, &keys.sha256) {
            match judge_kept(r, &county, wish, key, verified.entries.unsigned_abs())? {
                Ok(found) => (cosigned, stamped) = found,
                Err(wrong) => verified.wrong = Some(wrong.to_string()),
            }
        }
        Ok::<_, Fault>(Found { county, name, act, keys, signed, cosigned, stamped, verified })
    })?;
    if wish.json {
        terminal.say(as_json(&found).to_string());
    } else {
        tell(&found, terminal);
    }
    Ok(if found.verified.wrong.is_none() { Outcome::Fine } else { Outcome::Finding })
}

/// Keys and checkpoints from outside, if any were given.
fn compare_kept(
    q: &impl Query,
    county: &str,
    wish: &Wish,
    keys: &Both<Option<LogKey>>,
    size: u64,
) -> Result<Option<String>, Fault> {
    for suite in Suite::ALL {
        if let Some(given) =
            wish.asked.keys.get(suite).as_ref().filter(|given| Some(*given) != keys.get(suite).as_ref())
        {
            return Ok(Some(format!("县里的公钥不是所给的 {given}")));
        }
    }
    let (Some(note), Some(keys)) = (&wish.asked.kept, keys.clone().all()) else { return Ok(None) };
    Ok(audit::compare_kept(q, county, note, &keys, size)?)
}

/// What was cosigned, and what was stamped.
type Outsiders = (Vec<Cosigned>, Vec<Cosigned>);

/// What the county keeps of its witnesses and time stamps, and whether those that were asked for have signed.
fn judge_kept(
    q: &impl Query,
    county: &str,
    wish: &Wish,
    key: &LogKey,
    size: u64,
) -> Result<Result<Outsiders, CosignWrong>, Fault> {
    let (notes, stamps, asked) = (cosigned::notes(q, county)?, stamped::kept(q, county)?, &wish.asked);
    let mut root = |of: u64| (of <= size).then(|| checkpoint::root_of(q, county, Suite::Sha256, of).ok()).flatten();
    let cosigned = cosigned::judge(&notes, key, &asked.witnesses, asked.now, &mut root);
    Ok(cosigned.and_then(|cosigned| Ok((cosigned, stamped::judge(&stamps, key, &asked.pinned, asked.now, &mut root)?))))
}

fn tell(found: &Found, terminal: &mut Terminal) {
    terminal.say(format!("{}（{}）全程记录", found.name, found.county));
    if let Some(act) = &found.act {
        let kind = if act.demonstration { "设立演示县" } else { "设立真实县" };
        terminal.say(format!("  第 0 项：{kind}，{}。这是唯一没有事先授权的行为。", act.day.chinese()));
    }
    let verified = &found.verified;
    if let Some(wrong) = &verified.wrong {
        terminal.say(format!("  核验不通过：{wrong}。"));
        terminal.say(format!("  此前 {} 项核验一致。请保留现场，不要覆盖，用备份比对。", verified.entries));
        return;
    }
    terminal.say(format!("  共 {} 项，逐项核验一致。", verified.entries));
    for suite in Suite::ALL {
        terminal.say(format!("  {} 树根 {}", suite.title(), verified.roots.get(suite)));
    }
    match found.signed {
        Some(size) => terminal.say(format!("  检查点签到 {size} 项，与记录一致。")),
        None => terminal.say("  还没有签署过检查点。"),
    }
    tell_cosigned(&found.cosigned, terminal);
    tell_stamped(&found.stamped, terminal);
    for suite in Suite::ALL {
        if let Some(key) = found.keys.get(suite) {
            terminal.say(format!("  {} 公钥 {key}", suite.title()));
        }
    }
}

fn as_json(found: &Found) -> serde_json::Value {
    let verified = &found.verified;
    serde_json::json!({
        "county": found.county,
        "name": found.name,
        "demonstration": found.act.as_ref().map(|act| act.demonstration),
        "founded": found.act.as_ref().map(|act| act.day.to_string()),
        "entries": verified.entries,
        "root_sm3": verified.wrong.is_none().then(|| verified.roots.sm3.to_string()),
        "root": verified.wrong.is_none().then(|| verified.roots.sha256.to_string()),
        "without_authority": verified.without_authority,
        "signed": found.signed,
        "key_sm2": found.keys.sm3.as_ref().map(ToString::to_string),
        "key": found.keys.sha256.as_ref().map(ToString::to_string),
        "cosigned": cosigned_json(&found.cosigned),
        "stamped": cosigned_json(&found.stamped),
        "wrong": verified.wrong,
    })
}

fn cosigned_json(cosigned: &[Cosigned]) -> serde_json::Value {
    let one = |one: &Cosigned| serde_json::json!({"witness": one.witness, "entries": one.size, "seconds": one.seconds});
    cosigned.iter().map(one).collect()
}

fn verify_export(folder: &Path, wish: &Wish, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let checked = export::verify(folder, &wish.asked);
    if wish.json {
        let (right, wrong) = (checked.as_ref().ok(), checked.as_ref().err());
        let json = serde_json::json!({
            "export": true,
            "origin": right.map(|checked| checked.keys.sha256.name()),
            "entries": right.map(|checked| checked.size),
            "from": right.map(|checked| checked.manifest.from),
            "redacted": right.map(|checked| checked.manifest.redacted),
            "root_sm3": right.map(|checked| checked.roots.sm3.to_string()),
            "root": right.map(|checked| checked.roots.sha256.to_string()),
            "key_sm2": right.map(|checked| checked.keys.sm3.to_string()),
            "key": right.map(|checked| checked.keys.sha256.to_string()),
            "cosigned": right.map(|checked| cosigned_json(&checked.cosigned)),
            "stamped": right.map(|checked| cosigned_json(&checked.stamped)),
            "wrong": wrong.map(ToString::to_string),
        });
        terminal.say(json.to_string());
    } else {
        match &checked {
            Ok(checked) => tell_export(checked, &wish.asked.keys, terminal),
            Err(wrong) => terminal.say(format!("导出 {}\n  核验不通过：{wrong}。", folder.display())),
        }
    }
    Ok(if checked.is_ok() { Outcome::Fine } else { Outcome::Finding })
}

fn tell_export(checked: &export::Checked, given: &Keys, terminal: &mut Terminal) {
    let manifest = &checked.manifest;
    terminal.say(format!("{}（{}）全程记录的导出", manifest.name, manifest.county));
    if manifest.from > 0 {
        terminal.say(format!("  前 {} 项只有叶子摘要，其后逐项核验。", manifest.from));
    }
    if manifest.redacted {
        terminal.say("  密封内容没有导出，只有承诺值。");
    }
    let parts = (manifest.size, manifest.files.len());
    terminal.say(format!("  共 {} 项，逐项核验一致；{} 个文件与清单一致；检查点签名正确。", parts.0, parts.1));
    for suite in Suite::ALL {
        terminal.say(format!("  {} 树根 {}", suite.title(), checked.roots.get(suite)));
        terminal.say(format!("    公钥 {}", checked.keys.get(suite)));
    }
    tell_cosigned(&checked.cosigned, terminal);
    tell_stamped(&checked.stamped, terminal);
    if Suite::ALL.iter().all(|suite| given.get(*suite).is_none()) {
        terminal.say("  公钥取自导出本身，只能说明内部一致。请用另外取得的公钥（--key）再核验。");
    }
}
