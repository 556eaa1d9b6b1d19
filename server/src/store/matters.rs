//! The tables of matters: states, facts, clocks, steps, instruments. Written by [`super::project`] only.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use super::search::{self, Index};
use super::seeing::{FEW, FEW_SORTED, SightFilter, see, see_in_list};
use super::statement::Statement;
use super::{Query, Row, StoreFault};
use crate::params;

/// The line of a matter in lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatterRow {
    /// Which.
    pub id: MatterId,
    /// Its place in lists: newer is larger.
    pub num: i64,
    /// Its procedure.
    pub procedure: String,
    /// The organ that holds it.
    pub organ: String,
    /// Its place.
    pub place: Option<String>,
    /// The state of its main track.
    pub state: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// The day it began.
    pub opened: i64,
    /// The day it ended.
    pub ended: Option<i64>,
    /// Voided or merged.
    pub closed: bool,
    /// The nearest running maximum.
    pub due: Option<i64>,
    /// Whether that day is provisional.
    pub provisional: bool,
    /// How many defects are marked.
    pub flags: i64,
    /// Its title, natural persons masked.
    pub title: String,
    /// The number of its last instrument.
    pub number: Option<String>,
    /// Who is responsible.
    pub assigned: Option<MatterId>,
    /// The day of its last act.
    pub changed: i64,
}

const COLUMNS: &str =
    "m.id, m.num, m.procedure, m.organ, m.place, m.state, m.outcome, m.opened_day, m.ended_day, m.closed,
    m.due_day, m.provisional, m.flags, m.title, m.number, m.assigned, m.changed_day";

pub(super) fn id_of(bytes: &[u8]) -> Result<MatterId, StoreFault> {
    MatterId::from_bytes(bytes).ok_or_else(|| StoreFault::Value { what: "matter id".to_owned() })
}

fn matter_row(row: &Row<'_>) -> Result<MatterRow, StoreFault> {
    Ok(MatterRow {
        id: id_of(&row.blob(0)?)?,
        num: row.int(1)?,
        procedure: row.text(2)?,
        organ: row.text(3)?,
        place: row.opt_text(4)?,
        state: row.text(5)?,
        outcome: row.opt_text(6)?,
        opened: row.int(7)?,
        ended: row.opt_int(8)?,
        closed: row.flag(9)?,
        due: row.opt_int(10)?,
        provisional: row.flag(11)?,
        flags: row.int(12)?,
        title: row.text(13)?,
        number: row.opt_text(14)?,
        assigned: row.opt_blob(15)?.as_deref().map(id_of).transpose()?,
        changed: row.int(16)?,
    })
}

/// How a list is narrowed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListFilter {
    /// Of this procedure.
    pub procedure: Option<String>,
    /// In this state of the main track.
    pub state: Option<String>,
    /// Ended in this way.
    pub outcome: Option<String>,
    /// Held by this organ.
    pub organ: Option<String>,
    /// In this place or below it (codes nest as prefixes).
    pub place: Option<String>,
    /// Begun on or after.
    pub from: Option<i64>,
    /// Begun on or before.
    pub to: Option<i64>,
    /// `late`, `soon`, `running`, `provisional`.
    pub clock: Option<String>,
    /// Words.
    pub words: Option<String>,
    /// For `late` and `soon`.
    pub today: i64,
    /// For `soon`: the last day that is soon.
    pub soon: i64,
    /// Whether matters that are a work secret are left out (search, export, API).
    pub without_secret: bool,
    /// Of one of these procedures.
    pub procedures: Option<Vec<String>>,
    /// In this state of this track.
    pub track: Option<(&'static str, &'static str)>,
    /// With this value in this field.
    pub fact: Option<(&'static str, &'static str)>,
    /// Whether voided and merged matters are left out.
    pub standing: bool,
    /// A high risk is proposed, nobody has graded it yet, and the matter has not ended.
    pub in_danger: bool,
}

