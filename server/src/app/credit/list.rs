//! The decisions that a department made in its own system: its list for a period is read, compared with what is known here, and what
//! is only there is taken over, so that it counts among what has to be reported.

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, OrganCode};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Actor, EvidenceInput, Input, MatterState};
use zhunsheng_core::procedure::PartyKind;

use super::super::App;
use super::super::act::ActError;
use super::table::{Table, text_of};
use super::{LIST, REPORT, open};
use crate::store::credit::{self as store, By};
use crate::store::{Query, StoreFault, few, record};

/// Rows of one list at most.
const ROWS_MAX: usize = 5_000;
/// The columns of a list, in the order of its template; the last four may be empty.
pub const COLUMNS: [&str; 7] = ["类别", "决定文书号", "决定日期", "行政相对人名称", "相对人类别", "报送日期", "回执号"];

/// One decision of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    line: u64,
    /// Its category.
    pub category: String,
    /// Its number.
    pub number: String,
    /// Its day.
    pub decided: Day,
    /// Whom it is about.
    pub subject: String,
    kind: Option<PartyKind>,
    /// When the department reported it, if it did.
    pub reported: Option<Day>,
    receipt: String,
}

/// What a list is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// Whose decisions.
    pub organ: OrganCode,
    /// Of which system.
    pub system: String,
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
}

/// What a comparison found; after an import, what was done about it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// Rows of the list.
    pub rows: usize,
    /// The same here and there.
    pub same: usize,
    /// Only in the list: number and day. An import takes these over.
    pub only_there: Vec<(String, Day)>,
    /// Only here.
    pub only_here: Vec<(String, Day)>,
    /// In both, but different: number and how.
    pub different: Vec<(String, String)>,
    /// Known here as not reported, and reported according to the list. An import enters that.
    pub newly_reported: usize,
}

