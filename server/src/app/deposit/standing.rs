//! Where the record stands with its witnesses: for the public page, for staff, and whether staff is alarmed.

use zhunsheng_core::authority::{PostDefinition, Scope};
use zhunsheng_core::day::{Day, Moment};

use super::{REGISTER, Witness, list};
use crate::app::App;
use crate::app::fault::Fault;
use crate::store::deposits::{self, Asking, Deposit};
use crate::store::{Query, record, settings};

/// The setting: after so many hours without a new signature staff is alarmed.
pub const ALARM_HOURS: &str = "deposit.alarm_hours";
/// Unless it was set.
const ALARM_HOURS_DEFAULT: i64 = 24;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// One witness and what it signed.
#[derive(Clone, Debug)]
pub struct Line {
    /// Who.
    pub witness: Witness,
    /// Whether it is one today.
    pub in_force: bool,
    /// The farthest that it signed.
    pub newest: Option<Deposit>,
    /// When the last entry that this covers was recorded.
    pub reaches: Option<Moment>,
    /// How the asking goes.
    pub asking: Asking,
}

/// Why staff is alarmed, the gravest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alarm {
    /// These witnesses hold another record.
    Other(Vec<String>),
    /// Nobody is registered.
    Nobody,
    /// Nobody has ever signed.
    Never,
    /// Entries wait; the last signature is so many hours old.
    Late(i64),
}

impl Alarm {
    /// In words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Other(names) => {
                format!("{}见证的记录与本记录不同：本记录可能被退回旧版本或者被改写", names.join("、"))
            }
            Self::Nobody => "还没有登记存证单位，记录没有县外的见证".to_owned(),
            Self::Never => "还没有任何存证单位签过".to_owned(),
            Self::Late(hours) => format!("有新的记录，最近一次存证已是{hours}小时以前"),
        }
    }
}

/// How it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Every witness, those in force first.
    pub lines: Vec<Line>,
    /// Entries in all.
    pub size: u64,
    /// Why staff is alarmed, if it is.
    pub alarm: Option<Alarm>,
}

impl Standing {
    /// The last signature of all.
    #[must_use]
    pub fn newest(&self) -> Option<&Line> {
        self.lines
            .iter()
            .filter(|line| line.newest.is_some())
            .max_by_key(|line| line.newest.as_ref().map(|d| d.signed_ms))
    }
}

/// How it stands on this day, at this machine time.
pub fn standing(q: &impl Query, county: &str, today: Day, now_ms: i64) -> Result<Standing, Fault> {
    let mut lines = Vec::new();
    for witness in list(q, county)? {
        let newest = deposits::newest(q, county, witness.id)?;
        let reaches = match newest.as_ref().and_then(|deposit| i64::try_from(deposit.size).ok()) {
            Some(size) => record::find_entry(q, county, size - 1)?
                .and_then(|stored| record::decode(size - 1, &stored.bytes).ok())
                .map(|entry| entry.recorded),
            None => None,
        };
        let asking = deposits::asking(q, county, witness.id)?;
        lines.push(Line { in_force: witness.in_force(today), witness, newest, reaches, asking });
    }
    lines.sort_by_key(|line| !line.in_force);
    let size = record::find_head(q, county)?.map_or(0, |(size, _)| size.unsigned_abs());
    let hours = settings::find(q, county, ALARM_HOURS)?.and_then(|text| text.parse().ok());
    let alarm = alarm(&lines, size, now_ms, hours.unwrap_or(ALARM_HOURS_DEFAULT));
    Ok(Standing { lines, size, alarm })
}

fn alarm(lines: &[Line], size: u64, now_ms: i64, hours: i64) -> Option<Alarm> {
    let now: Vec<&Line> = lines.iter().filter(|line| line.in_force).collect();
    let other: Vec<String> =
        now.iter().filter(|line| line.asking.grave).map(|line| line.witness.name.clone()).collect();
    if !other.is_empty() {
        return Some(Alarm::Other(other));
    }
    if now.is_empty() {
        return Some(Alarm::Nobody);
    }
    let signed = now.iter().filter_map(|line| line.newest.as_ref());
    let (covered, last) =
        signed.fold((0, None), |(size, last), deposit| (deposit.size.max(size), Some(deposit.signed_ms).max(last)));
    match last {
        None => Some(Alarm::Never),
        Some(last) if covered < size && now_ms - last > hours * HOUR_MS => Some(Alarm::Late((now_ms - last) / HOUR_MS)),
        Some(_) => None,
    }
}

/// Whether deposits are this post's business: it sees the register in the whole county.
#[must_use]
pub fn concerns(post: &PostDefinition) -> bool {
    let named = |scope: &Scope| matches!(scope, Scope::One(id) if id.as_str() == REGISTER);
    post.administers || post.sees.iter().any(|sight| named(&sight.scope))
}

impl App {
    /// How the record stands with its witnesses.
    pub async fn deposits(&self) -> Result<Standing, Fault> {
        let (county, today, now_ms) = (self.county_code.clone(), self.today(), self.machine.millis());
        let mut standing = self.db.read(move |r| standing(r, &county, today, now_ms)).await?;
        // A demonstration has nobody outside, and says so on its page.
        if self.is_demonstration() && standing.alarm == Some(Alarm::Nobody) {
            standing.alarm = None;
        }
        Ok(standing)
    }
}
