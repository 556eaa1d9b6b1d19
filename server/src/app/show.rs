//! How stored values read on pages, prints and exports: codes become titles, identities become names.

use zhunsheng_core::authority::Registry;
use zhunsheng_core::basis::{Basis, Grade};
use zhunsheng_core::day::Moment;
use zhunsheng_core::id::{MatterId, StepId};
use zhunsheng_core::matter::{Decider, Fact};
use zhunsheng_core::procedure::{Field, FieldKind, Generic, Procedure};
use zhunsheng_core::text;

use super::administration;

/// A fact as an official reads it.
#[must_use]
pub fn fact(procedure: &Procedure, field: &Field, fact: &Fact, registry: &Registry) -> String {
    let title = |code: &str| match field.kind {
        FieldKind::Organ | FieldKind::Organs => {
            registry.organ(code).map_or(code.to_owned(), |organ| organ.name.clone())
        }
        FieldKind::Place => place(registry, code),
        _ => procedure.list_of(field).and_then(|list| list.title(code)).unwrap_or(code).to_owned(),
    };
    match fact {
        Fact::Int(fen) if field.kind == FieldKind::Money => format!("{}元", text::yuan(*fen)),
        Fact::Int(number) => format!("{number}{}", field.unit.as_deref().unwrap_or_default()),
        Fact::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Fact::Day(day) => day.chinese(),
        Fact::Code(code) => title(code.as_str()),
        Fact::Codes(codes) => codes.iter().map(|code| title(code.as_str())).collect::<Vec<_>>().join("、"),
        Fact::Text(text) => text.clone(),
        Fact::Matter(id) if field.kind == FieldKind::Power => power(registry, *id),
        Fact::Matter(id) if field.kind == FieldKind::Matter => id.to_string(),
        Fact::Matter(id) => person(registry, *id),
    }
}

fn power(registry: &Registry, id: MatterId) -> String {
    registry.powers().get(id).map_or_else(|| "（已作废）".to_owned(), |power| power.name.clone())
}

/// A place with the town it lies in.
#[must_use]
pub fn place(registry: &Registry, code: &str) -> String {
    let Some(place) = registry.place(code) else { return code.to_owned() };
    let parent = place.parent.as_ref().and_then(|code| registry.place(code.as_str()));
    match parent.filter(|parent| parent.level == "town") {
        Some(town) => format!("{}{}", town.name, place.name),
        None => place.name.clone(),
    }
}

fn person(registry: &Registry, id: MatterId) -> String {
    registry.person(id).map_or_else(|| "（已注销）".to_owned(), |person| person.name.clone())
}

/// A citation with its grade; 制度 and 内控 say their grade themselves.
#[must_use]
pub fn cite(basis: &Basis) -> String {
    match basis.grade {
        Grade::Statutory => format!("{basis} · {}", basis.grade.chinese()),
        Grade::Local | Grade::Internal => basis.to_string(),
    }
}

/// A moment in the county, to the minute.
#[must_use]
pub fn moment(moment: Moment) -> String {
    let (hour, minute, _) = moment.time();
    format!("{} {hour:02}:{minute:02}", moment.day().chinese())
}

/// Who decided.
#[must_use]
pub fn decider(registry: &Registry, decider: &Decider) -> String {
    match decider {
        Decider::Person(id) => person(registry, *id),
        Decider::Meeting(name) => name.clone(),
        Decider::Citizen => "群众（网上）".to_owned(),
        Decider::System => "系统".to_owned(),
    }
}

/// A step's title; also of the acts that every procedure inherits and of those that the system records.
#[must_use]
pub fn step(procedure: &Procedure, step: &StepId) -> String {
    if let Some(generic) = Generic::of(step) {
        return generic.chinese().to_owned();
    }
    if let Some(title) = administration::title(step.as_str()) {
        return title.to_owned();
    }
    match step.as_str() {
        "_reveal" => "查看完整信息".to_owned(),
        "_expire" => "期限届满".to_owned(),
        "_found" | "_found_demonstration" => "建县登记".to_owned(),
        "_adopt_law" => "采用法规".to_owned(),
        "_linked" => "关联事项有了结果".to_owned(),
        known => procedure.step(known).map_or_else(|| known.to_owned(), |step| step.title.clone()),
    }
}
