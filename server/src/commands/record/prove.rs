//! `zhunsheng record prove ID|SEQ [--out FILE] [--values]`: a receipt that verifies without us.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use zhunsheng_core::id::MatterId;

use super::signers;
use crate::app::county_in;
use crate::app::fault::Fault;
use crate::app::receipt::{Which, prove};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::opening::require_county;
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;
use crate::store::Db;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut which, mut out, mut values) = (None, None, false);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "out" => out = Some(options.path()?),
            Word::Option(name) if name == "values" => values = true,
            Word::Value(value) if which.is_none() => which = Some(read_which(&value.to_string_lossy())?),
            other => return Err(unknown(&other)),
        }
    }
    let which = which.ok_or_else(|| Failure::Usage("缺少记录项的序号或者事项编号。".to_owned()))?;
    let home = options.config.home();
    require_county(&home)?;
    let signers = signers(&home.data)?;
    let receipt = Db::open_for_reading(home)?.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        prove(r, &county, which, values, signers.as_ref())
    })?;
    let Some(receipt) = receipt else {
        return Err(Failure::Usage("没有这一项记录，或者还没有检查点签到这一项。".to_owned()));
    };
    let text = receipt.to_text();
    match out {
        None => terminal.say(text.trim_end()),
        Some(path) => {
            write(&path, &text).map_err(|error| Failure::file("写入凭证", &path, &error))?;
            terminal.say(format!("记录项 {} 的凭证已写入 {}（{} 字节）", receipt.index, path.display(), text.len()));
            terminal.say(format!("  核验：zhunsheng record check-proof {} --key 国密公钥 --key 公钥", path.display()));
        }
    }
    Ok(Outcome::Fine)
}

fn read_which(text: &str) -> Result<Which, Failure> {
    let number = text.parse().ok().map(Which::Entry);
    let matter = || MatterId::parse(&text.to_lowercase()).map(Which::NewestOf);
    number.or_else(matter).ok_or_else(|| Failure::Usage(format!("“{text}”不是记录项的序号，也不是事项编号。")))
}

/// Never over an existing file.
fn write(path: &PathBuf, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
