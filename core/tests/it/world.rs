//! A small world for tests of the engine: three people, two organs, a calendar year, a definition.

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Credential, Organ, Person, Post, Posts, Registry};
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::law::{self, Law};
use zhunsheng_core::matter::{
    Actor, Command, Context, Decision, EvidenceInput, Input, Manner, MatterState, Matters, PartyInput, SeriesKey,
    Supply, Target, decide,
};
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::refusal::Refusals;

pub const CLERK: MatterId = MatterId(1);
pub const REVIEWER: MatterId = MatterId(2);
pub const HEAD: MatterId = MatterId(3);
pub const OTHER: MatterId = MatterId(4);

const CALENDAR: &str = "year = 2024\nnotice = \"测试\"\n[[off]]\nname = \"国庆节\"\nfrom = \"2024-10-01\"\nto = \"2024-10-07\"\n[[work]]\nname = \"国庆节\"\ndays = [\"2024-09-29\", \"2024-10-12\"]\n";

/// The catalogue of the county with the test definition's own refusals.
fn refusals() -> String {
    let own = ["expert_open", "wait_running", "fee_over_cap"];
    let own: String = own
        .iter()
        .map(|code| format!("[[refusal]]\ncode = \"{code}\"\nsentence = \"{code}\"\nnext = \"等待\"\n"))
        .collect();
    format!("{}\n{own}", include_str!("../../../law/refusals.toml"))
}

pub fn law() -> Law {
    let posts: String = ["drafter", "legal_reviewer", "organ_head"]
        .iter()
        .map(|kind| format!("[[post]]\nkind = \"{kind}\"\ntitle = \"{kind}\"\n"))
        .collect();
    Posts::parse("posts.toml", &posts).unwrap();
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    // The small definitions exercise the engine and are no law: they are taken as adopted, not checked.
    let files = [
        file("refusals.toml", &refusals()),
        file("posts.toml", &posts),
        file("procedures/permit.toml", include_str!("definitions/permit.toml")),
        file("procedures/inquiry.toml", include_str!("definitions/inquiry.toml")),
        file("procedures/card.toml", include_str!("definitions/card.toml")),
    ];
    let loaded = law::load_adopted(&files, &[]);
    assert!(loaded.is_sound(), "{:?} {:?}", loaded.errors, loaded.findings);
    loaded.law
}

/// Somebody who holds a post of a kind in an organ since 2020.
pub fn appoint(registry: &mut Registry, id: MatterId, name: &str, (kind, organ): (&str, &str)) {
    registry.add_person(Person { id, name: name.to_owned() });
    registry.add_post(Post {
        id: MatterId(id.0 + 100),
        person: id,
        organ: organ.into(),
        kind: kind.into(),
        from: day("2020-01-01"),
        until: None,
    });
}

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    for code in ["bureau", "town"] {
        registry.add_organ(Organ {
            code: code.into(),
            name: code.to_owned(),
            short: "昌测".into(),
            kind: "department".into(),
            parent: None,
            place: None,
            functions: Vec::new(),
            uscc: None,
            telephone: None,
            until: None,
        });
    }
    let people = [
        (CLERK, "李办", "drafter", "bureau"),
        (REVIEWER, "王审", "legal_reviewer", "bureau"),
        (HEAD, "赵首", "organ_head", "bureau"),
        (OTHER, "钱镇", "drafter", "town"),
    ];
    for (id, name, kind, organ) in people {
        appoint(&mut registry, id, name, (kind, organ));
    }
    for (id, last) in [(REVIEWER, None), (HEAD, None), (CLERK, Some(day("2024-09-30")))] {
        registry.add_credential(
            id,
            Credential {
                id: MatterId(id.0 + 200),
                register: "card".into(),
                organ: None,
                number: format!("证{}", id.0),
                domains: Vec::new(),
                from: day("2020-01-01"),
                last_day: last,
                revoked: None,
            },
        );
    }
    registry
}

/// Ids count up; numbers are remembered from what was decided.
#[derive(Default)]
struct Counter {
    ids: u128,
    numbers: BTreeMap<SeriesKey, u32>,
}

