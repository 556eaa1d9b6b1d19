//! `zhunsheng backup FILE`: database, evidence and keys in one file.

use std::path::PathBuf;

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::backup;
use crate::app::clock::MachineClock;
use crate::config::{Config, Passphrase};

/// A passphrase protects keys that outlive the machine: not shorter than a password.
const PASSPHRASE_CHARS_MIN: usize = 10;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut file = None;
    while let Some(word) = options.next()? {
        match word {
            Word::Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let file = file.ok_or_else(|| Failure::Usage("缺少备份文件名，如 zhunsheng backup 备份.zip。".to_owned()))?;
    opening::require_county(&options.config.home())?;
    let passphrase = ask(&options.config, terminal, true)?;
    if passphrase.reveal().chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(Failure::Usage(format!("口令短语至少 {PASSPHRASE_CHARS_MIN} 个字符。")));
    }
    let made = backup::write(&options.config.home(), &file, passphrase.reveal(), &MachineClock::System)
        .map_err(|error| Failure::because(&error))?;
    let bytes: u64 = made.parts.iter().map(|part| part.bytes).sum();
    terminal.say(format!("{}（{}）已备份到 {}", made.name, made.county, file.display()));
    terminal.say(format!(
        "  {} 个文件，{} 字节；记录 {} 项，树根 {}",
        made.parts.len(),
        bytes,
        made.entries,
        made.root
    ));
    terminal.say("  请另行妥善保管口令短语：没有它，备份中的密钥无法恢复。");
    Ok(Outcome::Fine)
}

/// The passphrase from the configuration or from the person at the screen.
pub fn ask(config: &Config, terminal: &mut Terminal, twice: bool) -> Result<Passphrase, Failure> {
    if let Some(given) = &config.passphrase {
        return Ok(given.clone());
    }
    let missing = || Failure::Usage("没有终端可以询问口令短语，请设置环境变量 ZHUNSHENG_PASSPHRASE。".to_owned());
    let typed = terminal.ask_secret("口令短语：").ok_or_else(missing)?;
    if twice && terminal.ask_secret("再输一遍：").ok_or_else(missing)? != typed {
        return Err(Failure::Usage("两次输入不一致。".to_owned()));
    }
    Ok(Passphrase::new(typed))
}
