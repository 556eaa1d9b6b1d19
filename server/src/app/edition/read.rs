//! A workbook against the law: which lines are new, changed or gone, and what is wrong at which cell.
//!
//! Does not belong here: the text of the law files (`write`).

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::day::Day;
use zhunsheng_core::law::{self, Law};

use super::write::{self, Edit};
use super::{BETWEEN, BOUNDS_AT, DEGREES_AT, Line, STATUTE_AT, Sheet, basis_of, file_of, lines, list_of};
use crate::app::ruling::LawText;
use crate::app::sheet::cell::{folded, tidy};
use crate::app::sheet::read::{self, Unread};
use crate::app::sheet::template::MARKED_COLUMN;

/// When an edition begins, and by whose document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edition {
    /// Its first day.
    pub from: Day,
    /// Who made it.
    pub authority: String,
    /// The number of its document.
    pub number: String,
    /// Whether who made it is a superior of the organs that apply it.
    pub superior: bool,
}

/// A row of a sheet that came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its line in the file.
    pub line: u32,
    /// Its cells, in the order of the sheet's columns.
    pub cells: Vec<String>,
}

/// A sheet that came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Something wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The line; 0: no line of the file.
    pub line: u32,
    /// The column, if it is one cell's.
    pub column: Option<usize>,
    /// A sentence.
    pub sentence: String,
}

/// What the edition does to a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Of which sheet.
    pub sheet: Sheet,
    /// 新增、修改、废止.
    pub what: &'static str,
    /// About which violation.
    pub violation: String,
    /// Column, before, after.
    pub differences: Vec<(&'static str, String, String)>,
}

/// A proposed edition.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// What came.
    pub tables: BTreeMap<Sheet, Table>,
    /// What it changes.
    pub changes: Vec<Change>,
    /// What is wrong with it.
    pub wrong: BTreeMap<Sheet, Vec<Wrong>>,
    /// The law files that it changes, whole; none while something is wrong.
    pub files: Vec<LawText>,
}

impl Proposal {
    /// Whether something is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.wrong.values().any(|wrong| !wrong.is_empty())
    }
}

/// Reads a workbook as an edition of the law in these files. The error says why it is no such workbook, or the edition no edition.
pub fn propose(bytes: &[u8], law: &Law, files: &[LawText], edition: &Edition, today: Day) -> Result<Proposal, String> {
    if edition.from < today {
        return Err("施行日期不能早于今天：已经作出的决定按当时的版本".to_owned());
    }
    if edition.authority.trim().is_empty() || edition.number.trim().is_empty() {
        return Err("请写明制定机关和文号".to_owned());
    }
    let mut proposal = Proposal::default();
    let mut edits = Vec::new();
    for sheet in Sheet::ALL {
        let table = table(bytes, sheet)?;
        let mut reader = Reader { law, sheet, edition, wrong: Vec::new(), changes: Vec::new(), edits: Vec::new() };
        reader.compare(&table, &lines(law, sheet));
        edits.append(&mut reader.edits);
        proposal.changes.append(&mut reader.changes);
        proposal.wrong.insert(sheet, reader.wrong);
        proposal.tables.insert(sheet, table);
    }
    if proposal.is_wrong() || edits.is_empty() {
        return Ok(proposal);
    }
    proposal.files = write::edited(files, &edits, edition)?;
    check(&mut proposal, files);
    if proposal.is_wrong() {
        proposal.files.clear();
    }
    Ok(proposal)
}

fn table(bytes: &[u8], sheet: Sheet) -> Result<Table, String> {
    let titles: Vec<String> = sheet.head().iter().map(|title| folded(title)).collect();
    let grid = read::read(bytes, &titles, sheet.name()).map_err(Unread::sentence)?;
    let at: Vec<Option<usize>> =
        titles.iter().map(|title| grid.header.iter().position(|known| folded(known) == *title)).collect();
    let missing: Vec<&str> =
        sheet.head().iter().zip(&at).filter(|(_, at)| at.is_none()).map(|(title, _)| *title).collect();
    if !missing.is_empty() {
        return Err(format!("“{}”表里没有“{}”这些列；请用导出的工作簿修改", sheet.name(), missing.join("”“")));
    }
    let strange: Vec<&str> = grid
        .header
        .iter()
        .filter(|known| !known.is_empty() && *known != MARKED_COLUMN && !titles.contains(&folded(known)))
        .map(String::as_str)
        .collect();
    if !strange.is_empty() {
        return Err(format!("“{}”表里认不出“{}”这些列；请删去", sheet.name(), strange.join("”“")));
    }
    let mut rows = Vec::new();
    for row in grid.rows {
        if let Some(wrong) = row.cells.iter().find_map(|cell| cell.wrong) {
            return Err(format!("“{}”表第{}行：{wrong}", sheet.name(), row.line));
        }
        let cell =
            |at: &Option<usize>| at.and_then(|at| row.cell(at)).map(|cell| cell.text.clone()).unwrap_or_default();
        rows.push(Row { line: row.line, cells: at.iter().map(cell).collect() });
    }
    Ok(Table { rows })
}

