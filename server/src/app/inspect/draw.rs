//! 双随机抽取 as it happens: the lists are frozen as one entry, the root of the record after that entry is the seed, the result is the
//! next entry, and each object that was drawn is assigned as an inspection. All in one transaction, with nobody in between.
//!
//! Does not belong here: how a seed becomes a result (core `draw`).

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::authority::Registry;
use zhunsheng_core::draw::{self, ALGORITHM};
use zhunsheng_core::id::{Digest, MatterId, OrganCode, PersonId};
use zhunsheng_core::matter::{Actor, Command, Fact, Input, Manner, MatterState, PartyInput, Target};
use zhunsheng_core::procedure::PartyKind;

use super::{DRAW, INSPECTION, Made, Scene, sealed_text};
use crate::app::act::{ActError, Desk};
use crate::store::inspections::{self as store, Year};
use crate::store::{Query, StoreFault, Tx, matters, record};

/// The post whose holders inspect.
pub const INSPECTOR: &str = "enforcement_officer";
/// The register of their certificates.
const CERTIFICATE: &str = "enforcement_certificate";
/// Inspectors of one object.
const EACH: usize = 2;
/// Objects drawn at once.
const WANTED_MAX: i64 = 500;

/// The organ that holds what a command opens: that of the actor, or the one that its team is part of.
pub(super) fn holder(desk: &Desk, actor: &Actor, command: &Command) -> String {
    let Actor::Staff { post, .. } = actor else { return String::new() };
    let Some(post) = desk.registry.post(*post) else { return String::new() };
    let never: Vec<&str> = match &command.target {
        Target::Open(procedure) => desk.ruling.law.newest(procedure.as_str()).map_or_else(Vec::new, |procedure| {
            procedure.never_held_by.iter().map(zhunsheng_core::id::Code::as_str).collect()
        }),
        Target::On(_) => Vec::new(),
    };
    let organ = desk.registry.organ(post.organ.as_str());
    let team = organ.filter(|organ| never.contains(&organ.kind.as_str()));
    team.and_then(|team| team.parent.clone()).unwrap_or_else(|| post.organ.clone()).to_string()
}

/// Who can be drawn at this moment: what the register lists for the field of law and the organ and is not inspected up to its cap,
/// and who of the organ or its teams holds a certificate that serves today.
pub(super) fn frozen(scene: &Scene<'_, '_>) -> Result<Made, StoreFault> {
    let Some(plan) = scene.parent() else { return Ok(Vec::new()) };
    let (organ, domain) = (plan.organ.clone(), plan.text("domain").to_owned());
    let cap = plan.fact("object_cap").and_then(Fact::number).unwrap_or(i64::MAX);
    let county = scene.desk.county.as_str();
    let counts = store::scheduled(scene.tx, county, organ.as_str(), Year::of(scene.day))?;
    let may = store::objects(scene.tx, county)?;
    let may = may.iter().filter(|object| is_candidate(object, &organ, &domain));
    let (full, free): (Vec<&MatterState>, Vec<&MatterState>) =
        may.partition(|object| counts.get(&object.id.to_string()).is_some_and(|times| *times >= cap));
    let inspectors = inspectors(&scene.desk.registry, &organ, &domain, scene.day);
    let share = plan.fact("proportion").and_then(Fact::number).unwrap_or(100);
    let free_count = i64::try_from(free.len()).unwrap_or(i64::MAX);
    let wanted = (free_count.saturating_mul(share) + 99) / 100;
    let mut made = vec![
        ("candidates", lines(free.iter().map(|object| object.id))),
        ("inspectors", lines(inspectors.keys().copied())),
        ("candidates_count", free.len().to_string()),
        ("inspectors_count", inspectors.len().to_string()),
        ("left_out_count", full.len().to_string()),
    ];
    if scene.typed("wanted").is_empty() {
        made.push(("wanted", wanted.clamp(1, WANTED_MAX).to_string()));
    }
    Ok(made)
}

fn lines(ids: impl Iterator<Item = MatterId>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join("\n")
}

fn is_candidate(object: &MatterState, organ: &OrganCode, domain: &str) -> bool {
    (object.organ == *organ || object.has_code("organs", organ.as_str())) && object.has_code("domain", domain)
}

/// Certificates that serve, with their holders.
fn inspectors(
    registry: &Registry,
    organ: &OrganCode,
    domain: &str,
    day: zhunsheng_core::day::Day,
) -> BTreeMap<MatterId, PersonId> {
    let posts = registry.with_below(organ).flat_map(|organ| registry.posts_in(&organ.code, day));
    let people = posts.filter(|post| post.kind.as_str() == INSPECTOR).map(|post| post.person);
    let serving =
        |person| registry.credential(person, &CERTIFICATE.into(), Some(domain), day).ok().map(|held| (held.id, person));
    people.filter_map(serving).collect()
}

