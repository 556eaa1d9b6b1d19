//! 公示和修复: what is shown on the credit platform, until when, from when on repair may be asked for, and what has to stop.
//!
//! Does not belong here: the terms (core `credit`, law/credit/publication.toml), the course of a repair (its procedure).

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Fact, MatterState};

use crate::store::credit::{self as store, Behind, By, Publications, Whose};
use crate::store::{Query, StoreFault};

/// What ended so long ago, in days, is no longer listed; what should have ended is, however long ago.
const PAST: i64 = 180;
/// The longest term that any rule gives, and more.
const AHEAD: i64 = 365 * 12;

/// How the publication of a decision stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Its last day is over, and nobody has entered that it ended.
    Over,
    /// Its repair was granted or its decision undone: the platform is to be told, or has been.
    Stopping,
    /// An application for repair is being handled.
    Asked,
    /// Its party may ask for repair.
    Repairable,
    /// Shown, and not yet to be repaired.
    Shown,
    /// Not shown as a rule.
    Hidden,
    /// It ended.
    Ended,
}

impl Standing {
    /// The words on pages.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Over => "期满，应当停止公示",
            Self::Stopping => "正在停止公示",
            Self::Asked => "正在办理修复",
            Self::Repairable => "公示中，可以申请修复",
            Self::Shown => "公示中",
            Self::Hidden => "原则上不公示",
            Self::Ended => "已停止公示",
        }
    }
}

/// One decision on the platform.
pub struct Shown {
    /// Its report.
    pub report: MatterId,
    /// Who decided.
    pub organ: String,
    /// Its number.
    pub number: String,
    /// Its class.
    pub class: String,
    /// Its day.
    pub decided: Day,
    /// From this day on repair may be asked for.
    pub least: Day,
    /// The last day on which it is shown.
    pub most: Day,
    /// How it stands.
    pub standing: Standing,
}

/// What is shown, what is to stop first; then by the day on which it ends.
pub fn list(q: &impl Query, county: &str, whose: Whose<'_>, today: Day) -> Result<Vec<Shown>, StoreFault> {
    let since = today.plus(-PAST);
    let mut found = store::reports(q, county, By::ShownUntil(since, today.plus(AHEAD)), whose)?;
    found.extend(store::reports(q, county, By::ShownBeyond(since), whose)?);
    let mut shown: Vec<Shown> = found.iter().filter_map(|report| shown(report, today)).collect();
    shown.sort_by(|a, b| (a.standing, a.most, &a.number).cmp(&(b.standing, b.most, &b.number)));
    Ok(shown)
}

/// What may be looked at by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Shown, or about to stop.
    Standing,
    /// Its term is over.
    Over,
    /// To stop before its term.
    Stopping,
    /// Ended, not long ago.
    Ended,
}

impl Which {
    /// All, as they are offered.
    pub const ALL: [Self; 4] = [Self::Standing, Self::Over, Self::Stopping, Self::Ended];

    /// In addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::Over => "over",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
        }
    }

    /// On pages.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Standing => "在公示",
            Self::Over => "期满待停止",
            Self::Stopping => "正在停止",
            Self::Ended => "半年内停止的",
        }
    }

    fn stored(self, today: Day) -> Publications {
        match self {
            Self::Standing => Publications::Standing,
            Self::Over => Publications::Over(today),
            Self::Stopping => Publications::Stopping,
            Self::Ended => Publications::Ended(today.plus(-PAST)),
        }
    }
}

/// A page of them, the one that ends first in front; what is behind a day and a report.
pub fn page(
    q: &impl Query,
    (county, whose): (&str, Whose<'_>),
    (which, today): (Which, Day),
    behind: Option<Behind>,
    limit: i64,
) -> Result<Vec<Shown>, StoreFault> {
    let found = store::publications(q, county, which.stored(today), whose, behind, limit)?;
    Ok(found.iter().filter_map(|report| shown(report, today)).collect())
}

/// How many there are, counted to `limit`.
pub fn count(
    q: &impl Query,
    (county, whose): (&str, Whose<'_>),
    (which, today): (Which, Day),
    limit: i64,
) -> Result<i64, StoreFault> {
    store::count_publications(q, county, which.stored(today), whose, limit)
}

fn shown(report: &MatterState, today: Day) -> Option<Shown> {
    let (least, most) = (report.day("publication_least")?, report.day("publication_most")?);
    Some(Shown {
        report: report.id,
        organ: report.organ.to_string(),
        number: report.text("decision_number").to_owned(),
        class: report.text("publication_class").to_owned(),
        decided: report.day("decided_on")?,
        least,
        most,
        standing: standing(report, (least, most), today)?,
    })
}

fn standing(report: &MatterState, (least, most): (Day, Day), today: Day) -> Option<Standing> {
    let asked = report.links.iter().any(|link| link.role.as_str() == "repair" && link.outcome.is_none());
    Some(match report.standing() {
        "withdrawn" => Standing::Ended,
        "undone" | "withdrawing" => Standing::Stopping,
        "accepted" | "correcting" => {
            if report.last_done("end_shown").is_some() {
                Standing::Ended
            } else if today > most {
                Standing::Over
            } else if asked {
                Standing::Asked
            } else if report.fact("publication_shown") != Some(&Fact::Bool(true)) {
                Standing::Hidden
            } else if today >= least {
                Standing::Repairable
            } else {
                Standing::Shown
            }
        }
        // Sent, and not yet taken: nothing is shown.
        _ => return None,
    })
}

/// The columns of the list as a table.
pub const COLUMNS: [&str; 8] =
    ["决定文书号", "作出决定的机关", "公示类别", "决定日期", "可以申请修复", "最长公示到", "情况", "系统编号"];