struct Reader<'a> {
    law: &'a Law,
    sheet: Sheet,
    edition: &'a Edition,
    wrong: Vec<Wrong>,
    changes: Vec<Change>,
    edits: Vec<Edit>,
}

fn cell(cells: &[String], at: usize) -> &str {
    cells.get(at).map_or("", String::as_str)
}

/// Whether two cells say the same: letter by letter, but for stray blanks and how a number is written.
fn same(there: &str, here: &str) -> bool {
    let number = |text: &str| text.replace(',', "").parse::<f64>().ok();
    tidy(there) == tidy(here) || number(there).is_some_and(|there| number(here) == Some(there))
}

impl Reader<'_> {
    fn key(&self, cells: &[String]) -> Vec<String> {
        self.sheet.key().iter().map(|at| folded(cell(cells, *at))).collect()
    }

    fn say(&mut self, line: u32, column: Option<usize>, sentence: impl Into<String>) {
        self.wrong.push(Wrong { line, column, sentence: sentence.into() });
    }

    fn compare(&mut self, table: &Table, known: &[Line]) {
        let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
        for row in &table.rows {
            let key = self.key(&row.cells);
            if !seen.insert(key.clone()) {
                self.say(row.line, Some(self.sheet.violation()), "与上面的一行重复");
                continue;
            }
            let [from, _] = self.sheet.days();
            match known.iter().find(|line| self.key(&line.cells) == key) {
                Some(line) => self.changed(row, line),
                None if cell(&row.cells, from).is_empty() => self.added(row),
                None => self.say(
                    row.line,
                    Some(from),
                    "没有从这一天起的这一条；新增的、改了名称或者情形的，“自何日起”空着，系统按施行日期写",
                ),
            }
        }
        let lost: Vec<&Line> = known.iter().filter(|line| !seen.contains(&self.key(&line.cells))).collect();
        for line in lost {
            self.gone(line);
        }
    }

    /// Whether the line is in force, or will be, when the edition begins.
    fn runs(&self, line: &Line) -> bool {
        line.until.is_none_or(|until| self.edition.from < until)
    }

    fn changed(&mut self, row: &Row, line: &Line) {
        let head = self.sheet.head();
        let same = |at: usize| same(cell(&row.cells, at), cell(&line.cells, at));
        let differs: Vec<usize> = (0..head.len()).filter(|at| !same(*at)).collect();
        let [from, until] = self.sheet.days();
        if differs.contains(&until) {
            self.say(row.line, Some(until), "起止日期由施行日期决定；要废止的，把这一行删去");
            return;
        }
        if differs.is_empty() {
            return;
        }
        if !self.runs(line) {
            self.say(row.line, differs.first().copied(), "这一条在施行日期以前已经失效，不能再改");
            return;
        }
        if line.from >= self.edition.from {
            self.say(row.line, Some(from), "这一条在施行日期当天或者以后才开始，不能用同日的一版替换；请改施行日期");
            return;
        }
        if !self.reads(row) {
            return;
        }
        let differences = differs
            .iter()
            .filter_map(|at| {
                Some((*head.get(*at)?, cell(&line.cells, *at).to_owned(), cell(&row.cells, *at).to_owned()))
            })
            .collect();
        self.note("修改", &row.cells, differences);
        self.edits.push(Edit::End { file: line.file.clone(), item: line.item });
        let degrees = differs.iter().any(|at| *at >= DEGREES_AT) && self.sheet == Sheet::Benchmark;
        let old = Some(line.item);
        self.begin(line.file.clone(), row, (old, degrees));
    }

    fn added(&mut self, row: &Row) {
        let [_, until] = self.sheet.days();
        if !cell(&row.cells, until).is_empty() {
            self.say(row.line, Some(until), "新增的一行不写“至何日前”");
            return;
        }
        if !self.reads(row) {
            return;
        }
        let Some(file) = file_of(self.law, self.sheet, cell(&row.cells, 0)) else {
            let sentence = format!("这个领域还没有{}的文件，请与系统管理员联系", self.sheet.name());
            self.say(row.line, Some(0), sentence);
            return;
        };
        self.note("新增", &row.cells, Vec::new());
        self.begin(file, row, (None, true));
    }

    fn gone(&mut self, line: &Line) {
        if !self.runs(line) {
            // What has ended stays, whatever the workbook leaves out.
            return;
        }
        if line.from >= self.edition.from {
            let violation = cell(&line.cells, self.sheet.violation()).to_owned();
            self.say(0, None, format!("“{violation}”从{}起才施行，不能在那以前废止；请改施行日期", line.from));
            return;
        }
        self.note("废止", &line.cells, Vec::new());
        self.edits.push(Edit::End { file: line.file.clone(), item: line.item });
    }

    fn note(&mut self, what: &'static str, cells: &[String], differences: Vec<(&'static str, String, String)>) {
        let violation = cell(cells, self.sheet.violation()).to_owned();
        self.changes.push(Change { sheet: self.sheet, what, violation, differences });
    }

    /// `degrees`: whether the degrees are written out; otherwise they keep their share of the statute's range.
    fn begin(&mut self, file: String, row: &Row, (old, degrees): (Option<usize>, bool)) {
        let values = match self.sheet {
            Sheet::Benchmark => write::benchmark(&row.cells, degrees),
            Sheet::Lists => write::listed(self.law, &row.cells),
        };
        self.edits.push(Edit::Begin { file, like: old, values, keeps_degrees: !degrees });
    }

    /// Whether every cell can be meant; says what cannot.
    fn reads(&mut self, row: &Row) -> bool {
        let before = self.wrong.len();
        let at = |at: usize| cell(&row.cells, at);
        if file_of(self.law, self.sheet, at(0)).is_none() {
            self.say(row.line, Some(0), format!("“{}”不是执法领域，请从下拉选项里选", at(0)));
        }
        if at(self.sheet.violation()).is_empty() {
            self.say(row.line, Some(self.sheet.violation()), "请填写违法行为，与案由的名称一致");
        }
        match self.sheet {
            Sheet::Benchmark => self.reads_benchmark(row),
            Sheet::Lists => self.reads_listed(row),
        }
        self.wrong.len() == before
    }

    fn reads_benchmark(&mut self, row: &Row) {
        if basis_of(cell(&row.cells, 2)).is_none() {
            self.say(row.line, Some(2), "处罚依据写成“《农药管理条例》第五十七条第（三）项”这样");
        }
        let bounds = (BOUNDS_AT..STATUTE_AT).filter(|at| !cell(&row.cells, *at).is_empty());
        for at in bounds.chain(STATUTE_AT..self.sheet.head().len()) {
            if write::whole(cell(&row.cells, at)).is_none() {
                self.say(row.line, Some(at), format!("“{}”不是整数；罚款填元，比例填百分数", cell(&row.cells, at)));
            }
        }
    }

    fn reads_listed(&mut self, row: &Row) {
        let list = list_of(cell(&row.cells, 1));
        if list.is_none() {
            self.say(row.line, Some(1), "请从下拉选项里选清单");
        }
        let ground = cell(&row.cells, 3);
        let known = self.law.leniency.grounds().any(|known| Some(known.list) == list && known.title == ground);
        if list.is_some() && !known {
            self.say(
                row.line,
                Some(3),
                format!("“{ground}”不是这张清单可以依据的法定情形；清单不能增加法律没有的情形"),
            );
        }
        if cell(&row.cells, 6).split(BETWEEN).all(|condition| condition.trim().is_empty()) {
            self.say(row.line, Some(6), "请写明条件：没有条件的清单，谁都适用");
        }
    }
}

