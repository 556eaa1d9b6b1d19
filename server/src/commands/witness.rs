//! `zhunsheng witness init | follow | list | serve | sign`: the mode of a witness 存证单位, without county and database.

use std::path::{Path, PathBuf};

use zhunsheng_core::record::note::LogKey;
use zhunsheng_core::record::witness::{Declined, Request};

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::checkpoint;
use crate::app::clock::{MachineClock, china};
use crate::config::Config;
use crate::store::Home;
use crate::web::serve::{Patience, bind, serve, stop_signal};
use crate::witness::folder::{Cosigned, Folder, Followed};
use crate::witness::http::{Desk, routes};
use crate::witness::{NotSigned, WitnessFault};
use zhunsheng_core::record::crypto::Suite;

impl From<WitnessFault> for Failure {
    fn from(fault: WitnessFault) -> Self {
        Self::because(&fault)
    }
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let what = match options.next()? {
        Some(Word::Value(word)) => word,
        Some(other) => return Err(unknown(&other)),
        None => {
            let sentence = "witness 后面要写明做什么：witness init、follow、list、serve、sign。";
            return Err(Failure::Usage(sentence.to_owned()));
        }
    };
    match what.to_str() {
        Some("init") => init(options, terminal),
        Some("follow") => follow(options, terminal),
        Some("list") => list(options, terminal),
        Some("serve") => run_server(options, terminal),
        Some("sign") => sign(options, terminal),
        _ => Err(unknown(&Word::Value(what))),
    }
}

/// A county's folder is never a witness's: who can write both witnesses himself.
fn refuse_county(data: &Path) -> Result<(), Failure> {
    if Home::from(data).file().exists()
        || Suite::ALL.into_iter().any(|suite| checkpoint::key_file(data, suite).exists())
    {
        let sentence = "这是县的数据目录。存证单位要另设目录，最好另在一台不归县里管理的机器上；请用 --data 另指。";
        return Err(Failure::Fault(sentence.to_owned()));
    }
    Ok(())
}

fn init(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut name = None;
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(option) if option == "name" => name = Some(options.text()?),
            _ => return Err(unknown(&word)),
        }
    }
    let name = name.ok_or_else(|| Failure::Usage("缺少 --name 名称，如 --name 铁岭市司法局。".to_owned()))?;
    refuse_county(&options.config.data_dir)?;
    let key = Folder::init(&options.config.data_dir, &name)?;
    terminal.say(format!("存证单位“{name}”已设立。"));
    terminal.say(format!("公钥：{key}"));
    terminal.say("把公钥交给所见证的县登记；用 zhunsheng witness follow 登记县的公钥。");
    Ok(Outcome::Fine)
}

fn follow(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut key = None;
    while let Some(word) = options.next()? {
        match word {
            Word::Value(value) if key.is_none() => key = Some(value.to_string_lossy().into_owned()),
            other => return Err(unknown(&other)),
        }
    }
    let typed = key.ok_or_else(|| Failure::Usage("缺少县的公钥，如 zhunsheng/211224+1a2b3c4d+AW…。".to_owned()))?;
    let kept = std::fs::read_to_string(&typed);
    let key = LogKey::parse(kept.as_deref().unwrap_or(&typed)).map_err(|wrong| Failure::Usage(format!("{wrong}。")))?;
    let folder = Folder::open(&options.config.data_dir)?;
    let new = folder.follow(&key)?;
    terminal.say(format!("{} {}。", if new { "自现在起见证" } else { "已经在见证" }, key.name()));
    Ok(Outcome::Fine)
}

fn list(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    if let Some(word) = options.next()? {
        return Err(unknown(&word));
    }
    let folder = Folder::open(&options.config.data_dir)?;
    terminal.say(format!("存证单位 {}", folder.key().name()));
    terminal.say(format!("公钥 {}", folder.key()));
    let logs = folder.list()?;
    if logs.is_empty() {
        terminal.say("还没有见证任何县的记录。");
    }
    for log in &logs {
        tell_log(log, terminal);
    }
    Ok(if logs.iter().any(|log| log.forked) { Outcome::Finding } else { Outcome::Fine })
}

