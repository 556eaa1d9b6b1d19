//! 行政检查: what the system works out when plans are drawn from and inspections are carried out: who is a candidate, how often an
//! enterprise was inspected this year, whether the right people stand in front of the right door.
//!
//! `draw` freezes, draws and assigns; `overview` is what pages show. Does not belong here: what is asked and refused
//! (law/procedures/enforcement/inspection*.toml), the draw itself (core `draw`).

pub mod draw;
pub mod overview;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, MatterId};
use zhunsheng_core::matter::{Actor, Command, Fact, MatterState, Matters};

use super::act::Desk;
use super::completing::{Asked, Made};
use crate::store::inspections::{self as store, Year};
use crate::store::{StoreFault, Tx, matters, record};

/// The procedure of an inspection.
pub const INSPECTION: &str = store::INSPECTION;
/// The register of what may be inspected.
pub const OBJECT: &str = store::OBJECT;
/// A draw.
pub const DRAW: &str = "inspection_draw";
/// The cases that begin on the spot.
pub const ON_THE_SPOT: &str = "penalty_on_the_spot";

/// What the system makes for a step today.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let Asked { procedure, state, actor, command, known } = *asked;
    let scene = Scene { tx, desk, asked, actor, command, known, state, day: asked.day(desk.today) };
    Ok(match (procedure, command.step.as_str()) {
        (OBJECT, "register") => scene.code_of_object(),
        (DRAW, "freeze") => draw::frozen(&scene)?,
        (DRAW, "draw") => draw::result(&scene)?,
        (INSPECTION, "register") => scene.registered()?,
        (INSPECTION, "approve") => scene.counted()?,
        (INSPECTION, "enter") => scene.entered()?,
        (INSPECTION, "to_case") => scene.source(),
        (ON_THE_SPOT, "to_ordinary") => scene.found_on_the_spot(),
        _ => Made::new(),
    })
}

/// A command with what is known around it.
pub(super) struct Scene<'a, 't> {
    tx: &'a Tx<'t>,
    desk: &'a Desk,
    asked: &'a Asked<'a>,
    actor: &'a Actor,
    command: &'a Command,
    known: &'a Matters,
    state: Option<&'a MatterState>,
    day: Day,
}

impl Scene<'_, '_> {
    fn typed(&self, field: &str) -> &str {
        let values = self.command.input.fields.get(&FieldId::from(field));
        values.and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// The matter that this one follows from.
    fn parent(&self) -> Option<&MatterState> {
        let parent = match &self.command.input.follows {
            Some((parent, _)) => Some(*parent),
            None => self.state.and_then(|state| state.parent),
        };
        self.known.get(&parent?)
    }

    fn code_of_object(&self) -> Made {
        vec![("credit_code", code(self.typed("uscc")))]
    }

    /// What is inspected is looked up by its code; if it was drawn, the draw says so, and by whom it is inspected.
    fn registered(&self) -> Result<Made, StoreFault> {
        let uscc = self.command.input.parties.first().map(|party| code(&party.uscc)).unwrap_or_default();
        if uscc.is_empty() {
            return Ok(Vec::new());
        }
        let object = find_object(self.tx, &self.desk.county, &uscc)?;
        let mut made = vec![("object_code", uscc.clone())];
        made.extend(object.map(|object| ("object", object.to_string())));
        let organ = self.organ();
        let drawn = object.zip(self.parent());
        let cap = match drawn.filter(|(_, parent)| parent.procedure.as_str() == DRAW) {
            Some((object, parent)) => {
                let inspectors = draw::inspectors_of(self.tx, self.desk, parent.id, object)?;
                if !inspectors.is_empty() {
                    let names: Vec<&str> =
                        inspectors.iter().map(|person| self.desk.registry.person_name(*person)).collect();
                    made.extend([("draw", parent.id.to_string()), ("drawn_officers", names.join("、"))]);
                }
                parent.fact("object_cap").and_then(Fact::number)
            }
            None => store::cap(self.tx, &self.desk.county, &organ, self.typed("domain"), Year::of(self.day))?,
        };
        made.extend(cap.map(|cap| ("object_cap", cap.to_string())));
        made.push(("times_this_year", (self.times(&organ, &uscc)? + 1).to_string()));
        Ok(made)
    }

    fn organ(&self) -> String {
        if let Some(state) = self.state {
            return state.organ.to_string();
        }
        draw::holder(self.desk, self.actor, self.command)
    }

    /// How often the organ has entered this year at what has this code.
    fn times(&self, organ: &str, code: &str) -> Result<i64, StoreFault> {
        store::entered(self.tx, &self.desk.county, organ, code, Year::of(self.day))
    }

    fn counted(&self) -> Result<Made, StoreFault> {
        let Some(state) = self.state else { return Ok(Vec::new()) };
        let code = state.text("object_code");
        if code.is_empty() {
            return Ok(Vec::new());
        }
        let mut made = vec![("times_this_year", (self.times(state.organ.as_str(), code)? + 1).to_string())];
        made.extend(state.fact("object_cap").and_then(Fact::number).map(|cap| ("object_cap", cap.to_string())));
        Ok(made)
    }

    /// At the door: is it the right one, and are these the people who were drawn?
    fn entered(&self) -> Result<Made, StoreFault> {
        let Some(state) = self.state else { return Ok(Vec::new()) };
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let mut made = self.counted()?;
        made.retain(|(field, _)| *field == "times_this_year");
        made.push(("entered_on", self.day.to_string()));
        let wanted = state.text("object_code");
        if !wanted.is_empty() {
            // The code on a licence may be an address that ends with it.
            made.push(("code_matches", yes(code(self.typed("entry_code")).contains(wanted))));
        }
        let object = MatterId::parse(state.text("object"));
        if let Some((draw, object)) = MatterId::parse(state.text("draw")).zip(object) {
            let drawn = draw::inspectors_of(self.tx, self.desk, draw, object)?;
            let present = self.asked.present();
            made.push(("officers_as_drawn", yes(!drawn.is_empty() && drawn.iter().all(|one| present.contains(one)))));
        }
        Ok(made)
    }

    /// What was found on the spot was found on the day it was entered.
    fn found_on_the_spot(&self) -> Made {
        let found = self.state.map(|state| state.opened.to_string()).unwrap_or_default();
        vec![("source", "daily_inspection".to_owned()), ("discovered_on", found)]
    }

    /// The source of a case, as the inspection itself came about.
    fn source(&self) -> Made {
        let task = self.state.map_or("", |state| state.text("task_source"));
        let source = match task {
            "random" | "daily" => "daily_inspection",
            "special" => "special_campaign",
            "complaint" => "complaint",
            "transferred" => "assigned_by_superior",
            _ => "other",
        };
        vec![("source", source.to_owned())]
    }
}

/// A code as it is compared: without blanks, in capitals.
fn code(typed: &str) -> String {
    zhunsheng_core::text::half_width(typed).trim().to_uppercase()
}

/// What is inspected, by its code; none if it is not in the register.
fn find_object(tx: &Tx<'_>, county: &str, uscc: &str) -> Result<Option<MatterId>, StoreFault> {
    if uscc.is_empty() {
        return Ok(None);
    }
    Ok(matters::find_alike(tx, county, &format!("{OBJECT}|{uscc}"))?.map(|(object, ..)| object))
}

/// A sealed text of a matter.
fn sealed_text(
    q: &impl crate::store::Query,
    county: &str,
    matter: MatterId,
    field: &str,
) -> Result<String, StoreFault> {
    let values = record::sealed_values(q, county, matter)?;
    Ok(record::opened(&values, &format!("field.{field}")).to_owned())
}
