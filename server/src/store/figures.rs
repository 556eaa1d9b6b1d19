//! Figures on the projections: which matters a selection means, as one statement that is counted, summed or listed.
//!
//! The figure and its list are one query, two views: everything here is built on `base`. What a figure says, its unit
//! and its check belong to `app/figures.rs`.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, StepId};
use zhunsheng_core::indicator::{Dated, Members, Period, Selection};

use super::matters::id_of;
use super::statement::Statement;
use super::{Query, StoreFault};
use crate::params;

/// What is asked: a selection in a period, as the county knew it after an entry.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Which matters.
    pub selection: &'a Selection,
    /// The legal days.
    pub period: Period,
    /// The last entry that counts; see [`last_entry`].
    pub known: i64,
    /// The county's day: registers with an open period are counted on it.
    pub today: Day,
}

/// The fact `_ended` of a matter: procedure and outcome in one value, so that one index answers both.
pub(super) fn ended_value(procedure: &str, outcome: &str) -> String {
    format!("{procedure}.{outcome}")
}

/// The last entry recorded by the end of a day; −1 if there is none. Recorded days never go back, so this halves.
pub fn last_entry(q: &impl Query, county: &str, day: Day) -> Result<i64, StoreFault> {
    let (mut low, mut high) = (
        -1,
        q.query_one("SELECT max(seq) FROM step WHERE county_code = $1", params![county], |row| row.opt_int(0))?
            .flatten()
            .unwrap_or(-1),
    );
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let at_or_after = q.query_one(
            "SELECT recorded_day, seq FROM step WHERE county_code = $1 AND seq >= $2 ORDER BY seq LIMIT 1",
            params![county, middle],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?;
        match at_or_after {
            Some((recorded, seq)) if recorded <= day.number() => low = seq.min(high),
            _ => high = middle - 1,
        }
    }
    Ok(low)
}

/// How many matters.
pub fn count(q: &impl Query, county: &str, question: &Question<'_>) -> Result<i64, StoreFault> {
    let mut statement = base(county, question);
    statement.sql = format!("SELECT count(*) FROM ({}) x", statement.sql);
    Ok(q.query_one(&statement.sql, &statement.params(), |row| row.int(0))?.unwrap_or(0))
}

/// The sum of a number field (money in 分).
pub fn sum(q: &impl Query, county: &str, question: &Question<'_>, field: &str) -> Result<i64, StoreFault> {
    let mut statement = base(county, question);
    let value = known_fact(&mut statement, county, "x.matter", question.known, field);
    statement.sql =
        format!("SELECT CAST(coalesce(sum(f.number), 0) AS BIGINT) FROM ({}) x JOIN fact f ON {value}", statement.sql);
    Ok(q.query_one(&statement.sql, &statement.params(), |row| row.int(0))?.unwrap_or(0))
}

/// What a selection has of one organ.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfOrgan {
    /// How many matters it holds.
    pub count: i64,
    /// The sum of a number field over them.
    pub sum: i64,
    /// How many others name it as a co-host.
    pub named: i64,
    /// The matters that it holds, latest legal day first.
    pub matters: Vec<MatterId>,
}

/// The matters of a selection that an organ holds, or that name it in `co_hosts`.
pub fn of_organ(
    q: &impl Query,
    county: &str,
    question: &Question<'_>,
    organ: &str,
    field: &str,
) -> Result<OfOrgan, StoreFault> {
    let mut statement = base(county, question);
    let inner = std::mem::take(&mut statement.sql);
    let value = known_fact(&mut statement, county, "x.matter", question.known, field);
    let hosts = known_fact_as("c", &mut statement, (county, "x.matter"), question.known, "co_hosts");
    let place = statement.text(county);
    statement.sql = format!(
        "SELECT x.matter, m.organ, f.number, c.value FROM ({inner}) x JOIN matter m ON m.county_code = {place} AND m.id = x.matter
         LEFT JOIN fact f ON {value} LEFT JOIN fact c ON {hosts} ORDER BY x.day DESC, x.matter DESC"
    );
    let lines = q.query_all(&statement.sql, &statement.params(), |row| {
        Ok((id_of(&row.blob(0)?)?, row.text(1)?, row.opt_int(2)?, row.opt_text(3)?))
    })?;
    let mut found = OfOrgan::default();
    for (matter, holds, number, hosts) in lines {
        if holds == organ {
            found.count += 1;
            found.sum += number.unwrap_or(0);
            found.matters.push(matter);
        } else if hosts.is_some_and(|hosts| hosts.split('|').any(|host| host == organ)) {
            found.named += 1;
        }
    }
    Ok(found)
}

