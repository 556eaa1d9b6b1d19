//! What people do with the system, one file per noun: load, check authority, decide, append.
//!
//! Does not belong here: SQL text, status codes, HTML, JSON.

pub mod account;
pub mod act;
pub mod administration;
pub mod again;
pub mod agenda;
pub mod api_token;
mod appraising;
pub mod attestation;
pub mod audit;
pub mod backup;
pub mod calendar;
pub mod checkpoint;
pub mod citizen;
pub mod clock;
pub mod code;
pub mod commenting;
mod completing;
pub mod consultation;
pub mod county;
pub mod court;
pub mod credit;
pub mod defect;
pub mod deposit;
pub mod dispute;
pub mod durable;
pub mod duty;
pub mod edition;
pub mod erasure;
pub mod everyday;
pub mod evidence;
pub mod export;
pub mod fault;
pub mod figures;
pub mod fill_in;
pub mod fining;
pub mod follow;
pub mod form;
pub mod found;
pub mod hand_over;
pub mod identify;
pub mod inspect;
pub mod instrument;
pub mod kept;
pub mod law_impact;
pub mod left;
pub mod library;
pub mod limit;
pub mod mediation_sheet;
pub mod moving;
pub mod naming;
pub mod notice;
pub mod outward;
pub mod paper;
pub mod password;
pub mod persona;
pub mod popular;
pub mod progress;
pub mod public_log;
pub mod publication;
pub mod quarantine;
pub mod receipt;
pub mod recurring;
pub mod reviewing;
pub mod ruling;
pub mod sample;
pub mod search;
pub mod secret;
pub mod seizing;
pub mod sequel;
pub mod session;
pub mod sheet;
pub mod shelf;
pub mod show;
pub mod sight;
pub mod spread;
pub mod steady;
pub mod supervising;
pub mod tail;
pub mod time_limits;
pub mod training;
mod transferring;
pub mod verify;
pub mod yearly;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::indicator::Period;
use zhunsheng_core::record::Entry;

use crate::config::Config;
use crate::store::digest::{hex, unhex};
use crate::store::{Db, Dialect, Query, StoreFault, Tx, catalog, record, settings};
use clock::{CountyClock, DEMO_TODAY, MachineClock};
use county::{County, Entropy};
use fault::Fault;
use kept::Kept;
use limit::Limits;
use password::Passwords;
use secret::Key;
use shelf::Shelf;
use steady::Steady;

/// Everything that a request needs. One per process, behind an `Arc`.
pub struct App {
    /// How the process runs.
    pub config: Config,
    /// The county's database.
    pub db: Db,
    /// Sessions, locks and limits.
    pub machine: MachineClock,
    /// Legal and recorded dates.
    pub county_clock: CountyClock,
    /// Whether the clock can be believed.
    pub steady: Arc<Steady>,
    /// Six digits; every key of the store starts with it.
    pub county_code: String,
    /// As it stands on every page.
    pub county_name: String,
    /// Hashing and checking of passwords.
    pub passwords: Passwords,
    /// Token buckets per address.
    pub limits: Limits,
    /// What of the whole county took longer to work out is shown as it was last worked out.
    pub patience: Duration,
    /// Whose turn it is to work out what takes long.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Key of anonymous forms.
    pub site_key: Key,
    /// Law, registers, randomness.
    pub county: County,
    /// The figures last shown, by the day as of which they count.
    pub figures: Kept<Option<Day>, Vec<figures::Figure>>,
    /// The coverage of credit reports last shown, by period and organs.
    pub credit_coverage: Kept<(credit::coverage::Period, Option<Vec<String>>), credit::coverage::Covered>,
    /// What was last shown of popularisation.
    pub popular: Kept<(), popular::Overview>,
    /// Mediation and joint settlement as last shown: S46, S47, J01, J02, J06; none where one of them is not counted.
    pub joint: Kept<(), Option<[f64; 5]>>,
    /// The statistics sheet of mediation as last shown, by period and organs.
    pub mediation: Kept<(Period, Option<mediation_sheet::Scope>), mediation_sheet::Sheet>,
    /// Inspections as last shown, by year and organs.
    pub inspections: Kept<(i16, Option<Vec<String>>), inspect::overview::Overview>,
    /// The yearly sheet of enforcement.
    pub yearly: Kept<(i16, yearly::Scope), Vec<yearly::Group>>,
    /// Tables that are being tried.
    pub trials: sheet::trial::Trials,
    /// Villages and their guides as last shown.
    pub villages: Kept<(), popular::Coverage>,
    /// Published drafts, as they are searched.
    pub drafts: Shelf<commenting::Line>,
    /// Published answers, likewise.
    pub answers: Shelf<consultation::Answer>,
    /// What another process has changed.
    pub following: Arc<follow::Following>,
    /// The way out to witnesses and other services that the county has configured.
    pub outward: Arc<outward::Outward>,
    /// The way out for mail.
    pub mailer: notice::mail::Mailer,
    /// The way out for short messages, if there is one.
    pub gateway: Option<Box<dyn notice::sms::Gateway>>,
    /// Who has come back from the unified login.
    pub returned: citizen::unified::Returned,
    /// Fonts for instruments as PDF.
    pub fonts: Arc<paper::fonts::Fonts>,
}

