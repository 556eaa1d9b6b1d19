//! The whole measurement: for each size of county its pages, its steps under load beside the floor, a kill, and what was lost (nothing).
//!
//! Does not belong here: how it is told (`tell.rs`, `curve.rs`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::cast::Cast;
use super::ledger::{Ledger, Line, missing};
use super::load::{self, Wish};
use super::pages;
use super::report::{OfCounty, Report, Steps};
use super::server::Server;
use super::{counties, forms, machine};
use crate::app::clock::{MachineClock, china};
use crate::app::fault::Fault;
use crate::app::receipt::{Which, prove};
use crate::app::{App, verify};
use crate::commands::failure::Failure;
use crate::commands::terminal::Terminal;
use crate::config::Config;
use crate::store::{Db, floor, record};

/// Bytes that one step appends to the record itself: entry, sealed values, leaf, salts (measured on the demonstration).
const STEP_BYTES: usize = 1_200;
/// A floor is measured for so long.
const FLOOR_TIME: Duration = Duration::from_millis(1_500);
/// Before memory is read: what the start needed has been given back.
const IDLE_AFTER: Duration = Duration::from_secs(3);
/// Receipts are made for so long.
const PROOF_TIME: Duration = Duration::from_secs(2);

/// What is to be measured.
pub struct Plan {
    /// Where results go.
    pub out: PathBuf,
    /// Where counties are kept.
    pub counties: PathBuf,
    /// Matters.
    pub sizes: Vec<usize>,
    /// Clients on the smallest county; the last number on the others.
    pub clients: Vec<usize>,
    /// Of one load.
    pub time: Duration,
    /// How long to wait for a quiet machine before each load.
    pub patience: Duration,
    /// Forms that citizens send to the smallest county; none if 0.
    pub forms: u64,
    /// The short form.
    pub quick: bool,
}

/// Measures.
pub fn run(plan: &Plan, terminal: &mut Terminal) -> Result<Report, Failure> {
    std::fs::create_dir_all(&plan.out).map_err(|error| Failure::file("建立", &plan.out, &error))?;
    let when = MachineClock::System.now().to_zoned(china()).strftime("%Y-%m-%d %H:%M %:z").to_string();
    let mut report = Report {
        when,
        machine: machine::description(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: format!("SQLite {}", floor::engine_version()),
        quick: plan.quick,
        counties: Vec::new(),
    };
    for (n, matters) in plan.sizes.iter().enumerate() {
        let kept = counties::ready(&plan.counties, *matters, terminal)?;
        let work = plan.out.join("county");
        counties::copy(&kept, &work)?;
        let clients = if n == 0 { plan.clients.clone() } else { plan.clients.last().copied().into_iter().collect() };
        let site = Site { plan, work: &work, log: plan.out.join("server.log") };
        let count = if n == 0 { plan.forms } else { 0 };
        report.counties.push(site.measure(*matters, (&clients, count), terminal)?);
        counties::clear(&work)?;
    }
    Ok(report)
}

/// One county under measurement.
struct Site<'p> {
    plan: &'p Plan,
    work: &'p Path,
    log: PathBuf,
}

