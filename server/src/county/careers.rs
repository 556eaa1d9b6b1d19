//! What happens to people in three years: certificates run out and are renewed, posts change hands, committees are elected
//! anew.
//!
//! Does not belong here: the registers of the first day (`registers.rs`).

use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::registers::{Term, composition, engage, keeper_of, someone_for};
use super::stage::{Agenda, Holder, Script, Stage, on, open};
use crate::store::Tx;

/// One thing that happens to people.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Errand {
    /// A certificate is renewed until this day.
    Renew { certificate: MatterId, until: Day },
    /// A post changes hands.
    Succeed { organ: String, kind: String, nth: usize },
    /// A committee is elected anew.
    Elect { committee: usize, matter: MatterId, from: Day },
}

/// All errands of the three years.
struct Errands {
    agenda: Agenda<Errand>,
    chance: Chance,
}

impl Script for Errands {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Errand::Renew { certificate, until }) => renew(stage, tx, certificate, until),
            Some(Errand::Succeed { organ, kind, nth }) => succeed(stage, tx, &mut self.chance, (&organ, &kind), nth),
            Some(Errand::Elect { committee, matter, from }) => elect(stage, tx, committee, matter, from),
            None => Ok(()),
        }
    }
}

/// Registers the certificates of the first day and plans what follows.
pub fn plan(stage: &mut Stage, tx: &mut Tx<'_>, terms: Vec<Term>) -> Result<Box<dyn Script>, Fault> {
    let mut chance = Chance::new(stage.scenario.scenario.seed, "careers", 0);
    let mut agenda = Agenda::default();
    certificates(stage, tx, &mut chance, &mut agenda)?;
    successions(stage, &mut chance, &mut agenda);
    for term in terms {
        let next = term.from.plus_months(12 * stage.scenario.county.committee_term_years);
        let held = stage.work_day(next.plus(-chance.between(6, 20)));
        agenda.add(held.min(next), Errand::Elect { committee: term.committee, matter: term.matter, from: next });
    }
    Ok(Box::new(Errands { agenda, chance }))
}

/// Fields in which an officer of an organ may enforce.
fn fields_of(stage: &Stage, organ: &str) -> Vec<String> {
    let scenario = &stage.scenario;
    let own = scenario.county.organs.iter().find(|known| known.code == organ).map(|known| known.fields.clone());
    let town = scenario.county.towns.iter().find(|town| format!("{}_team", town.code) == organ);
    own.or_else(|| {
        let fields = scenario.penalty.fields.iter();
        Some(
            fields
                .filter(|field| town.is_some_and(|town| town.entrusted_by.contains(&field.organ)))
                .map(|f| f.code.clone())
                .collect(),
        )
    })
    .unwrap_or_default()
}

fn certificates(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    chance: &mut Chance,
    agenda: &mut Agenda<Errand>,
) -> Result<(), Fault> {
    let scenario = Arc::clone(&stage.scenario);
    let plan = &scenario.certificate;
    let today = scenario.scenario.today;
    let posts = stage.staff.iter().filter(|(_, kind, _)| *kind == "enforcement_officer");
    let officers: Vec<(String, Vec<Holder>)> =
        posts.map(|(organ, _, holders)| (organ.to_owned(), holders.to_vec())).collect();
    let keeper = stage.staff.nth("justice", "supervisor", 0)?;
    let (mut seq, mut out_today) = (0, plan.expired_today);
    for (organ, holders) in officers {
        let fields = fields_of(stage, &organ);
        for (nth, holder) in holders.iter().enumerate() {
            seq += 1;
            let (from, until) = term_of_certificate(&scenario, chance);
            // The last officer of each field department, as far as there are enough, stands without one on the last day.
            let lapses =
                out_today > 0 && nth + 1 == holders.len() && scenario.penalty.fields.iter().any(|f| f.organ == organ);
            let until = if lapses { today.plus(-chance.between(5, 40)) } else { until };
            let input = Input::default()
                .with("person", holder.person.to_string())
                .with("holder_organ", organ.as_str())
                .with("number", plan.number.replace("{seq:06}", &format!("{seq:06}")))
                .with("domain", fields.join("|"))
                .with("staffing", if organ.ends_with("_team") { "institution" } else { "administrative" })
                .with("issuer", plan.issuer.as_str())
                .with("valid_from", from.to_string())
                .with("valid_until", until.to_string());
            let certificate = stage.act(tx, &keeper, open("enforcement_certificate", "register", input))?.matter;
            if lapses {
                out_today -= 1;
            } else if until <= today {
                let in_time = chance.happens(plan.renewed_in_time);
                let day = if in_time {
                    until.plus(-chance.between(8, 40))
                } else {
                    stage.later(chance, until, &plan.renewal_gap)
                };
                let next = until.plus_months(12 * plan.valid_years);
                agenda.add(stage.work_day(day), Errand::Renew { certificate, until: next });
            }
        }
    }
    Ok(())
}