/// The seed is the root of the record right after the lists were frozen, and nothing else: no entry stands in between.
pub(super) fn result(scene: &Scene<'_, '_>) -> Result<Made, StoreFault> {
    let Some(state) = scene.state.filter(|state| state.procedure.as_str() == DRAW) else { return Ok(Vec::new()) };
    let county = scene.desk.county.as_str();
    let Some((size, root)) = record::find_head(scene.tx, county)? else { return Ok(Vec::new()) };
    let frozen_last = store::last_step(scene.tx, county, size - 1)?;
    let seed = Digest::from_bytes(&root.sha256);
    let Some(seed) = seed.filter(|_| frozen_last == Some((state.id, "freeze".to_owned()))) else {
        return Ok(Vec::new());
    };
    let pairs = work_out(scene.tx, county, state, &seed)?;
    Ok(vec![
        ("algorithm", ALGORITHM.to_owned()),
        ("record_size", size.to_string()),
        ("seed", seed.to_string()),
        ("result", written(&pairs)),
        ("drawn_count", pairs.len().to_string()),
    ])
}

/// Objects with their inspectors.
pub type Pairs = Vec<(MatterId, Vec<MatterId>)>;

/// What a seed draws from the lists that a draw froze. Also how anybody checks it.
pub fn work_out(q: &impl Query, county: &str, draw: &MatterState, seed: &Digest) -> Result<Pairs, StoreFault> {
    let list = |field: &str| Ok::<_, StoreFault>(ids(&sealed_text(q, county, draw.id, field)?));
    let wanted = draw.fact("wanted").and_then(Fact::number).and_then(|wanted| usize::try_from(wanted).ok());
    Ok(draw::paired(seed, &list("candidates")?, &list("inspectors")?, wanted.unwrap_or(0), EACH))
}

fn ids(text: &str) -> Vec<MatterId> {
    text.split_whitespace().filter_map(MatterId::parse).collect()
}

/// One object a line, its inspectors' certificates behind it.
fn written(pairs: &[(MatterId, Vec<MatterId>)]) -> String {
    let line = |(object, inspectors): &(MatterId, Vec<MatterId>)| {
        std::iter::once(object).chain(inspectors).map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    pairs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The result of a draw, as it was recorded.
pub fn recorded(q: &impl Query, county: &str, draw: MatterId) -> Result<Pairs, StoreFault> {
    let text = sealed_text(q, county, draw, "result")?;
    let pair = |line: &str| ids(line).split_first().map(|(object, inspectors)| (*object, inspectors.to_vec()));
    Ok(text.lines().filter_map(pair).collect())
}

/// Who was drawn to inspect an object; nobody if it was not drawn.
pub(super) fn inspectors_of(
    tx: &Tx<'_>,
    desk: &Desk,
    draw: MatterId,
    object: MatterId,
) -> Result<Vec<PersonId>, StoreFault> {
    let pairs = recorded(tx, &desk.county, draw)?;
    let drawn: BTreeSet<MatterId> =
        pairs.into_iter().filter(|(known, _)| *known == object).flat_map(|(_, two)| two).collect();
    Ok(holders(&desk.registry, &drawn))
}

/// The holders of certificates, in the order of their registration.
pub fn holders(registry: &Registry, certificates: &BTreeSet<MatterId>) -> Vec<PersonId> {
    let held = |person: &PersonId| registry.credentials_of(*person).iter().any(|held| certificates.contains(&held.id));
    registry.people().map(|person| person.id).filter(held).collect()
}

/// After the lists were frozen the draw follows at once.
pub(in crate::app) fn follow(
    desk: &mut Desk,
    tx: &mut Tx<'_>,
    actor: &Actor,
    matter: MatterId,
    command: &Command,
) -> Result<(), ActError> {
    if !matches!(&command.target, Target::Open(procedure) if procedure.as_str() == DRAW) {
        return Ok(());
    }
    let target = Target::On(matter);
    let command = Command { target, step: "draw".into(), input: Input::default(), manner: Manner::Live };
    desk.perform(tx, actor.clone(), &command).map(|_| ())
}

/// Assigns what was drawn, each as an inspection. One that the law refuses (its entry in the register lacks something) is shown with
/// the draw as not assigned: the draw stands, or whoever dislikes a result could make it fail.
pub(in crate::app) fn assign(
    desk: &mut Desk,
    tx: &mut Tx<'_>,
    actor: &Actor,
    draw: &MatterState,
    shared: Input,
) -> Result<(), ActError> {
    for (object, _) in recorded(tx, &desk.county, draw.id)? {
        let Some(state) = matters::find_state(tx, &desk.county, object)? else { continue };
        let mut input =
            shared.clone().with("secrecy", "none").with("task_source", "random").with("place", state.said("place"));
        input.parties.push(party(tx, &desk.county, &state)?);
        let target = Target::Open(INSPECTION.into());
        let command = Command { target, step: "register".into(), input, manner: Manner::Live };
        if let Err(refusals) = desk.attempt(tx, actor.clone(), &command)? {
            tracing::warn!(draw = %draw.id, %object, refused = refusals.codes(), "a drawn object is not assigned");
        }
    }
    Ok(())
}

/// What is inspected, as the party of its inspection.
fn party(q: &impl Query, county: &str, object: &MatterState) -> Result<PartyInput, StoreFault> {
    let values = record::sealed_values(q, county, object.id)?;
    let sealed = |field: &str| record::opened(&values, &format!("field.{field}")).to_owned();
    Ok(PartyInput {
        role: Some("object".into()),
        kind: PartyKind::parse(object.text("object_kind")),
        name: object.said("name"),
        address: sealed("address"),
        uscc: sealed("uscc"),
        representative: sealed("representative"),
        ..PartyInput::default()
    })
}
