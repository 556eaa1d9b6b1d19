//! The yearly sheet of enforcement (`law/yearly.toml`) for a year: the whole county's, or that of some organs.
//!
//! Every number is a selection of the store's figures. How much an organ fined stands only on its own sheet and in the county's sum, never
//! organ beside organ (行政处罚法§74). Does not belong here: HTML.

use std::sync::Arc;

use serde_json::{Value, json};
use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::OrganCode;
use zhunsheng_core::indicator::{Period, Selection};
use zhunsheng_core::yearly::{Row, Yearly};

use super::App;
use super::county::County;
use super::fault::Fault;
use super::ruling::Ruling;
use crate::store::Query;
use crate::store::figures::{self, Question};

/// The earliest year: that of the law's definitions.
pub const FIRST_YEAR: i16 = 2021;

/// A year that has a sheet; none for a year before there was one, or after today's.
#[must_use]
pub fn year_of(asked: i16, today: Day) -> Option<i16> {
    Some(asked).filter(|year| (FIRST_YEAR..=today.year()).contains(year))
}

/// A line of the sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What is counted.
    pub title: String,
    /// How many.
    pub value: i64,
    /// Of what.
    pub unit: String,
}

/// Lines under a heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The heading.
    pub title: String,
    /// How they are counted.
    pub rule: String,
    /// The lines.
    pub lines: Vec<Line>,
}

/// Whose sheet it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// Of these organs; none: of all.
    pub organs: Option<Vec<String>>,
    /// Whether sums of fines are shown.
    pub amounts: bool,
}

impl Scope {
    /// What somebody sees who sees the penalties of these organs (none: of all), and asks for one of them or for everything; none for
    /// an organ that the county does not have.
    #[must_use]
    pub fn of(registry: &Registry, seen: Option<Vec<String>>, asked: &str) -> Option<Self> {
        match (seen, asked) {
            (seen, "") => Some(Self { organs: seen, amounts: true }),
            (_, unknown) if registry.organ(unknown).is_none() => None,
            (None, organ) => Some(Self { organs: Some(vec![organ.to_owned()]), amounts: false }),
            (Some(seen), organ) if seen.iter().any(|known| known == organ) => {
                let amounts = seen.len() == 1;
                Some(Self { organs: Some(vec![organ.to_owned()]), amounts })
            }
            _ => None,
        }
    }

    fn narrow(&self, of: &Selection, row: &Row) -> Selection {
        let mut of = of.clone();
        if let Some(organs) = &self.organs {
            match &row.organ_field {
                Some(field) => drop(of.facts.insert(field.clone(), organs.clone())),
                None => of.organs = organs.iter().map(|code| OrganCode::from(code.as_str())).collect(),
            }
        }
        of
    }
}

/// The sheet of a year, worked out anew only if something was recorded since; of the current year up to today.
pub fn sheet(q: &impl Query, app: &App, year: i16, scope: &Scope) -> Result<Arc<Vec<Group>>, Fault> {
    let (code, today) = (app.county_code.as_str(), app.today());
    app.yearly.get(q, (code, today), (year, scope.clone()), || work_out(q, (code, &app.county), (today, year), scope))
}

fn work_out(
    q: &impl Query,
    (code, county): (&str, &County),
    (today, year): (Day, i16),
    scope: &Scope,
) -> Result<Vec<Group>, Fault> {
    let ruling = county.ruling();
    let Some(yearly) = &ruling.law.yearly else { return Ok(Vec::new()) };
    let known = figures::last_entry(q, code, today)?;
    // A year without days is no period without ends.
    let (Some(from), Some(to)) = (Day::new(year, 1, 1), Day::new(year, 12, 31)) else { return Ok(Vec::new()) };
    let period = Period { from: Some(from), to: Some(to) };
    let mut groups = Vec::new();
    for group in &yearly.groups {
        let mut lines = Vec::new();
        for row in group.rows.iter().filter(|row| scope.amounts || row.money.is_none()) {
            let of = scope.narrow(&row.of, row);
            let question = Question { selection: &of, period, known, today };
            lines.extend(row_lines(q, (code, &ruling), row, &question, scope)?);
        }
        groups.push(Group { title: group.title.clone(), rule: group.rule.clone(), lines });
    }
    Ok(groups)
}

fn row_lines(
    q: &impl Query,
    (code, ruling): (&str, &Ruling),
    row: &Row,
    question: &Question<'_>,
    scope: &Scope,
) -> Result<Vec<Line>, Fault> {
    let line = |title: String, value: i64| Line { title, value, unit: row.unit.clone() };
    let one = |value: i64| vec![line(row.title.clone(), value)];
    if let Some(field) = &row.money {
        return Ok(one(figures::sum(q, code, question, field.as_str())? / 100));
    }
    if let Some(field) = &row.distinct {
        return Ok(one(i64::try_from(figures::distinct(q, code, question, field.as_str())?.len()).unwrap_or(0)));
    }
    if let Some(field) = row.each.as_ref().or(row.heaviest.as_ref()) {
        let tally = figures::tally(q, code, question, field.as_str())?;
        let mut counts: Vec<(String, i64)> = Vec::new();
        for (value, count) in tally {
            let value = heaviest(row, &value);
            match counts.iter_mut().find(|(known, _)| *known == value) {
                Some((_, sum)) => *sum += count,
                None => counts.push((value, count)),
            }
        }
        let titled = titles(ruling, row, field.as_str()).into_iter();
        return Ok(titled
            .filter_map(|(value, title)| {
                let (_, count) = counts.iter().find(|(known, _)| *known == value)?;
                let titled = if row.title.trim().is_empty() {
                    format!("　{title}")
                } else {
                    format!("{}：{title}", row.title)
                };
                Some(line(titled, *count))
            })
            .collect());
    }
    let count = figures::count(q, code, question)?;
    let Some(less) = &row.less else { return Ok(one(count)) };
    let less = scope.narrow(less, row);
    Ok(one(count - figures::count(q, code, &Question { selection: &less, ..*question })?))
}

/// Of several values the one that stands last in the row's order.
fn heaviest(row: &Row, value: &str) -> String {
    if row.heaviest.is_none() {
        return value.to_owned();
    }
    let weight = |part: &&str| row.order.iter().position(|known| known == part);
    value.split('|').max_by_key(weight).unwrap_or_default().to_owned()
}

/// The values of the row's field in its order, else in that of its list, with their titles.
fn titles(ruling: &Ruling, row: &Row, field: &str) -> Vec<(String, String)> {
    let definition = row.of.procedures.first().and_then(|id| ruling.law.newest(id.as_str()));
    let list = definition.and_then(|known| known.codes_of(field));
    let items = list.into_iter().flat_map(|list| &list.items);
    let mut titles: Vec<(String, String)> = items.map(|(code, title)| (code.to_string(), title.clone())).collect();
    titles.sort_by_key(|(code, _)| row.order.iter().position(|known| known == code));
    titles
}

/// The sheet as the command and the API give it.
#[must_use]
pub fn to_json(yearly: &Yearly, year: i16, groups: &[Group]) -> Value {
    let line = |line: &Line| json!({ "title": line.title.trim(), "value": line.value, "unit": line.unit });
    let group = |group: &Group| json!({ "title": group.title, "rule": group.rule, "rows": group.lines.iter().map(line).collect::<Vec<_>>() });
    json!({ "title": yearly.title, "year": year, "configurable": yearly.configurable, "groups": groups.iter().map(group).collect::<Vec<_>>() })
}