fn term_of_certificate(scenario: &super::scenario::Scenario, chance: &mut Chance) -> (Day, Day) {
    let plan = &scenario.certificate;
    let from = plan.issued_from.plus(chance.between(0, plan.issued_to.days_since(plan.issued_from)));
    (from, from.plus_months(12 * plan.valid_years).plus(-1))
}

fn renew(stage: &mut Stage, tx: &mut Tx<'_>, certificate: MatterId, until: Day) -> Result<(), Fault> {
    let keeper = stage.staff.nth("justice", "supervisor", 0)?;
    stage
        .act(tx, &keeper, on(certificate, "renew", Input::default().with("valid_until", until.to_string())))
        .map(|_| ())
}

/// Posts that change hands, spread over the years.
fn successions(stage: &Stage, chance: &mut Chance, agenda: &mut Agenda<Errand>) {
    const KINDS: [&str; 5] = ["mediator", "drafter", "deputy_head", "organ_head", "justice_station_head"];
    // Those whom the login page offers keep their posts, so that it always finds them where it says.
    let offered = |organ: &str, kind: &str, nth: usize| {
        stage.scenario.login.personas.iter().any(|p| p.organ == organ && p.post == kind && p.nth == nth)
    };
    let mut posts: Vec<(String, String, usize)> = Vec::new();
    for (organ, kind, holders) in stage.staff.iter().filter(|(_, kind, _)| KINDS.contains(kind)) {
        // One post in a hundred committees is enough to be drawn; other kinds are few.
        posts.extend(
            (0..holders.len())
                .filter(|nth| !offered(organ, kind, *nth))
                .map(|nth| (organ.to_owned(), kind.to_owned(), nth)),
        );
    }
    chance.shuffle(&mut posts);
    let years = stage.scenario.scenario.years.clone();
    let mut posts = posts.into_iter();
    for (from, to) in years {
        for (organ, kind, nth) in posts.by_ref().take(stage.scenario.persons.successions_per_year) {
            let day = stage.work_day(from.plus(chance.between(20, to.days_since(from) - 20)));
            agenda.add(day, Errand::Succeed { organ, kind, nth });
        }
    }
}

fn succeed(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    chance: &mut Chance,
    (organ, kind): (&str, &str),
    nth: usize,
) -> Result<(), Fault> {
    let old = stage.staff.nth(organ, kind, nth)?;
    let someone = someone_for(stage, chance, kind, false);
    let today = stage.today();
    let successor = engage(stage, tx, &someone, organ, kind, today)?;
    // The open work goes over while the old holder still stands in the register.
    if let Ok(head) = stage.staff.nth(organ, "mediation_head", 0) {
        for matter in stage.responsible.remove(&old.person).unwrap_or_default() {
            let input = Input {
                assignee: Some(successor.person),
                reason: Some("承办人离任，移交继任者".to_owned()),
                ..Input::default()
            };
            stage.act(tx, &head, on(matter, "_reassign", input))?;
            stage.assign(successor.person, matter);
        }
    }
    let administrator = stage.administrator.clone();
    stage.act(tx, &administrator, on(old.post, "end", Input::default().with("valid_until", today.to_string())))?;
    stage.staff.succeed(organ, kind, nth, successor);
    Ok(())
}

fn elect(stage: &mut Stage, tx: &mut Tx<'_>, committee: usize, matter: MatterId, from: Day) -> Result<(), Fault> {
    let committees = Arc::clone(&stage.committees);
    let Some(committee) = committees.get(committee) else { return Ok(()) };
    let keeper = keeper_of(stage, committee)?;
    let chair = stage.staff.nth(&committee.organ, "mediation_head", 0)?;
    let members = stage.staff.all(&committee.organ, "mediator").len() + 1;
    stage.act(tx, &keeper, on(matter, "end", Input::default()))?;
    let input = composition(committee, &chair, members, from);
    stage.act(tx, &keeper, open("mediation_committee", "register", input)).map(|_| ())
}
