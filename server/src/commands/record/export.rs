//! `zhunsheng record export DIR [--from N] [--redacted]`: the record as plain files.

use std::path::PathBuf;

use super::signers;
use crate::app::export::{Wish, write};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::opening::require_county;
use crate::commands::options::{Options, Word, unknown};
use crate::commands::terminal::Terminal;
use crate::store::Db;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut folder, mut from, mut redacted) = (None, 0, false);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "redacted" => redacted = true,
            Word::Option(name) if name == "from" => {
                let text = options.text()?;
                let wrong = || Failure::Usage(format!("--from 的取值“{text}”不是记录项的序号。"));
                from = text.parse().map_err(|_| wrong())?;
            }
            Word::Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let folder = folder.ok_or_else(|| Failure::Usage("缺少导出目录，如 zhunsheng record export 导出。".to_owned()))?;
    let home = options.config.home();
    require_county(&home)?;
    let signers = signers(&home.data)?;
    let wish = Wish { folder, from, redacted };
    let made = Db::open_for_reading(home)?.read_blocking(|r| write(r, &wish, signers.as_ref()))?;
    terminal.say(format!("{}（{}）全程记录已导出到 {}", made.name, made.county, wish.folder.display()));
    let bytes: u64 = made.files.iter().map(|file| file.bytes).sum();
    terminal.say(format!(
        "  {} 项（自第 {} 项起有全文），{} 个文件，{bytes} 字节",
        made.size,
        made.from,
        made.files.len()
    ));
    terminal.say(if redacted {
        "  密封内容没有导出，只有承诺值：同样可以核验。"
    } else {
        "  含密封内容（个人信息），请与数据目录同等保管；对外提供用 --redacted。"
    });
    Ok(Outcome::Fine)
}