/// The checker's word on the edition, at the cells that it is about; what it said of the law before is not the edition's.
fn check(proposal: &mut Proposal, files: &[LawText]) {
    let before: BTreeSet<String> =
        law::check_lists(files).unwrap_or_default().into_iter().map(|finding| finding.explanation).collect();
    let mut after = files.to_vec();
    for (path, text) in &proposal.files {
        after.iter_mut().filter(|(known, _)| known == path).for_each(|(_, known)| known.clone_from(text));
    }
    let findings = match law::check_lists(&after) {
        Ok(findings) => findings,
        Err(error) => {
            let wrong = Wrong { line: 0, column: None, sentence: error.to_string() };
            proposal.wrong.entry(Sheet::Benchmark).or_default().push(wrong);
            return;
        }
    };
    for finding in findings.iter().filter(|finding| !before.contains(&finding.explanation)) {
        let sheet = if finding.file.starts_with("leniency/") { Sheet::Lists } else { Sheet::Benchmark };
        let sentence = format!("{}。{}", finding.explanation, finding.mend);
        let rows = proposal.tables.get(&sheet).into_iter().flat_map(|table| &table.rows);
        let at = sheet.violation();
        let named = |row: &&Row| {
            let violation = cell(&row.cells, at);
            let amounts = if sheet == Sheet::Benchmark { write::amounts(&row.cells) } else { String::new() };
            !violation.is_empty() && finding.explanation.contains(&format!("“{violation}”{amounts}"))
        };
        let lines: Vec<u32> = rows.filter(named).map(|row| row.line).collect();
        let wrong = proposal.wrong.entry(sheet).or_default();
        match lines.last() {
            Some(line) => wrong.push(Wrong { line: *line, column: Some(at), sentence }),
            None => wrong.push(Wrong { line: 0, column: None, sentence }),
        }
    }
}
