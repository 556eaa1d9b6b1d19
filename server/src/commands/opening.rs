//! Opening a county: the same sequence for every command that needs one.

use std::sync::Arc;

use zhunsheng_core::matter::Actor;

use super::failure::{Failure, Outcome};
use super::terminal::Terminal;
use crate::app::act::ActError;
use crate::app::clock::{CountyClock, MachineClock};
use crate::app::fault::{Fault, StoreFault};
use crate::app::found::{self, FoundingAct};
use crate::app::ruling::{Ruling, embedded, newest};
use crate::app::steady::Steady;
use crate::app::{App, checkpoint, county_in, evidence, left, newest_moment, tail, verify};
use crate::config::Config;
use crate::store::law_files;
use crate::store::{Db, Home, Tx};
use crate::web::router::{routes, site};
use crate::web::serve::{Patience, bind, serve, stop_signal};
use crate::{jobs, web};

/// Whether there is a database with a county at all; looking makes nothing.
pub fn has_county(home: &Home) -> Result<bool, Failure> {
    if !Db::exists(home)? {
        return Ok(false);
    }
    // A file that was made is a county, whatever it says: nothing is founded over it.
    if home.database.is_none() {
        return Ok(true);
    }
    Ok(Db::open_for_reading(home)?.read_blocking(|r| county_in(r))?.is_some())
}

/// That there is one.
pub fn require_county(home: &Home) -> Result<(), Failure> {
    if has_county(home)? { Ok(()) } else { Err(Fault::NoCounty.into()) }
}

/// Opens a county only to read it, also beside a process that serves it.
pub fn open_for_reading(config: Config) -> Result<App, Failure> {
    require_county(&config.home())?;
    let db = Db::open_for_reading(config.home())?;
    Ok(App::start(config, db, MachineClock::System)?)
}

/// Which kind of county is to be served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Made by `demo`.
    Demonstration,
    /// Founded by `init`.
    Real {
        /// Somebody has looked at the computer's date: a long silence in the record is no reason not to start.
        time_checked: bool,
    },
}

/// Opens a county to serve it. Its founding act must be of the kind that is asked for, and its settings must agree.
pub fn open_to_serve(config: Config, which: Which) -> Result<App, Failure> {
    let demonstration = which == Which::Demonstration;
    require_county(&config.home())?;
    let db = Db::open_to_serve(config.home(), &config.process_name())?;
    let act = founding_act(&db)?;
    match (demonstration, act.demonstration) {
        (false, true) => {
            return Err(Failure::Fault(
                "演示数据不能作为真实县打开。请用 zhunsheng demo 打开演示县，或用 --data 另指真实县的数据目录。没有改动任何数据。"
                    .to_owned(),
            ));
        }
        (true, false) => {
            return Err(Failure::Fault(
                "数据目录里是真实的县，不能作为演示打开。请用 zhunsheng serve 启动它，或用 --data 另指一个目录。没有改动任何数据。"
                    .to_owned(),
            ));
        }
        _ => {}
    }
    look_at_tail(&db)?;
    if which == (Which::Real { time_checked: false }) {
        require_plausible_date(&db)?;
    }
    checkpoint::ensure_keys(&db, &config.data_dir)?;
    if db.writes() {
        derive_anew(&db)?;
        adopt_embedded_law(&config, &db)?;
    }
    let app = App::start(config, db, MachineClock::System)?;
    if app.is_demonstration() != demonstration {
        return Err(Failure::Fault("设置项与设立记录不一致：一个说是演示，一个说不是。请从备份恢复。".to_owned()));
    }
    Ok(app)
}

/// Tables that an earlier program derived otherwise are derived anew before anything is read from them.
fn derive_anew(db: &Db) -> Result<(), Failure> {
    let made = db.write_blocking(|tx| match county_in(tx)? {
        Some((county, _)) => verify::derive_anew(tx, &county),
        None => Ok(None),
    })?;
    if let Some(entries) = made {
        tracing::info!(entries, "tables derived anew from the record");
    }
    Ok(())
}

/// A record whose end does not fit together is not served.
fn look_at_tail(db: &Db) -> Result<(), Failure> {
    let wrong = db.read_blocking(|r| match county_in(r)? {
        Some((county, _)) => tail::wrong(r, &county),
        None => Ok(None),
    })?;
    wrong.map_or(Ok(()), |wrong| {
        Err(Failure::Fault(format!(
            "全程记录的末尾核验不通过：{wrong}。没有启动，也没有改动任何数据。请整体复制数据目录留存，\
             用 zhunsheng record audit 查明，再从备份恢复到新目录。"
        )))
    })
}

/// A date far beyond the newest entry is more likely wrong than right; recorded once, it would be there for ever.
fn require_plausible_date(db: &Db) -> Result<(), Failure> {
    let machine = MachineClock::System;
    let (newest, clock) = db.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let clock = CountyClock::load(r, &county, machine.clone())?;
        Ok::<_, Fault>((newest_moment(r, &county)?, clock))
    })?;
    let now = clock.moment();
    if !Steady::new(newest, &machine).is_long_silent(now) {
        return Ok(());
    }
    Err(Failure::Fault(format!(
        "系统时间是 {now}，距最近一项记录已超过四百天，没有启动。请核对系统时间；时间无误的，加 --time-checked 再启动一次。"
    )))
}

