//! `zhunsheng record deposit list | export | import | alarm`: deposits with witnesses, and the exchange of files with those that
//! have no network. Works beside a running server.

use std::path::{Path, PathBuf};

use super::time_text;
use crate::app::clock::MachineClock;
use crate::app::county_in;
use crate::app::deposit::standing::{ALARM_HOURS, Line, standing};
use crate::app::deposit::{Witness, file, list, outside, request, stamping};
use crate::app::fault::Fault;
use crate::commands::failure::{Failure, Outcome};
use crate::commands::opening::require_county;
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;
use crate::store::{Db, Home, deposits, settings};

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut words, mut out) = (Vec::new(), None);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "out" => out = Some(options.path()?),
            Word::Value(value) if words.len() < 2 => words.push(value.to_string_lossy().into_owned()),
            other => return Err(unknown(&other)),
        }
    }
    let home = options.config.home();
    require_county(&home)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => tell(&home, terminal),
        ["export", name] => export(&home, name, out, terminal),
        ["import", path] => import(&options, Path::new(path), terminal),
        ["alarm", hours] => set_alarm(&home, hours, terminal),
        _ => Err(Failure::Usage(
            "record deposit 后面要写明做什么：list、export 存证单位名称、import 文件、alarm 小时数。".to_owned(),
        )),
    }
}

fn tell(home: &Home, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let now_ms = MachineClock::System.millis();
    let found = Db::open_for_reading(home.clone())?.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let today = crate::app::clock::CountyClock::load(r, &county, MachineClock::System)?.today().into();
        standing(r, &county, today, now_ms)
    })?;
    terminal.say(format!("记录共 {} 项。", found.size));
    for line in &found.lines {
        tell_line(line, terminal);
    }
    match &found.alarm {
        None => Ok(Outcome::Fine),
        Some(alarm) => {
            terminal.say(format!("请注意：{}。", alarm.sentence()));
            Ok(Outcome::Finding)
        }
    }
}

fn tell_line(line: &Line, terminal: &mut Terminal) {
    let witness = &line.witness;
    let ended = if line.in_force { "" } else { "，已终止" };
    match &line.newest {
        None => terminal.say(format!("{}（{}{ended}）：还没有签过", witness.name, witness.kind_text())),
        Some(deposit) => terminal.say(format!(
            "{}（{}{ended}）：签到 {} 项，{}",
            witness.name,
            witness.kind_text(),
            deposit.size,
            time_text(deposit.signed_ms)
        )),
    }
    if !line.asking.problem.is_empty() {
        terminal.say(format!("  上次没有成功（{}）：{}。", time_text(line.asking.tried_ms), line.asking.problem));
    }
}

fn export(home: &Home, name: &str, out: Option<PathBuf>, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (county, found) = Db::open_for_reading(home.clone())?.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let found = list(r, &county)?.into_iter().find(|witness| witness.name == name);
        Ok::<_, Fault>((county, found))
    })?;
    let witness = found.ok_or_else(|| Failure::Usage(format!("名册上没有存证单位“{name}”。")))?;
    if witness.stamps() {
        return export_stamp_request(home, county, &witness, out, terminal);
    }
    let asked = Db::open_for_reading(home.clone())?.read_blocking(|r| {
        let held = deposits::asking(r, &county, witness.id)?.held;
        request(r, &county, held)?.ok_or(Fault::Unsigned)
    })?;
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{name}.request")));
    write_new(&out, asked.to_text().as_bytes())?;
    terminal.say(format!("存证文件已写入 {}，自第 {} 项续起。", out.display(), asked.old));
    terminal.say("交给存证单位：zhunsheng witness sign 文件；签后的文件用 record deposit import 导入。");
    Ok(Outcome::Fine)
}

fn export_stamp_request(
    home: &Home,
    county: String,
    witness: &Witness,
    out: Option<PathBuf>,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let (id, now_ms) = (witness.id, MachineClock::System.millis());
    let prepared =
        Db::open_beside(home.clone())?.write_blocking(move |tx| stamping::prepare(tx, &county, id, now_ms))?;
    let (size, file) = prepared.ok_or(Fault::Unsigned)?;
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{}.tsq", witness.name)));
    write_new(&out, &file)?;
    terminal.say(format!("时间戳请求已写入 {}，前 {size} 项。", out.display()));
    terminal.say("交给时间戳机构签发；拿回的 .tsr 文件用 record deposit import 导入。");
    Ok(Outcome::Fine)
}

/// A file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = std::fs::File::options().write(true).create_new(true).open(path);
    let written = written.and_then(|mut file| std::io::Write::write_all(&mut file, bytes));
    written.map_err(|error| Failure::file("写入存证文件", path, &error))
}

fn import(options: &Options, path: &Path, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let length = std::fs::metadata(path).map_err(|error| Failure::file("读取共签文件", path, &error))?.len();
    if usize::try_from(length).is_ok_and(|length| length > file::FILE_BYTES_MAX) {
        return Err(Failure::Usage("这不是共签文件：过长。".to_owned()));
    }
    let brought = std::fs::read(path).map_err(|error| Failure::file("读取共签文件", path, &error))?;
    let now_ms = MachineClock::System.millis();
    let data = options.config.data_dir.clone();
    let brought = Db::open_beside(options.config.home())?.write_blocking(move |tx| {
        let (county, _) = county_in(tx)?.ok_or(Fault::NoCounty)?;
        file::bring(tx, &county, &data, &brought, now_ms)
    })?;
    match brought {
        Ok((brought, note)) => {
            outside::keep(&options.config, brought.size, &note)?;
            let when = time_text(brought.signed_ms);
            terminal.say(format!("已导入{}的签署：前 {} 项，{when}。", brought.witness, brought.size));
            Ok(Outcome::Fine)
        }
        Err(file::NotBrought::Fault(fault)) => Err(fault.into()),
        Err(wrong) => {
            terminal.say(format!("没有导入：{wrong}。"));
            Ok(Outcome::Finding)
        }
    }
}

fn set_alarm(home: &Home, hours: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let wrong = || Failure::Usage(format!("“{hours}”不是 1 至 8760 的小时数。"));
    let hours: i64 = hours.parse().ok().filter(|hours| (1..=8_760).contains(hours)).ok_or_else(wrong)?;
    Db::open_beside(home.clone())?.write_blocking(move |tx| {
        let (county, _) = county_in(tx)?.ok_or(Fault::NoCounty)?;
        settings::put(tx, &county, ALARM_HOURS, &hours.to_string()).map_err(Fault::from)
    })?;
    terminal.say(format!("有新的记录而 {hours} 小时没有存证的，提醒工作人员。"));
    Ok(Outcome::Fine)
}