/// Whether a list is of some procedures only.
fn narrowed(filter: &ListFilter) -> bool {
    filter.procedure.is_some() || filter.procedures.is_some()
}

fn narrow(q: &impl Query, county: &str, statement: &mut Statement, filter: &ListFilter) {
    let equal = [
        ("m.procedure", &filter.procedure),
        ("m.state", &filter.state),
        ("m.outcome", &filter.outcome),
        ("m.organ", &filter.organ),
    ];
    for (column, value) in equal {
        if let Some(value) = value {
            let place = statement.text(value);
            statement.and(&format!("{column} = {place}"));
        }
    }
    if let Some(place) = &filter.place {
        let low = statement.text(place);
        let high = statement.text(&format!("{place}~"));
        statement.and(&format!("m.place >= {low} AND m.place < {high}"));
    }
    for (operator, day) in [(">=", filter.from), ("<=", filter.to)] {
        if let Some(day) = day {
            let place = statement.int(day);
            statement.and(&format!("m.opened_day {operator} {place}"));
        }
    }
    if let Some(clock) = filter.clock.as_deref() {
        let today = statement.int(filter.today);
        let soon = statement.int(filter.soon);
        statement.and(&match clock {
            "late" => format!("m.due_day < {today} AND m.provisional = 0 AND {soon} > 0"),
            "soon" => format!("m.due_day >= {today} AND m.due_day <= {soon}"),
            "provisional" => format!("m.provisional = 1 AND {today} > 0 AND {soon} > 0"),
            _ => format!("m.due_day IS NOT NULL AND {today} > 0 AND {soon} > 0"),
        });
    }
    if let Some(procedures) = &filter.procedures {
        let places = statement.texts(procedures);
        statement.and(&format!("m.procedure IN {places}"));
    }
    for (table, column, looked) in
        [("track_state", ("track", "state"), filter.track), ("fact", ("field", "value"), filter.fact)]
    {
        if let Some((name, value)) = looked {
            let (name, value) = (statement.text(name), statement.text(value));
            statement.and(&format!(
                "EXISTS (SELECT 1 FROM {table} x WHERE x.county_code = m.county_code AND x.matter = m.id
                  AND x.{} = {name} AND x.{} = {value} AND x.until_entry IS NULL)",
                column.0, column.1
            ));
        }
    }
    if filter.in_danger {
        let county = statement.text(county);
        statement.and(&format!(
            "d.county_code = {county} AND d.field = 'risk_proposed' AND d.value = 'high' AND d.until_entry IS NULL
             AND m.id = d.matter AND m.ended_day IS NULL AND NOT EXISTS (SELECT 1 FROM fact g WHERE g.county_code = m.county_code AND g.matter = m.id AND g.field = 'risk'
              AND g.until_entry IS NULL)"
        ));
    }
    if filter.standing {
        statement.and("m.closed = 0");
    }
    if filter.without_secret || filter.words.is_some() {
        statement.and("m.secret = 0");
    }
    if let Some(typed) = filter.words.as_deref()
        && let Some(found) = search::condition(q, statement, Index::Matters, county, ("m.num", typed))
    {
        statement.and(&found);
    }
}

fn begin(select: &str, county: &str) -> Statement {
    let mut statement = Statement::new();
    let place = statement.text(county);
    statement.sql = format!("{select} WHERE m.county_code = {place}");
    statement
}

/// From where a list is read. Those in danger are few, found by an index of their own (0028): CROSS keeps SQLite to that way.
fn source(filter: &ListFilter) -> &'static str {
    if filter.in_danger { "fact d CROSS JOIN matter m" } else { "matter m" }
}

/// Which page of a list: newest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// The newest.
    First,
    /// Older than this number.
    Before(i64),
    /// Newer than this number.
    After(i64),
}

