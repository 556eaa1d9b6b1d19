//! Figures: every indicator of the law folder, computed from records, with its check against what was stated.
//!
//! The figure and its list are one query, two views (`store/figures.rs`). Figures whose registers are not connected yet
//! are listed as such, never hidden.

use serde_json::{Value, json};
use zhunsheng_core::day::Day;
use zhunsheng_core::indicator::{Indicator, Measure, Period, Selection, Stated};
use zhunsheng_core::procedure::FieldKind;

use super::fault::Fault;
use super::ruling::Ruling;
use crate::store::Query;
use crate::store::figures::{self, Line, Question};

/// How a figure compares with what was stated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// It fits, or nothing was stated.
    Ok,
    /// It does not fit.
    Off,
    /// Its registers are not connected yet.
    NotConnected,
}

impl Check {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Off => "off",
            Self::NotConnected => "not-connected",
        }
    }

    /// The words on pages.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Ok => "相符",
            Self::Off => "口径待说明",
            Self::NotConnected => "未接入",
        }
    }
}

/// A figure.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// S01 … for the interview's figures.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The base unit of `value`: 件, 人次, 元, %.
    pub unit: String,
    /// In words, with what it leaves out.
    pub definition: String,
    /// The unit that answers for it.
    pub owner: String,
    /// Legal days; ends may be open.
    pub period: Period,
    /// The number; none while not connected, or where a ratio has nothing to divide by.
    pub value: Option<f64>,
    /// How many matters stand behind it: the length of its list.
    pub matters: i64,
    /// Against what was stated.
    pub check: Check,
    /// What was stated.
    pub stated: Option<Stated>,
}

impl Figure {
    /// How it compares, on pages and on the terminal: where nothing was stated there is nothing to agree with.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        if self.check == Check::Ok && self.stated.is_none() { "—" } else { self.check.chinese() }
    }
}

/// What a figure was computed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Basis {
    /// The last entry that counts.
    pub known: i64,
    /// The county's day.
    pub today: Day,
}

/// The entry up to which the county knew things: at the end of `as_of`, or now.
pub fn basis(q: &impl Query, county: &str, today: Day, as_of: Option<Day>) -> Result<Basis, Fault> {
    let day = as_of.unwrap_or(today);
    Ok(Basis { known: figures::last_entry(q, county, day)?, today: day.min(today) })
}

/// Every indicator, in the order of the law folder. `as_of`: what the county knew at the end of that day (by recorded
/// dates); periods filter legal dates.
pub fn compute(
    q: &impl Query,
    county: &str,
    ruling: &Ruling,
    today: Day,
    as_of: Option<Day>,
) -> Result<Vec<Figure>, Fault> {
    let basis = basis(q, county, today, as_of)?;
    ruling.indicators.iter().map(|indicator| one(q, county, ruling, basis, indicator)).collect()
}

/// One indicator.
pub fn one(
    q: &impl Query,
    county: &str,
    ruling: &Ruling,
    basis: Basis,
    indicator: &Indicator,
) -> Result<Figure, Fault> {
    let mut figure = Figure {
        id: indicator.id.clone(),
        title: indicator.title.clone(),
        unit: indicator.unit.clone(),
        definition: indicator.definition.clone(),
        owner: indicator.owner.clone(),
        period: indicator.period,
        value: None,
        matters: 0,
        check: Check::NotConnected,
        stated: indicator.stated.clone(),
    };
    let Some(measure) = indicator.measure.as_ref().filter(|measure| connected(ruling, measure)) else {
        return Ok(figure);
    };
    let ask = |selection| Question { selection, period: indicator.period, known: basis.known, today: basis.today };
    let whole = selection_of(measure, Side::Whole);
    figure.matters = figures::count(q, county, &ask(whole))?;
    figure.value = match measure {
        Measure::Count(_) => Some(as_number(figure.matters)),
        Measure::PerYear(_) => indicator.period.years().map(|years| as_number(figure.matters) / years),
        Measure::Sum { of, field, per } => {
            let sum = as_number(figures::sum(q, county, &ask(of), field.as_str())?);
            let fen = if is_money(ruling, of, field.as_str()) { 100.0 } else { 1.0 };
            Some(sum / fen / f64::from(*per).max(1.0))
        }
        Measure::Distinct { of, field } => {
            let values = figures::distinct(q, county, &ask(of), field.as_str())?;
            Some(as_number(i64::try_from(values.len()).unwrap_or(i64::MAX)))
        }
        Measure::Ratio { part, .. } if figure.matters > 0 => {
            Some(as_number(figures::count(q, county, &ask(part))?) * 100.0 / as_number(figure.matters))
        }
        Measure::Ratio { .. } => None,
    };
    figure.check = match (&figure.stated, figure.value) {
        (None, _) => Check::Ok,
        (Some(stated), Some(value)) if stated.fits(value) => Check::Ok,
        (Some(_), _) => Check::Off,
    };
    Ok(figure)
}

