//! What has been published after 公开审查 and is still in force: exactly the public fields of the disclosure's
//! definition, natural persons masked. A withdrawn or ended publication does not exist.

use zhunsheng_core::basis::Basis;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{DisclosureRun, Fact, MatterState};
use zhunsheng_core::procedure::{Disclosure, Field, FieldKind, PartyKind, Procedure};
use zhunsheng_core::text;

use super::county::County;
use super::fault::Fault;
use crate::store::record::StoredSealed;
use crate::store::{Query, matters, record};

/// One publication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publication {
    /// The matter.
    pub matter: MatterId,
    /// Its place in lists.
    pub num: i64,
    /// What it is about.
    pub title: String,
    /// The organ that decided.
    pub organ: String,
    /// The number of the instrument.
    pub number: Option<String>,
    /// The day on the instrument, else that on which it became due to publish it.
    pub decided: Day,
    /// Whom it concerns, masked.
    pub parties: Vec<(String, String)>,
    /// Label and value of each public field.
    pub lines: Vec<(String, String)>,
    /// The basis of the publication.
    pub basis: Basis,
    /// Published on.
    pub made: Day,
    /// The last day on which it is shown.
    pub until: Option<Day>,
}

impl Publication {
    /// From where a list goes on behind it.
    #[must_use]
    pub fn place(&self) -> (i64, i64) {
        (self.made.number(), self.num)
    }
}

