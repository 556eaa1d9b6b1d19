//! 信用信息报送 (`law/credit/`): which decisions owe a report to the credit platform, within which time, and the fields that a
//! report of each category has.
//!
//! Does not belong here: the course of a report (law/procedures/integrity/credit_report.toml), sending it.

mod check;
mod publication;
mod read;
mod values;

pub use check::{Finding, check, duplicates};
pub use publication::{Class, Publication, Term, Version};
pub use values::{Decided, Values, values};

use crate::id::{FieldId, InstrumentId, ProcedureId, RoleId, StepId};
use crate::law::{Law, LawError};
use crate::matter::MatterState;
use crate::procedure::{Clock, PartyKind, Procedure, Step};

/// The file with what holds for all categories.
const SETTINGS: &str = "credit/settings.toml";
/// The file with the times for which decisions are shown.
const PUBLICATION: &str = "credit/publication.toml";

/// The procedure of a report.
pub const REPORT: &str = "credit_report";
/// Its clock: until when a decision has to be reported.
const IN_TIME: &str = "report_in_time";

/// What the county has set.
#[derive(Clone, Debug, Default)]
pub struct Credit {
    /// All categories in their order; switched on or not.
    pub categories: Vec<Category>,
    /// The fields of reports, of categories whose field list is known.
    pub templates: Vec<Template>,
    /// Why categories are settings.
    pub configurable: String,
    /// Kinds of organs that have to hand in their lists of decisions.
    pub asked: Vec<String>,
    /// How long decisions are shown.
    pub publication: Publication,
    named: Vec<Named>,
}

/// A category of decisions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// Its code, that of kinds of powers.
    pub id: String,
    /// 行政许可.
    pub title: String,
    /// Whether it is one of those that are reported.
    pub on: bool,
}

/// The report of a category.
#[derive(Clone, Debug)]
pub struct Template {
    /// Of which category.
    pub category: String,
    /// Where its list of fields is from, and what of it is not verified.
    pub note: String,
    /// The decisions that owe one.
    pub owed: Vec<Owed>,
    /// Its fields, in the order of the platform.
    pub fields: Vec<Field>,
    /// Dates that must not be before others.
    pub ordered: Vec<(String, String)>,
    /// The file it stands in.
    pub file: String,
}

/// A step whose taking owes a report about each party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owed {
    /// Of which procedure.
    pub procedure: ProcedureId,
    /// Which step.
    pub step: StepId,
    /// The instrument whose number names the decision.
    pub instrument: InstrumentId,
    /// Whom it is about.
    pub role: RoleId,
    /// Steps after which it stands changed, not undone: its report is corrected.
    pub changed_by: Vec<StepId>,
    /// Steps after which it stands, and its publication is withdrawn all the same, like those that deprive it of its effect.
    pub withdrawn_by: Vec<StepId>,
    /// Fields that others replace once it has been changed: fine, corrected_fine.
    pub instead: Vec<(FieldId, FieldId)>,
    /// Sources of the report that this procedure has no field for: they stay empty.
    pub lacks: Vec<FieldId>,
}

/// A field of a report.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its national code, e.g. `CF_XDR_MC`.
    pub code: String,
    /// Its name.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
    /// When it must be there.
    pub required: Vec<When>,
    /// When it must be empty.
    pub forbidden: Vec<When>,
    /// Where it comes from; none: nowhere here.
    pub source: Option<Source>,
    /// What to do about a finding.
    pub remedy: String,
}

/// What a field of a report holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text of so many characters at most.
    Text(usize),
    /// A day, written 2024-10-26.
    Date {
        /// Whether it may lie ahead.
        future: bool,
    },
    /// 万元, six decimals at most; the field with the words that it has to agree with, and the word before the amount there.
    Amount {
        /// Field and word.
        agrees: Option<(String, String)>,
    },
    /// Words of a list, several joined by `；`.
    List {
        /// Which.
        words: Vec<String>,
        /// Whether several may stand.
        many: bool,
    },
    /// 统一社会信用代码.
    Uscc,
    /// A resident's identity number, where the other field says that it is one.
    IdNumber(String),
}

/// When a demand holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// Always.
    Always,
    /// The party is of this kind.
    Party(PartyKind),
    /// A list field has a word.
    Has(String, String),
    /// A field is filled.
    Filled(String),
}

