//! Questions for the fields of a definition: the widget follows from the kind of value.

use zhunsheng_core::authority::Place;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::matter::{Fact, SealedClass};
use zhunsheng_core::procedure::{Field, FieldKind, Shape};
use zhunsheng_core::text;

use crate::app::dispute;

use super::{At, Batch, Choice, Need, Question, Subject, Widget};

/// So many codes are shown side by side; more go into a list.
const RADIOS_MAX: usize = 5;
/// What is longer does not stand on one line, a certificate for instance.
const LINE_MAX: i64 = 1_000;

impl At<'_> {
    /// The question of a field; `None` if the definition has no such field, or if the system works it out.
    pub(super) fn field_question(&self, id: &FieldId, need: Need) -> Option<Question> {
        let field = self.ground.procedure.fields.get(id).filter(|field| !field.made)?;
        let widget = self.widget(field, &need);
        let known = self.ground.state.is_some_and(|state| state.facts.contains_key(id));
        if need == Need::Optional && !known && self.entrusted(id).is_some_and(|bodies| bodies.is_empty()) {
            return None;
        }
        let mut question = self.question(&format!("f.{id}"), &field.title, need, widget);
        question.hint = field.hint.clone().unwrap_or_default();
        self.show_range(field, &mut question);
        self.show_weight(field, &mut question);
        if self.filled.is_none_or(|filled| !filled.input.fields.contains_key(id)) {
            self.preset(field, &mut question);
        }
        Some(question)
    }

    fn widget(&self, field: &Field, need: &Need) -> Widget {
        let line = |sort, mode, size, max| Widget::Line { sort, mode, size, max: field.max.unwrap_or(max) };
        match field.kind {
            FieldKind::Label if field.max.is_some_and(|max| max > LINE_MAX) => {
                Widget::Area { max: field.max.unwrap_or(0) }
            }
            FieldKind::Text | FieldKind::Label => line("text", "text", "", 200),
            FieldKind::LongText => Widget::Area { max: field.max.unwrap_or(20_000) },
            FieldKind::Matter => {
                let choices = self.ground.named.get(&field.id).cloned().unwrap_or_default();
                Widget::Select(vec![Batch { title: String::new(), choices }])
            }
            FieldKind::Matters => Widget::Area { max: 60_000 },
            FieldKind::Name => line("text", "text", "input-mid", 60),
            FieldKind::Address => line("text", "text", "", 200),
            FieldKind::Phone => Widget::Line { sort: "tel", mode: "tel", size: "input-mid", max: 20 },
            FieldKind::IdNumber | FieldKind::Uscc => {
                Widget::Line { sort: "text", mode: "text", size: "input-mid", max: 18 }
            }
            FieldKind::Code => {
                let choices = self.codes(field);
                match choices.len() {
                    0..=RADIOS_MAX => Widget::Radios(optional(choices, need)),
                    _ => Widget::Select(vec![Batch { title: String::new(), choices }]),
                }
            }
            FieldKind::Codes => Widget::Checks(self.codes(field)),
            FieldKind::Integer => Widget::Number { unit: field.unit.clone().unwrap_or_default() },
            FieldKind::Money => Widget::Money,
            FieldKind::Date => {
                let latest = if field.future { String::new() } else { self.ground.today.to_string() };
                Widget::Date { latest }
            }
            FieldKind::Boolean => {
                let yes_no = [("yes", "是"), ("no", "否")];
                let choice = |(value, title): (&str, &str)| Choice {
                    value: value.into(),
                    title: title.into(),
                    note: String::new(),
                };
                Widget::Radios(optional(yes_no.into_iter().map(choice).collect(), need))
            }
            FieldKind::Organ => Widget::Select(self.organs(field)),
            FieldKind::Organs => Widget::Many(self.partners(field)),
            FieldKind::Person => Widget::Select(self.persons()),
            FieldKind::Place => Widget::Select(self.places()),
            FieldKind::Power => Widget::Select(self.powers(&field.id)),
        }
    }

    /// A step that is taken again tells something new: last time's text and day do not stand in its form.
    fn is_said_anew(&self, field: &Field) -> bool {
        let Subject::Step(step) = self.ground.subject else { return false };
        let again = self.ground.state.is_some_and(|state| state.has_done(step.id.as_str()));
        again && !field.kind.personal() && (field.kind.sealed() || field.kind == FieldKind::Date)
    }

    /// Whether what the field says is the unit that has just sent the dispute back.
    fn has_sent_back(&self, field: &Field) -> bool {
        let known =
            self.ground.state.and_then(|state| Some((state.facts.get(&field.id)?, dispute::sent_back_by(state)?)));
        field.kind == FieldKind::Organ && known.is_some_and(|(fact, unit)| fact.text() == unit)
    }

    fn codes(&self, field: &Field) -> Vec<Choice> {
        let list = self.ground.procedure.list_of(field).map(|list| list.items.as_slice()).unwrap_or_default();
        let choice = |(code, title): &(zhunsheng_core::id::Code, String)| Choice {
            value: code.to_string(),
            title: title.clone(),
            note: String::new(),
        };
        let mut choices: Vec<Choice> = list.iter().map(choice).collect();
        if let Some(own) =
            self.own_codes(&field.id).filter(|own| choices.iter().any(|choice| own.contains(&choice.value)))
        {
            choices.retain(|choice| own.contains(&choice.value));
        }
        choices
    }

    /// What stands in a field before anybody types: what the matter already knows, else what is almost always meant.
    fn preset(&self, field: &Field, question: &mut Question) {
        if self.is_said_anew(field) || self.has_sent_back(field) {
            return;
        }
        let known = self.ground.state.and_then(|state| state.facts.get(&field.id));
        if let Some(fact) = known {
            question.values = fact_values(field, fact);
            return;
        }
        let label = format!("field.{}", field.id);
        let text = self.ground.texts.iter().rev().find(|text| text.label == label);
        if let Some(text) = text {
            match &text.open {
                Some((_, value)) if text.class == SealedClass::Text as i64 => question.values = vec![value.clone()],
                _ => {
                    question.need = Need::Optional;
                    "已经登记，不改的不用填".clone_into(&mut question.hint);
                }
            }
            return;
        }
        if let Some(suggested) = self.ground.suggested.get(&field.id) {
            question.values = Some(suggested.value.clone()).filter(|value| !value.is_empty()).into_iter().collect();
            if !suggested.hint.is_empty() {
                question.hint.clone_from(&suggested.hint);
            }
            return;
        }
        if self.follow(field, question) {
            return;
        }
        let own = self.own_organ().and_then(|code| self.ground.registry.organ(code.as_str()));
        let value = match (&question.widget, field.kind) {
            (Widget::Select(batches), FieldKind::Organ) if question.need == Need::Required => {
                self.likely_organ(field).filter(|code| offers(batches, code))
            }
            (Widget::Select(batches), FieldKind::Place) => {
                // The county itself is hardly ever where something happened.
                let place = own.and_then(|organ| self.ground.registry.place(organ.place.as_ref()?.as_str()));
                let place = place.filter(|place| place.level != "county").map(|place| place.code.to_string());
                place.filter(|code| offers(batches, code))
            }
            (_, FieldKind::Label) => self.competent(field),
            // One's organ leaves no choice.
            (Widget::Radios(choices), FieldKind::Code) if self.own_codes(&field.id).is_some() => {
                let mut meant = choices.iter().filter(|choice| !choice.value.is_empty());
                meant.next().filter(|_| meant.next().is_none()).map(|choice| choice.value.clone())
            }
            _ => None,
        };
        question.values = value.into_iter().collect();
    }

    /// What an earlier field says, to be checked and not typed again. Whether there was something.
    fn follow(&self, field: &Field, question: &mut Question) -> bool {
        let earlier = field.follows.as_ref().and_then(|earlier| self.ground.procedure.fields.get(earlier));
        let known = earlier.zip(self.ground.state).and_then(|(earlier, state)| {
            let fact = state.facts.get(&earlier.id)?;
            Some((earlier, fact))
        });
        let Some((earlier, fact)) = known else { return false };
        question.values = fact_values(earlier, fact);
        let said = format!("已照“{}”填好，请核对", earlier.title);
        question.hint = if question.hint.is_empty() { said } else { format!("{said}；{}", question.hint) };
        true
    }

    /// The town a place lies in, or 县级.
    pub(super) fn town_of<'p>(&self, place: &'p Place) -> &'p str
    where
        Self: 'p,
    {
        match place.level.as_str() {
            "county" => "县级",
            "town" => place.name.as_str(),
            _ => {
                let parent = place.parent.as_ref().and_then(|code| self.ground.registry.place(code.as_str()));
                parent.map_or("其他", |town| town.name.as_str())
            }
        }
    }

    /// Towns, each with its villages; somebody of a town sees their own first.
    fn places(&self) -> Vec<Batch> {
        let registry = self.ground.registry;
        let own =
            self.own_organ().and_then(|code| registry.organ(code.as_str())).and_then(|organ| organ.place.as_ref());
        let own_town = own.and_then(|code| registry.place(code.as_str())).map(|place| self.town_of(place).to_owned());
        let mut batches: Vec<Batch> = Vec::new();
        for place in registry.places() {
            let title = if place.level == "county" { "全县".to_owned() } else { self.town_of(place).to_owned() };
            let note = String::new();
            put(&mut batches, &title, Choice { value: place.code.to_string(), title: place.name.clone(), note });
        }
        batches.sort_by_key(|batch| (Some(&batch.title) != own_town.as_ref(), batch.title == "全县"));
        batches
    }

    /// People who can be meant: of one's own organ, and those listed in registers of the same part.
    fn persons(&self) -> Vec<Batch> {
        const REGISTER_MAX: usize = 300;
        let (registry, today) = (self.ground.registry, self.ground.today);
        if self.ground.procedure.shape == Shape::Register {
            let choice = |person: &zhunsheng_core::authority::Person| {
                let post = registry.posts_of(person.id, today).next();
                let note = post.map(|post| registry.organ_name(&post.organ).to_owned()).unwrap_or_default();
                let title = if note.is_empty() { person.name.clone() } else { format!("{}（{note}）", person.name) };
                Choice { value: person.id.to_string(), title, note: String::new() }
            };
            return vec![Batch { title: String::new(), choices: registry.people().map(choice).collect() }];
        }
        let organ = self.ground.state.map(|state| &state.organ).or(self.own_organ());
        let mut batches: Vec<Batch> = Vec::new();
        for organ in organ.into_iter().chain(self.own_organ()) {
            let title = registry.organ_name(organ).to_owned();
            if !batches.iter().any(|batch| batch.title == title) {
                batches.push(Batch { title, choices: self.people_in(organ, |_| true) });
            }
        }
        let part = self.ground.procedure.part;
        for register in
            self.ground.law.procedures().filter(|known| known.part == part && known.shape == Shape::Register)
        {
            let listed = |person: &&zhunsheng_core::authority::Person| {
                registry.credential(person.id, &register.id, None, today).is_ok()
            };
            let known = |id: &str| batches.iter().flat_map(|batch| &batch.choices).any(|choice| choice.value == id);
            let choices: Vec<Choice> = registry
                .people()
                .filter(listed)
                .map(|person| Choice { value: person.id.to_string(), title: person.name.clone(), note: String::new() })
                .filter(|choice| !known(&choice.value))
                .collect();
            if !choices.is_empty() && choices.len() <= REGISTER_MAX {
                batches.push(Batch { title: register.title.clone(), choices });
            }
        }
        batches
    }
}

/// An optional choice can be taken back without JavaScript.
fn optional(mut choices: Vec<Choice>, need: &Need) -> Vec<Choice> {
    if *need != Need::Required {
        choices.push(Choice { value: String::new(), title: "不填".to_owned(), note: String::new() });
    }
    choices
}

fn offers(batches: &[Batch], value: &str) -> bool {
    batches.iter().flat_map(|batch| &batch.choices).any(|choice| choice.value == value)
}

pub(super) fn put(batches: &mut Vec<Batch>, title: &str, choice: Choice) {
    match batches.iter_mut().find(|batch| batch.title == title) {
        Some(batch) => batch.choices.push(choice),
        None => batches.push(Batch { title: title.to_owned(), choices: vec![choice] }),
    }
}

/// A fact as it is typed.
pub(in crate::app) fn fact_values(field: &Field, fact: &Fact) -> Vec<String> {
    match fact {
        Fact::Int(fen) if field.kind == FieldKind::Money => vec![text::yuan(*fen)],
        Fact::Codes(codes) if field.kind == FieldKind::Matters => {
            vec![codes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")]
        }
        Fact::Codes(codes) => codes.iter().map(ToString::to_string).collect(),
        other => vec![other.text()],
    }
}
