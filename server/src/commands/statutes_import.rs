//! `zhunsheng statutes import`: files become editions in the county's library, each as a whole or not at all.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::day::Day;

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::shelf::{code_of, files_of, known_statutes, name_of};
use super::terminal::Terminal;
use crate::app::fault::{Fault, StoreFault};
use crate::app::library::import::{Imported, Prepared, Rejected, prepare, put};
use crate::store::{Db, Tx};

/// Problems of one file that are listed; the rest is counted.
const PROBLEMS_SHOWN: usize = 20;

/// What became of one file.
enum Ended {
    Done(Box<Prepared>, Imported),
    Rejected(Rejected),
}

/// Runs the command, behind the word `import`.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut paths, mut as_json) = (Vec::new(), false);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "json" => as_json = true,
            Word::Value(path) => paths.push(PathBuf::from(path)),
            other => return Err(unknown(&other)),
        }
    }
    let mut files = Vec::new();
    for path in &paths {
        if path.is_dir() { files.extend(files_of(path)?) } else { files.push(path.clone()) }
    }
    if files.is_empty() {
        return Err(Failure::Usage("要写明导入哪些文件或者目录（.md、.txt、.docx）。".to_owned()));
    }
    if !opening::has_county(&options.config.home())? {
        return Err(Fault::NoCounty.into());
    }
    let db = Db::open_beside(options.config.home())?;
    let ended = import(&db, &files, terminal)?;
    if as_json {
        let all: Vec<Value> = ended.iter().map(|(file, ended)| as_value(file, ended)).collect();
        terminal.say(Value::from(all).to_string());
    } else {
        tell(&ended, terminal);
    }
    let clean = ended.iter().all(|(_, ended)| matches!(ended, Ended::Done(..)));
    Ok(if clean { Outcome::Fine } else { Outcome::Finding })
}

/// One transaction to a file, so that a county that is being served never waits for more than one.
fn import(db: &Db, files: &[PathBuf], terminal: &mut Terminal) -> Result<Vec<(String, Ended)>, Failure> {
    let (code, statutes) = (code_of(db)?, known_statutes());
    let all = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let mut ended = Vec::new();
    // Which file of this run an edition came from: a second text of it would silently take its place.
    let mut taken = Taken::new();
    for (done, path) in (1..).zip(files) {
        let name = name_of(path);
        let bytes = std::fs::read(path).map_err(|error| Failure::file("读取", path, &error))?;
        let one = match prepare(&statutes, &name, &bytes).and_then(|prepared| only(prepared, &taken)) {
            Err(rejected) => Ended::Rejected(rejected),
            Ok(prepared) => {
                let row = &prepared.row;
                taken.insert((row.statute.clone(), row.adopted), (name.clone(), row.digest));
                let (code, prepared) = (code.clone(), Box::new(prepared));
                let put = move |tx: &mut Tx<'_>| put(tx, &code, &prepared).map(|imported| (prepared, imported));
                let (prepared, imported) = db.write_blocking(put).map_err(|fault: StoreFault| Failure::from(fault))?;
                Ended::Done(prepared, imported)
            }
        };
        ended.push((name, one));
        terminal.progress(done, all, "导入");
    }
    terminal.end_progress();
    Ok(ended)
}

/// By statute and edition: the file, and its digest.
type Taken = BTreeMap<(String, Day), (String, [u8; 32])>;

fn only(prepared: Prepared, taken: &Taken) -> Result<Prepared, Rejected> {
    let row = &prepared.row;
    match taken.get(&(row.statute.clone(), row.adopted)) {
        Some((first, digest)) if *digest != row.digest => {
            let edition = format!("《{}》{} 版", row.statute, row.adopted);
            Err(Rejected::File(format!("与“{first}”同是{edition}，内容不同，请只留一个")))
        }
        _ => Ok(prepared),
    }
}

fn tell(ended: &[(String, Ended)], terminal: &mut Terminal) {
    terminal.say("结果\t条数\t版本\t法规");
    for (file, one) in ended {
        match one {
            Ended::Done(prepared, imported) => {
                let row = &prepared.row;
                terminal.say(format!("{}\t{}\t{}\t{}", imported.chinese(), row.articles, row.adopted, row.statute));
                prepared.remarks.iter().for_each(|remark| terminal.say(format!("\t说明：{remark}。")));
            }
            Ended::Rejected(rejected) => {
                terminal.say(format!("未导入\t-\t-\t{file}"));
                lines(rejected).iter().for_each(|line| terminal.say(format!("\t{line}")));
            }
        }
    }
    let count =
        |wanted| ended.iter().filter(|(_, one)| matches!(one, Ended::Done(_, found) if *found == wanted)).count();
    let rejected = ended.iter().filter(|(_, one)| matches!(one, Ended::Rejected(_))).count();
    terminal.say(format!(
        "共 {} 个文件：导入 {}，更新 {}，未变 {}，未导入 {rejected}。",
        ended.len(),
        count(Imported::New),
        count(Imported::Replaced),
        count(Imported::Same),
    ));
    if rejected > 0 {
        terminal.say("未导入的文件，其内容一条也没有进入法规库；改正后重新导入即可。");
    }
}

/// The problems of a file, a sentence each.
fn lines(rejected: &Rejected) -> Vec<String> {
    match rejected {
        Rejected::File(sentence) => vec![format!("{sentence}。")],
        Rejected::Text(problems) => {
            let mut lines: Vec<String> =
                problems.iter().take(PROBLEMS_SHOWN).map(|problem| format!("{problem}。")).collect();
            let rest = problems.len().saturating_sub(PROBLEMS_SHOWN);
            if rest > 0 {
                lines.push(format!("另有{rest}处。"));
            }
            lines
        }
    }
}

fn as_value(file: &str, ended: &Ended) -> Value {
    match ended {
        Ended::Done(prepared, imported) => json!({
            "file": file,
            "result": imported.code(),
            "statute": prepared.row.statute,
            "edition": prepared.row.adopted.to_string(),
            "articles": prepared.row.articles,
            "remarks": prepared.remarks,
        }),
        Ended::Rejected(Rejected::File(sentence)) => {
            json!({ "file": file, "result": "rejected", "problems": [{ "code": "file", "message": sentence }] })
        }
        Ended::Rejected(Rejected::Text(problems)) => {
            let one = |problem: &zhunsheng_core::statute::text::TextProblem| json!({ "line": problem.line, "code": problem.fault.code(), "message": problem.to_string() });
            let problems: Vec<Value> = problems.iter().map(one).collect();
            json!({ "file": file, "result": "rejected", "problems": problems })
        }
    }
}