/// Publications of a kind (empty: of any) of a procedure, the last published first.
pub fn list(
    q: &impl Query,
    code: &str,
    county: &County,
    what: (&str, &str),
    today: Day,
    before: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<Publication>, Fault> {
    let shown = matters::list_disclosed(q, code, what, today.number(), before, limit)?;
    let mut publications = Vec::new();
    for line in shown {
        if let Some(state) = matters::find_state(q, code, line.matter)? {
            let run = state.disclosures.iter().find(|run| run.disclosure.as_str() == line.disclosure);
            if let Some(run) = run.filter(|run| in_force(run, today)) {
                publications.extend(of(q, code, county, &state, line.num, run)?);
            }
        }
    }
    Ok(publications)
}

/// The publication of a matter, if there is one in force today.
pub fn find(
    q: &impl Query,
    code: &str,
    county: &County,
    what: (&str, &str),
    id: MatterId,
    today: Day,
) -> Result<Option<Publication>, Fault> {
    let Some((state, run)) = in_force_of(q, code, what, id, today)? else { return Ok(None) };
    let num = matters::find_num(q, code, id)?.unwrap_or(0);
    of(q, code, county, &state, num, &run)
}

/// A matter of a procedure with its publication, if one is in force today.
pub(super) fn in_force_of(
    q: &impl Query,
    code: &str,
    (procedure, disclosure): (&str, &str),
    id: MatterId,
    today: Day,
) -> Result<Option<(MatterState, DisclosureRun)>, Fault> {
    let Some(state) = matters::find_state(q, code, id)? else { return Ok(None) };
    if state.procedure.as_str() != procedure || state.closed || state.is_work_secret() {
        return Ok(None);
    }
    let meant = |run: &&DisclosureRun| disclosure.is_empty() || run.disclosure.as_str() == disclosure;
    let run = state.disclosures.iter().filter(meant).find(|run| in_force(run, today)).cloned();
    Ok(run.map(|run| (state, run)))
}

/// Whether a publication is to be seen on a day: for lists, single pages and search the same.
fn in_force(run: &DisclosureRun, today: Day) -> bool {
    run.made.is_some_and(|made| made <= today)
        && run.withdrawn.is_none()
        && run.until.is_none_or(|until| today <= until)
}

fn of(
    q: &impl Query,
    code: &str,
    county: &County,
    state: &MatterState,
    num: i64,
    run: &DisclosureRun,
) -> Result<Option<Publication>, Fault> {
    let (ruling, registry) = (county.ruling(), county.registry());
    let Some(definition) = ruling.law.by_digest(&state.definition) else { return Ok(None) };
    let (Some(made), Some(rule)) = (run.made, definition.disclosure(run.disclosure.as_str())) else { return Ok(None) };
    let names = Names::load(q, code, state)?;
    let issued =
        rule.instrument.as_ref().and_then(|kind| state.instruments.iter().rev().find(|issued| issued.kind == *kind));
    Ok(Some(Publication {
        matter: state.id,
        num,
        title: subject(definition, state, &names),
        organ: registry.organ_name(&state.organ).to_owned(),
        number: issued.and_then(|issued| Some(issued.number.as_ref()?.text.clone())),
        decided: issued.map_or(run.owed.min(made), |issued| issued.day),
        parties: parties(definition, rule, state, &names),
        lines: lines(definition, rule, state, &names).into_iter().chain(contested(definition, state)).collect(),
        basis: rule.basis.clone(),
        made,
        until: run.until,
    }))
}

/// What came of reconsideration or a suit, where the decision that is shown stands with it: changed, or found unlawful.
fn contested(definition: &Procedure, state: &MatterState) -> Option<(String, String)> {
    let track = definition.track("remedy")?;
    // That it is unlawful stays true when periods run out or an appeal is dismissed.
    let unlawful = state.done.iter().any(|done| done.step.as_str() == "remedy_unlawful" && !done.withdrawn);
    let shown = match state.track("remedy")?.as_str() {
        "revoked" => return None,
        now @ "changed" => now,
        _ if unlawful => "unlawful",
        now @ ("upheld" | "unlawful") => now,
        _ => return None,
    };
    let shown = track.states.iter().find(|known| known.id.as_str() == shown)?;
    Some(("复议、诉讼结果".to_owned(), shown.title.clone()))
}

/// The parties' names and what stands for them in public.
pub(super) struct Names(Vec<(u16, PartyKind, String)>);

impl Names {
    fn load(q: &impl Query, code: &str, state: &MatterState) -> Result<Self, Fault> {
        Ok(Self::among(&record::sealed_values(q, code, state.id)?, state))
    }

    /// Those among the sealed values of a matter.
    pub(super) fn among(values: &[StoredSealed], state: &MatterState) -> Self {
        let name = |ordinal: u16| record::find_open(values, &format!("party.{ordinal}.name")).map(str::to_owned);
        let known = state.parties.iter().filter_map(|party| Some((party.ordinal, party.kind, name(party.ordinal)?)));
        Self(known.collect())
    }

    fn public(&self, ordinal: u16) -> Option<String> {
        let (_, kind, name) = self.0.iter().find(|(known, ..)| *known == ordinal)?;
        Some(if *kind == PartyKind::Natural { mask_person(name) } else { name.clone() })
    }

    /// A text in which natural persons are masked wherever they are named, and what numbers of identity and telephones stand in it.
    pub(super) fn masked(&self, text: &str) -> String {
        let natural = self.0.iter().filter(|(_, kind, name)| *kind == PartyKind::Natural && name.chars().count() > 1);
        let named = natural.fold(text.to_owned(), |text, (_, _, name)| text.replace(name.as_str(), &mask_person(name)));
        text::mask_numbers(&named)
    }
}

/// The family name and two 某, whatever the length: a long name must not show (行政处罚法§48, 个人信息保护法§51).
fn mask_person(name: &str) -> String {
    format!("{}某某", text::family_name(name))
}

fn subject(definition: &Procedure, state: &MatterState, names: &Names) -> String {
    let texts: Vec<String> = definition
        .title_from
        .iter()
        .filter_map(|id| definition.fields.get(id).filter(|field| field.public))
        .filter_map(|field| value(definition, field, state))
        .collect();
    if texts.is_empty() { definition.title.clone() } else { names.masked(&texts.join(" ")) }
}

fn parties(definition: &Procedure, rule: &Disclosure, state: &MatterState, names: &Names) -> Vec<(String, String)> {
    let one = |role: &zhunsheng_core::id::RoleId| {
        let title = definition.role(role.as_str())?.title.clone();
        let all: Vec<String> = state.parties_in(role).filter_map(|party| names.public(party.ordinal)).collect();
        (!all.is_empty()).then(|| (title, all.join("、")))
    };
    rule.parties.iter().filter_map(one).collect()
}

fn lines(definition: &Procedure, rule: &Disclosure, state: &MatterState, names: &Names) -> Vec<(String, String)> {
    let public = rule
        .fields
        .iter()
        .filter_map(|id| definition.fields.get(id))
        .filter(|field| field.public && !field.kind.sealed());
    public.filter_map(|field| Some((field.title.clone(), names.masked(&value(definition, field, state)?)))).collect()
}

/// A fact as people read it.
#[must_use]
pub fn value(definition: &Procedure, field: &Field, state: &MatterState) -> Option<String> {
    let fact = state.fact(field.id.as_str())?;
    let listed = |code: &str| definition.list_of(field).and_then(|list| list.title(code)).unwrap_or(code).to_owned();
    Some(match fact {
        Fact::Int(fen) if field.kind == FieldKind::Money => format!("{}元", text::yuan(*fen)),
        Fact::Int(number) => format!("{number}{}", field.unit.as_deref().unwrap_or_default()),
        Fact::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Fact::Day(day) => day.chinese(),
        Fact::Code(code) => listed(code.as_str()),
        Fact::Codes(codes) => codes.iter().map(|code| listed(code.as_str())).collect::<Vec<_>>().join("、"),
        Fact::Text(text) => text.clone(),
        Fact::Matter(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_persons_are_masked_everywhere() {
        let names = Names(vec![
            (1, PartyKind::Natural, "阿依古丽买买提".to_owned()),
            (2, PartyKind::Legal, "辽北恒运物流有限公司".to_owned()),
        ]);
        assert_eq!(names.public(1).as_deref(), Some("阿某某"));
        assert_eq!(names.public(2).as_deref(), Some("辽北恒运物流有限公司"));
        assert_eq!(names.masked("阿依古丽买买提驾驶超限车辆"), "阿某某驾驶超限车辆");
        let told = "持11010519491231002X号身份证、电话13812345678的人";
        assert_eq!(names.masked(told), "持1101************2X号身份证、电话138****5678的人");
    }

    #[test]
    fn a_publication_is_in_force_until_it_ends_or_is_withdrawn() {
        let day = |text: &str| Day::parse(text).unwrap();
        let run = |made: Option<&str>, until: Option<&str>, withdrawn: Option<&str>| DisclosureRun {
            disclosure: "decision".into(),
            owed: day("2024-01-01"),
            made: made.map(day),
            until: until.map(day),
            withdrawn: withdrawn.map(day),
        };
        for (made, until, withdrawn, shown) in [
            (None, None, None, false),
            (Some("2024-01-05"), None, None, true),
            (Some("2024-01-05"), Some("2024-10-26"), None, true),
            (Some("2024-01-05"), Some("2024-10-25"), None, false),
            (Some("2024-01-05"), Some("2025-01-05"), Some("2024-02-01"), false),
            (Some("2024-10-27"), None, None, false),
        ] {
            assert_eq!(
                in_force(&run(made, until, withdrawn), day("2024-10-26")),
                shown,
                "{made:?} {until:?} {withdrawn:?}"
            );
        }
    }
}