/// The different values of a coded field, each once; several values of one field are separated by `|`.
pub fn distinct(q: &impl Query, county: &str, question: &Question<'_>, field: &str) -> Result<Vec<String>, StoreFault> {
    let mut statement = base(county, question);
    let value = known_fact(&mut statement, county, "x.matter", question.known, field);
    statement.sql = format!("SELECT DISTINCT f.value FROM ({}) x JOIN fact f ON {value}", statement.sql);
    let found = q.query_all(&statement.sql, &statement.params(), |row| row.text(0))?;
    let mut values: Vec<String> =
        found.iter().flat_map(|value| value.split('|')).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    values.sort();
    values.dedup();
    Ok(values)
}

/// How many matters have each value of a field.
pub fn tally(
    q: &impl Query,
    county: &str,
    question: &Question<'_>,
    field: &str,
) -> Result<Vec<(String, i64)>, StoreFault> {
    let mut statement = base(county, question);
    let value = known_fact(&mut statement, county, "x.matter", question.known, field);
    statement.sql =
        format!("SELECT f.value, count(*) FROM ({}) x JOIN fact f ON {value} GROUP BY f.value", statement.sql);
    q.query_all(&statement.sql, &statement.params(), |row| Ok((row.text(0)?, row.int(1)?)))
}

/// A line of a list: the matter and the legal day by which it fell into the period.
pub type Line = (MatterId, i64);

/// The matters themselves, latest legal day first, after the last line of the page before.
pub fn list(
    q: &impl Query,
    county: &str,
    question: &Question<'_>,
    after: Option<Line>,
    limit: i64,
) -> Result<Vec<Line>, StoreFault> {
    let mut statement = base(county, question);
    statement.sql = format!("SELECT x.matter, x.day FROM ({}) x", statement.sql);
    if let Some((matter, day)) = after {
        let (day, matter) = (statement.int(day), statement.blob(&matter.to_bytes()));
        statement.sql.push_str(&format!(" WHERE (x.day < {day} OR (x.day = {day} AND x.matter < {matter}))"));
    }
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY x.day DESC, x.matter DESC LIMIT {limit}"));
    q.query_all(&statement.sql, &statement.params(), |row| Ok((id_of(&row.blob(0)?)?, row.int(1)?)))
}

/// The statement that yields `matter` and `day` for every matter that a question means.
fn base(county: &str, question: &Question<'_>) -> Statement {
    let mut statement = Statement::new();
    select(&mut statement, county, question);
    statement
}

/// Writes it into a statement, whose text is replaced; its values stay.
fn select(statement: &mut Statement, county: &str, question: &Question<'_>) {
    let place = statement.text(county);
    match &question.selection.dated {
        Dated::Opened => {
            statement.sql = from_fact(&place, "_opened");
            one_of(statement, "b.value", &procedures(question));
            within(statement, "b.number", question.period);
            standing(statement, "b", question.known);
        }
        Dated::Ended => {
            statement.sql = from_fact(&place, "_ended");
            ended_as(statement, "b", question);
            within(statement, "b.number", question.period);
            standing(statement, "b", question.known);
        }
        Dated::Step(step) => taken(statement, &place, question, std::slice::from_ref(step)),
        Dated::Steps(steps) => taken(statement, &place, question, steps),
        Dated::Field(field) => {
            let day = known_fact(statement, county, "b.matter", question.known, field.as_str());
            statement.sql = format!(
                "SELECT b.matter AS matter, f.number AS day FROM fact b JOIN fact f ON {day}
                 WHERE b.county_code = {place} AND b.field = '_opened'"
            );
            one_of(statement, "b.value", &procedures(question));
            standing(statement, "b", question.known);
            within(statement, "f.number", question.period);
        }
        Dated::InForce => {
            statement.sql = from_fact(&place, "_opened");
            one_of(statement, "b.value", &procedures(question));
            standing(statement, "b", question.known);
            in_force(statement, county, question);
        }
    }
    narrow(statement, county, question);
    if matches!(question.selection.dated, Dated::Step(_) | Dated::Steps(_)) {
        statement.sql.push_str(" GROUP BY b.matter");
    }
}

/// Matters in which one of the steps was taken and not withdrawn.
fn taken(statement: &mut Statement, county: &str, question: &Question<'_>, steps: &[StepId]) {
    statement.sql = format!("SELECT b.matter AS matter, min(b.day) AS day FROM step b WHERE b.county_code = {county}");
    one_of(statement, "b.procedure", &procedures(question));
    one_of(statement, "b.step", &steps.iter().map(ToString::to_string).collect::<Vec<_>>());
    let known = statement.int(question.known);
    statement.and(&format!("b.seq <= {known} AND (b.withdrawn_entry IS NULL OR b.withdrawn_entry > {known})"));
    within(statement, "b.day", question.period);
}

