//! 执法培训: who was there, for how many hours, and whose year is short.
//!
//! 人次 are sign-ins, 人数 are different people; both are told, neither stands for the other. Too few hours lead to a warning and a
//! proposal to the issuer: nothing here changes a certificate. Does not belong here: how many hours a year (`law/training.toml`).

use std::collections::BTreeMap;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{OrganCode, PersonId};
use zhunsheng_core::matter::{Actor, Fact, MatterState};

use super::act::Desk;
use super::completing::{Asked, Made};
use crate::store::{Query, StoreFault, Tx, few, record, reviews};

/// The procedure of a course.
pub const COURSE: &str = "enforcement_course";
/// The procedure of one person's attendance.
pub const ATTENDANCE: &str = "course_attendance";
/// The procedure of a proposal to the issuer of certificates.
pub const PROPOSAL: &str = "certificate_proposal";
/// The register of those who need training.
const CERTIFICATES: &str = "enforcement_certificate";

/// What the system works out for a step of a course, an attendance or a proposal.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    match (asked.procedure, asked.command.step.as_str(), asked.state) {
        (COURSE, "announce", None) => Ok(vec![("course_code", code(tx, desk)?)]),
        (COURSE, "close", Some(course)) => {
            let attended = reviews::with_fact(tx, &desk.county, ATTENDANCE, ("course", &course.id.to_string()))?;
            Ok(vec![("attended", attended.len().to_string())])
        }
        (ATTENDANCE, "sign_in", None) => sign_in(tx, desk, asked),
        (PROPOSAL, "propose", None) => proposal(tx, desk, asked),
        _ => Ok(Made::new()),
    }
}

/// Six digits that nobody can guess before they are shown.
fn code(tx: &Tx<'_>, desk: &Desk) -> Result<String, StoreFault> {
    let seq = record::next_seq(tx, &desk.county)?;
    let bytes = desk.entropy.bytes(seq, "course code", 0);
    let number = bytes.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    Ok(format!("{:06}", number % 1_000_000))
}

/// Who signs in is who acts; the course is the one whose code is shown today.
fn sign_in(q: &impl Query, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let person = match asked.actor {
        Actor::Staff { person, .. } => person.to_string(),
        Actor::Citizen | Actor::System | Actor::Founder => String::new(),
    };
    let courses = reviews::with_fact(q, &desk.county, COURSE, ("course_code", asked.typed("course_code")))?;
    let runs = |course: &&MatterState| {
        let day = |field: &str| course.fact(field).and_then(Fact::day);
        course.ended.is_none()
            && day("held_on").is_some_and(|first| first <= desk.today)
            && day("ends_on").is_some_and(|last| desk.today <= last)
    };
    let Some(course) = courses.iter().find(runs) else {
        let nothing = ["course", "course_title", "held_on", "hours"].map(|field| (field, String::new()));
        return Ok(std::iter::once(("person", person)).chain(nothing).collect());
    };
    Ok(vec![
        ("person", person),
        ("course", course.id.to_string()),
        ("course_title", course.said("course_title")),
        ("held_on", course.said("held_on")),
        ("hours", course.said("hours")),
    ])
}

fn proposal(q: &impl Query, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let (person, year) = (asked.typed("person"), asked.typed("proposal_year").parse().unwrap_or(0));
    let attended = reviews::with_fact(q, &desk.county, ATTENDANCE, ("person", person))?;
    let hours: i64 = attended.iter().filter(|one| counts(one, year)).map(hours_of).sum();
    let required = desk.ruling.law.training.as_ref().map_or(0, |training| training.hours);
    Ok(vec![("hours", hours.to_string()), ("required", required.to_string())])
}

/// Attendance of a year that was not failed.
fn counts(attendance: &MatterState, year: i16) -> bool {
    let in_year = attendance.day("held_on").is_some_and(|day| day.year() == year);
    in_year && attendance.said("course_result") != "failed"
}

fn hours_of(attendance: &MatterState) -> i64 {
    attendance.fact("hours").and_then(Fact::number).unwrap_or(0)
}

/// One who has to be trained, and what came of it in a year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trained {
    /// Who.
    pub person: PersonId,
    /// Their organ.
    pub organ: OrganCode,
    /// Hours of the year.
    pub hours: i64,
    /// Courses of the year.
    pub courses: usize,
}

/// A year of training.
#[derive(Clone, Debug, Default)]
pub struct Year {
    /// Everybody with a certificate, by organ and name.
    pub people: Vec<Trained>,
    /// Sign-ins of everybody, with or without certificate: 人次.
    pub attendances: usize,
    /// Different people among them: 人数.
    pub persons: usize,
}

/// A year, within the organs that somebody sees.
pub fn year(
    q: &impl Query,
    county: &str,
    registry: &Registry,
    (year, today): (i16, Day),
    sees: impl Fn(&str) -> bool,
) -> Result<Year, StoreFault> {
    let attended = few::all(q, county, ATTENDANCE)?;
    let mut by_person: BTreeMap<String, (i64, usize)> = BTreeMap::new();
    let mut attendances = 0;
    for one in attended.iter().filter(|one| sees(one.organ.as_str())) {
        let held = one.day("held_on").is_some_and(|day| day.year() == year);
        attendances += usize::from(held);
        if counts(one, year) {
            let entry = by_person.entry(one.said("person")).or_default();
            *entry = (entry.0 + hours_of(one), entry.1 + 1);
        } else if held {
            by_person.entry(one.said("person")).or_default();
        }
    }
    let certified = |person: PersonId| {
        registry.credentials_of(person).iter().any(|known| known.register.as_str() == CERTIFICATES)
            && registry.credential(person, &CERTIFICATES.into(), None, today).is_ok()
    };
    let mut people: Vec<Trained> = registry
        .people()
        .filter(|person| certified(person.id))
        .filter_map(|person| {
            let post = registry.posts_of(person.id, today).find(|post| sees(post.organ.as_str()))?;
            let (hours, courses) = by_person.get(&person.id.to_string()).copied().unwrap_or_default();
            Some(Trained { person: person.id, organ: post.organ.clone(), hours, courses })
        })
        .collect();
    let name = |person: PersonId| registry.person_name(person);
    people.sort_by(|a, b| a.organ.cmp(&b.organ).then_with(|| name(a.person).cmp(name(b.person))));
    Ok(Year { people, attendances, persons: by_person.len() })
}