/// Where a field comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// A party's detail: name, kind, uscc, representative, id_number.
    Party(String),
    /// 身份证, where the party has such a number.
    IdType,
    /// The number of the instrument.
    Number,
    /// The day of the decision.
    Day,
    /// The last day on which it is shown: as the organ set it, at the latest when its term ends.
    ShownUntil,
    /// A field of the matter.
    Field(FieldId),
    /// Pieces of text with `{field}`; one whose field is empty is left out.
    Pieces(Vec<String>),
    /// The organ that decided: name or uscc.
    Organ(String),
    /// The same words for all.
    Constant(String),
}

/// Something that another file must have.
#[derive(Clone, Debug)]
struct Named {
    procedure: ProcedureId,
    what: Target,
    file: String,
    at: (usize, usize),
}

#[derive(Clone, Debug)]
enum Target {
    Decision(StepId, InstrumentId),
    Step(StepId),
    Instrument(InstrumentId),
    Role(RoleId),
    Field(FieldId),
    NoField(FieldId),
}

impl Credit {
    /// Adds a file.
    ///
    /// # Errors
    /// What is wrong in it, with its place.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        if file == SETTINGS {
            return read::settings(self, file, source);
        }
        if file == PUBLICATION {
            self.publication = Publication::read(file, source)?;
            return Ok(());
        }
        let (template, mut named) = read::template(file, source)?;
        self.templates.push(template);
        self.named.append(&mut named);
        Ok(())
    }

    /// What the files name and nobody has.
    pub fn problems<'a>(&self, procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let known: Vec<&Procedure> = procedures.collect();
        let mut problems: Vec<LawError> = Vec::new();
        let of_reports = known.iter().filter(|known| known.id.as_str() == REPORT);
        if !self.templates.is_empty() && !of_reports.clone().any(|reports| reports.clock(IN_TIME).is_some()) {
            let what = format!("procedure `{REPORT}` has no clock `{IN_TIME}`: no report would ever be late");
            problems.push(LawError::plain(SETTINGS, what));
        }
        problems.append(&mut self.publication.problems(&known));
        for template in &self.templates {
            if self.category(&template.category).is_none() {
                let what = format!("category `{}` is not listed in {SETTINGS}", template.category);
                problems.push(LawError::plain(&template.file, what));
            }
        }
        for named in &self.named {
            let of: Vec<&&Procedure> = known.iter().filter(|known| known.id == named.procedure).collect();
            let what = match of.as_slice() {
                [] => Some(format!("there is no procedure `{}`", named.procedure)),
                all => all.iter().find_map(|procedure| named.what.missing(procedure)),
            };
            if let Some(what) = what {
                problems.push(LawError { file: named.file.clone(), at: Some(named.at), what });
            }
        }
        problems
    }

    /// A category.
    pub fn category(&self, id: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == id)
    }

    /// Its title, or the code itself.
    pub fn title<'a>(&'a self, id: &'a str) -> &'a str {
        self.category(id).map_or(id, |category| category.title.as_str())
    }

    /// Those that are reported.
    pub fn switched_on(&self) -> impl Iterator<Item = &Category> {
        self.categories.iter().filter(|category| category.on)
    }

    /// Whether decisions of a category are reported.
    pub fn is_on(&self, id: &str) -> bool {
        self.category(id).is_some_and(|category| category.on)
    }

    /// The report of a category.
    pub fn template(&self, category: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.category == category)
    }

    /// The report that a step owes, if its category is switched on.
    pub fn owed(&self, procedure: &str, step: &str) -> Option<(&Template, &Owed)> {
        self.owing().find(|(_, owed)| owed.procedure.as_str() == procedure && owed.step.as_str() == step)
    }

    /// Every step that owes a report.
    pub fn owing(&self) -> impl Iterator<Item = (&Template, &Owed)> {
        let on = self.templates.iter().filter(|template| self.is_on(&template.category));
        on.flat_map(|template| template.owed.iter().map(move |owed| (template, owed)))
    }
}

/// The time within which a decision has to be reported: the clock of reports.
pub fn time_limit(law: &Law) -> Option<&Clock> {
    law.newest(REPORT)?.clock(IN_TIME)
}

