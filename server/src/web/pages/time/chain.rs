//! A procedure as a chain of limits: those that run from its beginning are counted at once, those that begin later as
//! soon as the day of their step is given.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use zhunsheng_core::basis::Grade;
use zhunsheng_core::clock::{Exclusion, Extension, Unit};
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::StepId;
use zhunsheng_core::procedure::{Clock, Procedure, Suspends};

use super::answer::{Answer, answer};
use super::field::{self, DateField};
use crate::app::App;
use crate::app::ruling::Ruling;
use crate::app::time_limits::{self, Source, TimeLimit, length, nature};
use crate::web::citation::{self, Citation, Citations};
use crate::web::{Layout, PageError, Query, Visitor, render};

/// One limit of the chain.
struct Link {
    title: String,
    length: String,
    nature: &'static str,
    basis: Citation,
    phrase: String,
    /// A case in which another limit applies.
    special: Option<String>,
    note: String,
    /// What the law attaches to its end.
    effect: String,
    answer: Option<Answer>,
}

/// Limits that begin on the same day.
struct Group {
    field: DateField,
    links: Vec<Link>,
}

#[derive(Template)]
#[template(path = "time/procedure.html")]
struct ChainPage {
    layout: Layout,
    id: String,
    title: String,
    statute: String,
    is_guide: bool,
    groups: Vec<Group>,
    events: Vec<DateField>,
    happened: bool,
    problems: Vec<(String, String)>,
}

/// What everything is read from.
struct Asked<'a> {
    ruling: &'a Ruling,
    citations: &'a Citations,
    definition: &'a Procedure,
    query: &'a Query,
    today: Day,
}

/// `GET /guide/time?of=`.
pub async fn show(
    app: &Arc<App>,
    visitor: &Visitor,
    ruling: &Arc<Ruling>,
    id: &str,
    query: &Query,
) -> Result<Response, PageError> {
    let definition = ruling.law.newest(id).filter(|known| counts(known)).ok_or(PageError::NotFound)?;
    let today = app.today();
    let bases = citation::of_definition(definition);
    let citations = Citations::load(app, ruling, citation::day_of(definition, today), bases).await?;
    let asked = Asked { ruling, citations: &citations, definition, query, today };
    let events = asked.events();
    let groups = asked.groups(&events);
    let problems = field::problems(groups.iter().map(|group| &group.field).chain(&events));
    render(&ChainPage {
        layout: Layout::new(app, visitor, &format!("{}要多久", definition.title)),
        id: id.to_owned(),
        title: definition.title.clone(),
        statute: definition.statute.clone(),
        is_guide: super::super::guide::is_public(ruling, definition),
        groups,
        happened: events.iter().any(|field| !field.value.is_empty()),
        events,
        problems,
    })
}

/// Whether a procedure has limits that bind anybody outside: internal controls are no promise.
pub fn counts(definition: &Procedure) -> bool {
    definition.clocks.iter().any(|clock| clock.basis.grade != Grade::Internal)
}

/// The name of the field with the day of a step.
fn name_of(step: &StepId) -> String {
    format!("d.{step}")
}

