//! A defect that was marked, said with what it was about: the record keeps its code, article and step, and the matter
//! knows the rest.
//!
//! Does not belong here: refusals, whose places were filled when they were said (`core/src/refusal.rs`).

use zhunsheng_core::authority::Registry;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::ClockRun;
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Flag, MatterState, StepDone, named_power};
use zhunsheng_core::procedure::{Performer, Procedure, Step};
use zhunsheng_core::refusal::engine;

use super::show;

/// What a defect is looked up in.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Sentences and titles.
    pub law: &'a Law,
    /// Working days, for last days.
    pub calendar: &'a Calendar,
    /// Names.
    pub registry: &'a Registry,
    /// The definition that the matter keeps.
    pub procedure: &'a Procedure,
    /// The matter as it stands.
    pub state: &'a MatterState,
}

/// The sentence of a defect.
#[must_use]
pub fn sentence(ground: &Ground<'_>, flag: &Flag) -> String {
    if flag.code.as_str() == engine::OVERDUE
        && let Some(sentence) = overdue(ground, flag)
    {
        return sentence;
    }
    if flag.code.as_str() == engine::ALIKE {
        // Which other one it was is not kept: it may be out of the reader's sight.
        return "同样的先已登记过一件；本件写明了理由，另行登记。".to_owned();
    }
    let step = flag.step.as_ref().and_then(|id| ground.procedure.step(id.as_str()));
    let done = flag.step.as_ref().and_then(|id| ground.state.done.iter().rev().find(|done| done.step == *id));
    let about = About { ground, step, done };
    let title = flag.step.as_ref().map(|id| show::step(ground.procedure, id)).unwrap_or_default();
    let (role, min, max) = about.role();
    let min = if role.is_empty() { about.officers_min() } else { min };
    let with = [
        ("step", title.as_str()),
        ("name", &about.name(flag)),
        ("who", &about.who()),
        ("organ", ground.registry.organ_name(&ground.state.organ)),
        ("day", &done.map(|done| done.day.chinese()).unwrap_or_else(|| "办理当日".to_owned())),
        ("earliest", "前一步骤的日期"),
        ("earlier", &about.earlier()),
        ("state", &about.state_before()),
        ("min", &min),
        ("max", &max),
        ("count", &done.map_or(0, |done| done.officers.len()).to_string()),
        ("role", if role.is_empty() { "当事人" } else { &role }),
        ("evidence", &about.missing_evidence()),
        ("field", &about.missing_fields()),
        ("number", &about.number()),
        ("act", "办理此项"),
        ("limit", "（当时算出的数额或者日期）"),
        ("stands", "（当时所填的日期或者数额）"),
        ("matched", "（当时核对出的文字）"),
        ("when", "已过期或者尚未生效"),
        ("post", "所任岗位"),
        ("matter", "事项"),
        ("code", "所填编号"),
        ("until", "尚未届满"),
        ("power", &about.power()),
        ("competent", "有权机关"),
        ("how", "委托、赋权"),
        ("domain", "本案"),
    ];
    ground.law.refusals.refuse(flag.code.as_str(), None, &with).sentence
}

/// Which limit, until when, and by how much; also where a late entry shows that it was met after all.
fn overdue(ground: &Ground<'_>, flag: &Flag) -> Option<String> {
    let meant = |run: &&ClockRun| {
        let stops = |step| ground.procedure.clock(run.clock.as_str()).is_some_and(|clock| clock.stops.contains(step));
        run.expired && Some(&run.basis) == flag.basis.as_ref() && flag.step.as_ref().is_none_or(stops)
    };
    let run = ground.state.clocks.iter().rev().find(meant)?;
    let due = run.due(ground.calendar).day()?;
    let title = ground.procedure.clock(run.clock.as_str()).map_or(run.clock.as_str(), |clock| clock.title.as_str());
    Some(match run.stopped {
        None => format!("“{title}”的期限{}届满，届满时没有办理。", due.chinese()),
        Some(met) if met > due => {
            let (due_text, late) = (due.chinese(), met.days_since(due));
            format!("“{title}”的期限{due_text}届满，实际{}办理，超过{late}天。", met.chinese())
        }
        Some(met) => {
            format!(
                "“{title}”的期限{}届满，届满时没有录入；事后录入的办理日期是{}，没有超期。",
                due.chinese(),
                met.chinese()
            )
        }
    })
}

