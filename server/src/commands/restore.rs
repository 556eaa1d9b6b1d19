//! `zhunsheng restore FILE [--verify]`: a backup into an empty folder, or only looked at.

use std::path::PathBuf;

use super::backup::ask;
use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::record::time_text;
use super::terminal::Terminal;
use crate::app::backup::{self, BackupError};

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut file, mut only_verify) = (None, false);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "verify" => only_verify = true,
            Word::Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let file = file.ok_or_else(|| Failure::Usage("缺少备份文件名，如 zhunsheng restore 备份.zip。".to_owned()))?;
    let passphrase = ask(&options.config, terminal, false)?;
    let home = options.config.home();
    let ended = if only_verify {
        backup::check(&file, passphrase.reveal())
    } else {
        backup::restore(&file, passphrase.reveal(), &home)
    };
    let restored = match ended {
        Ok(restored) => restored,
        // The file could be read and is not what it says: something was found.
        Err(found @ (BackupError::Different { .. } | BackupError::Record { .. })) if only_verify => {
            terminal.say(found.to_string());
            return Ok(Outcome::Finding);
        }
        Err(error) => return Err(Failure::because(&error)),
    };
    let made = &restored.manifest;
    let kind = if made.demonstration { "演示数据" } else { "真实的县" };
    let when =
        made.made.parse().map_or_else(|_| made.made.clone(), |at: jiff::Timestamp| time_text(at.as_millisecond()));
    terminal.say(format!("{}（{}，{kind}），备份于 {when}", made.name, made.county));
    terminal.say(format!(
        "  {} 个文件摘要一致；记录 {} 项核验一致，树根 {}",
        made.parts.len(),
        made.entries,
        made.root
    ));
    terminal.say(if only_verify {
        "  备份完好，没有写入任何数据。".to_owned()
    } else {
        format!("  已恢复到 {home}，所有人须重新登录。")
    });
    Ok(Outcome::Fine)
}
