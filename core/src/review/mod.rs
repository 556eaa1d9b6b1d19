//! 案卷评查: score sheets as data (`law/review/`), and what a file scores by one.
//!
//! Two layers: a failure at a basic standard (`veto`) makes the file unqualified whatever else it scores; everything else costs
//! points. What rules find before people look is in [`before`]. Does not belong here: the course of a review
//! (law/procedures/enforcement/file_review.toml), who may review (`matter::apart`).

pub mod before;

use serde::Deserialize;

use crate::basis::Basis;
use crate::id::{ProcedureId, StepId};
use crate::law::LawError;
use crate::procedure::Procedure;
use crate::refusal::Catalogue;

/// What is typed where nothing was found.
pub const NOTHING: &str = "无扣分";

/// What stands between the titles of items in one text; no title holds it.
pub const BETWEEN: &str = "；";

/// What stands in an order for the papers that it does not name.
pub const REST: &str = "*";

/// What stands in an order for the files that it does not name.
pub const FILES: &str = "files";

/// All sheets.
#[derive(Clone, Debug, Default)]
pub struct Sheets(Vec<Sheet>);

/// A score sheet: one file of `law/review/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Its identifier.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Files of this procedure.
    pub procedure: ProcedureId,
    /// They are complete when one of these steps has been taken, and are drawn by its day.
    pub complete: Vec<StepId>,
    /// Where it stands.
    pub basis: Basis,
    /// 立卷顺序: the kinds of paper, and of files that came with acts, in the order in which they are bound; [`REST`] stands for papers
    /// that are not named, [`FILES`] for such files; they are bound as they came about. Empty: all of them.
    #[serde(default)]
    pub order: Vec<String>,
    /// Why the county must set it, where the sources do not settle points and bands.
    pub configurable: Option<String>,
    /// Points of a file without a fault.
    pub full: i64,
    /// The best first; the last one takes everything below.
    #[serde(rename = "grade")]
    pub grades: Vec<Grade>,
    /// What is looked at, in order.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    /// The file it stands in.
    #[serde(skip)]
    pub file: String,
}

/// A band of points.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Its code in the procedure's list.
    pub id: String,
    /// From so many points.
    pub from: i64,
}

/// An item of a sheet.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its identifier.
    pub id: String,
    /// What must be right.
    pub title: String,
    /// The heading it stands under.
    pub group: String,
    /// The points it can cost; with `veto` all of them.
    #[serde(default)]
    pub points: i64,
    /// Whether one failure makes the file unqualified.
    #[serde(default)]
    pub veto: bool,
    /// Where it stands.
    pub basis: Basis,
    /// What rules find that belongs here: a refusal's code or one of [`before::OWN`], alone or with the step or clock it was found
    /// at: `overdue:decide_in_time`.
    #[serde(default)]
    pub finds: Vec<String>,
}

/// What a reviewer found at an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deduction {
    /// The item.
    pub item: String,
    /// The points; none at an item of the basic standards.
    pub points: i64,
    /// What was found, and where in the file.
    pub finding: String,
}

/// What a file scores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Score {
    /// The points left.
    pub points: i64,
    /// Its grade.
    pub grade: String,
    /// Whether it failed a basic standard.
    pub vetoed: bool,
    /// The titles of the items found wanting, in the order of the sheet.
    pub failed: Vec<String>,
}

/// Reads deductions: one a line, `item points finding`, an item of the basic standards without points; or [`NOTHING`].
pub fn deductions(sheet: &Sheet, typed: &str) -> Result<Vec<Deduction>, String> {
    if typed.trim() == NOTHING {
        return Ok(Vec::new());
    }
    let mut read: Vec<Deduction> = Vec::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (id, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let item = sheet.item(id).ok_or_else(|| format!("评分表里没有“{id}”这一项"))?;
        if read.iter().any(|known| known.item == id) {
            return Err(format!("“{}”写了两次，请合成一条", item.title));
        }
        let (points, finding) = if item.veto {
            (0, rest.trim())
        } else {
            let (number, finding) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
            let number = crate::text::half_width(number).parse::<i64>().ok();
            let fits = number.filter(|points| (1..=item.points).contains(points));
            let points = fits.ok_or_else(|| format!("“{}”扣分须是1至{}的整数", item.title, item.points))?;
            (points, finding.trim())
        };
        if finding.is_empty() {
            return Err(format!("“{}”扣了分，没有写明问题和所在页码", item.title));
        }
        read.push(Deduction { item: id.to_owned(), points, finding: finding.to_owned() });
    }
    if read.is_empty() { Err(format!("没有问题的，填“{NOTHING}”")) } else { Ok(read) }
}

