//! `zhunsheng law check`: are the definitions lawful, complete and true to the text of the statutes?

use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::check::{Finding, LOCK, Severity};
use zhunsheng_core::law::{self, Loaded};
use zhunsheng_core::statute::Statutes;

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use super::texts::Folder;
use super::{law_edition, law_impact, law_limits};
use crate::app::ruling::{LawText, embedded, read_folder};

#[derive(Default)]
struct Wish {
    law: Option<PathBuf>,
    statutes: Option<PathBuf>,
    json: bool,
    lock: bool,
    all: bool,
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match options.next()? {
        Some(Word::Value(word)) if word == "check" => {}
        Some(Word::Value(word)) if word == "limits" => return law_limits::run(options, terminal),
        Some(Word::Value(word)) if word == "edition" => return law_edition::run(options, terminal),
        Some(Word::Value(word)) if word == "impact" => return law_impact::run(options, terminal),
        Some(word) => return Err(unknown(&word)),
        None => {
            return Err(Failure::Usage(
                "law 后面要写明做什么：law check、law limits、law impact、law edition。".to_owned(),
            ));
        }
    }
    let mut wish = Wish::default();
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "law" => wish.law = Some(options.path()?),
            Word::Option(name) if name == "statutes" => wish.statutes = Some(options.path()?),
            Word::Option(name) if name == "json" => wish.json = true,
            Word::Option(name) if name == "lock" => wish.lock = true,
            Word::Option(name) if name == "all" => wish.all = true,
            _ => return Err(unknown(&word)),
        }
    }
    check(&wish, terminal)
}

fn check(wish: &Wish, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut files = match &wish.law {
        Some(folder) => read_folder(folder)?,
        None => embedded(),
    };
    let texts = wish.statutes.as_ref().map(|folder| Folder::read(folder, &statutes(&files))).transpose()?;
    if wish.lock {
        let (Some(texts), Some(folder)) = (&texts, &wish.law) else {
            return Err(Failure::Usage("--lock 要和 --law 目录、--statutes 目录一起用。".to_owned()));
        };
        let lock = law::lock(&files, texts).written();
        let path = folder.join(LOCK);
        std::fs::write(&path, &lock).map_err(|error| Failure::file("写入", &path, &error))?;
        files.retain(|(name, _)| name != LOCK);
        files.push((LOCK.to_owned(), lock));
    }
    let loaded = law::load_with(&files, texts.as_ref().map(|texts| texts as _));
    if wish.json {
        terminal.say(as_json(&loaded, texts.as_ref()).to_string());
    } else {
        tell(&loaded, texts.as_ref(), wish.all, terminal);
    }
    Ok(if loaded.is_sound() { Outcome::Fine } else { Outcome::Finding })
}

fn statutes(files: &[LawText]) -> Statutes {
    let file = files.iter().find(|(name, _)| name == "statutes.toml");
    file.and_then(|(name, text)| Statutes::parse(name, text).ok()).unwrap_or_default()
}

fn tell(loaded: &Loaded, texts: Option<&Folder>, all: bool, terminal: &mut Terminal) {
    for error in &loaded.errors {
        terminal.say(format!("错误 {error}"));
    }
    let shown = |finding: &&Finding| all || finding.severity() != Severity::Information;
    for finding in loaded.findings.iter().filter(shown) {
        terminal.say(finding.to_string());
        terminal.say(format!("     建议：{}", finding.mend));
    }
    let procedures = loaded.law.procedures().count();
    let steps: usize = loaded.law.procedures().map(|procedure| procedure.steps.len()).sum();
    let clocks: usize = loaded.law.procedures().map(|procedure| procedure.clocks.len()).sum();
    let rules: usize = loaded.law.procedures().map(|procedure| procedure.invariants.len()).sum();
    let count = |severity| loaded.findings.iter().filter(|finding| finding.severity() == severity).count();
    terminal.say(format!(
        "可用的程序 {procedures} 个：步骤 {steps} 个，期限 {clocks} 个，在每条路径上证明的规则 {rules} 条。"
    ));
    terminal.say(format!(
        "不能读取 {} 处，错误 {} 处，警告 {} 处，提示 {} 处，县情 {} 处。",
        loaded.errors.len(),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Information),
        count(Severity::County)
    ));
    if !all && count(Severity::Information) > 0 {
        terminal.say("提示没有逐条列出，加 --all 列出。");
    }
    if let Some(texts) = texts {
        terminal.say(format!("对照了 {} 份法规文本。", texts.len()));
        texts.rejected.iter().for_each(|why| terminal.say(format!("不能读取的文本 {why}")));
    }
}

fn as_json(loaded: &Loaded, texts: Option<&Folder>) -> Value {
    let errors: Vec<Value> = loaded
        .errors
        .iter()
        .map(|error| {
            let (line, column) = error.at.unzip();
            json!({ "file": error.file, "line": line, "column": column, "what": error.what })
        })
        .collect();
    let findings: Vec<Value> = loaded.findings.iter().map(finding_json).collect();
    let procedures: Vec<Value> = loaded
        .law
        .procedures()
        .map(|procedure| {
            let proofs: Vec<Value> = procedure
                .proofs()
                .iter()
                .map(|proof| {
                    json!({
                        "invariant": proof.invariant,
                        "positions": proof.positions,
                        "transitions": proof.transitions,
                    })
                })
                .collect();
            json!({
                "id": procedure.id.as_str(),
                "title": procedure.title,
                "in_force_from": procedure.in_force_from.to_string(),
                "steps": procedure.steps.len(),
                "clocks": procedure.clocks.len(),
                "digest": procedure.digest.to_string(),
                "proofs": proofs,
            })
        })
        .collect();
    json!({
        "sound": loaded.is_sound(),
        "checker": zhunsheng_core::check::version().to_string(),
        "procedures": procedures,
        "errors": errors,
        "findings": findings,
        "texts": texts.map(Folder::len),
        "rejected_texts": texts.map(|texts| texts.rejected.clone()),
    })
}

fn finding_json(finding: &Finding) -> Value {
    let (line, column) = finding.at.unzip();
    json!({
        "file": finding.file,
        "line": line,
        "column": column,
        "code": finding.code.as_str(),
        "severity": finding.severity().code(),
        "at": finding.subject.to_string(),
        "explanation": finding.explanation,
        "mend": finding.mend,
    })
}