fn procedures(question: &Question<'_>) -> Vec<String> {
    question.selection.procedures.iter().map(ToString::to_string).collect()
}

/// The field stands in the text, not in a parameter: the planner must see it to choose the field's own index.
fn from_fact(county: &str, field: &str) -> String {
    format!(
        "SELECT b.matter AS matter, b.number AS day FROM fact b WHERE b.county_code = {county} AND b.field = '{field}'"
    )
}

fn one_of(statement: &mut Statement, column: &str, values: &[String]) {
    let places = statement.texts(values);
    statement.and(&format!("{column} IN {places}"));
}

fn within(statement: &mut Statement, column: &str, period: Period) {
    for (operator, day) in [(">=", period.from), ("<=", period.to)] {
        if let Some(day) = day {
            let day = statement.int(day.number());
            statement.and(&format!("{column} {operator} {day}"));
        }
    }
}

/// The row stood after the entry: begun by then, not ended by then.
fn standing(statement: &mut Statement, alias: &str, known: i64) {
    let condition = standing_condition(statement, alias, known);
    statement.and(&condition);
}

fn standing_condition(statement: &mut Statement, alias: &str, known: i64) -> String {
    let known = statement.int(known);
    format!("{alias}.from_entry <= {known} AND ({alias}.until_entry IS NULL OR {alias}.until_entry > {known})")
}

/// `f` is a fact of a matter as it stood then.
fn known_fact(statement: &mut Statement, county: &str, matter: &str, known: i64, field: &str) -> String {
    known_fact_as("f", statement, (county, matter), known, field)
}

fn known_fact_as(
    alias: &str,
    statement: &mut Statement,
    (county, matter): (&str, &str),
    known: i64,
    field: &str,
) -> String {
    let (place, name) = (statement.text(county), statement.text(field));
    let stood = standing_condition(statement, alias, known);
    format!("{alias}.county_code = {place} AND {alias}.matter = {matter} AND {alias}.field = {name} AND {stood}")
}

/// Procedures and, if asked, outcomes.
fn ended_as(statement: &mut Statement, alias: &str, question: &Question<'_>) {
    let selection = question.selection;
    let column = format!("{alias}.value");
    if selection.outcomes.is_empty() {
        // `.` is followed by `/`: everything that begins with the procedure and its dot.
        let ranges: Vec<String> = selection
            .procedures
            .iter()
            .map(|procedure| {
                let (low, high) = (statement.text(&format!("{procedure}.")), statement.text(&format!("{procedure}/")));
                format!("({column} >= {low} AND {column} < {high})")
            })
            .collect();
        let condition = if ranges.is_empty() { "1 = 0".to_owned() } else { format!("({})", ranges.join(" OR ")) };
        return statement.and(&condition);
    }
    let pairs = selection.procedures.iter().flat_map(|procedure| {
        selection.outcomes.iter().map(move |outcome| ended_value(procedure.as_str(), outcome.as_str()))
    });
    one_of(statement, &column, &pairs.collect::<Vec<_>>());
}

/// In force on the last day of the period: begun, neither past its last day nor revoked; where no last day was entered,
/// the end of the entry itself decides.
fn in_force(statement: &mut Statement, county: &str, question: &Question<'_>) {
    let day = question.period.to.map_or(question.today, |to| to.min(question.today));
    let on = statement.int(day.number());
    let mut fact = |field: &str, condition: &str| {
        let known = known_fact(statement, county, "b.matter", question.known, field);
        format!("EXISTS (SELECT 1 FROM fact f WHERE {known}{condition})")
    };
    let begun = fact("valid_from", &format!(" AND f.number <= {on}"));
    let dated = fact("valid_from", "");
    let past = fact("valid_until", &format!(" AND f.number < {on}"));
    let limited = fact("valid_until", "");
    let revoked = fact("revoked_on", &format!(" AND f.number <= {on}"));
    let ended = fact("_ended", &format!(" AND f.number <= {on}"));
    statement.and(&format!("({begun} OR (NOT {dated} AND b.number <= {on}))"));
    statement.and(&format!("NOT {past} AND NOT {revoked} AND ({limited} OR NOT {ended})"));
}