/// Reads a list. The errors are sentences, one for each line that is wrong.
pub fn read(bytes: &[u8], law: &Law, heading: &Heading, today: Day) -> Result<Vec<Row>, Vec<String>> {
    let table = Table::read(bytes).map_err(|why| vec![why])?;
    let missing: Vec<&str> = COLUMNS.iter().take(3).filter(|name| table.column(&[name]).is_none()).copied().collect();
    if !missing.is_empty() {
        return Err(vec![format!("表头里没有“{}”；请按模板填写", missing.join("”“"))]);
    }
    if table.rows.len() > ROWS_MAX {
        return Err(vec![format!("一份清单最多{ROWS_MAX}件，请分期提供")]);
    }
    let (mut rows, mut wrong): (Vec<Row>, Vec<String>) = (Vec::new(), Vec::new());
    for (line, cells) in &table.rows {
        let row = read_row(*line, &|name| text_of(cells, table.column(&[name])), law, heading, today);
        match row {
            Ok(row) if rows.iter().any(|known| key(known) == key(&row)) => {
                wrong.push(format!("第{line}行与前面重复：{}（{}）", row.number, row.subject));
            }
            Ok(row) => rows.push(row),
            Err(why) => wrong.push(format!("第{line}行{why}")),
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

fn key(row: &Row) -> (&str, &str, &str) {
    (&row.category, &row.number, &row.subject)
}

fn read_row<'t>(
    line: u64,
    get: &dyn Fn(&str) -> &'t str,
    law: &Law,
    heading: &Heading,
    today: Day,
) -> Result<Row, String> {
    let [category, number, decided, subject, kind, reported, receipt] = COLUMNS.map(get);
    let found = law.credit.categories.iter().find(|known| known.title == category || known.id == category);
    let found = found.ok_or_else(|| format!("的类别“{category}”不在目录里，应为行政许可、行政处罚等"))?;
    if !found.on {
        return Err(format!("的类别“{category}”没有列入本县报送的类别"));
    }
    if number.is_empty() || number.chars().count() > 64 {
        return Err("的决定文书号没有填写，或者超过64个字".to_owned());
    }
    let as_day =
        |name: &str, text: &str| Day::parse(text).ok_or_else(|| format!("的{name}“{text}”应写成2024-10-26这样"));
    let decided = as_day("决定日期", decided)?;
    if decided < heading.first || decided > heading.last {
        return Err(format!("的决定日期{decided}不在清单的期间以内"));
    }
    let kinds = [PartyKind::Natural, PartyKind::Legal, PartyKind::SoleTrader];
    let kind = match kind {
        "" => None,
        said => Some(
            kinds
                .into_iter()
                .find(|kind| kind.chinese() == said)
                .ok_or_else(|| format!("的相对人类别“{said}”应为法人及非法人组织、自然人或者个体工商户"))?,
        ),
    };
    let reported = if reported.is_empty() { None } else { Some(as_day("报送日期", reported)?) };
    if reported.is_some_and(|day| day < decided || day > today) {
        return Err("的报送日期早于决定日期，或者还没有到".to_owned());
    }
    let text = |text: &str, max: usize| text.chars().take(max).collect();
    let (subject, receipt) = (text(subject, 200), text(receipt, 60));
    Ok(Row { line, category: found.id.clone(), number: number.to_owned(), decided, subject, kind, reported, receipt })
}

/// A comparison, with what an import has to do.
pub struct Comparison {
    /// What it found.
    pub compared: Compared,
    /// The rows that are only there.
    new: Vec<usize>,
    /// Reports that are not known as sent, and the rows that say so.
    reported: Vec<(MatterId, usize)>,
}

/// Compares a list with what is known here of the organ in the period.
pub fn compare(q: &impl Query, county: &str, heading: &Heading, rows: &[Row]) -> Result<Comparison, StoreFault> {
    let organs = [heading.organ.to_string()];
    let here = store::reports(q, county, By::Days(heading.first, heading.last), Some(&organs))?;
    let mut by_number: BTreeMap<(&str, &str), Vec<&MatterState>> = BTreeMap::new();
    for report in here.iter().filter(|report| report.standing() != "withdrawn" && !report.closed) {
        by_number.entry((report.text("category"), report.text("decision_number"))).or_default().push(report);
    }
    let mut compared = Compared { rows: rows.len(), ..Compared::default() };
    let (mut new, mut reported) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        // Several parties of one decision stand one behind the other, here and there.
        let place = (row.category.as_str(), row.number.as_str());
        let known = match by_number.get_mut(&place) {
            Some(known) => take_about(q, county, known, &row.subject)?,
            None => None,
        };
        let known = match known {
            Some(known) => Some(known.clone()),
            None => on_another_day(q, county, heading, row)?,
        };
        let Some(known) = &known else {
            compared.only_there.push((row.number.clone(), row.decided));
            new.push(at);
            continue;
        };
        match known.day("decided_on") {
            Some(decided) if decided != row.decided => {
                let how = format!("这里的决定日期是{decided}，清单里是{}", row.decided);
                compared.different.push((row.number.clone(), how));
            }
            _ => compared.same += 1,
        }
        if known.standing() == "owed" && known.text("made_from") == "list" && row.reported.is_some() {
            compared.newly_reported += 1;
            reported.push((known.id, at));
        }
    }
    let rest = by_number.into_values().flatten();
    let named = |report: &MatterState| {
        (report.text("decision_number").to_owned(), report.day("decided_on").unwrap_or(heading.first))
    };
    compared.only_here = rest.map(named).collect();
    Ok(Comparison { compared, new, reported })
}

/// Takes the report about a party out of those with one number; whoever is named on neither side, the first.
fn take_about<'s>(
    q: &impl Query,
    county: &str,
    known: &mut Vec<&'s MatterState>,
    subject: &str,
) -> Result<Option<&'s MatterState>, StoreFault> {
    if known.len() > 1 && !subject.is_empty() {
        for (at, report) in known.iter().enumerate() {
            let sealed = record::sealed_values(q, county, report.id)?;
            if record::find_open(&sealed, "field.subject") == Some(subject) {
                return Ok(Some(known.remove(at)));
            }
        }
    }
    Ok((!known.is_empty()).then(|| known.remove(0)))
}

