//! 回函、裁定书 from a table of the people's courts' mediation platform: matched by the number of the dispute, compared with what is
//! entered here, and entered by the step that its sender would take.
//!
//! A court is asked nothing and has no limit: what the table does not name simply waits on. Does not belong here: which heading is what
//! (`law/court_table.toml`), pages (`web/pages/court.rs`).

use std::collections::BTreeMap;

use zhunsheng_core::court_table::{CourtTable, Is, Unread};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Input, MatterState};
use zhunsheng_core::text::half_width;

use super::fault::Fault;
use super::sheet::cell::folded;
use super::sheet::read::{self, Row};
use super::sheet::row::day_of;
use crate::store::matters::{self, ListFilter, Page};
use crate::store::seeing::SightFilter;
use crate::store::{Query, StoreFault};

/// The step by which an answer is entered, and the track that waits for it.
pub const STEP: &str = "enter_court_reply";
const TRACK: &str = "court";
const WAITING: &str = "waiting";
const REPLIED: &str = "replied";
/// Disputes read at a time.
const PAGE: i64 = 500;

/// What the court answered, as a line of the table says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Its kind, a code.
    pub kind: String,
    /// Its day.
    pub day: Day,
    /// Its number.
    pub number: String,
    /// What it says.
    pub note: String,
}

impl Reply {
    /// What is entered of which line, after how many steps of the matter: the same twice is one entry, and what was withdrawn can be
    /// entered again.
    #[must_use]
    pub fn name(&self, table: &Digest, line: &Line) -> Digest {
        let Self { kind, day, number, note } = self;
        let matter = line.matter.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
        // What a cell says stands last, by its length, so that no two say the same.
        let (at, steps, long) = (line.line, line.steps, number.len());
        Digest::of(format!("{table}|{at}|{matter}|{steps}|{kind}|{day}|{long}|{number}|{note}").as_bytes())
    }

    /// What is entered.
    #[must_use]
    pub fn input(&self) -> Input {
        let input =
            Input::default().with("court_reply_kind", &*self.kind).with("court_reply_day", self.day.to_string());
        let more = [("court_reply_no", &self.number), ("court_reply_note", &self.note)];
        more.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .fold(input, |input, (field, text)| input.with(field, text))
    }

    /// In what it differs from what is entered.
    fn differs(&self, state: &MatterState) -> Vec<&'static str> {
        let same = [
            ("文书种类", state.fact("court_reply_kind").map(|kind| kind.text()) == Some(self.kind.clone())),
            ("落款日期", state.day("court_reply_day") == Some(self.day)),
            ("案号", self.number.is_empty() || state.text("court_reply_no") == self.number),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
    }
}

/// What becomes of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It can be entered.
    Enter(Reply),
    /// It is entered already.
    Same,
    /// Something else is entered.
    Differs(String),
    /// A later line has the same dispute.
    Older,
    /// No letter of this dispute waits for an answer.
    NotWaiting,
    /// Nobody here has this number, or this post does not see it.
    Unknown,
    /// It cannot be read.
    Wrong(String),
}

/// A line of the table with what becomes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its line in the file.
    pub line: u32,
    /// The number as the table has it.
    pub code: String,
    /// The dispute.
    pub matter: Option<(MatterId, String)>,
    /// How many steps of it are in the record, withdrawn ones as well, where this line can be entered.
    pub steps: usize,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// A table whose columns are known.
#[derive(Clone, Debug)]
pub struct Table {
    rows: Vec<Row>,
    columns: BTreeMap<Is, usize>,
}

/// Why a table is not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// A sentence.
    Wrong(String),
    /// These columns have to be named, of these headings.
    Columns(Vec<String>, Vec<Is>),
}

/// Reads a table; `chosen` are headings that somebody picked on the page.
pub fn table(law: &CourtTable, bytes: &[u8], chosen: &BTreeMap<Is, String>) -> Result<Table, Unfit> {
    let titles: Vec<String> = law
        .columns
        .iter()
        .flat_map(|column| &column.headings)
        .chain(chosen.values())
        .map(|title| folded(title))
        .collect();
    let grid = read::read(bytes, &titles, "").map_err(|unread| Unfit::Wrong(unread.sentence()))?;
    let headings: Vec<String> = grid.header.iter().map(|title| folded(title)).collect();
    let at = |title: &str| headings.iter().position(|heading| *heading == folded(title));
    let mut columns = BTreeMap::new();
    for column in &law.columns {
        let found = match chosen.get(&column.is) {
            Some(title) => at(title),
            None => column.headings.iter().find_map(|title| at(title)),
        };
        columns.extend(found.map(|at| (column.is, at)));
    }
    let lacking: Vec<Is> =
        law.columns.iter().map(|column| column.is).filter(|is| is.needed() && !columns.contains_key(is)).collect();
    if lacking.is_empty() { Ok(Table { rows: grid.rows, columns }) } else { Err(Unfit::Columns(grid.header, lacking)) }
}