/// The step at which it was marked, as defined and as done.
struct About<'a> {
    ground: &'a Ground<'a>,
    step: Option<&'a Step>,
    done: Option<&'a StepDone>,
}

impl About<'_> {
    /// The officers whose certificate is meant, else who decided.
    fn name(&self, flag: &Flag) -> String {
        let Some(done) = self.done else { return "办理人".to_owned() };
        let registry = self.ground.registry;
        let certificate = self.step.and_then(|step| step.officers.as_ref()).filter(|_| {
            [engine::CERTIFICATE_MISSING, engine::CERTIFICATE_EXPIRED, engine::CERTIFICATE_DOMAIN]
                .contains(&flag.code.as_str())
        });
        let Some(needed) = certificate else { return show::decider(registry, &done.decided_by) };
        let domain = needed.domain.as_ref().and_then(|field| self.ground.state.fact(field.as_str())?.code());
        let failing = done
            .officers
            .iter()
            .filter(|officer| registry.credential(**officer, &needed.credential, domain, done.day).is_err());
        let names: Vec<&str> = failing.map(|officer| registry.person_name(*officer)).collect();
        if names.is_empty() { "执法人员".to_owned() } else { names.join("、") }
    }

    fn who(&self) -> String {
        let kinds = self.step.map(|step| step.by.as_slice()).unwrap_or_default().iter().filter_map(|by| match by {
            Performer::Post(kind) => Some(self.ground.law.posts.title(kind)),
            Performer::Citizen | Performer::System => None,
        });
        or(kinds.collect(), "有权人员")
    }

    fn earlier(&self) -> String {
        let earlier = self.step.map(|step| step.not_by.as_slice()).unwrap_or_default().iter();
        or(
            earlier.filter_map(|not| Some(self.ground.procedure.step(not.step.as_str())?.title.as_str())).collect(),
            "前面的步骤",
        )
    }

    fn state_before(&self) -> String {
        let before = self.step.zip(self.done).and_then(|(step, done)| {
            let (_, state) = done.before.iter().find(|(track, _)| *track == step.track)?;
            Some(self.ground.procedure.state(step.track.as_str(), state.as_str())?.title.clone())
        });
        before.unwrap_or_else(|| "与该步骤不符的状态".to_owned())
    }

    /// The power that the step was taken under.
    fn power(&self) -> String {
        let named = self
            .step
            .and_then(|step| step.power.as_ref())
            .and_then(|needed| named_power(self.ground.state, &needed.field, self.ground.registry));
        named.map_or_else(|| "所填职权".to_owned(), |power| power.name.clone())
    }

    fn officers_min(&self) -> String {
        let min = self.step.and_then(|step| step.officers.as_ref()).map(|needed| needed.min.to_string());
        min.unwrap_or_else(|| "规定".to_owned())
    }

    /// The role of which there are too few or too many, with its limits.
    fn role(&self) -> (String, String, String) {
        let roles = self.step.map(|step| step.parties.as_slice()).unwrap_or_default().iter();
        let mut roles = roles.filter_map(|role| self.ground.procedure.role(role.as_str()));
        let wrong = roles.find(|role| {
            let count = self.ground.state.parties_in(&role.id).count();
            count < usize::from(role.min) || count > usize::from(role.max)
        });
        wrong.map(|role| (role.title.clone(), role.min.to_string(), role.max.to_string())).unwrap_or_default()
    }

    /// The number that the step's instrument was given elsewhere.
    fn number(&self) -> String {
        let kinds = self.step.map(|step| step.issues.as_slice()).unwrap_or_default();
        let issued = self.ground.state.instruments.iter().rev().find(|issued| {
            kinds.iter().any(|when| when.item == issued.kind) && self.done.is_some_and(|done| done.day == issued.day)
        });
        let number = issued.and_then(|issued| issued.number.as_ref());
        number.map_or_else(|| "所填文号".to_owned(), |number| number.text.clone())
    }

    fn missing_evidence(&self) -> String {
        let (asked, state) = (self.step.map(|step| step.evidence.as_slice()).unwrap_or_default(), self.ground.state);
        let missing = asked.iter().filter(|when| !state.evidence.iter().any(|known| known.kind == when.item));
        let title = |kind| self.ground.procedure.evidence.iter().find(|(known, _)| known == kind);
        or(missing.filter_map(|when| Some(title(&when.item)?.1.as_str())).collect(), "规定材料")
    }

    fn missing_fields(&self) -> String {
        let asked = self.step.map(|step| step.fill.as_slice()).unwrap_or_default();
        let missing = asked.iter().filter(|when| !self.ground.state.filled(&when.item));
        let title = |field| self.ground.procedure.fields.get(field).map(|field| field.title.as_str());
        or(missing.filter_map(|when| title(&when.item)).collect(), "必填内容")
    }
}

