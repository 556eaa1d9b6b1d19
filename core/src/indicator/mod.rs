//! Figures as definitions: a count, a sum, a distinct count or a ratio over matters, by which legal date, in which
//! period. The figure and its list are one query, two views; the query itself belongs to the store.

use crate::day::Day;
use crate::id::{FieldId, OrganCode, OrganFunction, Outcome, ProcedureId, StepId};
use crate::law::LawError;

/// What the interview says of a figure.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The number as printed.
    pub value: f64,
    /// exact, 余, 近 or 超.
    pub qualifier: Qualifier,
    /// The unit as printed, e.g. 万件.
    pub unit: String,
    /// How many base units one printed unit is (万 = 10000).
    #[serde(default = "one")]
    pub scale: f64,
}

fn one() -> f64 {
    1.0
}

fn single() -> u32 {
    1
}

/// How the interview hedges a number. 余, 近 and 超 are directions, not numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize)]
pub enum Qualifier {
    /// No hedge.
    #[serde(rename = "exact")]
    Exact,
    /// 余: at least, in the demonstration within +10 %.
    #[serde(rename = "余")]
    AtLeast,
    /// 近: just under, in the demonstration within −10 %.
    #[serde(rename = "近")]
    Nearly,
    /// 超: over, in the demonstration within +10 %.
    #[serde(rename = "超")]
    Over,
}

impl Qualifier {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::AtLeast => "余",
            Self::Nearly => "近",
            Self::Over => "超",
        }
    }
}

impl Stated {
    /// Whether a computed value fits what was said.
    pub fn fits(&self, value: f64) -> bool {
        let said = self.value * self.scale;
        match self.qualifier {
            Qualifier::Exact => (value - said).abs() < 1e-6,
            Qualifier::AtLeast => value >= said && value <= said * 1.1,
            Qualifier::Nearly => value < said && value >= said * 0.9,
            Qualifier::Over => value > said && value <= said * 1.1,
        }
    }
}

/// What is counted.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "a few hundred, read once")]
pub enum Measure {
    /// Matters of these procedures.
    Count(Selection),
    /// The sum of a number field over matters.
    Sum {
        /// Of which matters.
        of: Selection,
        /// Which field.
        field: FieldId,
        /// How many of the field's units are one of the figure's (60 minutes, one hour).
        #[serde(default = "single")]
        per: u32,
    },
    /// How many a year, on average: matters per year of the period, which is counted in whole months.
    PerYear(Selection),
    /// How many different values a coded field takes over matters.
    Distinct {
        /// Of which matters.
        of: Selection,
        /// Which field.
        field: FieldId,
    },
    /// Percent: matters in the first selection per matter in the second.
    Ratio {
        /// The part.
        part: Selection,
        /// The whole.
        whole: Selection,
    },
}

/// By which date matters fall into the period.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Dated {
    /// The day they began.
    Opened,
    /// The day they ended.
    Ended,
    /// The legal day of a step.
    Step(StepId),
    /// The first legal day of any of these steps, where a matter comes in by several ways.
    Steps(Vec<StepId>),
    /// The day in a field, for what is entered after it happened.
    Field(FieldId),
    /// In force on the last day of the period: for registers.
    InForce,
}

/// Which matters.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Of which procedures.
    pub procedures: Vec<ProcedureId>,
    /// By which date.
    pub dated: Dated,
    /// Only those that ended in one of these ways.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// Only those whose coded fields have these values: field → any of.
    #[serde(default)]
    pub facts: std::collections::BTreeMap<FieldId, Vec<String>>,
    /// Only those in which one of these steps was taken, whenever (a title that was given, not one that was applied for).
    #[serde(default)]
    pub done: Vec<StepId>,
    /// Only those in which each of these list fields has two values or more (organs that acted jointly).
    #[serde(default)]
    pub several: Vec<FieldId>,
    /// Only those held by these organs.
    #[serde(default)]
    pub organs: Vec<OrganCode>,
    /// Only those held by organs of this kind.
    pub organ_kind: Option<String>,
    /// Only organs with this function (for the organ register).
    pub function: Option<OrganFunction>,
    /// Only those that so many matters of another selection name (villages with fewer than five people of a register).
    pub members: Option<Members>,
}

