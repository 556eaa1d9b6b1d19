//! Whom the login page of the demonstration offers, and what it suggests to try: persons who really hold the posts that
//! the scenario names, matters that were really played.
//!
//! Does not belong here: signing them in (the page).

use super::Fault;
use super::scenario::{Persona, TourStop};
use super::stage::{Holder, Stage};
use crate::app::persona::{PERSONAS, TOUR};
use crate::store::{Tx, settings};

/// Writes the settings: a line for each person, a line for each thing to try.
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
    let tour: Vec<String> = stage.scenario.login.tour.iter().filter_map(|stop| line_of(stage, stop)).collect();
    settings::put(tx, &stage.desk.county, TOUR, &tour.join("\n"))?;
    Ok(())
}

/// A thing to try; none if its person or its matter is not there.
fn line_of(stage: &Stage, stop: &TourStop) -> Option<String> {
    let path = match &stop.scene {
        Some(scene) => format!("/matters/{}{}", stage.scenes.get(scene)?, stop.path),
        None => stop.path.clone(),
    };
    let (title, post) = match &stop.persona {
        Some(title) => {
            let persona = stage.scenario.login.personas.iter().find(|persona| persona.title == *title)?;
            (title.as_str(), holder(stage, persona)?.post.to_string())
        }
        None => ("", String::new()),
    };
    Some(format!("{}\t{}\t{title}\t{post}\t{path}", stop.say, stop.find))
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