/// A number without brackets, blanks and widths: 〔2024〕 and (2024) are one.
fn key(number: &str) -> String {
    half_width(number).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What the disputes of a post await from the court, or have had: state of the track by number.
fn disputes(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    procedure: &str,
) -> Result<BTreeMap<String, (MatterId, String, bool)>, StoreFault> {
    let mut known = BTreeMap::new();
    for state in [REPLIED, WAITING] {
        let filter =
            ListFilter { procedure: Some(procedure.to_owned()), track: Some((TRACK, state)), ..ListFilter::default() };
        let mut page = Page::First;
        loop {
            let rows = matters::list(q, county, sight, &filter, page, PAGE)?;
            let Some(last) = rows.last().map(|row| row.num) else { break };
            let line = |row: matters::MatterRow| Some((key(&row.number?), (row.id, row.title, state == WAITING)));
            known.extend(rows.into_iter().filter_map(line));
            page = Page::Before(last);
        }
    }
    Ok(known)
}

/// Every line with what becomes of it, in the order of the table.
pub fn reconcile(
    q: &impl Query,
    county: &str,
    (sight, law): (&SightFilter, &CourtTable),
    table: &Table,
    today: Day,
) -> Result<Vec<Line>, Fault> {
    let known = disputes(q, county, sight, &law.procedure)?;
    let mut lines = Vec::new();
    for row in &table.rows {
        let cell = |is: Is| table.columns.get(&is).and_then(|at| row.cell(*at));
        let text = |is: Is| cell(is).map(|cell| cell.text.clone()).unwrap_or_default();
        let code = text(Is::Code);
        let found = known.get(&key(&code)).filter(|_| !key(&code).is_empty());
        let day = cell(Is::Day).map_or_else(|| Err("没有落款日期".to_owned()), |cell| day_of(&cell.text, cell.number));
        let kind = law.kind_of(&text(Is::Kind)).map_err(|unread| match unread {
            Unread::Unknown => format!("看不出“{}”是哪一种文书", text(Is::Kind)),
            Unread::Denied => format!("“{}”可能是说没有发生，请打开纠纷核对，属实的手工登记", text(Is::Kind)),
        });
        let reply = kind.and_then(|kind| {
            let day = day?;
            if day > today {
                return Err("落款日期晚于今天".to_owned());
            }
            Ok(Reply { kind: kind.to_owned(), day, number: text(Is::Number), note: text(Is::Note) })
        });
        let mut steps = 0;
        let verdict = match (found, reply) {
            (None, _) => Verdict::Unknown,
            (_, Err(why)) => Verdict::Wrong(why),
            (Some((id, _, true)), Ok(reply)) => {
                steps = matters::find_state(q, county, *id)?.map_or(0, |state| state.done.len());
                Verdict::Enter(reply)
            }
            (Some((id, ..)), Ok(reply)) => match matters::find_state(q, county, *id)? {
                None => Verdict::NotWaiting,
                Some(state) => match reply.differs(&state).join("、") {
                    differs if differs.is_empty() => Verdict::Same,
                    differs => Verdict::Differs(differs),
                },
            },
        };
        let matter = found.map(|(id, title, _)| (*id, title.clone()));
        lines.push(Line { line: row.line, code, matter, steps, verdict });
    }
    older(&mut lines);
    Ok(lines)
}

/// Of several answers in one dispute the last is entered.
fn older(lines: &mut [Line]) {
    let mut last: BTreeMap<MatterId, (Day, u32)> = BTreeMap::new();
    for line in lines.iter() {
        if let (Some((id, _)), Verdict::Enter(reply)) = (&line.matter, &line.verdict) {
            let at = last.entry(*id).or_insert((reply.day, line.line));
            *at = (*at).max((reply.day, line.line));
        }
    }
    for line in lines {
        let of = line.matter.as_ref().and_then(|(id, _)| last.get(id));
        if let (Some((_, at)), Verdict::Enter(_)) = (of, &line.verdict)
            && *at != line.line
        {
            line.verdict = Verdict::Older;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_one_however_their_brackets_are_written() {
        for written in ["昌综治解纷〔2024〕12号", "昌综治解纷(2024)12号", " 昌综治解纷［２０２４］12 号"]
        {
            assert_eq!(key(written), "昌综治解纷202412号", "{written}");
        }
        assert_ne!(key("昌综治解纷〔2024〕1号"), key("昌综治解纷〔2024〕11号"));
    }

    #[test]
    fn of_several_answers_the_last_is_entered() {
        let reply = |day: &str| {
            let day = Day::parse(day).unwrap();
            Verdict::Enter(Reply { kind: "letter".into(), day, number: String::new(), note: String::new() })
        };
        let line = |line, matter: u128, verdict| Line {
            line,
            code: "x".into(),
            matter: Some((MatterId(matter), String::new())),
            steps: 0,
            verdict,
        };
        let mut lines =
            vec![line(2, 1, reply("2024-10-02")), line(3, 1, reply("2024-10-01")), line(4, 2, reply("2024-09-01"))];
        older(&mut lines);
        let entered: Vec<u32> =
            lines.iter().filter(|line| matches!(line.verdict, Verdict::Enter(_))).map(|line| line.line).collect();
        assert_eq!(entered, [2, 4]);
        assert_eq!(lines[1].verdict, Verdict::Older);
    }
}