impl Owed {
    /// Whether the decision stands: taken, not withdrawn, and nothing has deprived it of its effect since.
    pub fn stands(&self, state: &MatterState, definition: &Procedure) -> bool {
        let decided = |step: &StepId| *step == self.step;
        let Some(at) = state.done.iter().rposition(|done| decided(&done.step) && !done.withdrawn) else { return false };
        let since = state.done.iter().skip(at).filter(|done| !done.withdrawn);
        let steps = since.filter_map(|done| definition.step(done.step.as_str()));
        let mut steps = steps.filter(|step| !self.changed_by.contains(&step.id));
        !state.closed && !steps.any(|step| self.undone_by(step))
    }

    /// Whether a step takes its report back.
    pub fn undone_by(&self, step: &Step) -> bool {
        step.revokes.contains(&self.instrument) || self.withdrawn_by.contains(&step.id)
    }

    /// Whether the decision has been changed since it was taken.
    pub fn changed(&self, state: &MatterState) -> bool {
        self.changed_by.iter().any(|step| state.last_done(step.as_str()).is_some())
    }

    /// The field that says now what a field said when the decision was taken.
    pub fn field_now<'a>(&'a self, state: &MatterState, field: &'a FieldId) -> &'a FieldId {
        let replaced = self.instead.iter().find(|(before, _)| before == field).map(|(_, now)| now);
        let known = replaced.filter(|now| self.changed(state) && state.fact(now.as_str()).is_some());
        known.unwrap_or(field)
    }

    /// Whether it was changed and nothing says to what.
    pub fn change_unknown(&self, state: &MatterState) -> bool {
        let unknown = |(before, now): &(FieldId, FieldId)| {
            state.fact(before.as_str()).is_some() && state.fact(now.as_str()).is_none()
        };
        self.changed(state) && self.instead.iter().any(unknown)
    }

    /// The number of the decision, as it stands on its newest instrument.
    pub fn number(&self, state: &MatterState) -> Option<String> {
        let issued = state.instruments.iter().rev().find(|issued| issued.kind == self.instrument)?;
        issued.number.as_ref().map(|number| number.text.clone())
    }
}

impl Template {
    /// A field by its code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.code == code)
    }

    /// What made a matter owe its report: the step that was taken, where several may decide; else the first of its procedure.
    pub fn owed_by(&self, state: &MatterState) -> Option<&Owed> {
        let of = || self.owed.iter().filter(|owed| owed.procedure == state.procedure);
        of().find(|owed| state.last_done(owed.step.as_str()).is_some()).or_else(|| of().next())
    }

    /// The field that a part of a decision goes to, e.g. the number.
    pub fn field_of(&self, source: &Source) -> Option<&Field> {
        self.fields.iter().find(|field| field.source.as_ref() == Some(source))
    }
}

impl Target {
    fn missing(&self, procedure: &Procedure) -> Option<String> {
        let id = &procedure.id;
        match self {
            Self::Decision(step, paper) => match procedure.step(step.as_str()) {
                None => Some(format!("`{id}` has no step `{step}`")),
                Some(known) => {
                    // What is decided where it is carried out (查封、扣押) issues the decision all the same.
                    let issues = known.issues.iter().any(|issued| issued.item == *paper);
                    (!issues).then(|| {
                        format!("step `{step}` of `{id}` does not issue `{paper}`: a report has no day to count from")
                    })
                }
            },
            Self::Step(step) => procedure.step(step.as_str()).is_none().then(|| format!("`{id}` has no step `{step}`")),
            Self::Instrument(kind) => {
                let numbered = procedure.instrument(kind.as_str()).is_some_and(|known| known.numbering.is_some());
                (!numbered).then(|| format!("`{id}` has no numbered instrument `{kind}`"))
            }
            Self::Role(role) => procedure.role(role.as_str()).is_none().then(|| format!("`{id}` has no role `{role}`")),
            Self::Field(field) => {
                (!procedure.fields.contains_key(field)).then(|| format!("`{id}` has no field `{field}`"))
            }
            Self::NoField(field) => {
                procedure.fields.contains_key(field).then(|| format!("`{id}` has a field `{field}`: it lacks nothing"))
            }
        }
    }
}