/// A report with the row's number and category that has another day, outside the list's period: the same decision, not a new one.
fn on_another_day(
    q: &impl Query,
    county: &str,
    heading: &Heading,
    row: &Row,
) -> Result<Option<MatterState>, StoreFault> {
    let organs = [heading.organ.to_string()];
    let there = store::reports(q, county, By::Number(&row.number), Some(&organs))?;
    let outside = |day: Day| day < heading.first || day > heading.last;
    Ok(there.into_iter().find(|report| {
        report.text("category") == row.category
            && report.standing() != "withdrawn"
            && report.day("decided_on").is_some_and(outside)
    }))
}

impl App {
    /// Registers a list and takes over what is only there: all of it in one transaction, or nothing. Returns its register entry.
    pub async fn import_list(
        &self,
        actor: Actor,
        heading: Heading,
        rows: Vec<Row>,
        file: EvidenceInput,
    ) -> Result<MatterId, ActError> {
        self.at_the_desk(move |desk, tx| {
            let Comparison { new, reported, .. } = compare(tx, &desk.county, &heading, &rows)?;
            let mut input = supply(&heading, rows.len());
            input.evidence = vec![file];
            let list = desk.perform(tx, actor.clone(), &open(LIST, "supply", input))?.matter;
            for row in new.iter().filter_map(|at| rows.get(*at)) {
                desk.perform(tx, actor.clone(), &take_over(&heading.organ, row))?;
            }
            for (report, at) in reported {
                let Some(day) = rows.get(at).and_then(|row| row.reported) else { continue };
                let input = Input::default().with("reported_on", day.to_string());
                desk.perform(tx, actor.clone(), &super::on(report, "note_reported", input))?;
            }
            Ok(list)
        })
        .await
    }
}

/// What is entered of a list.
#[must_use]
pub fn supply(heading: &Heading, rows: usize) -> Input {
    Input::default()
        .with("list_organ", heading.organ.as_str())
        .with("list_system", heading.system.as_str())
        .with("first_day", heading.first.to_string())
        .with("last_day", heading.last.to_string())
        .with("rows", rows.to_string())
}

fn take_over(organ: &OrganCode, row: &Row) -> zhunsheng_core::matter::Command {
    let mut input = Input::default()
        .with("decider", organ.as_str())
        .with("category", row.category.as_str())
        .with("decision_number", row.number.as_str())
        .with("decided_on", row.decided.to_string())
        .with("made_from", "list");
    if !row.subject.is_empty() {
        input = input.with("subject", row.subject.as_str());
    }
    if let Some(kind) = row.kind {
        input = input.with("subject_kind", kind.code());
    }
    let Some(reported) = row.reported else { return open(REPORT, "take_over", input) };
    input = input.with("reported_on", reported.to_string());
    if !row.receipt.is_empty() {
        input = input.with("receipt", row.receipt.as_str());
    }
    open(REPORT, "take_over_reported", input)
}

/// A list that was handed in.
pub struct Supplied {
    /// Its register entry.
    pub state: MatterState,
    /// What it is.
    pub heading: Heading,
    /// How many decisions it names.
    pub rows: i64,
}

/// The lists that stand, oldest first.
pub fn supplied(q: &impl Query, county: &str) -> Result<Vec<Supplied>, StoreFault> {
    let states = few::all(q, county, LIST)?;
    let read = |state: MatterState| {
        let heading = Heading {
            organ: state.organ.clone(),
            system: state.text("list_system").to_owned(),
            first: state.day("first_day")?,
            last: state.day("last_day")?,
        };
        let rows = state.fact("rows").and_then(zhunsheng_core::matter::Fact::number).unwrap_or(0);
        (state.standing() == "supplied").then_some(Supplied { state, heading, rows })
    };
    Ok(states.into_iter().filter_map(read).collect())
}
