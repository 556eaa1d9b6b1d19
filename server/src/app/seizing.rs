//! 查封、扣押: what the system works out when things are seized: how many there are, whether they are seized already, until when, and
//! whether people of an entrusted body were among those who did it.
//!
//! Does not belong here: what is asked and refused (law/procedures/enforcement/seizure.toml).

use zhunsheng_core::authority::{Delegation, DelegationKind};
use zhunsheng_core::clock::{ClockRun, Unit};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::OrganCode;
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::text;

use super::act::Desk;
use super::completing::{Asked, Made};
use crate::store::seizures;
use crate::store::{StoreFault, Tx};

/// Penalties that take things for good.
const CONFISCATING: [&str; 2] = ["confiscate_income", "confiscate_goods"];

/// The procedure.
pub const SEIZURE: &str = seizures::SEIZURE;

/// A line of the list of what is seized.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thing {
    /// What it is.
    pub name: String,
    /// By which it is known: a batch, a number, a plate; 无 where there is none.
    pub mark: String,
    /// How many.
    pub quantity: String,
}

impl Thing {
    /// Whether both lines mean the same thing; without a mark two lines are never the same.
    fn same(&self, other: &Self) -> bool {
        let mark = plain(&self.mark);
        !mark.is_empty() && mark != "无" && self.alike(other)
    }

    /// Whether both lines are of one sort: the same name, and the same mark or none.
    fn alike(&self, other: &Self) -> bool {
        plain(&self.mark) == plain(&other.mark) && plain(&self.name) == plain(&other.name)
    }

    /// How many, where the quantity begins with a number.
    fn many(&self) -> Option<i64> {
        let quantity = text::half_width(&self.quantity);
        let digits: String = quantity.trim().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }
}

