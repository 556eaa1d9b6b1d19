//! `zhunsheng record audit`: everything that a supervisor asks of a county's data, in one command.

use zhunsheng_core::record::crypto::Suite;

use super::take_key;
use crate::app::audit::{self, Audit, Wish};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::opening::require_county;
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut wish, mut json) = (Wish::default(), false);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "json" => json = true,
            Word::Option(name) if name == "key" => take_key(&mut wish.keys, &options.text()?)?,
            Word::Option(name) if name == "checkpoint" => {
                let path = options.path()?;
                let read = std::fs::read_to_string(&path);
                wish.kept = Some(read.map_err(|error| Failure::file("读取检查点", &path, &error))?);
            }
            other => return Err(unknown(&other)),
        }
    }
    let home = options.config.home();
    require_county(&home)?;
    let audit = audit::audit(&home, &wish)?;
    if json {
        let text = serde_json::to_string(&audit).map_err(|error| Failure::because(&error))?;
        terminal.say(text);
    } else {
        tell(&audit, &wish, terminal);
    }
    Ok(if audit.findings.is_empty() { Outcome::Fine } else { Outcome::Finding })
}

fn tell(audit: &Audit, wish: &Wish, terminal: &mut Terminal) {
    terminal.say(format!("{}（{}）数据审计", audit.name, audit.county));
    terminal.say(format!("  记录    {} 项逐项核验", audit.entries));
    for (suite, root) in [(Suite::Sm3, &audit.root_sm3), (Suite::Sha256, &audit.root)] {
        let root = root.as_deref().unwrap_or("不成立");
        terminal.say(format!("  树根    {} {root}", suite.title()));
    }
    match audit.signed {
        Some(size) => terminal.say(format!("  检查点  签到 {size} 项")),
        None => terminal.say("  检查点  还没有签署过"),
    }
    terminal.say(format!("  派生表  {} 张在副本中重建并比较，连同检索索引", audit.tables));
    terminal.say(format!("  法规    {} 个文件按摘要核对", audit.law_files));
    terminal.say(format!("  材料    {} 个文件重算摘要，{} 字节", audit.files, audit.bytes));
    if !audit.orphans.is_empty() {
        terminal.say(format!("  说明    {} 个文件没有事项引用（上传后没有办成的），不计为不符", audit.orphans.len()));
    }
    if wish.kept.is_none() {
        terminal.say("  说明    没有提供另存的检查点（--checkpoint），放回旧备份的情形看不出来");
    }
    if audit.findings.is_empty() {
        terminal.say("没有发现不符。");
        return;
    }
    terminal.say(format!("发现 {} 处不符：", audit.findings.len()));
    for finding in &audit.findings {
        let entry = finding.entry.map(|entry| format!("（记录项 {entry}）")).unwrap_or_default();
        terminal.say(format!("  [{}]{entry} {}。", finding.sort.chinese(), finding.sentence));
    }
    terminal.say("请保留现场，不要覆盖，用备份和另存的检查点比对。");
}