/// A county to be founded in an empty data folder.
#[derive(Clone, Debug)]
pub struct NewCounty {
    /// National division code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// A demonstration's day; `None` for a real county.
    pub demo_today: Option<Date>,
    /// A demonstration's seed of identities and salts; `None`: the operating system's randomness.
    pub seed: Option<[u8; 32]>,
}

/// What is being done to a county that cannot be used yet.
pub(crate) const UNFINISHED: &str = "county.unfinished";
pub(crate) const SITE_KEY: &str = settings::SITE_KEY;
pub(crate) const SEED: &str = "demo.seed";

/// Writes a new county's settings. Errors: [`Fault::AlreadyFounded`] if the folder has a county.
pub fn found_county(tx: &mut Tx<'_>, new: &NewCounty) -> Result<(), Fault> {
    let there = match tx.dialect() {
        Dialect::Sqlite => county_in(tx)?.map(|(code, _)| code),
        Dialect::Postgres => settings::find(tx, &new.code, settings::COUNTY_NAME)?.map(|_| new.code.clone()),
    };
    if let Some(code) = there {
        return Err(Fault::AlreadyFounded { code });
    }
    catalog::make_partitions(tx, &new.code)?;
    settings::put(tx, &new.code, settings::COUNTY_NAME, &new.name)?;
    verify::note_derivation(tx, &new.code)?;
    settings::put(tx, &new.code, SITE_KEY, &hex(&secret::random::<32>()))?;
    if let Some(today) = new.demo_today {
        settings::put(tx, &new.code, DEMO_TODAY, &today.to_string())?;
    }
    if let Some(seed) = &new.seed {
        settings::put(tx, &new.code, SEED, &hex(seed))?;
    }
    Ok(())
}

/// Code and name of the county that lives in this database; of several, the one that was asked for.
///
/// Errors: its making was broken off; there are several, and none was asked for.
pub fn county_in(q: &impl Query) -> Result<Option<(String, String)>, StoreFault> {
    let found = match (q.wanted_county(), settings::list_counties(q, settings::COUNTY_NAME)?.as_slice()) {
        (_, []) => None,
        (Some(wanted), all) => all.iter().find(|(code, _)| code == wanted).cloned(),
        (None, [one]) => Some(one.clone()),
        (None, several) => {
            let codes = several.iter().map(|(code, name)| format!("{name} {code}")).collect::<Vec<_>>().join("、");
            return Err(StoreFault::WhichCounty { codes });
        }
    };
    let unfinished = found.as_ref().map(|(code, _)| settings::find(q, code, UNFINISHED)).transpose()?.flatten();
    match unfinished {
        Some(doing) => Err(StoreFault::Unfinished { doing }),
        None => Ok(found),
    }
}