fn plain(text: &str) -> String {
    text::half_width(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

/// Reads a list: 名称，规格或者编号，数量, each thing behind a semicolon. Empty if any line cannot be read.
#[must_use]
pub fn read_things(typed: &str) -> Vec<Thing> {
    let lines = typed.split([';', '；', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let thing = |line: &str| {
        let mut parts = line.split([',', '，']).map(str::trim).filter(|part| !part.is_empty());
        let (name, mark, quantity) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = parts.next().is_none();
        whole.then(|| Thing { name: name.to_owned(), mark: mark.to_owned(), quantity: quantity.to_owned() })
    };
    lines.map(thing).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// What the system works out for a step of a seizure.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let Some(state) = asked.state else { return Ok(Made::new()) };
    let day = asked.day(desk.today);
    Ok(match asked.command.step.as_str() {
        "request" => listed(tx, desk, asked, state)?,
        "seize" | "seize_urgent" => {
            let mut made = listed(tx, desk, asked, state)?;
            if asked.command.step.as_str() == "seize" {
                let approved = read_things(state.text("approved_things"));
                made.push(("beyond", beyond_of(&read_things(asked.typed("things")), &approved)));
            }
            made.push(("until", period(desk, state, day).map(|until| until.to_string()).unwrap_or_default()));
            let entrusted = by_entrusted(desk, asked, state, day);
            made.push(("by_entrusted", if entrusted { "yes" } else { "no" }.to_owned()));
            made
        }
        "confiscate" => confiscated(asked, state, day),
        "extend" => {
            let most = state.clock("period").and_then(|run| longest(desk, state, run));
            vec![("extend_most", most.map(|day| day.to_string()).unwrap_or_default())]
        }
        _ => Made::new(),
    })
}

fn listed(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Result<Made, StoreFault> {
    let typed = asked.typed("things");
    let things = read_things(if typed.is_empty() { state.text("things") } else { typed });
    let mut twice = Vec::new();
    for held in seizures::held(tx, &desk.county)?.iter().filter(|held| held.id != state.id) {
        let others = things_of(held);
        let again = things.iter().filter(|thing| others.iter().any(|other| other.same(thing)));
        let holder = desk.registry.organ_name(&held.organ);
        twice.extend(again.map(|thing| format!("{}（{}）：{holder}", thing.name, thing.mark)));
    }
    let mut made = vec![("thing_count", things.len().to_string()), ("twice", twice.join("；"))];
    if !things.is_empty() {
        // One to a line, as the decision and the list of things show them.
        let lines = things.iter().map(|thing| format!("{}，{}，{}", thing.name, thing.mark, thing.quantity));
        let lines = lines.collect::<Vec<_>>().join("；\n");
        if asked.command.step.as_str() == "request" {
            made.push(("approved_things", lines.clone()));
        }
        made.push(("things", lines));
    }
    Ok(made)
}

/// What is on the list at the door and was not on the one that was approved: another thing, or more of it. Where nothing was asked
/// for here, nobody knows.
fn beyond_of(seized: &[Thing], approved: &[Thing]) -> String {
    if approved.is_empty() {
        return String::new();
    }
    let many = |things: &[Thing], like: &Thing| {
        let alike = things.iter().filter(|thing| thing.alike(like));
        alike.map(|thing| thing.many()).sum::<Option<i64>>()
    };
    let covered = |thing: &Thing| {
        let there = approved.iter().any(|one| one.alike(thing));
        let exact = || approved.iter().any(|one| one.alike(thing) && one.quantity == thing.quantity);
        there && many(seized, thing).zip(many(approved, thing)).map_or_else(exact, |(taken, asked)| taken <= asked)
    };
    let beyond = seized.iter().filter(|thing| !covered(thing));
    beyond.map(|thing| format!("{}（{}）{}", thing.name, thing.mark, thing.quantity)).collect::<Vec<_>>().join("；")
}

/// Whether the case that the seizure belongs to has decided to confiscate by the day, by which decision, and when (行政强制法§27).
fn confiscated(asked: &Asked<'_>, state: &MatterState, day: Day) -> Made {
    let case = state.parent.and_then(|parent| asked.known.get(&parent));
    let decided = case.and_then(|case| case.last_done("decide_penalty"));
    let Some((case, decided)) = case.zip(decided) else {
        return vec![("case_confiscates", "no".to_owned()), ("case_decided_on", String::new())];
    };
    let takes = CONFISCATING.iter().any(|kind| case.has_code("kinds", kind));
    let stands = case.track("remedy").is_none_or(|now| now.as_str() != "revoked");
    let yes = takes && stands && decided.day <= day;
    let mut made = vec![
        ("case_confiscates", if yes { "yes" } else { "no" }.to_owned()),
        ("case_decided_on", decided.day.to_string()),
    ];
    let paper = case.instruments.iter().rev().find(|paper| paper.kind.as_str() == "penalty_decision");
    if let Some(number) = paper.and_then(|paper| paper.number.as_ref()).filter(|_| yes) {
        made.push(("decision_number", number.text.clone()));
    }
    made
}

/// The last day of the thirty, as the definition counts them.
fn period(desk: &Desk, state: &MatterState, day: Day) -> Option<Day> {
    let clock = desk.ruling.law.by_digest(&state.definition)?.clock("period")?;
    let run = ClockRun::new(clock.id.clone(), clock.basis.clone(), clock.limit.clone(), day);
    run.due(&desk.ruling.calendar).certain()
}

/// The last day that an extension may reach.
fn longest(desk: &Desk, state: &MatterState, run: &ClockRun) -> Option<Day> {
    let definition = desk.ruling.law.by_digest(&state.definition)?;
    let extends = definition.clock("period")?.extends.first()?;
    let due = run.due(&desk.ruling.calendar).certain()?;
    (extends.unit == Unit::Day).then(|| due.plus(i64::from(extends.amount)))
}

/// Whether somebody who was there serves in a body to which the organ has entrusted powers, and not in the organ itself (行政强制法§17.1):
/// the body that the case names, or any other.
fn by_entrusted(desk: &Desk, asked: &Asked<'_>, state: &MatterState, day: Day) -> bool {
    let named = OrganCode::from(state.text("entrusted_body"));
    let acts_for = |delegation: &Delegation| {
        delegation.kind == DelegationKind::Entrusted && delegation.by == state.organ && delegation.runs(day)
    };
    let entrusted = |organ: &OrganCode| *organ == named || desk.registry.powers().delegated_to(organ).any(acts_for);
    asked.present().into_iter().any(|person| {
        let serves = |is: &dyn Fn(&OrganCode) -> bool| desk.registry.posts_of(person, day).any(|post| is(&post.organ));
        !serves(&|organ| *organ == state.organ) && serves(&entrusted)
    })
}

/// A seizure with what it holds, for the pages of the case and of the seizure.
#[must_use]
pub fn things_of(state: &MatterState) -> Vec<Thing> {
    read_things(state.text("things"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_line_by_line_or_not_at_all() {
        let things = read_things("多菌灵，批号20240301，40袋；台秤,编号A17,1台");
        assert_eq!(things.len(), 2);
        assert_eq!(things[1].mark, "编号A17");
        for text in ["", "多菌灵四十袋", "多菌灵，40袋", "多菌灵，批号1，40袋，仓库；台秤，编号A17，1台"]
        {
            assert_eq!(read_things(text), Vec::new(), "{text}");
        }
    }

    #[test]
    fn what_was_not_asked_for_or_is_more_of_it_is_beyond() {
        let approved = read_things("多菌灵，批号 20240301，40袋；台秤，无，1台；账本，无，一册");
        let seized = |text: &str| beyond_of(&read_things(text), &approved);
        assert_eq!(seized("多菌灵，批号20240301，30袋；台秤，无，1台；账本，无，一册"), "");
        assert_eq!(seized("多菌灵，批号20240301，41袋"), "多菌灵（批号20240301）41袋");
        assert_eq!(seized("多菌灵，批号20240302，1袋"), "多菌灵（批号20240302）1袋");
        assert_eq!(seized("账本，无，二册"), "账本（无）二册", "no number: only the same words are the same");
        assert!(!seized("多菌灵，批号20240301，30袋；多菌灵，批号20240301，30袋").is_empty(), "two lines together");
    }

    #[test]
    fn the_same_thing_has_the_same_name_and_mark() {
        let thing = |text: &str| read_things(text).remove(0);
        assert!(thing("多菌灵，批号 20240301，40袋").same(&thing("多菌灵，批号20240301，5袋")));
        assert!(!thing("多菌灵，批号20240301，40袋").same(&thing("多菌灵，批号20240302，40袋")));
        assert!(!thing("杂物，无，1堆").same(&thing("杂物，无，1堆")), "without a mark nobody knows");
    }
}
