//! The simulator: the demonstration county is played, act by act, through the same calls that people use.
//!
//! Does not belong here: rules (the engine refuses what is unlawful, and a refusal stops the simulator), SQL, pages.

mod aftermath;
mod aid;
mod aid_plan;
mod brief;
mod careers;
mod caseload;
pub mod chance;
mod changes;
mod consultations;
mod credit;
mod dispute;
mod docket;
mod documents;
mod drafts;
pub mod fault;
mod file_reviews;
mod guides;
mod inspections;
mod joint;
mod material;
mod mediations;
mod offence;
mod oversight;
mod paper;
mod penalties;
pub mod people;
pub mod personas;
mod plan;
mod play;
pub mod pools;
mod popular;
mod powers;
mod publications;
mod registers;
mod reviews;
pub mod scenario;
mod seizures;
mod stage;
mod standing;
mod turns;

use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};
use zhunsheng_core::day::{Day, Moment};

pub use fault::Fault;
pub use scenario::Scenario;

use crate::app::checkpoint;
use crate::app::clock::MachineClock;
use crate::app::county::Entropy;
use crate::app::found::{Founding, found};
use crate::app::ruling;
use crate::app::{NewCounty, UNFINISHED, found_county};
use crate::store::project::index_all;
use crate::store::{BULK_PAGES_MIB, Db, Home, Tx, catalog, settings};
use play::{Play, sum_up};
use pools::Pools;
use stage::{Holder, Script, Setting, Stage};

/// How far the making has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The simulated day that has been played.
    pub day: Day,
    /// Acts so far.
    pub acts: u64,
    /// Days played.
    pub days_done: u32,
    /// Days to play.
    pub days: u32,
}

/// What was made.
#[derive(Clone, PartialEq, Debug)]
pub struct Made {
    /// Acts in the record.
    pub acts: u64,
    /// How long it took.
    pub seconds: f64,
    /// Acts a second.
    pub acts_per_second: f64,
    /// The root of the record in hexadecimal: the same for the same scenario and law.
    pub root: String,
}

/// Makes a demonstration county in an empty home: founds it, registers everybody, plays the three years. `progress` hears of
/// every simulated day. The county can be served when this returns; before, nobody opens it.
pub fn make(home: impl Into<Home>, scenario: &Scenario, progress: &mut dyn FnMut(Progress)) -> Result<Made, Fault> {
    let home = home.into();
    let began = Instant::now();
    let scenario = Arc::new(scenario.clone());
    let kinds: Vec<&str> = scenario.mediation.kinds.iter().map(|kind| kind.code.as_str()).collect();
    let fields: Vec<&str> = scenario.penalty.fields.iter().map(|field| field.code.as_str()).collect();
    let pools = Arc::new(Pools::load(&kinds, &fields)?);
    let db = Db::open(&home)?;
    let files = documents::write(&home.data, &scenario.scenario.notice)?;
    let county = scenario.scenario.county_code.clone();
    let period = (scenario.scenario.period_from, scenario.scenario.period_to);
    let play = db.write_blocking(move |tx| begin(tx, scenario, pools, files))?;
    let play = play.run(&db, period, progress)?;
    db.write_blocking(move |tx| {
        index_all(tx, &play.stage.desk.county, &play.stage.desk.ruling.law)?;
        personas::write(&play.stage, tx)?;
        settings::delete(tx, &play.stage.desk.county, UNFINISHED)?;
        catalog::take_stock(tx)?;
        Ok::<_, Fault>(())
    })?;
    checkpoint::found_log(&db, &home.data, MachineClock::System.millis())?;
    sum_up(&db, &county, began)
}

/// The seed of identities and salts, so that the same scenario gives the same root.
fn seed(scenario: &Scenario) -> [u8; 32] {
    let about = &scenario.scenario;
    Sha256::digest(format!("zhunsheng demonstration {} {}", about.id, about.seed)).into()
}

type Files = std::collections::BTreeMap<&'static str, zhunsheng_core::matter::EvidenceInput>;

/// Founding and registers, on the working day before the period; and what everybody is going to do.
fn begin(tx: &mut Tx<'_>, scenario: Arc<Scenario>, pools: Arc<Pools>, files: Files) -> Result<Play, Fault> {
    // The county is made once, on a machine that has this much for a minute; a server opened later does with little.
    tx.keep_pages(BULK_PAGES_MIB)?;
    let about = &scenario.scenario;
    let day = about.period_from.plus(-1);
    let seed = seed(&scenario);
    let new = NewCounty {
        code: about.county_code.clone(),
        name: about.county_name.clone(),
        demo_today: Some(about.today.date()),
        seed: Some(seed),
    };
    found_county(tx, &new)?;
    settings::put(tx, &new.code, UNFINISHED, "生成演示县")?;
    let name = pools.names.party(&mut chance::Chance::new(about.seed, "administrator", 0)).name;
    let founding = Founding {
        demonstration: true,
        code: about.county_code.clone(),
        name: about.county_name.clone(),
        administrator: name.clone(),
        day,
        now: Moment::on(day, 8 * 3_600),
    };
    let (first, mut desk) = found(tx, &founding, &ruling::embedded(), Entropy::Seeded(seed))
        .map_err(|error| Fault::of_act(error, day, "设立县域", "_found"))?;
    let administrator = Holder { person: first.person, post: first.post, name };
    desk.index = false;
    let mut stage = Stage::new(Setting { desk, scenario, pools, administrator, files });
    stage.begin_day(day, 2_000);
    let terms = registers::register(&mut stage, tx)?;
    let careers = careers::plan(&mut stage, tx, terms)?;
    let mut scripts: Vec<Box<dyn Script>> = vec![careers];
    scripts.extend(docket::plan(&stage)?);
    scripts.extend(reviews::plan(&stage)?);
    scripts.extend(caseload::plan(&stage)?);
    scripts.extend(aid_plan::plan(&stage)?);
    scripts.extend(guides::plan(&stage));
    scripts.extend(consultations::plan(&stage)?);
    scripts.extend(drafts::plan(&stage)?);
    scripts.extend(credit::plan(&stage));
    scripts.extend(inspections::plan(&stage)?);
    scripts.extend(popular::plan(&stage)?);
    scripts.extend(publications::plan(&stage)?);
    scripts.extend(standing::plan(&stage)?);
    scripts.extend(file_reviews::plan(&stage));
    scripts.extend(oversight::plan(&stage));
    scripts.extend(joint::plan(&stage)?);
    scripts.extend(brief::plan(&stage));
    Ok(Play::new(stage, scripts))
}
