//! `zhunsheng record check-proof FILE --key K [--key K] [--witness W]…`: whether a receipt holds, with nothing but the file and public keys.

use std::path::PathBuf;

use zhunsheng_core::record::ActorEntry;
use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::LogKey;
use zhunsheng_core::record::receipt::{OpeningPart, Proven, Receipt};

use super::{Keys, take_key, take_witness, tell_cosigned};
use crate::app::clock::MachineClock;
use crate::app::deposit::cosigned::{Cosigned, judge_one};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut file, mut keys, mut witnesses, mut pinned) = (None, Keys::default(), Vec::new(), Vec::new());
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "key" => take_key(&mut keys, &options.text()?)?,
            Word::Option(name) if name == "witness" => take_witness(&mut witnesses, &mut pinned, &options.text()?)?,
            Word::Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let file = file.ok_or_else(|| Failure::Usage("缺少凭证文件。".to_owned()))?;
    if Suite::ALL.iter().all(|suite| keys.get(*suite).is_none()) {
        return Err(Failure::Usage("缺少 --key 公钥：公钥要从县政府之外另行取得。".to_owned()));
    }
    if !pinned.is_empty() {
        let sentence =
            "--witness：凭证里没有时间戳。时间戳在导出的 stamped/ 里，用 record verify 导出目录 --witness 证书 核验。";
        return Err(Failure::Usage(sentence.to_owned()));
    }
    let text = std::fs::read_to_string(&file).map_err(|error| Failure::file("读取凭证", &file, &error))?;
    let known = keys.as_ref();
    let known = Both { sm3: known.sm3.as_ref(), sha256: known.sha256.as_ref() };
    match checked(&text, &known, &witnesses) {
        Ok((proven, receipt, cosigned)) => {
            tell(&proven, &receipt, &keys, &cosigned, terminal);
            Ok(Outcome::Fine)
        }
        Err(wrong) => {
            terminal.say(format!("凭证不成立：{wrong}。"));
            Ok(Outcome::Finding)
        }
    }
}

/// The receipt by itself, then the cosignatures that were asked for. The first thing that is wrong is said.
fn checked(
    text: &str,
    known: &Both<Option<&LogKey>>,
    witnesses: &[WitnessKey],
) -> Result<(Proven, Receipt, Vec<Cosigned>), String> {
    let receipt = Receipt::parse(text).map_err(|wrong| wrong.to_string())?;
    let proven = receipt.verify(known).map_err(|wrong| wrong.to_string())?;
    let now = MachineClock::System.seconds().unsigned_abs();
    let note = [receipt.paths.sha256.checkpoint.clone()];
    let cosigned: Result<Vec<_>, _> = witnesses.iter().map(|key| judge_one(&note, key, now)).collect();
    Ok((proven, receipt, cosigned.map_err(|wrong| wrong.to_string())?))
}

fn tell(proven: &Proven, receipt: &Receipt, keys: &Keys, cosigned: &[Cosigned], terminal: &mut Terminal) {
    let entry = &proven.entry;
    let actor = match &entry.actor {
        ActorEntry::Staff(_, _, organ) => format!("工作人员（机关 {organ}）"),
        ActorEntry::Citizen => "当事人或群众".to_owned(),
        ActorEntry::System => "系统".to_owned(),
        ActorEntry::Founder => "设立者".to_owned(),
    };
    let name = Suite::ALL.into_iter().find_map(|suite| keys.get(suite).as_ref()).map_or("", LogKey::name);
    terminal.say(format!("凭证成立：{name} 第 {} 项。", proven.index));
    terminal.say(format!("  步骤 {}，法律上的日期 {}，由{actor}作出", entry.step, entry.day.chinese()));
    terminal.say(format!("  事项 {}", entry.matter));
    let open = receipt.opening.sealed.iter().filter(|part| matches!(part, OpeningPart::Open(..))).count();
    for (label, part) in entry.sealed.iter().zip(&receipt.opening.sealed) {
        if let OpeningPart::Open(_, value) = part {
            terminal.say(format!("  {}：{value}", label.label));
        }
    }
    let withheld = entry.sealed.len() - open;
    if withheld > 0 {
        terminal.say(format!("  另有 {withheld} 项密封内容没有出示"));
    }
    terminal.say(format!("  检查点共 {} 项，两棵树的证明都成立", proven.size));
    for suite in Suite::ALL {
        let signed = if keys.get(suite).is_some() { "签名正确" } else { "没有给这种公钥，签名未核" };
        terminal.say(format!("  {} 树根 {}，{signed}", suite.title(), proven.roots.get(suite)));
    }
    tell_cosigned(cosigned, terminal);
    terminal.say("它证明这一项自签署以来没有改动；不证明所记的事情属实，也不证明行为合法。");
}