impl Supply for Counter {
    fn fresh_id(&mut self) -> MatterId {
        self.ids += 1;
        MatterId(1_000 + self.ids)
    }
    fn last_number(&mut self, series: &SeriesKey) -> u32 {
        self.numbers.get(series).copied().unwrap_or(0)
    }
}

pub struct World {
    pub law: Law,
    pub calendar: Calendar,
    pub registry: Registry,
    pub matters: Matters,
    pub today: Day,
    supply: Counter,
}

impl World {
    pub fn new(today: &str) -> Self {
        let mut calendar = Calendar::default();
        calendar.load("2024.toml", CALENDAR).unwrap();
        Self {
            law: law(),
            calendar,
            registry: registry(),
            matters: Matters::new(),
            today: day(today),
            supply: Counter::default(),
        }
    }

    pub fn context(&self, person: MatterId) -> Context<'_> {
        Context {
            actor: Actor::Staff { person, post: MatterId(person.0 + 100) },
            today: self.today,
            now: Moment::on(self.today, 36_000),
            calendar: &self.calendar,
            registry: &self.registry,
        }
    }

    pub fn give(
        &mut self,
        person: MatterId,
        target: Target,
        step: &str,
        input: Input,
        manner: Manner,
    ) -> Result<Decision, Refusals> {
        let command = Command { target, step: step.into(), input, manner };
        let mut supply = std::mem::take(&mut self.supply);
        let result = decide(&self.law, &self.matters, &command, &self.context(person), &mut supply);
        self.supply = supply;
        if let Ok(decision) = &result {
            self.apply(decision);
        }
        result
    }

    pub fn apply(&mut self, decision: &Decision) {
        for (id, event) in &decision.events {
            if let Some(state) = MatterState::begin(*id, event) {
                self.matters.insert(*id, state);
            }
            let state = self.matters.get_mut(id).unwrap();
            state.apply(event);
            if let zhunsheng_core::matter::Event::Issued(kind, Some(number), _) = event {
                let key = SeriesKey { organ: number.organ.clone(), instrument: kind.clone(), year: number.year };
                self.supply.numbers.insert(key, number.n);
            }
        }
    }

    /// Files a permit as the clerk.
    pub fn file(&mut self, input: Input) -> Result<Decision, Refusals> {
        self.give(CLERK, Target::Open("permit".into()), "file", input, Manner::Live)
    }

    pub fn step(&mut self, person: MatterId, matter: MatterId, step: &str, input: Input) -> Result<Decision, Refusals> {
        self.give(person, Target::On(matter), step, input, Manner::Live)
    }

    pub fn state(&self, matter: MatterId) -> &MatterState {
        &self.matters[&matter]
    }

    /// A permit that has been filed.
    pub fn filed(&mut self) -> MatterId {
        self.file(whole()).unwrap().matter
    }

    /// A permit that has been examined by the reviewer and the head's certificate holder.
    pub fn examined(&mut self) -> MatterId {
        let id = self.filed();
        self.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap();
        id
    }
}

pub fn applicant() -> PartyInput {
    PartyInput {
        role: Some("applicant".into()),
        kind: Some(PartyKind::Natural),
        name: "孙堃".into(),
        phone: "13812345678".into(),
        ..PartyInput::default()
    }
}

pub fn whole() -> Input {
    let mut input = Input::default().with("secrecy", "none").with("subject", "well");
    input.parties.push(applicant());
    input
}

pub fn officers(ids: &[MatterId]) -> Input {
    Input { officers: ids.to_vec(), ..Input::default() }
}

pub fn map() -> EvidenceInput {
    EvidenceInput {
        kind: "map".into(),
        digest: Digest::of(b"map"),
        sm3: Digest::of(b"map"),
        bytes: 3,
        media: "image/png".into(),
        name: "图.png".into(),
    }
}

pub fn codes(refusals: &Refusals) -> Vec<&str> {
    refusals.iter().map(|refusal| refusal.code.as_str()).collect()
}