impl Selection {
    /// Matters of a procedure, by a date; nothing else is asked of them.
    pub fn of(procedure: ProcedureId, dated: Dated) -> Self {
        Self {
            procedures: vec![procedure],
            dated,
            outcomes: Vec::new(),
            facts: std::collections::BTreeMap::new(),
            done: Vec::new(),
            several: Vec::new(),
            organs: Vec::new(),
            organ_kind: None,
            function: None,
            members: None,
        }
    }
}

/// How many matters of another selection name a matter, by a value that both have.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// Those that are counted.
    pub of: Box<Selection>,
    /// Their field that names it, e.g. `place`.
    pub by: FieldId,
    /// The field of the matter itself that holds this name, e.g. `code`.
    pub key: FieldId,
    /// How many are enough.
    pub enough: u32,
    /// Whether those with enough are meant; otherwise those with fewer, none included.
    pub reached: bool,
}

/// The period of a figure: ends may be open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
}

impl Period {
    /// Its length in years, counted in whole months; none if an end is open or nothing lies between.
    pub fn years(&self) -> Option<f64> {
        let days = self.to?.days_since(self.from?) + 1;
        let months = (days * 48 + 730) / 1_461;
        u32::try_from(months).ok().filter(|months| *months > 0).map(|months| f64::from(months) / 12.0)
    }
}

/// An indicator.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// S01 … for the interview's figures.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The base unit: 件, 人次, 元, 小时, %.
    pub unit: String,
    /// The definition in words, with what it leaves out.
    #[serde(default)]
    pub definition: String,
    /// The period; the words of the interview (近三年) are configured here, never typed by hand elsewhere.
    #[serde(default)]
    pub period: Period,
    /// What the interview says.
    pub stated: Option<Stated>,
    /// How it is computed; none while its registers are not connected (未接入).
    pub measure: Option<Measure>,
    /// The unit that answers for it.
    #[serde(default)]
    pub owner: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    indicator: Vec<Indicator>,
}

/// Reads one file of `law/indicators/`.
pub fn parse(file: &str, source: &str) -> Result<Vec<Indicator>, LawError> {
    let read: File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
    Ok(read.indicator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_counted_in_whole_months() {
        for (from, to, years) in [
            ("2021-10-27", "2024-10-26", Some(3.0)),
            ("2024-01-01", "2024-12-31", Some(1.0)),
            ("2024-01-01", "2024-06-30", Some(0.5)),
            ("2024-01-02", "2024-01-01", None),
        ] {
            let period = Period { from: Day::parse(from), to: Day::parse(to) };
            assert_eq!(period.years(), years, "{from} {to}");
        }
        assert_eq!(Period { from: None, to: Day::parse("2024-10-26") }.years(), None);
    }

    #[test]
    fn hedges_are_directions() {
        let said = |value, qualifier| Stated { value, qualifier, unit: "件".into(), scale: 1.0 };
        for (stated, value, fits) in [
            (said(800.0, Qualifier::AtLeast), 800.0, true),
            (said(800.0, Qualifier::AtLeast), 799.0, false),
            (said(800.0, Qualifier::AtLeast), 881.0, false),
            (said(12_000.0, Qualifier::Nearly), 11_999.0, true),
            (said(12_000.0, Qualifier::Nearly), 12_000.0, false),
            (said(12_000.0, Qualifier::Nearly), 10_799.0, false),
            (said(33.0, Qualifier::Exact), 33.0, true),
            (said(350.0, Qualifier::Over), 350.0, false),
        ] {
            assert_eq!(stated.fits(value), fits, "{stated:?} {value}");
        }
    }
}
