//! `zhunsheng demo`: makes the demonstration county if there is none yet, and serves it.

use std::path::{Path, PathBuf};

use super::failure::{Failure, Outcome};
use super::opening::{self, Which};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::App;
use crate::app::fault::chain;
use crate::app::persona;
use crate::county::scenario::{CHANGTU, SMALL};
use crate::county::{self, Progress, Scenario};
use crate::store::Home;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut scenario, mut serves) = ("changtu".to_owned(), true);
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "port" => options.port()?,
            Word::Option(name) if name == "no-serve" => serves = false,
            Word::Option(name) if name == "scenario" => scenario = options.text()?,
            _ => return Err(unknown(&word)),
        }
    }
    opening::start_log(&options.config);
    if !opening::has_county(&options.config.home())? {
        make(&options.config.home(), &scenario, terminal)?;
    }
    let app = opening::open_to_serve(options.config, Which::Demonstration)?;
    if !serves {
        terminal.say(format!("演示县已就绪：{}", app.config.home()));
        return Ok(Outcome::Fine);
    }
    opening::serve_app(app, terminal, tell)
}

fn load(scenario: &str) -> Result<Scenario, Failure> {
    let loaded = match scenario {
        "changtu" => Scenario::embedded(CHANGTU),
        "small" => Scenario::embedded(SMALL),
        file => {
            let path = Path::new(file);
            let text = std::fs::read_to_string(path).map_err(|error| Failure::file("读取脚本", path, &error))?;
            Scenario::parse(file, &text)
        }
    };
    loaded.map_err(|fault| Failure::because(&fault))
}

/// Plays the county in a folder beside and moves it into place when it is whole: half a county is never opened. In a
/// database server it is marked as unfinished until then.
fn make(home: &Home, scenario: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    let scenario = load(scenario)?;
    let data = home.data.as_path();
    let taken = std::fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        let sentence = format!("{} 不是空目录，也没有县域数据，没有改动。请用 --data 另指一个目录。", data.display());
        return Err(Failure::Fault(sentence));
    }
    let workshop = beside(data);
    if workshop.exists() {
        // Left by a making that was interrupted.
        std::fs::remove_dir_all(&workshop).map_err(|error| Failure::file("清理", &workshop, &error))?;
    }
    terminal.remark("生成演示县：逐日模拟办理（演示数据，与昌图县实际工作无关）…");
    let mut show = |now: Progress| {
        let what = format!("{}　{} 件次", now.day.chinese(), now.acts);
        terminal.progress(u64::from(now.days_done), u64::from(now.days), &what);
    };
    let made = county::make(&Home { data: workshop.clone(), ..home.clone() }, &scenario, &mut show)
        .map_err(|fault| Failure::because(&fault))?;
    terminal.end_progress();
    if data.exists() {
        std::fs::remove_dir(data).map_err(|error| Failure::file("替换", data, &error))?;
    }
    if let Some(parent) = data.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|error| Failure::file("建立", parent, &error))?;
    }
    std::fs::rename(&workshop, data).map_err(|error| Failure::file("移动到", data, &error))?;
    terminal.remark(format!(
        "已生成：{} 项记录，用时 {:.1} 秒（每秒 {:.0} 项），树根 {}",
        made.acts, made.seconds, made.acts_per_second, made.root
    ));
    Ok(())
}

/// `data/demo` → `data/demo.making`.
fn beside(data: &Path) -> PathBuf {
    let mut name = data.as_os_str().to_owned();
    name.push(".making");
    PathBuf::from(name)
}

async fn tell(app: &App, address: &str, terminal: &mut Terminal) {
    terminal.say(format!("{}（演示数据，与昌图县实际工作无关）：{address}", app.county_name));
    terminal.say(format!("演示日期{}。在 {address}demo 选择人员即可登录，不需要口令：", app.today().chinese()));
    match persona::list(app).await {
        Ok(people) => people.iter().for_each(|person| {
            terminal.say(format!("  {}（{}）　{}", person.title, person.organ, person.can));
        }),
        Err(fault) => tracing::error!(fault = chain(&fault), "the list of people cannot be read"),
    }
    terminal.say("按 Ctrl-C 停止。");
}
