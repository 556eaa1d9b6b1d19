//! 履职评议: of which parts the score of an appraisal consists, what each weighs, and which grade follows (`law/appraisal.toml`).
//!
//! Does not belong here: who scores and when (the procedure that it names).

use crate::basis::Basis;
use crate::law::LawError;
use crate::procedure::{FieldKind, Procedure};

/// The file it stands in.
pub const FILE: &str = "appraisal.toml";
/// The field of the grade; its list has every grade.
pub const GRADE: &str = "grade";
/// All weights together, and the best score.
const WHOLE: i64 = 100;

/// What the county has set.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appraisal {
    /// The procedure whose matters are appraised.
    pub procedure: String,
    /// Where it stands.
    pub basis: Basis,
    /// Why it is a setting.
    pub configurable: String,
    /// The parts; their weights make a hundred.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
    /// The grades, the best first; the last begins at nought.
    #[serde(rename = "grade")]
    pub grades: Vec<Grade>,
}

/// One part of the score.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The field that holds its score, 0 to 100.
    pub field: String,
    /// Whose score it is.
    pub title: String,
    /// In per cent of the whole.
    pub weight: i64,
}

/// One grade.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Its code in the list of the procedure.
    pub id: String,
    /// The lowest score that gets it.
    pub from: i64,
}

/// What came of an appraisal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appraised {
    /// In whole points; half a point and more counts as one.
    pub score: i64,
    /// By the score as it was before rounding: 89.6 is not yet 90.
    pub grade: String,
}

impl Appraisal {
    /// Reads the file.
    ///
    /// # Errors
    /// Unknown keys; weights that do not make a hundred; a field twice; grades that do not fall to nought.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: Self = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        match read.fault() {
            Some(what) => Err(LawError::plain(file, what)),
            None => Ok(read),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let weights = || self.parts.iter().map(|part| part.weight);
        let twice = |(nth, part): (usize, &Part)| self.parts.iter().take(nth).any(|known| known.field == part.field);
        let falls = self.grades.is_sorted_by(|better, worse| better.from > worse.from);
        let best = self.grades.first().is_some_and(|grade| grade.from <= WHOLE);
        if weights().any(|weight| !(1..=WHOLE).contains(&weight)) || weights().sum::<i64>() != WHOLE {
            Some("the weights of the parts make 100, each at least 1")
        } else if self.parts.iter().enumerate().any(twice) {
            Some("a field is named by two parts")
        } else if !falls || !best || self.grades.last().is_none_or(|grade| grade.from != 0) {
            Some("grades stand from the best to the one that begins at 0")
        } else {
            None
        }
    }

    /// What it says that no definition knows.
    pub fn problems<'a>(&self, mut procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let wrong = |what: String| LawError::plain(FILE, what);
        let Some(procedure) = procedures.find(|known| known.id.as_str() == self.procedure) else {
            return vec![wrong(format!("there is no procedure `{}`", self.procedure))];
        };
        let scored = |part: &&Part| {
            let field = procedure.fields.get(part.field.as_str());
            field.is_some_and(|field| {
                field.kind == FieldKind::Integer && field.min == Some(0) && field.max == Some(WHOLE)
            })
        };
        let graded = |grade: &&Grade| procedure.knows_code(GRADE, &grade.id);
        let parts = self.parts.iter().filter(|part| !scored(part));
        let parts =
            parts.map(|part| wrong(format!("`{}` is no score from 0 to 100 of `{}`", part.field, self.procedure)));
        let grades = self.grades.iter().filter(|grade| !graded(grade));
        parts.chain(grades.map(|grade| wrong(format!("`{}` has no grade `{}`", self.procedure, grade.id)))).collect()
    }

    /// The score and its grade, from the scores of the parts; none while one is missing.
    pub fn score(&self, of: impl Fn(&str) -> Option<i64>) -> Option<Appraised> {
        let parts = self.parts.iter().map(|part| Some(of(&part.field)?.clamp(0, WHOLE).saturating_mul(part.weight)));
        let hundredths: i64 = parts.sum::<Option<i64>>()?;
        let grade = self.grades.iter().find(|grade| hundredths >= grade.from.saturating_mul(WHOLE))?;
        Some(Appraised { score: (hundredths.saturating_add(WHOLE / 2)) / WHOLE, grade: grade.id.clone() })
    }

    /// The part that a field holds.
    pub fn part(&self, field: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.field == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE_TEXT: &str = r#"
        procedure = "duty"
        basis = "制度:评议"
        configurable = "县里定"
        part = [{ field = "panel", title = "评议团", weight = 60 }, { field = "public", title = "公众", weight = 40 }]
        grade = [{ id = "excellent", from = 90 }, { id = "poor", from = 0 }]
    "#;

    #[test]
    fn the_score_is_weighed_and_the_grade_is_that_of_the_score_before_rounding() {
        let appraisal = Appraisal::parse(FILE, FILE_TEXT).unwrap();
        let of = |panel, public| {
            appraisal.score(|field| if field == "panel" { panel } else { public }).map(|it| (it.score, it.grade))
        };
        assert_eq!(of(Some(90), Some(90)), Some((90, "excellent".to_owned())));
        assert_eq!(of(Some(90), Some(89)), Some((90, "poor".to_owned())), "89.6 is shown as 90 and is not yet 90");
        assert_eq!(of(Some(100), Some(0)), Some((60, "poor".to_owned())));
        assert_eq!(of(Some(100), None), None, "a part is missing");
    }

    #[test]
    fn what_does_not_add_up_is_refused() {
        for (from, to, what) in [
            ("weight = 60", "weight = 50", "weights"),
            ("weight = 60", "weight = 140", "weights"),
            ("\"public\"", "\"panel\"", "two parts"),
            ("from = 0", "from = 10", "begins at 0"),
            ("from = 90", "from = 0", "begins at 0"),
        ] {
            let error = Appraisal::parse(FILE, &FILE_TEXT.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(what), "{from} → {to}: {error}");
        }
    }
}
