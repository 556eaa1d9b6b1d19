//! Whom the login page of the demonstration offers: persons who really hold the posts that the scenario names.
//!
//! Does not belong here: signing them in (the page).

use super::Fault;
use super::scenario::Persona;
use super::stage::{Holder, Stage};
use crate::store::{Tx, settings};

/// The setting that holds the persons: one line each, `title<TAB>person<TAB>post<TAB>what they can do`; a citizen has
/// neither person nor post.
pub const PERSONAS: &str = "demo.personas";

/// Writes the setting.
pub fn write(stage: &Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
    let mut lines = Vec::new();
    for persona in &stage.scenario.login.personas {
        if persona.post.is_empty() {
            lines.push(format!("{}\t\t\t{}", persona.title, persona.day));
        } else if let Some(holder) = holder(stage, persona) {
            lines.push(format!(
                "{} {}\t{}\t{}\t{}",
                persona.title, holder.name, holder.person, holder.post, persona.day
            ));
        }
    }
    settings::put(tx, &stage.desk.county, PERSONAS, &lines.join("\n"))?;
    Ok(())
}

fn holder(stage: &Stage, persona: &Persona) -> Option<Holder> {
    let first_village = stage.committees.iter().find(|c| c.level == "village" && c.place.name.ends_with('村'));
    let organ = match persona.organ.as_str() {
        "first_village" => first_village?.organ.as_str(),
        code => stage.scenario.organ_code(code),
    };
    let all = stage.staff.all(organ, &persona.post);
    let serves = |holder: &&Holder| {
        let register = "enforcement_certificate".into();
        stage.desk.registry.credential(holder.person, &register, None, stage.today()).is_ok()
    };
    let needs = persona.post == "enforcement_officer";
    match persona.certificate.as_deref() {
        Some("expired") => all.iter().find(|holder| !serves(holder)).cloned(),
        _ => all.iter().filter(|holder| !needs || serves(holder)).nth(persona.nth).cloned(),
    }
}
