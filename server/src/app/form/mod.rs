//! The form of a step, made from its definition: what to ask, how, with which choices, what was typed, what is wrong
//! with it. Pages only draw it.
//!
//! Names of inputs: `f.<field>`, `party.<i>.<detail>`, `officer`, `assignee`, `reason`, `merge_into`,
//! `evidence.<kind>`, and for acts decided elsewhere `manner`, `decided_by`, `meeting`, `day`, `number`, `original`.
//! Does not belong here: HTML, and whether an act may happen (the core decides that).

mod explain;
mod fields;
mod filled;
mod ground;
mod organs;
mod parties;
mod people;
mod powers;
mod range;

use zhunsheng_core::id::{FieldId, OrganCode};
use zhunsheng_core::matter::{MatterState, View, evaluate};
use zhunsheng_core::procedure::words::Words;
use zhunsheng_core::procedure::{Generic, Step, When};
use zhunsheng_core::refusal::{Refusal, Refusals};

pub(in crate::app) use fields::fact_values;
pub use filled::{Filled, KeptFile, MannerKind, TypedManner, size_text};
pub use ground::{Ground, Suggested};
pub use parties::{PartyBlock, PartyGroup};

/// One answer that can be picked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub title: String,
    /// A small line below.
    pub note: String,
}

/// Choices under a heading.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch {
    /// The heading; may be empty.
    pub title: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// How a value is typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Widget {
    /// One line.
    Line {
        /// `text` or `tel`.
        sort: &'static str,
        /// `inputmode`.
        mode: &'static str,
        /// Class for its width; empty is the full width.
        size: &'static str,
        /// Longest text in characters.
        max: i64,
    },
    /// Many lines.
    Area {
        /// Longest text in characters.
        max: i64,
    },
    /// A whole number with its unit.
    Number {
        /// Behind the number.
        unit: String,
    },
    /// Money in 元.
    Money,
    /// A day; the latest that may be picked, if any.
    Date {
        /// `yyyy-mm-dd` or empty.
        latest: String,
    },
    /// One of few.
    Radios(Vec<Choice>),
    /// One of many.
    Select(Vec<Batch>),
    /// Several.
    Checks(Vec<Choice>),
    /// Several of many.
    Many(Vec<Batch>),
    /// Files, with those that were sent before.
    Files(Vec<KeptFile>),
}

/// Whether a value must be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Need {
    /// Always.
    Required,
    /// When this holds.
    When(String),
    /// Never.
    Optional,
}

/// One question of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The input's name.
    pub name: String,
    /// Its id in the page.
    pub id: String,
    /// Its label.
    pub label: String,
    /// A sentence under the label.
    pub hint: String,
    /// Whether it must be answered.
    pub need: Need,
    /// How it is typed.
    pub widget: Widget,
    /// What stands in it.
    pub values: Vec<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The `autocomplete` of the input.
    pub complete: &'static str,
}

impl Question {
    /// A question without value and error.
    fn new(name: &str, label: &str, need: Need, widget: Widget) -> Self {
        Self {
            name: name.to_owned(),
            id: name.replace('.', "-"),
            label: label.to_owned(),
            hint: String::new(),
            need,
            widget,
            values: Vec::new(),
            error: None,
            complete: "off",
        }
    }

    /// The only value.
    #[must_use]
    pub fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// Whether a choice is taken.
    #[must_use]
    pub fn has(&self, choice: &Choice) -> bool {
        self.values.contains(&choice.value)
    }

    /// Whether one of a batch is taken.
    #[must_use]
    pub fn has_any(&self, batch: &Batch) -> bool {
        batch.choices.iter().any(|choice| self.has(choice))
    }

    /// Whether it must always be answered.
    #[must_use]
    pub fn required(&self) -> bool {
        self.need == Need::Required
    }

    /// What its hint and error are called for `aria-describedby`; empty if there is neither.
    #[must_use]
    pub fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-h", self.id));
        let error = self.error.is_some().then(|| format!("{}-e", self.id));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }

    /// Whether anything stands in it or is wrong with it.
    fn touched(&self) -> bool {
        self.error.is_some() || self.values.iter().any(|value| !value.is_empty())
    }
}

/// A whole form.
#[derive(Clone, Debug, Default)]
pub struct StepForm {
    /// Who decided, on which day, with which original: only for acts decided elsewhere.
    pub manner: Vec<Question>,
    /// The questions.
    pub questions: Vec<Question>,
    /// Questions that need not be answered and are folded away.
    pub more: Vec<Question>,
    /// Parties, by role.
    pub parties: Vec<PartyGroup>,
    /// Who is present and who becomes responsible.
    pub people: Vec<Question>,
    /// Documents.
    pub files: Vec<Question>,
    /// Why, where that is asked.
    pub reason: Option<Question>,
    /// Errors at questions: id of the question and sentence.
    pub errors: Vec<(String, String)>,
    /// Everything else that stands against the act.
    pub refusals: Vec<Refusal>,
}