/// A page of a list, newest first.
pub fn list(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    filter: &ListFilter,
    page: Page,
    limit: i64,
) -> Result<Vec<MatterRow>, StoreFault> {
    let mut statement = begin(&format!("SELECT {COLUMNS} FROM {}", source(filter)), county);
    see_in_list(q, county, &mut statement, (sight, narrowed(filter)), FEW)?;
    narrow(q, county, &mut statement, filter);
    let ascending = match page {
        Page::First => false,
        Page::Before(num) => {
            let place = statement.int(num);
            statement.and(&format!("m.num < {place}"));
            false
        }
        Page::After(num) => {
            let place = statement.int(num);
            statement.and(&format!("m.num > {place}"));
            true
        }
    };
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY m.num {} LIMIT {limit}", if ascending { "ASC" } else { "DESC" }));
    let mut rows = q.query_all(&statement.sql, &statement.params(), matter_row)?;
    if ascending {
        rows.reverse();
    }
    Ok(rows)
}

/// The matters of a list whose limits end first, whatever their age.
pub fn list_tightest(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    filter: &ListFilter,
    limit: i64,
) -> Result<Vec<MatterRow>, StoreFault> {
    let mut statement = begin(&format!("SELECT {COLUMNS} FROM {}", source(filter)), county);
    see_in_list(q, county, &mut statement, (sight, narrowed(filter)), FEW_SORTED)?;
    narrow(q, county, &mut statement, filter);
    statement.and("m.due_day IS NOT NULL");
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY m.due_day, m.num LIMIT {limit}"));
    q.query_all(&statement.sql, &statement.params(), matter_row)
}

/// How many matters a list has, counted to `limit` at most.
pub fn count(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    filter: &ListFilter,
    limit: i64,
) -> Result<i64, StoreFault> {
    let mut statement = begin(&format!("SELECT 1 FROM {}", source(filter)), county);
    let few = see_in_list(q, county, &mut statement, (sight, narrowed(filter)), FEW)?;
    narrow(q, county, &mut statement, filter);
    // The numbers are at hand, of matters seen or of words found: without an order SQLite would walk whole procedures and
    // look each of their matters up among them.
    if few || filter.words.is_some() {
        statement.sql.push_str(" ORDER BY m.num DESC");
    }
    let limit = statement.int(limit);
    let sql = format!("SELECT count(*) FROM ({} LIMIT {limit}) x", statement.sql);
    Ok(q.query_one(&sql, &statement.params(), |row| row.int(0))?.unwrap_or(0))
}

/// A matter's line, if the person may know that it exists.
pub fn find_row(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    id: MatterId,
) -> Result<Option<MatterRow>, StoreFault> {
    let mut statement = begin(&format!("SELECT {COLUMNS} FROM matter m"), county);
    let place = statement.blob(&id.to_bytes());
    statement.and(&format!("m.id = {place}"));
    see(&mut statement, sight);
    q.query_one(&statement.sql, &statement.params(), matter_row)
}

/// Open work of a post: matters in which the organ's post of this kind may act, the most urgent first. The order comes from the
/// index over `todo`; CROSS keeps it, because SQLite would rather walk every matter of the county and ask of each whether it is
/// anybody's work.
pub fn list_todo(
    q: &impl Query,
    county: &str,
    (work, apart): (&Work<'_>, &str),
    limit: i64,
) -> Result<Vec<MatterRow>, StoreFault> {
    let mut statement = open_work("t.num, t.due_day", county, work, apart);
    let limit = statement.int(limit);
    let sql = format!(
        "SELECT {COLUMNS} FROM ({} ORDER BY t.due_day, t.num DESC LIMIT {limit}) x CROSS JOIN matter m
         WHERE m.county_code = $1 AND m.num = x.num ORDER BY x.due_day, x.num DESC",
        statement.sql
    );
    q.query_all(&sql, &statement.params(), matter_row)
}

/// Whose open work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work<'a> {
    /// The organ.
    pub organ: &'a str,
    /// The kind of post.
    pub post_kind: &'a str,
    /// The person: work assigned to someone else is not theirs.
    pub person: MatterId,
}