impl Site<'_> {
    fn measure(
        &self,
        matters: usize,
        (clients, forms): (&[usize], u64),
        terminal: &mut Terminal,
    ) -> Result<OfCounty, Failure> {
        let mut found = self.look_inside(matters, terminal)?;
        let (cast, ids) = {
            let app = self.open()?;
            (Cast::engage(&app)?, pages::spread(&app)?)
        };
        let first = Server::start(self.work, &self.log)?;
        found.adopting_seconds = first.start.as_secs_f64();
        first.stop();
        let server = Server::start(self.work, &self.log)?;
        found.start_seconds = server.start.as_secs_f64();
        std::thread::sleep(IDLE_AFTER);
        found.idle_bytes = machine::memory(server.pid());
        terminal.remark(format!("{matters} 件：启动 {:.2} 秒，页面…", found.start_seconds));
        machine::wait_for_quiet(self.plan.patience);
        found.pages = pages::ask_all(&server, &cast, ids)?;
        let mut acknowledged = Vec::new();
        for clients in clients {
            let (steps, lines) = self.steps(&server, &cast, *clients)?;
            terminal.remark(format!(
                "{matters} 件，{clients} 个程序：每秒 {:.0} 步，p99 {:.1} 毫秒，下限的 {:.0}%，负载 {:.1}",
                steps.load.per_second,
                steps.load.times.p99_ms,
                steps.of_floor() * 100.0,
                steps.load_average
            ));
            found.steps.push(steps);
            acknowledged.extend(lines);
        }
        found.loaded_bytes = machine::memory(server.pid());
        acknowledged.extend(self.kill_under_load(server, &cast)?);
        found.wal_bytes = bytes_of(&self.work.join("zhunsheng.db-wal"));
        let again = Server::start(self.work, &self.log)?;
        found.start_after_kill_seconds = again.start.as_secs_f64();
        if forms > 0 {
            found.forms = Some(self.forms(again, &cast, forms, terminal)?);
        } else {
            again.stop();
        }
        found.checked = acknowledged.len();
        match missing(&Db::open_for_reading(self.work)?, &acknowledged)? {
            None => Ok(found),
            Some(what) => Err(Failure::Fault(format!("测量中止：{what}。"))),
        }
    }

    fn open(&self) -> Result<App, Failure> {
        let config = Config { data_dir: self.work.to_owned(), ..Config::default() };
        Ok(App::start(config, Db::open(self.work)?, MachineClock::System)?)
    }

    /// What needs no server: the record's size, its verification, receipts.
    fn look_inside(&self, matters: usize, terminal: &mut Terminal) -> Result<OfCounty, Failure> {
        terminal.remark(format!("{matters} 件：核验全部记录…"));
        let app = self.open()?;
        let county = app.county_code.clone();
        let entries =
            app.db.read_blocking(|r| Ok::<_, Fault>(record::find_head(r, &county)?.map_or(0, |head| head.0)))?;
        let began = Instant::now();
        let verified = app.db.read_blocking(|r| Ok::<_, Fault>(verify::verify(r, &county)?))?;
        if let Some(wrong) = verified.wrong {
            return Err(Failure::Fault(wrong));
        }
        let seconds = began.elapsed().as_secs_f64();
        let (began, mut proofs) = (Instant::now(), 0u32);
        while began.elapsed() < PROOF_TIME {
            let entry = u64::from(proofs).wrapping_mul(7_919).checked_rem(entries.unsigned_abs()).unwrap_or(0);
            let made = app.db.read_blocking(|r| prove(r, &county, Which::Entry(entry), false, None))?;
            proofs += u32::from(made.is_some());
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate")]
        let millions = entries as f64 / 1e6;
        Ok(OfCounty {
            matters,
            entries,
            bytes: bytes_of(&self.work.join("zhunsheng.db")),
            steps: Vec::new(),
            pages: Vec::new(),
            proofs_per_second: f64::from(proofs) / began.elapsed().as_secs_f64(),
            verify_million_seconds: seconds / millions.max(1e-6),
            adopting_seconds: 0.0,
            start_seconds: 0.0,
            start_after_kill_seconds: 0.0,
            wal_bytes: 0,
            idle_bytes: 0,
            loaded_bytes: 0,
            checked: 0,
            forms: None,
        })
    }

    /// Citizens at the door, each form looked for afterwards; the server is stopped.
    fn forms(&self, server: Server, cast: &Cast, count: u64, terminal: &mut Terminal) -> Result<forms::Sent, Failure> {
        machine::wait_for_quiet(self.plan.patience);
        let run = format!("{:x}", MachineClock::System.millis());
        let wish = forms::Wish { address: server.address, clients: forms::CLIENTS, count, time: forms::TIME, run };
        terminal.remark(format!("{count} 份表单…"));
        let (sent, missing) = forms::judge(server, cast, &wish, self.work)?;
        let failed = (sent.errors > 0).then(|| {
            format!("{} 份表单没有交成，第一份：{}", sent.errors, sent.first_error.clone().unwrap_or_default())
        });
        match missing.or(failed) {
            None => Ok(sent),
            Some(what) => Err(Failure::Fault(format!("测量中止：{what}。"))),
        }
    }

    fn wish(&self, server: &Server, clients: usize, ledger: &Path) -> Wish {
        Wish {
            address: server.address,
            clients,
            time: self.plan.time,
            warm_up: Duration::from_secs(1),
            count: u64::MAX,
            ledger: Some(ledger.to_owned()),
            patience: Duration::ZERO,
            run: format!("{:x}", MachineClock::System.millis()),
        }
    }

    fn steps(&self, server: &Server, cast: &Cast, clients: usize) -> Result<(Steps, Vec<Line>), Failure> {
        let busy = machine::wait_for_quiet(self.plan.patience);
        let load_average = machine::load();
        let ledger = self.plan.out.join("ledger.txt");
        let (cpu, written) = (machine::cpu_seconds(server.pid()), machine::written(server.pid()));
        let load = load::run(cast, &self.wish(server, clients, &ledger))?;
        if load.errors > 0 {
            let first = load.first_error.unwrap_or_default();
            return Err(Failure::Fault(format!("{} 个请求没有办成，第一个：{first}", load.errors)));
        }
        #[allow(clippy::cast_precision_loss, reason = "means")]
        let (cpu_ms_per_step, written_per_step) = {
            let all = load.acknowledged.max(1) as f64;
            let written = machine::written(server.pid()).saturating_sub(written) as f64;
            ((machine::cpu_seconds(server.pid()) - cpu) * 1_000.0 / all, written / all)
        };
        let (floor_rows, floor_syncs) = self.floor(clients)?;
        let steps = Steps { load, load_average, busy, cpu_ms_per_step, written_per_step, floor_rows, floor_syncs };
        Ok((steps, Ledger::read(&ledger)?))
    }

    /// The floor of this minute, in the same folder.
    fn floor(&self, group: usize) -> Result<(f64, f64), Failure> {
        let folder = self.plan.out.join("floor");
        counties::clear(&folder)?;
        std::fs::create_dir_all(&folder).map_err(|error| Failure::file("建立", &folder, &error))?;
        let rows = floor::engine_rows(&folder.join("floor.db"), STEP_BYTES, group, FLOOR_TIME)?;
        let raw = folder.join("raw");
        let syncs = floor::synced_appends(&raw, STEP_BYTES, FLOOR_TIME);
        let syncs = syncs.map_err(|error| Failure::file("写", &raw, &error))?;
        counties::clear(&folder)?;
        Ok((rows, syncs))
    }

    /// Kills the server in the middle of a load; what was acknowledged until then.
    fn kill_under_load(&self, server: Server, cast: &Cast) -> Result<Vec<Line>, Failure> {
        let ledger = self.plan.out.join("ledger-killed.txt");
        let wish = Wish { time: Duration::from_secs(30), warm_up: Duration::ZERO, ..self.wish(&server, 16, &ledger) };
        std::thread::scope(|scope| {
            let loading = scope.spawn(|| load::run(cast, &wish).map(drop));
            std::thread::sleep(Duration::from_secs(2));
            server.kill();
            // Every client ends with an error: its server is gone.
            loading.join().unwrap_or(Ok(()))
        })?;
        Ledger::read(&ledger)
    }
}

fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}
