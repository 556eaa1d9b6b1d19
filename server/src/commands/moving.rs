//! `zhunsheng move --from A --to B`: a county from a SQLite file into a PostgreSQL database, or back.

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::fault::Fault;
use crate::app::moving::move_county;
use crate::store::{Address, Db, Home};

/// Runs the command. Nobody serves the county meanwhile: both ends are held.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut from, mut to) = (None, None);
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "from" => from = Some(place(&mut options, "from")?),
            Word::Option(name) if name == "to" => to = Some(place(&mut options, "to")?),
            _ => return Err(unknown(&word)),
        }
    }
    let missing =
        |name: &str| Failure::Usage(format!("缺少 --{name}：file（数据目录中的 SQLite 文件）或 postgres://… 地址。"));
    // Only now is `--data` known, wherever it stood.
    let home = |database| Home { database, ..options.config.home() };
    let from = home(from.ok_or_else(|| missing("from"))?);
    let to = home(to.ok_or_else(|| missing("to"))?);
    if from.database.is_none() && to.database.is_none() {
        return Err(Failure::Usage("两边都是文件，用 zhunsheng backup 和 restore 即可。".to_owned()));
    }
    if !Db::exists(&from)? {
        return Err(Fault::NoCounty.into());
    }
    let made_file = to.database.is_none() && !to.file().exists();
    // The folder is held by the end that is written to, so that nobody serves the county from it.
    let target = Db::open(&to)?;
    let moved = match move_county(&Db::open_for_reading(&from)?, &target) {
        Ok(moved) => moved,
        Err(fault) => {
            drop(target);
            if made_file {
                // Nothing was committed into it; an empty file would look like a county.
                let _ = std::fs::remove_file(to.file());
            }
            return Err(fault.into());
        }
    };
    terminal.say(format!("{}（{}）已搬到 {to}", moved.name, moved.county));
    terminal.say(format!(
        "  {} 行；记录 {} 项，两边核验一致，树根 {}",
        moved.rows, moved.record.entries, moved.record.roots.sm3
    ));
    drop(target);
    if from.database.is_none() {
        let kept = set_aside(&from)?;
        terminal.say(format!("  原来的数据库文件改名为 {}，确认无误后可以删除。", kept.display()));
    }
    terminal.say(match &to.database {
        Some(_) => "  今后用 --database 或 ZHUNSHENG_DATABASE 指明数据库；密钥和证据材料仍在数据目录。",
        None => "  今后不再设置 ZHUNSHENG_DATABASE。原来的数据库没有改动，请停用，以免两处同时办理。",
    });
    Ok(Outcome::Fine)
}

/// `file` (none), or the address of a database.
fn place(options: &mut Options, name: &str) -> Result<Option<Address>, Failure> {
    let typed = options.text()?;
    if typed == "file" {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|fault| Failure::Usage(format!("--{name}：{fault}")))
}

/// What was moved away can no longer be served by mistake: two places would then go on with one record.
fn set_aside(from: &Home) -> Result<std::path::PathBuf, Failure> {
    let kept = from.data.join("zhunsheng.db.moved");
    std::fs::rename(from.file(), &kept).map_err(|error| Failure::file("改名", &from.file(), &error))?;
    // What is not folded into the file yet goes with it under the name that SQLite looks for.
    let wal = from.data.join("zhunsheng.db-wal");
    if wal.exists() {
        std::fs::rename(&wal, from.data.join("zhunsheng.db.moved-wal"))
            .map_err(|error| Failure::file("改名", &wal, &error))?;
    }
    Ok(kept)
}
