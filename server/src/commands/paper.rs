//! `zhunsheng paper`: an instrument of a matter, or its file bound, from a running county, as a file.
//!
//! Does not belong here: who may have it; the county answers.

use std::path::PathBuf;

use zhunsheng_core::id::MatterId;

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::program::Program;
use super::terminal::Terminal;

/// A bound file at most.
const FILE_MAX: usize = 256 << 20;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut program, mut words, mut out, mut form) = (Program::default(), Vec::new(), None, "pdf".to_owned());
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "server" => program.server = Some(options.text()?),
            Word::Option(name) if name == "token" => program.token = Some(options.path()?),
            Word::Option(name) if name == "out" => out = Some(options.path()?),
            Word::Option(name) if name == "form" => form = options.text()?,
            Word::Value(value) if words.len() < 2 => words.push(value.to_string_lossy().into_owned()),
            _ => return Err(unknown(&word)),
        }
    }
    let out: PathBuf = out.ok_or_else(|| Failure::Usage("缺少 --out 文件。".to_owned()))?;
    let path = place(&words, &form)?;
    program.fetch(options.config.roots.clone(), &path, FILE_MAX, &out, terminal)
}

/// Where it is: a number is an instrument, a word a volume.
fn place(words: &[String], form: &str) -> Result<String, Failure> {
    let wrong = |what: &str| Failure::Usage(what.to_owned());
    let [matter, which] = words else {
        return Err(wrong("应写明事项编号，和第几份文书或者 main（正卷）、inner（副卷）。"));
    };
    let matter = MatterId::parse(matter).ok_or_else(|| wrong("事项编号不对。"))?;
    match (which.parse::<u32>(), which.as_str(), form) {
        (Ok(n), _, "pdf" | "docx") => Ok(format!("matters/{matter}/instruments/{n}/{form}")),
        (Ok(_), ..) => Err(wrong("--form 应为 pdf 或者 docx。")),
        (_, "main" | "inner", "pdf") => Ok(format!("matters/{matter}/volume/{which}")),
        (_, "main" | "inner", _) => Err(wrong("卷宗只有 pdf。")),
        _ => Err(wrong("应写明第几份文书（从 1 起），或者 main（正卷）、inner（副卷）。")),
    }
}
