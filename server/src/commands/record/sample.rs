//! `zhunsheng record sample FILE [--seed WORDS] [--positions N]`: proofs of entries that somebody else's words draw; with `--check`,
//! whether such a file holds, with nothing but the file.

use std::path::{Path, PathBuf};

use zhunsheng_core::record::crypto::Suite;

use super::signers;
use crate::app::county_in;
use crate::app::fault::Fault;
use crate::app::sample::{ENTRIES, Wish, judge, write};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::opening::require_county;
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;
use crate::store::Db;

/// More positions than this take hours.
const POSITIONS_MAX: u64 = 100_000;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut file, mut check, mut verdicts) = (None, false, false);
    let (mut seed, mut positions) = (String::new(), 100);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "check" => check = true,
            Word::Option(name) if name == "verdicts" => verdicts = true,
            Word::Option(name) if name == "seed" => seed = options.text()?,
            Word::Option(name) if name == "positions" => positions = read_positions(&options.text()?)?,
            Word::Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let file = file.ok_or_else(|| {
        Failure::Usage("缺少文件名，如 zhunsheng record sample 抽查 --seed 二〇二六年检查。".to_owned())
    })?;
    if check { look(&file, verdicts, terminal) } else { draw(&options, Wish { file, seed, positions }, terminal) }
}

fn read_positions(text: &str) -> Result<u64, Failure> {
    let wrong = || Failure::Usage(format!("--positions 的取值“{text}”不是 1 至 {POSITIONS_MAX} 的数。"));
    text.parse().ok().filter(|count| (1..=POSITIONS_MAX).contains(count)).ok_or_else(wrong)
}

fn draw(options: &Options, wish: Wish, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let home = options.config.home();
    require_county(&home)?;
    let signers = signers(&home.data)?;
    let (file, positions) = (wish.file.clone(), wish.positions);
    let signed = Db::open_for_reading(home)?.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        write(r, &county, &wish, signers.as_ref())
    })?;
    terminal.say(format!("抽查证明已写入 {}：抽取 {positions} 处，两棵树各", file.display()));
    terminal.say(format!("  {positions} 项延续证明、{} 项收录证明，不含任何内容。", positions * ENTRIES));
    terminal.say(format!("  延续到检查点：{} 项", signed.size));
    for suite in Suite::ALL {
        terminal.say(format!("  {} 树根 {}", suite.title(), signed.roots.get(suite)));
    }
    terminal.say(
        "  核验：zhunsheng record sample --check 文件，或 verifier/verify.py proofs 文件；树根与另存的检查点比对。",
    );
    Ok(Outcome::Fine)
}

fn look(file: &Path, verdicts: bool, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::file("读取", file, &error))?;
    let judged = judge(&text);
    let wrong: Vec<_> =
        judged.verdicts.iter().enumerate().filter_map(|(at, found)| Some((at + 1, found.err()?))).collect();
    let fine = wrong.is_empty() && !judged.verdicts.is_empty();
    if verdicts {
        for verdict in &judged.verdicts {
            terminal.say(verdict.map_or_else(|why| format!("0 {}", why.word()), |()| "1".to_owned()));
        }
        return Ok(if fine { Outcome::Fine } else { Outcome::Finding });
    }
    terminal.say(format!("{} 项证明，{} 项不成立。", judged.verdicts.len(), wrong.len()));
    for (line, why) in wrong.iter().take(10) {
        terminal.say(format!("  第 {line} 行：{why}。"));
    }
    if let Some(line) = judged.adrift.first() {
        terminal.say(format!("  第 {line} 行等 {} 行所在的树，没有证明它延续到检查点。", judged.adrift.len()));
    }
    for (suite, size, root) in &judged.leads_to {
        terminal.say(format!("  延续到 {size} 项，{} 树根 {root}", suite.title()));
    }
    terminal.say("树根与另存的、有签名的检查点相同，才说明这些证明出自那份记录。");
    Ok(if fine && judged.adrift.is_empty() { Outcome::Fine } else { Outcome::Finding })
}