/// Which list of a ratio; other figures have only one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The matters of the numerator.
    Part,
    /// All of them.
    Whole,
}

fn selection_of(measure: &Measure, side: Side) -> &Selection {
    match measure {
        Measure::Count(of) | Measure::PerYear(of) | Measure::Sum { of, .. } | Measure::Distinct { of, .. } => of,
        Measure::Ratio { part, .. } if side == Side::Part => part,
        Measure::Ratio { whole, .. } => whole,
    }
}

/// The matters behind an indicator, latest first; the list whose length is [`Figure::matters`].
pub fn list(
    q: &impl Query,
    county: &str,
    basis: Basis,
    indicator: &Indicator,
    side: Side,
    after: Option<Line>,
    limit: i64,
) -> Result<Vec<Line>, Fault> {
    let Some(measure) = &indicator.measure else { return Ok(Vec::new()) };
    let selection = selection_of(measure, side);
    let question = Question { selection, period: indicator.period, known: basis.known, today: basis.today };
    Ok(figures::list(q, county, &question, after, limit)?)
}

fn connected(ruling: &Ruling, measure: &Measure) -> bool {
    [Side::Part, Side::Whole].into_iter().all(|side| {
        let procedures = &selection_of(measure, side).procedures;
        !procedures.is_empty() && procedures.iter().all(|id| ruling.law.newest(id.as_str()).is_some())
    })
}

fn is_money(ruling: &Ruling, selection: &Selection, field: &str) -> bool {
    let definitions = selection.procedures.iter().filter_map(|id| ruling.law.newest(id.as_str()));
    definitions.filter_map(|definition| definition.fields.get(field)).any(|field| field.kind == FieldKind::Money)
}

/// Counts and 分 stay far below 2⁵³.
#[allow(clippy::cast_precision_loss, reason = "no county has 2^53 of anything")]
fn as_number(whole: i64) -> f64 {
    whole as f64
}

/// The selection of an indicator that counts or adds up; none where the county does not have it.
#[must_use]
pub fn selection<'r>(ruling: &'r Ruling, id: &str) -> Option<&'r Selection> {
    match &ruling.indicators.iter().find(|indicator| indicator.id == id)?.measure {
        Some(Measure::Count(of) | Measure::Sum { of, .. }) => Some(of),
        _ => None,
    }
}

/// A tally of a field under the titles of its list, in its order; what nobody has is left out.
#[must_use]
pub fn in_order(ruling: &Ruling, of: &Selection, field: &str, tally: &[(String, i64)]) -> Vec<(String, i64)> {
    let definition = of.procedures.first().and_then(|id| ruling.law.newest(id.as_str()));
    let list = definition.and_then(|known| known.codes_of(field));
    let count = |code: &str| tally.iter().find(|(known, _)| known == code).map(|(_, count)| *count);
    let items = list.into_iter().flat_map(|list| &list.items);
    items.filter_map(|(code, title)| Some((title.clone(), count(code.as_str())?))).collect()
}

/// As `figures --json` and the API give them: an array, one object a figure.
#[must_use]
pub fn to_json(figures: &[Figure]) -> Value {
    figures.iter().map(one_json).collect()
}

fn one_json(figure: &Figure) -> Value {
    let stated = figure.stated.as_ref().map(
        |stated| json!({ "value": number(stated.value), "qualifier": stated.qualifier.word(), "unit": stated.unit }),
    );
    json!({
        "id": figure.id,
        "title": figure.title,
        "value": figure.value.map(number),
        "unit": figure.unit,
        "period": [figure.period.from.map(|day| day.to_string()), figure.period.to.map(|day| day.to_string())],
        "check": figure.check.word(),
        "stated": stated,
        "matters": figure.matters,
    })
}

/// Whole numbers without a fraction, others to two places.
#[allow(clippy::cast_possible_truncation, reason = "only taken where the value is a whole number of moderate size")]
fn number(value: f64) -> Value {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.fract() == 0.0 && rounded.abs() < 9e15 { json!(rounded as i64) } else { json!(rounded) }
}

/// For pages: thousands apart, whole or with two places.
#[must_use]
pub fn written(value: f64) -> String {
    let text = number(value).to_string();
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        for (value, text) in [
            (0.0, "0"),
            (999.0, "999"),
            (12_000.0, "12,000"),
            (1_234_567.5, "1,234,567.5"),
            (98.375, "98.38"),
            (-1_000.0, "-1,000"),
        ] {
            assert_eq!(written(value), text);
        }
        assert_eq!(number(800.0).to_string(), "800");
    }
}