fn or(words: Vec<&str>, otherwise: &str) -> String {
    if words.is_empty() { otherwise.to_owned() } else { words.join("、") }
}

#[cfg(test)]
mod tests {
    use zhunsheng_core::clock::{Direction, Limit, LimitKind, Unit};
    use zhunsheng_core::day::Day;
    use zhunsheng_core::id::MatterId;
    use zhunsheng_core::matter::Event;

    use super::*;
    use crate::app::ruling::{Ruling, embedded};

    fn day(number: i64) -> Day {
        Day::from_number(number).unwrap()
    }

    /// A penalty case of 1 March 2024, opened and nothing more.
    fn case(procedure: &Procedure) -> MatterState {
        let opened = Event::Opened {
            procedure: procedure.id.clone(),
            definition: zhunsheng_core::id::Digest::of(b""),
            organ: "nyj".into(),
            place: None,
            parent: None,
            day: day(20_240_301),
        };
        MatterState::begin(MatterId(1), &opened).unwrap()
    }

    fn said(ruling: &Ruling, state: &MatterState, flag: &Flag) -> String {
        let procedure = ruling.law.newest("penalty").unwrap();
        let (law, calendar, registry) = (&ruling.law, &ruling.calendar, &Registry::default());
        sentence(&Ground { law, calendar, registry, procedure, state }, flag)
    }

    #[test]
    fn no_defect_shows_an_empty_place() {
        let ruling = Ruling::check(&embedded()).unwrap();
        let state = case(ruling.law.newest("penalty").unwrap());
        for entry in ruling.law.refusals.entries() {
            let sentence =
                said(&ruling, &state, &Flag { code: entry.code.clone(), basis: None, step: Some("decide".into()) });
            assert!(entry.code.as_str() == "field_invalid" || !sentence.contains('{'), "{sentence}");
        }
    }

    #[test]
    fn an_overdue_step_says_which_limit_until_when_and_by_how_much() {
        let ruling = Ruling::check(&embedded()).unwrap();
        let procedure = ruling.law.newest("penalty").unwrap();
        let clock = procedure.clock("decide_in_time").unwrap();
        let (direction, kind) = (Direction::Forward, LimitKind::Maximum);
        let limit = Limit { amount: 90, unit: Unit::Day, kind, direction, roll: None, start_counts: None };
        let run = ClockRun::new(clock.id.clone(), clock.basis.clone(), limit, day(20_240_301));
        let flag = Flag { code: engine::OVERDUE.into(), basis: Some(clock.basis.clone()), step: None };
        for (stopped, expected) in [
            (None, "期限2024年5月30日届满，届满时没有办理。"),
            (Some(20_240_531), "期限2024年5月30日届满，实际2024年5月31日办理，超过1天。"),
            (Some(20_240_530), "事后录入的办理日期是2024年5月30日，没有超期。"),
        ] {
            let mut state = case(procedure);
            state.apply(&Event::ClockStarted(run.clone()));
            state.apply(&Event::ClockExpired(clock.id.clone(), day(20_240_530)));
            if let Some(stopped) = stopped {
                state.apply(&Event::ClockStopped(clock.id.clone(), day(stopped)));
            }
            let sentence = said(&ruling, &state, &flag);
            assert!(sentence.contains(&clock.title) && sentence.ends_with(expected), "{sentence}");
        }
    }
}