fn tell_log(log: &Followed, terminal: &mut Terminal) {
    let name = log.keys.first().map_or("", LogKey::name);
    match &log.last {
        None => terminal.say(format!("{name}：还没有共签过")),
        Some(last) => terminal.say(format!("{name}：签到 {} 项，{}", last.checkpoint.size, time_of(last))),
    }
    for key in &log.keys {
        terminal.say(format!("  公钥 {key}"));
    }
    if log.forked {
        terminal.say("  发现同一项数的两个版本（分叉），两份检查点存于 logs 目录的 .fork 文件，可作证据。");
    }
}

/// When it was signed, as people say it.
fn time_of(cosigned: &Cosigned) -> String {
    let seconds = i64::try_from(cosigned.seconds).unwrap_or(i64::MAX);
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    stamp.to_zoned(china()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn run_server(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "port" => options.port()?,
            _ => return Err(unknown(&word)),
        }
    }
    let config = options.config;
    opening::start_log(&config);
    let folder = Folder::open(&config.data_dir)?;
    // What cannot be read is better found now than by a county.
    folder.list()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because(&error))?;
    runtime.block_on(attend(folder, config, terminal))
}

async fn attend(folder: Folder, config: Config, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let listener = bind(&config).await.map_err(|error| opening::cannot_listen(&config, &error))?;
    let address = listener.local_addr().map_err(|error| Failure::because(&error))?;
    terminal.say(format!("存证单位 {} 已启动：http://{address}/", folder.key().name()));
    let desk = Desk { folder, clock: MachineClock::System };
    serve(listener, &config, routes(desk), Patience::default(), stop_signal()).await;
    terminal.remark("已停止。");
    Ok(Outcome::Fine)
}

/// The exchange by file: a request in, a cosigned note out.
fn sign(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut from, mut to) = (None, None);
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) if name == "out" => to = Some(options.path()?),
            Word::Value(value) if from.is_none() => from = Some(PathBuf::from(value)),
            other => return Err(unknown(&other)),
        }
    }
    let from = from.ok_or_else(|| Failure::Usage("缺少县里交来的存证文件。".to_owned()))?;
    let to = to.unwrap_or_else(|| from.with_extension("cosigned"));
    let text = std::fs::read_to_string(&from).map_err(|error| Failure::file("读取存证文件", &from, &error))?;
    let folder = Folder::open(&options.config.data_dir)?;
    let now = u64::try_from(MachineClock::System.seconds()).map_err(|_| WitnessFault::Clock)?;
    let request = Request::parse(&text);
    match request.as_ref().map_err(|declined| (*declined).into()).and_then(|request| folder.sign(request, now)) {
        Ok(cosigned) => {
            write_answer(&to, &cosigned)?;
            terminal.say(format!("已共签 {} 前 {} 项。", cosigned.checkpoint.origin, cosigned.checkpoint.size));
            terminal.say(format!("把 {} 交还县里导入。", to.display()));
            Ok(Outcome::Fine)
        }
        Err(NotSigned::Declined(declined)) => {
            terminal.say(format!("没有共签：{declined}。"));
            let last = request.ok().map(|request| folder.last(request.origin())).transpose()?.flatten();
            if let (Declined::Conflict(_), Some(last)) = (declined, last) {
                write_answer(&to, &last)?;
                terminal.say(format!("上次共签的检查点已写入 {}，县里导入后从那里续起。", to.display()));
            }
            Ok(Outcome::Finding)
        }
        Err(NotSigned::Fault(fault)) => Err(fault.into()),
    }
}

/// Never over an older answer.
fn write_answer(to: &Path, cosigned: &Cosigned) -> Result<(), Failure> {
    let written = std::fs::File::options().write(true).create_new(true).open(to);
    let written = written.and_then(|mut file| std::io::Write::write_all(&mut file, cosigned.note.as_bytes()));
    written.map_err(|error| Failure::file("写入共签文件", to, &error))
}