impl Sheet {
    /// An item.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// What a file scores with these deductions; never below nothing.
    pub fn score(&self, deductions: &[Deduction]) -> Score {
        let wanting = |item: &&Item| deductions.iter().any(|deduction| deduction.item == item.id);
        let failed: Vec<&Item> = self.items.iter().filter(wanting).collect();
        let vetoed = failed.iter().any(|item| item.veto);
        let lost: i64 = deductions.iter().map(|deduction| deduction.points).sum();
        let points = if vetoed { 0 } else { (self.full - lost).max(0) };
        let grade = self.grades.iter().find(|grade| grade.from <= points).or(self.grades.last());
        Score {
            points,
            grade: grade.map(|grade| grade.id.clone()).unwrap_or_default(),
            vetoed,
            failed: failed.iter().map(|item| item.title.clone()).collect(),
        }
    }

    /// Where papers of a kind are bound: the smaller the earlier. What is not named is bound at its place, else at the end.
    pub fn place_of(&self, kind: &str) -> usize {
        let at = |word: &str| self.order.iter().position(|known| known == word);
        at(kind).or_else(|| at(REST)).unwrap_or(self.order.len())
    }

    /// Where files of a kind are bound: with the papers of the same name, which they are the signed originals of.
    pub fn place_of_file(&self, kind: &str) -> usize {
        let at = |word: &str| self.order.iter().position(|known| known == word);
        at(kind).or_else(|| at(FILES)).unwrap_or(self.order.len())
    }

    fn wrong(&self, refusals: &Catalogue, procedures: &[&Procedure]) -> Vec<String> {
        let mut wrong = Vec::new();
        let of: Vec<&&Procedure> = procedures.iter().filter(|known| known.id == self.procedure).collect();
        if of.is_empty() {
            wrong.push(format!("there is no procedure `{}`", self.procedure));
        } else if self.complete.is_empty() {
            wrong.push("no step completes a file".to_owned());
        }
        let unknown = |step: &&StepId| of.iter().any(|procedure| procedure.step(step.as_str()).is_none());
        let unknown = self.complete.iter().filter(unknown);
        wrong.extend(unknown.map(|step| format!("`{}` has no step `{step}`", self.procedure)));
        let known = |procedure: &Procedure, word: &str| {
            let file = procedure.evidence.iter().any(|(kind, _)| kind.as_str() == word);
            file || procedure.instrument(word).is_some()
        };
        let paper = |word: &&String| {
            ![REST, FILES].contains(&word.as_str()) && !of.iter().all(|procedure| known(procedure, word))
        };
        wrong.extend(self.order.iter().filter(paper).map(|word| format!("`{}` has no paper `{word}`", self.procedure)));
        if let Some(word) =
            (1..).zip(&self.order).find(|(n, word)| self.order.iter().skip(*n).any(|other| other == *word))
        {
            wrong.push(format!("`{}` stands in the order twice", word.1));
        }
        if self.grades.is_empty() || self.grades.windows(2).any(|pair| matches!(pair, [a, b] if a.from <= b.from)) {
            wrong.push("grades stand with the best first, each from fewer points".to_owned());
        }
        for (n, item) in self.items.iter().enumerate() {
            let id = &item.id;
            if id.is_empty() || id.contains(char::is_whitespace) {
                wrong.push(format!("`{id}` is no identifier of an item"));
            }
            if self.items.iter().skip(n + 1).any(|other| other.id == *id) {
                wrong.push(format!("item `{id}` is already defined"));
            }
            if item.veto != (item.points == 0) || item.points < 0 || item.points > self.full {
                wrong.push(format!("item `{id}` either costs points, at most {}, or is a basic standard", self.full));
            }
            if item.title.contains(BETWEEN) {
                wrong.push(format!("item `{id}`: `{BETWEEN}` does not belong in a title"));
            }
            for find in &item.finds {
                let code = find.split(':').next().unwrap_or(find);
                if !refusals.knows(code) && !before::OWN.contains(&code) {
                    wrong.push(format!("item `{id}`: nothing is ever found as `{code}`"));
                }
            }
        }
        wrong
    }
}

impl Sheets {
    /// Reads a file of `law/review/`.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        let mut sheet: Sheet = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        if self.get(&sheet.id).is_some() {
            return Err(LawError::plain(file, format!("sheet `{}` is already defined", sheet.id)));
        }
        file.clone_into(&mut sheet.file);
        self.0.push(sheet);
        Ok(())
    }

    /// What does not fit the rest of the law.
    pub fn problems<'a>(&self, refusals: &Catalogue, procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let known: Vec<&Procedure> = procedures.collect();
        let of = |sheet: &Sheet| {
            let wrong = sheet.wrong(refusals, &known).into_iter();
            wrong.map(|what| LawError::plain(&sheet.file, what)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// A sheet.
    pub fn get(&self, id: &str) -> Option<&Sheet> {
        self.0.iter().find(|sheet| sheet.id == id)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Sheet> {
        self.0.iter()
    }
}