impl StepForm {
    /// Whether a field stands in this form with exactly these values.
    #[must_use]
    pub fn stands(&self, field: &FieldId, values: &[String]) -> bool {
        let plain = |values: &[String]| {
            values.iter().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect::<Vec<_>>()
        };
        let name = format!("f.{field}");
        self.questions.iter().any(|question| question.name == name && plain(&question.values) == plain(values))
    }

    /// Whether files may be sent: the form then travels as parts.
    #[must_use]
    pub fn multipart(&self) -> bool {
        !self.files.is_empty() || self.manner.iter().any(|question| matches!(question.widget, Widget::Files(_)))
    }

    fn all(&self) -> impl Iterator<Item = &Question> {
        let party = self.parties.iter().flat_map(|group| &group.blocks).flat_map(PartyBlock::questions);
        self.manner
            .iter()
            .chain(&self.questions)
            .chain(&self.more)
            .chain(party)
            .chain(&self.people)
            .chain(&self.files)
            .chain(&self.reason)
    }
}

/// What a form is for.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// A step of the definition.
    Step(&'a Step),
    /// An act that every procedure inherits.
    Generic(Generic),
}

/// Makes the form, with what was typed and what is wrong with it.
#[must_use]
pub fn build(ground: &Ground<'_>, filled: Option<&Filled>, refusals: &Refusals) -> StepForm {
    let at = At { ground, filled, refusals };
    let mut form = match ground.subject {
        Subject::Step(step) => at.step_form(step),
        Subject::Generic(generic) => at.generic_form(generic),
    };
    form.errors = form.all().filter_map(|q| Some((q.id.clone(), q.error.clone()?))).collect();
    let shown: Vec<FieldId> = form.all().filter(|q| q.error.is_some()).map(|q| field_of(&q.name)).collect();
    let elsewhere = |refusal: &&Refusal| refusal.field.as_ref().is_none_or(|field| !shown.contains(field));
    form.refusals = refusals.iter().filter(elsewhere).cloned().collect();
    form
}

/// The key under which the engine reports errors of an input.
fn field_of(name: &str) -> FieldId {
    FieldId::from(name.strip_prefix("f.").unwrap_or(name))
}

/// A form under construction.
struct At<'a> {
    ground: &'a Ground<'a>,
    filled: Option<&'a Filled>,
    refusals: &'a Refusals,
}

