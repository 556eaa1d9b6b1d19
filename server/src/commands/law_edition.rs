//! `zhunsheng law edition`: benchmarks and lists as a workbook, and back as a proposed edition, compared and checked as the page does.
//!
//! `--write` puts the changed files into the law folder; adopted they are at a start, as ever. Exit code 1: something is wrong with it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::law::{self, Law};

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::clock::MachineClock;
use crate::app::edition::book;
use crate::app::edition::read::{Edition, Proposal, propose};
use crate::app::ruling::{LawText, embedded, read_folder};

#[derive(Default)]
struct Asked {
    words: Vec<PathBuf>,
    law: Option<PathBuf>,
    from: Option<Day>,
    authority: String,
    number: String,
    superior: bool,
    write: bool,
    json: bool,
}

/// Runs the command; the word `edition` has been read.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut asked = Asked::default();
    while let Some(word) = options.next()? {
        match &word {
            Word::Value(value) => asked.words.push(PathBuf::from(value)),
            Word::Option(name) => match name.as_str() {
                "law" => asked.law = Some(options.path()?),
                "from" => asked.from = Some(Day::from(options.date("from")?)),
                "authority" => asked.authority = options.text()?,
                "number" => asked.number = options.text()?,
                "superior" => asked.superior = true,
                "write" => asked.write = true,
                "json" => asked.json = true,
                _ => return Err(unknown(&word)),
            },
        }
    }
    let files = match &asked.law {
        Some(folder) => read_folder(folder)?,
        None => embedded(),
    };
    let law = law::load_adopted(&files, &[]).law;
    match asked.words.as_slice() {
        [what, path] if what.as_os_str() == "export" => export(&law, path, terminal),
        [what, path] if what.as_os_str() == "propose" => compare(&asked, (&law, &files), path, terminal),
        _ => Err(Failure::Usage(
            "law edition 后面要写明做什么和文件：law edition export 文件.xlsx、law edition propose 文件.xlsx。"
                .to_owned(),
        )),
    }
}

fn export(law: &Law, path: &Path, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    if path.exists() {
        return Err(Failure::Usage(format!("{} 已经存在，不覆盖。", path.display())));
    }
    let bytes = book::of_law(law, "").map_err(|error| Failure::because(&error))?;
    std::fs::write(path, bytes).map_err(|error| Failure::file("写入", path, &error))?;
    terminal.say(format!("裁量基准和四张清单写入 {}。", path.display()));
    Ok(Outcome::Fine)
}

fn compare(
    asked: &Asked,
    (law, files): (&Law, &[LawText]),
    path: &Path,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let Some(from) = asked.from else {
        return Err(Failure::Usage("缺少 --from 施行日期。".to_owned()));
    };
    let bytes = std::fs::read(path).map_err(|error| Failure::file("读取", path, &error))?;
    let (authority, number) = (asked.authority.clone(), asked.number.clone());
    let edition = Edition { from, authority, number, superior: asked.superior };
    let today = Moment(MachineClock::System.millis()).day();
    let proposal = propose(&bytes, law, files, &edition, today).map_err(|why| Failure::Usage(format!("{why}。")))?;
    if asked.json {
        terminal.say(as_json(&proposal).to_string());
    } else {
        tell(&proposal, terminal);
    }
    if proposal.is_wrong() {
        return Ok(Outcome::Finding);
    }
    if asked.write {
        let Some(folder) = &asked.law else {
            return Err(Failure::Usage("--write 要和 --law 目录一起用。".to_owned()));
        };
        for (name, text) in &proposal.files {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|error| Failure::file("写入", &path, &error))?;
            terminal.remark(format!("已写入 {}；下次启动时采用。", path.display()));
        }
    }
    Ok(Outcome::Fine)
}

fn tell(proposal: &Proposal, terminal: &mut Terminal) {
    for change in &proposal.changes {
        terminal.say(format!("{}\t{}\t{}", change.sheet.name(), change.what, change.violation));
        for (column, before, after) in &change.differences {
            terminal.say(format!("\t{column}：{before} → {after}"));
        }
    }
    for (sheet, wrong) in &proposal.wrong {
        for one in wrong {
            terminal.say(format!("错误\t{} 第{}行\t{}", sheet.name(), one.line, one.sentence));
        }
    }
    let wrong: usize = proposal.wrong.values().map(Vec::len).sum();
    terminal.say(format!(
        "变化 {} 处，错误 {wrong} 处，涉及 {} 个文件。提出不等于采用：放入法规目录以后，启动时采用。",
        proposal.changes.len(),
        proposal.files.len()
    ));
}

fn as_json(proposal: &Proposal) -> Value {
    let changes = proposal.changes.iter().map(|change| {
        let differences = change.differences.iter();
        let differences: Vec<Value> = differences
            .map(|(column, before, after)| json!({ "column": column, "before": before, "after": after }))
            .collect();
        json!({ "sheet": change.sheet.name(), "what": change.what, "violation": change.violation, "differences": differences })
    });
    let wrong = proposal.wrong.iter().flat_map(|(sheet, wrong)| {
        wrong.iter().map(|one| json!({ "sheet": sheet.name(), "line": one.line, "sentence": one.sentence }))
    });
    let files: Vec<&str> = proposal.files.iter().map(|(name, _)| name.as_str()).collect();
    json!({ "changes": changes.collect::<Vec<_>>(), "wrong": wrong.collect::<Vec<_>>(), "files": files })
}