/// The founding act of the county in a database.
pub fn founding_act(db: &Db) -> Result<FoundingAct, Failure> {
    let found = db.read_blocking(|r| {
        let Some((county, _)) = county_in(r)? else { return Ok(None) };
        found::founding_act(r, &county)
    });
    found.map_err(|fault: StoreFault| Failure::from(fault))?.ok_or_else(|| Fault::NoCounty.into())
}

/// Adopts the law that came with the program, if it differs from the adopted one and is sound. If it does not differ,
/// the kept verdict is compared and nothing else is done.
fn adopt_embedded_law(config: &Config, db: &Db) -> Result<(), Failure> {
    let files = embedded();
    let differs = db.read_blocking(|r| {
        let Some((county, _)) = county_in(r)? else { return Ok(true) };
        let adopted = newest(&law_files::list(r, &county)?);
        Ok::<_, Fault>(files.iter().any(|file| !adopted.contains(file)))
    })?;
    if !differs {
        return review_adopted_law(db);
    }
    if let Err(fault) = Ruling::check(&files) {
        tracing::error!(%fault, "the law that came with the program is not sound; the adopted law stays");
        return review_adopted_law(db);
    }
    let mut desk = App::start(config.clone(), db.clone(), MachineClock::System)?.recording_desk()?;
    let adopt = move |tx: &mut Tx<'_>| found::adopt(tx, &mut desk, &Actor::System, &files);
    if let Some(adopted) = db.write_blocking::<_, ActError, _>(adopt)? {
        tracing::info!(entry = adopted.seq, moved = adopted.moved.len(), "law adopted");
    }
    Ok(())
}

/// A law adopted under an earlier checker stays in force; what the present one says against it goes to the log.
fn review_adopted_law(db: &Db) -> Result<(), Failure> {
    let problems = db.write_blocking(|tx| match county_in(tx)? {
        Some((county, _)) => found::review(tx, &county),
        None => Ok(Vec::new()),
    })?;
    for problem in problems {
        tracing::warn!(%problem, "the adopted law would not be adopted today");
    }
    Ok(())
}

/// Log lines to standard error, as configured.
pub fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start in one process (tests) keeps the first.
    let _ = log.try_init();
}

/// A record that differs from what lies outside is not opened, unless that is accepted with a reason.
async fn compare_outside(app: &Arc<App>, terminal: &mut Terminal) -> Result<(), Failure> {
    let differences = app.compare_outside().await?;
    if differences.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = differences.iter().map(|d| format!("  {}：{}。", d.whence, d.sentence)).collect();
    let said = said.join("\n");
    let Some(reason) = &app.config.accept_rollback else {
        return Err(Failure::Fault(format!(
            "这里的全程记录与存在外面的不一致，没有启动，没有改动：\n{said}\n\
             多半是放回了旧的备份或者旧的数据目录。请找更新的备份恢复到新目录；\
             确实没有更新的，由负责人决定后用 --accept-rollback 理由 启动，这一决定会记入全程记录。"
        )));
    };
    app.accept_rollback(reason, &differences).await?;
    terminal.remark(format!("已按所写理由接受，并记入全程记录：\n{said}"));
    Ok(())
}

/// The configured address is not to be had.
pub fn cannot_listen(config: &Config, error: &std::io::Error) -> Failure {
    let (address, port) = (config.address, config.port);
    Failure::Fault(format!("不能监听 {address}:{port}（{error}）。端口可能已被占用，可用 --port 另指。"))
}

/// Serves until a signal, and tells where as soon as visitors can come.
pub fn serve_app(
    app: App,
    terminal: &mut Terminal,
    tell: impl AsyncFnOnce(&App, &str, &mut Terminal),
) -> Result<Outcome, Failure> {
    let folder = evidence::incoming(&app.config.data_dir);
    if app.db.lease().is_none() {
        web::upload::sweep(&app.config.data_dir).map_err(|error| Failure::file("清理", &folder, &error))?;
        left::restore(&app.config.data_dir).map_err(|error| Failure::file("放回", &app.config.data_dir, &error))?;
    }
    app.passwords.warm_up()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because(&error))?;
    let app = Arc::new(app);
    runtime.block_on(async {
        compare_outside(&app, terminal).await?;
        let listener = bind(&app.config).await.map_err(|error| cannot_listen(&app.config, &error))?;
        let address = listener.local_addr().map_err(|error| Failure::because(&error))?;
        if let Some(lease) = app.db.lease() {
            lease.announce(app.config.peer_url.as_deref().unwrap_or(&format!("http://{address}")));
            if !app.db.writes() {
                terminal.remark("这个县由另一个准绳进程办理写入。本进程供查询、转交办理；那个进程停下后由本进程接替。");
            }
        }
        tell(&app, &format!("http://{address}/"), terminal).await;
        let jobs = jobs::start(&app);
        serve(listener, &app.config, site(Arc::clone(&app), routes()), Patience::default(), stop_signal()).await;
        drop(jobs);
        terminal.remark("已停止。");
        Ok(Outcome::Fine)
    })
}