/// The newest entry; none if the record is empty.
pub fn newest_entry(q: &impl Query, county: &str) -> Result<Option<Entry>, StoreFault> {
    let Some((size, _)) = record::find_head(q, county)? else { return Ok(None) };
    let newest = record::find_entry(q, county, size - 1)?;
    newest.map(|stored| record::decode(stored.seq, &stored.bytes)).transpose()
}

/// When the newest entry was recorded; none if the record is empty.
pub fn newest_moment(q: &impl Query, county: &str) -> Result<Option<Moment>, StoreFault> {
    Ok(newest_entry(q, county)?.map(|entry| entry.recorded))
}

impl App {
    /// The app over an open database that has a county. Blocking; called at start.
    pub fn start(config: Config, db: Db, machine: MachineClock) -> Result<Self, Fault> {
        let clock = machine.clone();
        let (code, name, key, county_clock, county, newest) = db.read_blocking(move |r| {
            let (code, name) = county_in(r)?.ok_or(Fault::NoCounty)?;
            let key = settings::find(r, &code, SITE_KEY)?.as_deref().and_then(unhex).map(Key::new);
            let clock = CountyClock::load(r, &code, clock)?;
            let seed = settings::find(r, &code, SEED)?.as_deref().and_then(unhex);
            let county = County::load(r, &code, seed.map_or(Entropy::System, Entropy::Seeded))?;
            let newest = newest_moment(r, &code)?;
            Ok::<_, Fault>((code, name, key.ok_or(Fault::Setting { name: SITE_KEY })?, clock, county, newest))
        })?;
        let outward = Arc::new(outward::Outward::new(config.roots.clone()));
        Ok(Self {
            mailer: notice::mail::Mailer::new(config.roots.clone()),
            returned: citizen::unified::Returned::default(),
            gateway: notice::sms::gateway(&config.ways, &outward, county_clock.is_demonstration()),
            outward,
            fonts: Arc::new(paper::fonts::Fonts::of(&config.data_dir)),
            config,
            db,
            steady: Arc::new(Steady::new(newest, &machine)),
            machine,
            county_clock,
            county_code: code,
            county_name: name,
            passwords: Passwords::default(),
            limits: Limits::default(),
            patience: kept::PATIENCE,
            turn: Arc::default(),
            site_key: key,
            county,
            figures: Kept::default(),
            credit_coverage: Kept::default(),
            popular: Kept::default(),
            yearly: Kept::default(),
            joint: Kept::default(),
            mediation: Kept::default(),
            inspections: Kept::default(),
            trials: sheet::trial::Trials::default(),
            villages: Kept::default(),
            drafts: Shelf::default(),
            answers: Shelf::default(),
            following: Arc::default(),
        })
    }

    /// Today in the county.
    #[must_use]
    pub fn today(&self) -> Day {
        self.county_clock.today().into()
    }

    /// Now in the county, as recorded.
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.county_clock.moment()
    }

    /// Whether the clock can be believed; a demonstration's always is. Errors: [`Fault::Clock`].
    pub fn check_clock(&self) -> Result<(), Fault> {
        if self.is_demonstration() { Ok(()) } else { self.steady.check(self.moment()) }
    }

    /// Whether this county was made by the demonstration.
    #[must_use]
    pub fn is_demonstration(&self) -> bool {
        self.county_clock.is_demonstration()
    }

    /// Moves a demonstration's day forward, in the store first. Never back. Returns the day it stands on.
    pub async fn advance_demo_to(&self, day: Date) -> Result<Date, Fault> {
        if !self.is_demonstration() || day <= self.county_clock.today() {
            return Ok(self.county_clock.today());
        }
        let county = self.county_code.clone();
        self.db.write(move |tx| settings::put(tx, &county, DEMO_TODAY, &day.to_string()).map_err(Fault::from)).await?;
        Ok(self.county_clock.advance_to(day))
    }
}