impl At<'_> {
    fn step_form(&self, step: &Step) -> StepForm {
        let mut form = StepForm { manner: self.manner_questions(step), ..StepForm::default() };
        for when in &step.fill {
            let Some(need) = self.need(when, step) else { continue };
            form.questions.extend(self.field_question(&when.item, need));
        }
        let extra: Vec<Question> = step
            .may_fill
            .iter()
            .filter(|id| !form.questions.iter().any(|known| field_of(&known.name) == **id))
            .filter_map(|id| self.field_question(id, self.need_of_power(id, step)))
            .collect();
        // A few optional questions stand in the open; many are folded away, unless something stands in them.
        let fold = extra.len() > 3 && !form.questions.is_empty();
        let (open, more): (Vec<_>, Vec<_>) =
            extra.into_iter().partition(|question| !fold || question.touched() || question.required());
        form.questions.extend(open);
        form.more = more;
        form.parties = step.parties.iter().filter_map(|role| self.party_group(role, step)).collect();
        parties::number(&mut form.parties);
        form.people = self.people_questions(step);
        form.files = self.file_questions(step);
        form.reason = self.reason_question();
        form
    }

    fn generic_form(&self, generic: Generic) -> StepForm {
        let mut form = StepForm::default();
        let optional = matches!(generic, Generic::Attach | Generic::Urge);
        let mut reason = self.question(
            "reason",
            "理由",
            if optional { Need::Optional } else { Need::Required },
            Widget::Area { max: 2_000 },
        );
        reason.hint = match generic {
            Generic::Correct => "写明哪里错了、依据什么更正；原来的记录会保留",
            Generic::Void => "作废以后不能再办理，记录会保留",
            Generic::Merge => "并入以后，本件不再单独办理",
            Generic::Explain => {
                "当事人查看办理情况时能看到全文：写明为什么超期、预计什么时候办完；不要写案情和他人信息"
            }
            _ => "",
        }
        .to_owned();
        match generic {
            Generic::Correct => form.questions = self.correctable(),
            Generic::Reassign | Generic::Deputise => form.people.push(self.assignee_question(Need::Required)),
            Generic::Merge => form.questions.push(self.merge_question()),
            Generic::Attach => form.files = self.attachable(),
            Generic::Void | Generic::Urge | Generic::Withdraw | Generic::Explain => {}
        }
        form.reason = Some(reason);
        form
    }

    /// Every field that has a value and that a correction may change still.
    fn correctable(&self) -> Vec<Question> {
        let Some(state) = self.ground.state else { return Vec::new() };
        let asked = self
            .ground
            .procedure
            .steps
            .iter()
            .flat_map(|step| step.fill.iter().map(|when| &when.item).chain(&step.may_fill));
        let mut seen: Vec<&FieldId> = Vec::new();
        for field in asked {
            if state.filled(field) && !self.is_fixed(field, state) && !seen.contains(&field) {
                seen.push(field);
            }
        }
        seen.into_iter().filter_map(|field| self.field_question(field, Need::Optional)).collect()
    }

    /// What the system works out, what a later step rests on, and what an instrument that is out states is not corrected in place.
    fn is_fixed(&self, field: &FieldId, state: &MatterState) -> bool {
        let known = self.ground.procedure.fields.get(field);
        let rests = known.and_then(|field| field.settled_by.as_ref());
        if known.is_some_and(|field| field.made) || rests.is_some_and(|step| state.has_done(step.as_str())) {
            return true;
        }
        self.ground.procedure.steps.iter().any(|step| {
            let fills = step.fill.iter().any(|when| when.item == *field) || step.may_fill.contains(field);
            fills && !step.issues.is_empty() && state.has_done(step.id.as_str())
        })
    }

    fn attachable(&self) -> Vec<Question> {
        let mut files: Vec<Question> = self
            .ground
            .procedure
            .evidence
            .iter()
            .map(|(kind, title)| self.file_question(&format!("evidence.{kind}"), title, Need::Optional))
            .collect();
        files.push(self.file_question("evidence.other", "其他材料", Need::Optional));
        files
    }

    fn file_questions(&self, step: &Step) -> Vec<Question> {
        let named = |kind: &str| {
            self.ground
                .procedure
                .evidence
                .iter()
                .find(|(known, _)| known.as_str() == kind)
                .map(|(_, title)| title.clone())
        };
        let mut files = Vec::new();
        for when in &step.evidence {
            let have =
                self.ground.state.is_some_and(|state| state.evidence.iter().any(|known| known.kind == when.item));
            let Some(need) = self.need_of(when.when.as_ref(), step) else { continue };
            let need = if have { Need::Optional } else { need };
            let title = named(when.item.as_str()).unwrap_or_else(|| when.item.to_string());
            files.push(self.file_question(&format!("evidence.{}", when.item), &title, need));
        }
        files
    }

    fn file_question(&self, name: &str, title: &str, need: Need) -> Question {
        let kept = self.filled.map(|filled| filled.kept.iter().filter(|file| file.field == name).cloned().collect());
        let mut question = self.question(name, title, need, Widget::Files(kept.unwrap_or_default()));
        question.hint = "PDF、OFD、照片或者文档，可以选几个；不得上传国家秘密".to_owned();
        question
    }

    /// Asked for what is entered late, and where a warning of grade 内控 can be set aside.
    fn reason_question(&self) -> Option<Question> {
        let warned = self.refusals.iter().any(|refusal| !refusal.blocks() || refusal.code.as_str() == "reason_missing");
        let late = self.manner() == MannerKind::Late;
        let typed = self.filled.is_some_and(|filled| filled.input.reason.is_some());
        if !(warned || late || typed) {
            return None;
        }
        let (label, hint) = if late {
            ("补录原因", "为什么没有当时在系统里办理")
        } else {
            ("继续办理的理由", "内控提醒可以写明理由后继续；法定和制度规定的条件不能这样越过")
        };
        let mut question = self.question("reason", label, Need::Required, Widget::Area { max: 2_000 });
        question.hint = hint.to_owned();
        Some(question)
    }

    fn manner(&self) -> MannerKind {
        self.filled.map_or(MannerKind::Live, |filled| filled.manner.kind)
    }

    /// A question with what was typed in it and what is wrong with it.
    fn question(&self, name: &str, label: &str, need: Need, widget: Widget) -> Question {
        let mut question = Question::new(name, label, need, widget);
        let key = field_of(name);
        question.error = self
            .refusals
            .iter()
            .find(|refusal| refusal.field.as_ref() == Some(&key))
            .map(|refusal| refusal.sentence.clone());
        question.values = self.filled.map(|filled| filled.values(name)).unwrap_or_default();
        question
    }

    fn need(&self, when: &When<FieldId>, step: &Step) -> Option<Need> {
        self.need_of(when.when.as_ref(), step)
    }

    /// Whether a part is needed. `None`: a condition that this step cannot change does not hold, so it is not asked.
    fn need_of(&self, when: Option<&zhunsheng_core::procedure::guard::Expr>, step: &Step) -> Option<Need> {
        let Some(expr) = when else { return Some(Need::Required) };
        let ground = self.ground;
        if !explain::depends_on_step(expr, step, ground.procedure)
            && let Some(state) = ground.state
        {
            let view = View {
                procedure: ground.procedure,
                state,
                law: ground.law,
                registry: ground.registry,
                calendar: ground.calendar,
                day: ground.today,
            };
            return evaluate(expr, view).then_some(Need::Required);
        }
        Some(Need::When(Words::among(ground.procedure, ground.law).condition(expr)))
    }

    fn own_organ(&self) -> Option<&OrganCode> {
        self.ground.post.map(|post| &post.organ)
    }
}
