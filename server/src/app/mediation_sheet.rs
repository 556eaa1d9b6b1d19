//! The statistics sheet of people's mediation: committees, mediators, disputes by source and kind, results, performance, confirmation.
//!
//! Every number is a selection of the indicators, narrowed to the period and, for a town, to its places: the sheet and the figures
//! cannot disagree. Does not belong here: HTML.

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, OrganCode, Outcome};
use zhunsheng_core::indicator::{Period, Selection};

use super::county::County;
use super::fault::Fault;
use super::figures::{in_order, selection};
use crate::store::Query;
use crate::store::figures::{self, Question};

/// How a row is worked out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// So many matters.
    Count,
    /// So many that ended in this way.
    Ended(&'static str),
    /// The sum of a number field.
    Sum(&'static str),
    /// The sum of a money field, in 元.
    Money(&'static str),
    /// A row for each value of a field.
    Each(&'static str),
}

/// A row as it is asked for: title, indicator whose selection counts, way, unit.
type Asked = (&'static str, &'static str, Way, &'static str);

const SHEET: [(&str, &[Asked]); 5] = [
    (
        "组织和人员（期末）",
        &[
            ("人民调解委员会", "M16", Way::Count, "个"),
            ("　其中", "M16", Way::Each("committee_kind"), "个"),
            ("人民调解员", "M15", Way::Count, "名"),
            ("　其中", "M15", Way::Each("work_kind"), "名"),
        ],
    ),
    (
        "排查和受理",
        &[
            ("排查", "M19", Way::Count, "次"),
            ("排查新发现的纠纷", "M20", Way::Sum("found"), "件"),
            ("受理", "S46", Way::Count, "件"),
            ("涉及人数", "S46", Way::Sum("people_count"), "人"),
            ("涉及金额", "S46", Way::Money("amount"), "元"),
            ("　来源", "S46", Way::Each("source"), "件"),
            ("　类型", "S46", Way::Each("dispute_kind"), "件"),
        ],
    ),
    (
        "结果",
        &[
            ("达成协议", "M01", Way::Count, "件"),
            ("　书面协议", "M01", Way::Ended("agreed_written"), "件"),
            ("　口头协议", "M01", Way::Ended("agreed_oral"), "件"),
            ("协议金额", "M13", Way::Money("amount_agreed"), "元"),
            ("当事人拒绝或者要求终止", "M04", Way::Count, "件"),
            ("调解不成", "M05", Way::Count, "件"),
            ("联动化解（两个以上单位参与）", "J01", Way::Count, "件"),
        ],
    ),
    ("履行和司法确认", &[("协议未履行", "M14", Way::Count, "件"), ("申请司法确认", "M09", Way::Count, "件")]),
    (
        "防止激化和保障",
        &[
            ("评为高风险", "M22", Way::Count, "件"),
            ("报告激化风险", "M12", Way::Count, "件"),
            ("以案定补", "M21", Way::Money("allowance"), "元"),
        ],
    ),
];

/// A row as it stands on the sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What is counted.
    pub title: String,
    /// How many.
    pub value: i64,
    /// Of what.
    pub unit: &'static str,
}

/// Rows under a heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Whose sheet it is: the county's, or that of the organs below one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    committees: Vec<String>,
    places: Vec<String>,
}

impl Scope {
    /// The indicator of mediators, who stand with their committee.
    pub(super) const BY_COMMITTEE: &str = "M15";

    /// A station with the committees that it guides, and their places.
    #[must_use]
    pub fn below(registry: &Registry, station: &OrganCode) -> Self {
        let mut scope = Self { committees: Vec::new(), places: Vec::new() };
        for organ in registry.with_below(station) {
            scope.committees.push(organ.code.to_string());
            scope.places.extend(organ.place.as_ref().map(ToString::to_string));
        }
        scope
    }

    /// Mediators stand with their committee, everything else with its place.
    pub(super) fn narrow(&self, selection: &mut Selection, indicator: &str) {
        let (field, values) =
            if indicator == Self::BY_COMMITTEE { ("committee", &self.committees) } else { ("place", &self.places) };
        selection.facts.insert(FieldId::from(field), values.clone());
    }
}

/// The sheet with the places where several disputes arose.
pub struct Sheet {
    /// Its rows.
    pub groups: Vec<Group>,
    /// Places with how many disputes.
    pub places: Vec<(String, i64)>,
}

/// The sheet for a period.
pub fn sheet(
    q: &impl Query,
    (code, county): (&str, &County),
    (today, period): (Day, Period),
    scope: Option<&Scope>,
) -> Result<Vec<Group>, Fault> {
    let ruling = county.ruling();
    let known = figures::last_entry(q, code, today)?;
    let mut groups = Vec::new();
    for (title, asked) in SHEET {
        let mut rows = Vec::new();
        for (title, indicator, way, unit) in asked {
            let Some(mut selection) = selection(&ruling, indicator).cloned() else { continue };
            if let Some(scope) = scope {
                scope.narrow(&mut selection, indicator);
            }
            if let Way::Ended(outcome) = way {
                selection.outcomes = vec![Outcome::from(*outcome)];
            }
            let question = Question { selection: &selection, period, known, today };
            let row = |value: i64| Row { title: (*title).to_owned(), value, unit };
            match way {
                Way::Count | Way::Ended(_) => rows.push(row(figures::count(q, code, &question)?)),
                Way::Sum(field) => rows.push(row(figures::sum(q, code, &question, field)?)),
                Way::Money(field) => rows.push(row(figures::sum(q, code, &question, field)? / 100)),
                Way::Each(field) => {
                    let tally = figures::tally(q, code, &question, field)?;
                    let each = in_order(&ruling, &selection, field, &tally).into_iter();
                    rows.extend(each.map(|(name, value)| Row { title: format!("{title}：{name}"), value, unit }));
                }
            }
        }
        groups.push(Group { title, rows });
    }
    Ok(groups)
}

/// Places with more than one dispute accepted in the period, the most first: where a village has something to settle.
pub fn repeated(
    q: &impl Query,
    (code, county): (&str, &County),
    (today, period): (Day, Period),
    scope: Option<&Scope>,
) -> Result<Vec<(String, i64)>, Fault> {
    let (ruling, registry) = (county.ruling(), county.registry());
    let Some(mut accepted) = selection(&ruling, "S46").cloned() else { return Ok(Vec::new()) };
    if let Some(scope) = scope {
        scope.narrow(&mut accepted, "S46");
    }
    let known = figures::last_entry(q, code, today)?;
    let question = Question { selection: &accepted, period, known, today };
    let mut tally = figures::tally(q, code, &question, "place")?;
    tally.retain(|(_, count)| *count > 1);
    tally.sort_by_key(|(place, count)| (std::cmp::Reverse(*count), place.clone()));
    tally.truncate(20);
    Ok(tally.into_iter().map(|(place, count)| (super::show::place(&registry, &place), count)).collect())
}