impl Asked<'_> {
    fn title(&self, step: &StepId) -> String {
        self.definition.step(step.as_str()).map_or_else(|| step.to_string(), |step| step.title.clone())
    }

    /// Days of steps that stop, resume or prolong a limit.
    fn events(&self) -> Vec<DateField> {
        let mut fields: Vec<DateField> = Vec::new();
        for clock in self.definition.clocks.iter().filter(|clock| clock.basis.grade != Grade::Internal) {
            let stops = clock.suspends.iter().flat_map(|left_out| [&left_out.from, &left_out.until]);
            for step in stops.chain(clock.extends.iter().map(|extends| &extends.step)) {
                let name = name_of(step);
                if !fields.iter().any(|field| field.name == name) {
                    fields.push(field::read(self.query, &name, &format!("“{}”是哪一天", self.title(step)), "", None).0);
                }
            }
        }
        fields
    }

    /// Limits by the day on which they begin, in the order of the definition's steps.
    fn groups(&self, events: &[DateField]) -> Vec<Group> {
        let place = |clock: &Clock| {
            let first = clock.starts.first();
            self.definition.steps.iter().position(|step| Some(&step.id) == first).unwrap_or(usize::MAX)
        };
        let mut rows = time_limits::of_procedure(&self.ruling.law, self.definition, self.today);
        rows.retain(|row| row.basis.grade != Grade::Internal);
        rows.sort_by_key(|row| if let Source::Procedure(_, clock, _) = row.source { place(clock) } else { usize::MAX });
        let mut groups: Vec<Group> = Vec::new();
        let mut days: Vec<Option<Day>> = Vec::new();
        for row in &rows {
            let Source::Procedure(_, clock, _) = row.source else { continue };
            // What a field of the matter says (违法行为终了日期) nobody can guess; the day of a step may be today.
            let first = clock.starts_on.is_none() && !groups.iter().any(|group| group.field.name.starts_with("d."));
            let name = self.field_name(clock);
            let at = match groups.iter().position(|group| group.field.name == name) {
                Some(at) => at,
                None => {
                    let (field, day) = self.begin(row, &name, first);
                    groups.push(Group { field, links: Vec::new() });
                    days.push(day);
                    groups.len() - 1
                }
            };
            let day = days.get(at).copied().flatten();
            let link = self.link(row, clock, day, events);
            if let Some(group) = groups.get_mut(at) {
                group.links.push(link);
            }
        }
        groups
    }

    fn field_name(&self, clock: &Clock) -> String {
        match (&clock.starts_on, clock.starts.first()) {
            (Some(field), _) => format!("f.{field}"),
            (None, Some(step)) => name_of(step),
            (None, None) => "from".to_owned(),
        }
    }

    /// The day on which a group begins: `from` in the address stands for the first.
    fn begin(&self, row: &TimeLimit<'_>, name: &str, first: bool) -> (DateField, Option<Day>) {
        let label = format!("{}是哪一天", row.starts_at);
        let asked = if first && self.query.get(name).is_none() { "from" } else { name };
        let (mut field, mut day) = field::read(self.query, asked, &label, "", first.then_some(self.today));
        field.name = name.to_owned();
        // What a field of the matter says may lie before the law that counts from it.
        let of_step = !name.starts_with("f.");
        if let Some(Err(sentence)) = day.filter(|_| of_step).map(|day| row.in_force_on(day)) {
            field.error = sentence;
            day = None;
        }
        (field, day)
    }

    fn link(&self, row: &TimeLimit<'_>, clock: &Clock, day: Option<Day>, events: &[DateField]) -> Link {
        let counted = day.map(|day| {
            let at = (row.limit.unit == Unit::Hour).then(|| Moment::on(day, 9 * 3_600));
            let run = row.run(day, at, exclusions(clock, events), extensions(clock, events));
            answer(row, &run, &self.ruling.calendar, self.today, false)
        });
        let attached = row.effect.iter().filter_map(|effect| Some((effect, effect.basis.as_ref()?)));
        Link {
            title: row.title.to_owned(),
            length: length(&row.limit),
            nature: nature(row.limit.kind, row.duty),
            basis: self.citations.link(row.basis),
            phrase: row.phrase.to_owned(),
            special: row.special(&self.ruling.law),
            note: row.configurable.unwrap_or_default().to_owned(),
            effect: attached.map(|(effect, basis)| format!("期满：{}（{basis}）", effect.text)).collect(),
            answer: counted,
        }
    }
}

fn day_of(step: &StepId, events: &[DateField]) -> Option<Day> {
    let name = name_of(step);
    events.iter().find(|field| field.name == name && field.error.is_empty()).and_then(|field| Day::parse(&field.value))
}

fn exclusions(clock: &Clock, events: &[DateField]) -> Vec<Exclusion> {
    let left_out = |interval: &Suspends| {
        let from = day_of(&interval.from, events)?;
        let until = day_of(&interval.until, events).filter(|until| *until > from);
        Some(Exclusion { from, until, basis: Some(interval.basis.clone()), from_at: None, until_at: None })
    };
    clock.suspends.iter().filter_map(left_out).collect()
}

fn extensions(clock: &Clock, events: &[DateField]) -> Vec<Extension> {
    let granted = clock.extends.iter().filter(|extends| day_of(&extends.step, events).is_some());
    granted
        .map(|extends| Extension { amount: extends.amount, unit: extends.unit, basis: Some(extends.basis.clone()) })
        .collect()
}