/// What every kind of date has in common: nothing voided or merged, and the conditions of the selection.
fn narrow(statement: &mut Statement, county: &str, question: &Question<'_>) {
    let selection = question.selection;
    let (place, known) = (statement.text(county), statement.int(question.known));
    statement.and(&format!(
        "NOT EXISTS (SELECT 1 FROM fact c WHERE c.county_code = {place} AND c.field = '_closed' AND c.matter = b.matter AND c.from_entry <= {known})"
    ));
    if !selection.outcomes.is_empty() && selection.dated != Dated::Ended {
        let place = statement.text(county);
        let before = std::mem::take(&mut statement.sql);
        statement.sql = format!(
            "{before} AND EXISTS (SELECT 1 FROM fact f WHERE f.county_code = {place} AND f.matter = b.matter AND f.field = '_ended'"
        );
        ended_as(statement, "f", question);
        standing(statement, "f", question.known);
        statement.sql.push(')');
    }
    for (field, values) in &selection.facts {
        has_value(statement, county, question.known, field.as_str(), values);
    }
    for field in &selection.several {
        let fact = known_fact(statement, county, "b.matter", question.known, field.as_str());
        statement.and(&format!("EXISTS (SELECT 1 FROM fact f WHERE {fact} AND f.value LIKE '%|%')"));
    }
    if !selection.done.is_empty() {
        let (place, known) = (statement.text(county), statement.int(question.known));
        let before = std::mem::take(&mut statement.sql);
        statement.sql = format!(
            "{before} AND EXISTS (SELECT 1 FROM step s WHERE s.county_code = {place} AND s.matter = b.matter AND s.seq <= {known}
               AND (s.withdrawn_entry IS NULL OR s.withdrawn_entry > {known})"
        );
        one_of(statement, "s.step", &selection.done.iter().map(ToString::to_string).collect::<Vec<_>>());
        statement.sql.push(')');
    }
    if let Some(function) = &selection.function {
        has_value(statement, county, question.known, "functions", &[function.to_string()]);
    }
    if let Some(members) = &selection.members {
        named_by(statement, county, question, members);
    }
    held_by(statement, county, selection);
}

/// Held by some organs, or by organs of a kind.
fn held_by(statement: &mut Statement, county: &str, selection: &Selection) {
    if !selection.organs.is_empty() {
        let (place, before) = (statement.text(county), std::mem::take(&mut statement.sql));
        statement.sql =
            format!("{before} AND EXISTS (SELECT 1 FROM matter m WHERE m.county_code = {place} AND m.id = b.matter");
        one_of(statement, "m.organ", &selection.organs.iter().map(ToString::to_string).collect::<Vec<_>>());
        statement.sql.push(')');
    }
    if let Some(kind) = &selection.organ_kind {
        let (place, kind) = (statement.text(county), statement.text(kind));
        statement.and(&format!(
            "EXISTS (SELECT 1 FROM matter m JOIN organ o ON o.county_code = m.county_code AND o.code = m.organ
              WHERE m.county_code = {place} AND m.id = b.matter AND o.kind = {kind})"
        ));
    }
}

/// Named by enough matters of another selection, or by fewer. Those with enough are found once, not once for each matter.
fn named_by(statement: &mut Statement, county: &str, question: &Question<'_>, members: &Members) {
    let before = std::mem::take(&mut statement.sql);
    select(statement, county, &Question { selection: &members.of, ..*question });
    let counted = std::mem::take(&mut statement.sql);
    let naming = known_fact(statement, county, "y.matter", question.known, members.by.as_str());
    let (place, key) = (statement.text(county), statement.text(members.key.as_str()));
    let stood = standing_condition(statement, "k", question.known);
    let enough = statement.int(i64::from(members.enough));
    let within = if members.reached { "IN" } else { "NOT IN" };
    statement.sql = format!(
        "{before} AND b.matter {within} (SELECT k.matter FROM fact k JOIN
           (SELECT f.value AS name, count(*) AS n FROM ({counted}) y JOIN fact f ON {naming} GROUP BY f.value) t
           ON t.name = k.value
         WHERE k.county_code = {place} AND k.field = {key} AND {stood} AND t.n >= {enough})"
    );
}

/// A coded field has one of the values; a field of several values has them separated by `|`.
fn has_value(statement: &mut Statement, county: &str, known: i64, field: &str, values: &[String]) {
    let fact = known_fact(statement, county, "b.matter", known, field);
    let any: Vec<String> = values
        .iter()
        .map(|value| {
            let (whole, part) = (statement.text(value), statement.text(&format!("%|{}|%", escaped(value))));
            format!("f.value = {whole} OR '|' || f.value || '|' LIKE {part} ESCAPE '\\'")
        })
        .collect();
    let any = if any.is_empty() { "1 = 0".to_owned() } else { any.join(" OR ") };
    statement.and(&format!("EXISTS (SELECT 1 FROM fact f WHERE {fact} AND ({any}))"));
}

/// `_` and `%` are ordinary characters of codes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%")
}