/// Begins a statement over the open work of a post but that of one procedure. Only columns of the index `todo_by_post` are named:
/// no line is looked up for what is sorted and counted.
fn open_work(columns: &str, county: &str, work: &Work<'_>, apart: &str) -> Statement {
    let mut statement = Statement::new();
    let county = statement.text(county);
    let (organ, kind) = (statement.text(work.organ), statement.text(work.post_kind));
    let person = statement.blob(&work.person.to_bytes());
    let apart = statement.text(apart);
    statement.sql = format!(
        "SELECT {columns} FROM todo t WHERE t.county_code = {county} AND t.organ = {organ} AND t.post_kind = {kind}
           AND (t.person IS NULL OR t.person = {person}) AND t.procedure <> {apart}"
    );
    statement
}

/// How much open work but that of one procedure, counted to `limit`; and how much of it is late on a day.
pub fn count_todo(
    q: &impl Query,
    county: &str,
    (work, apart): (&Work<'_>, &str),
    today: i64,
    limit: i64,
) -> Result<(i64, i64), StoreFault> {
    let one = |late: bool| {
        let mut statement = open_work("1", county, work, apart);
        if late {
            let place = statement.int(today);
            statement.and(&format!("t.due_day < {place} AND t.provisional = 0"));
        }
        let limit = statement.int(limit);
        let sql = format!("SELECT count(*) FROM ({} LIMIT {limit}) x", statement.sql);
        q.query_one(&sql, &statement.params(), |row| row.int(0)).map(|count| count.unwrap_or(0))
    };
    Ok((one(false)?, one(true)?))
}

/// The folded state of a matter.
pub fn find_state(q: &impl Query, county: &str, id: MatterId) -> Result<Option<MatterState>, StoreFault> {
    let bytes = q.query_one(
        "SELECT body FROM matter WHERE county_code = $1 AND id = $2",
        params![county, &id.to_bytes()],
        |row| row.blob(0),
    )?;
    let broken = |_| StoreFault::Value { what: format!("matter.body {id}") };
    bytes.map(|bytes| minicbor::decode(&bytes).map_err(broken)).transpose()
}

/// The folded states in the column `body`; `what` names where they came from if one cannot be read.
pub(super) fn states(bodies: &[Vec<u8>], what: &str) -> Result<Vec<MatterState>, StoreFault> {
    let broken = |_| StoreFault::Value { what: what.to_owned() };
    bodies.iter().map(|bytes| minicbor::decode(bytes).map_err(broken)).collect()
}

/// The matter that a query code leads to.
pub fn find_by_query_code(q: &impl Query, county: &str, digest: &[u8; 32]) -> Result<Option<MatterId>, StoreFault> {
    q.query_one(
        "SELECT matter FROM query_code WHERE county_code = $1 AND digest = $2",
        params![county, digest],
        |row| id_of(&row.blob(0)?),
    )
}

/// The last number of a series.
pub fn last_number(q: &impl Query, county: &str, organ: &str, kind: &str, year: i64) -> Result<u32, StoreFault> {
    let sql = "SELECT max(number) FROM instrument
        WHERE county_code = $1 AND organ = $2 AND kind = $3 AND year = $4 AND number > 0";
    let last = q.query_one(sql, params![county, organ, kind, year], |row| row.opt_int(0))?;
    Ok(last.flatten().and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
}

/// The matter that was entered with a key, see `core/src/matter/alike.rs`: the first that stands, with title and organ.
pub fn find_alike(q: &impl Query, county: &str, key: &str) -> Result<Option<(MatterId, String, String)>, StoreFault> {
    let sql =
        "SELECT m.id, m.title, m.organ FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
        WHERE f.county_code = $1 AND f.field = '_alike' AND f.value = $2 AND f.until_entry IS NULL AND m.closed = 0
        ORDER BY f.from_entry LIMIT 1";
    q.query_one(sql, params![county, key], |row| Ok((id_of(&row.blob(0)?)?, row.text(1)?, row.text(2)?)))
}

/// Running clocks whose due day has passed: matter and clock. Those of voided and merged matters bind nobody.
pub fn list_expired(
    q: &impl Query,
    county: &str,
    today: Day,
    limit: i64,
) -> Result<Vec<(MatterId, String)>, StoreFault> {
    q.query_all(
        "SELECT c.matter, c.clock FROM clock_run c JOIN matter m ON m.county_code = c.county_code AND m.id = c.matter
         WHERE c.county_code = $1 AND c.stopped_day IS NULL AND c.expired = 0 AND c.provisional = 0 AND c.due_day < $2
           AND m.closed = 0 ORDER BY c.due_day, c.matter, c.run LIMIT $3",
        params![county, today.number(), limit],
        |row| Ok((id_of(&row.blob(0)?)?, row.text(1)?)),
    )
}

/// A disclosure that is shown to the public.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownDisclosure {
    /// Which matter.
    pub matter: MatterId,
    /// Its place in lists.
    pub num: i64,
    /// Which duty.
    pub disclosure: String,
    /// Since when.
    pub made: i64,
    /// The last day.
    pub until: Option<i64>,
    /// The last entry of its matter: while that is the same, so is everything that is public of it.
    pub changed: i64,
}

/// Public disclosures of a kind (empty: of any) of a procedure on a day, the last published first; `before` a day of publication and a place in lists.
pub fn list_disclosed(
    q: &impl Query,
    county: &str,
    (procedure, disclosure): (&str, &str),
    today: i64,
    before: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<ShownDisclosure>, StoreFault> {
    let (day, num) = before.unwrap_or((i64::MAX, i64::MAX));
    q.query_all(
        "SELECT d.matter, d.num, d.disclosure, d.made_day, d.until_day, m.changed_entry
         FROM disclosure d CROSS JOIN matter m
         WHERE d.county_code = $1 AND d.procedure = $2 AND d.made_day IS NOT NULL AND d.withdrawn_day IS NULL
           AND (d.until_day IS NULL OR d.until_day >= $3) AND (d.made_day, d.num) < ($4, $5)
           AND ($7 = '' OR d.disclosure = $7)
           AND m.county_code = d.county_code AND m.id = d.matter AND m.secret = 0 AND m.closed = 0
         ORDER BY d.made_day DESC, d.num DESC, d.disclosure DESC LIMIT $6",
        params![county, procedure, today, day, num, limit, disclosure],
        |row| {
            Ok(ShownDisclosure {
                matter: id_of(&row.blob(0)?)?,
                num: row.int(1)?,
                disclosure: row.text(2)?,
                made: row.int(3)?,
                until: row.opt_int(4)?,
                changed: row.int(5)?,
            })
        },
    )
}

/// The matters that hold an evidence file: a person may open it if they may see one of them.
pub fn evidence_matters(
    q: &impl Query,
    county: &str,
    digest: &[u8; 32],
) -> Result<Vec<(MatterId, String)>, StoreFault> {
    q.query_all(
        "SELECT matter, media FROM evidence WHERE county_code = $1 AND digest = $2 AND erased_entry IS NULL
         ORDER BY matter, kind",
        params![county, digest],
        |row| Ok((id_of(&row.blob(0)?)?, row.text(1)?)),
    )
}

/// A matter's place in lists.
pub fn find_num(q: &impl Query, county: &str, id: MatterId) -> Result<Option<i64>, StoreFault> {
    q.query_one("SELECT num FROM matter WHERE county_code = $1 AND id = $2", params![county, &id.to_bytes()], |row| {
        row.int(0)
    })
}
