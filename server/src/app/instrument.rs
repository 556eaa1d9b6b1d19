//! The text of an instrument: its definition's body with the values that stood when it was issued.
//!
//! A correction afterwards does not change an instrument that is out. Does not belong here: how it looks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, OrganCode, RoleId};
use zhunsheng_core::matter::{Event, IssuedInstrument, MatterState, Taken};
use zhunsheng_core::procedure::{FieldKind, PartyKind, Procedure};
use zhunsheng_core::record::Entry;
use zhunsheng_core::text;

use super::show;

/// A paragraph of an instrument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Paragraph {
    /// The title.
    Title(String),
    /// A heading.
    Heading(String),
    /// The number, centred or right below the title.
    Number(String),
    /// To whom: set flush left.
    To(String),
    /// Text.
    Text(String),
    /// A line to be signed by hand.
    Sign(String),
    /// The close: organ and date at the right, under the seal.
    Close(String),
}

/// An instrument ready to be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// Its title in lists.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// The day on it.
    pub day: Day,
    /// Its paragraphs.
    pub paragraphs: Vec<Paragraph>,
    /// The lines under the seal.
    pub close: Vec<String>,
    /// Places of the body that nobody knows: an error of the definition, found by a test.
    pub unknown: Vec<String>,
}

/// The matter as it stood when its `n`th instrument (from 1) was issued.
pub struct Moment {
    /// The state, the act included.
    pub state: MatterState,
    /// The position of the entry.
    pub seq: i64,
    /// The act.
    pub taken: Option<Taken>,
    /// The instrument.
    pub issued: IssuedInstrument,
}

/// Folds the entries up to the one that issued the `n`th instrument.
#[must_use]
pub fn moment_of(entries: &[(i64, Entry)], id: MatterId, n: usize) -> Option<Moment> {
    let mut state: Option<MatterState> = None;
    for (seq, entry) in entries {
        let mut taken = None;
        for (_, event) in entry.events.iter().filter(|(of, _)| *of == id) {
            match state.as_mut() {
                None => state = MatterState::begin(id, event),
                Some(state) => state.apply(event),
            }
            if let Event::Taken(act) = event {
                taken = Some(act.clone());
            }
        }
        let known = state.as_ref().filter(|state| state.instruments.len() >= n);
        if let Some((state, issued)) = known.and_then(|state| Some((state, state.instruments.get(n.checked_sub(1)?)?)))
        {
            return Some(Moment { state: state.clone(), seq: *seq, taken, issued: issued.clone() });
        }
    }
    None
}

/// What filling needs beside the moment.
pub struct Ground<'a> {
    /// The definition that the matter keeps.
    pub procedure: &'a Procedure,
    /// The registers.
    pub registry: &'a Registry,
    /// Sealed values at the moment, by label.
    pub texts: &'a BTreeMap<String, String>,
    /// The line of the matter.
    pub title: &'a str,
}

/// Sets an instrument. `None` if the definition has no such instrument.
#[must_use]
pub fn sheet(ground: &Ground<'_>, moment: &Moment) -> Option<Sheet> {
    let instrument = ground.procedure.instrument(moment.issued.kind.as_str())?;
    let unknown = RefCell::new(Vec::new());
    let value = |place: &str| {
        ground.value(moment, place).unwrap_or_else(|| {
            unknown.borrow_mut().push(place.to_owned());
            String::new()
        })
    };
    let (paragraphs, close) = paragraphs(&text::fill(&instrument.body, &value));
    Some(Sheet {
        title: instrument.title.clone(),
        number: moment.issued.number.as_ref().map(|number| number.text.clone()),
        day: moment.issued.day,
        paragraphs,
        close,
        unknown: unknown.into_inner(),
    })
}

impl Ground<'_> {
    fn value(&self, moment: &Moment, place: &str) -> Option<String> {
        let state = &moment.state;
        if let Some(party) = place.strip_prefix("party.") {
            let (role, detail) = party.split_once('.').unwrap_or((party, ""));
            self.procedure.role(role)?;
            return self.parties(state, &role.into(), detail);
        }
        Some(match place {
            "organ" => self.organ(moment).map(|organ| self.registry.organ_name(&organ).to_owned()).unwrap_or_default(),
            "number" => moment.issued.number.as_ref().map(|number| number.text.clone()).unwrap_or_default(),
            "day" | "today" => moment.issued.day.chinese(),
            "actor" => {
                moment.taken.as_ref().map(|taken| show::decider(self.registry, &taken.decided_by)).unwrap_or_default()
            }
            "officers" => self.officers(moment),
            "matter.title" => self.title.to_owned(),
            "remedy.organ" => self.remedy_organ(),
            field => return self.field(state, field),
        })
    }

    /// In whose name: 委托 speaks in the name of the entrusting organ (行政处罚法§20).
    fn organ(&self, moment: &Moment) -> Option<OrganCode> {
        let numbered = moment.issued.number.as_ref().map(|number| number.organ.clone());
        let named = moment.taken.as_ref().and_then(|taken| taken.in_name_of.clone());
        named.or(numbered).or_else(|| Some(moment.state.organ.clone()))
    }

    fn officers(&self, moment: &Moment) -> String {
        let of_act = moment.taken.as_ref().map(|taken| taken.officers.as_slice()).unwrap_or_default();
        // An instrument of an act without officers names those who investigated.
        let last =
            moment.state.done.iter().rev().find(|done| !done.officers.is_empty()).map(|done| done.officers.as_slice());
        let officers = if of_act.is_empty() { last.unwrap_or_default() } else { of_act };
        officers.iter().map(|id| self.registry.person_name(*id)).collect::<Vec<_>>().join("、")
    }

    /// 复议 goes to the people's government of the county (行政复议法§24).
    fn remedy_organ(&self) -> String {
        let government = self.registry.organ_with(&"county_government".into());
        government.map(|organ| organ.name.clone()).unwrap_or_default()
    }

    fn field(&self, state: &MatterState, place: &str) -> Option<String> {
        let (id, form) = place.split_once('.').unwrap_or((place, ""));
        let field = self.procedure.fields.get(id)?;
        if let Some(fact) = state.fact(id) {
            let words = form == "words" && field.kind == FieldKind::Money;
            let fen = fact.number().filter(|_| words);
            return Some(
                fen.map_or_else(|| show::fact(self.procedure, field, fact, self.registry), text::yuan_in_words),
            );
        }
        Some(self.texts.get(&format!("field.{id}")).cloned().unwrap_or_default())
    }

    fn parties(&self, state: &MatterState, role: &RoleId, detail: &str) -> Option<String> {
        let text = |ordinal: u16, detail: &str| {
            self.texts.get(&format!("party.{ordinal}.{detail}")).map(String::as_str).unwrap_or_default()
        };
        let mut named = state.parties_in(role).map(|party| match detail {
            "" => describe(party.kind, &|detail| text(party.ordinal, detail)),
            "names" | "name" => text(party.ordinal, "name").to_owned(),
            detail => text(party.ordinal, detail).to_owned(),
        });
        match detail {
            "names" => Some(named.collect::<Vec<_>>().join("、")),
            "" => Some(named.collect::<Vec<_>>().join("；")),
            "name" | "phone" | "id_number" | "uscc" | "address" | "representative" => {
                Some(named.next().unwrap_or_default())
            }
            _ => None,
        }
    }
}

/// A party as instruments name it, with what is known.
fn describe<'t>(kind: PartyKind, text: &dyn Fn(&str) -> &'t str) -> String {
    let details: &[(&str, &str)] = match kind {
        PartyKind::Natural => &[("身份证号", "id_number"), ("住址", "address"), ("联系电话", "phone")],
        PartyKind::Legal => &[
            ("统一社会信用代码", "uscc"),
            ("住所地", "address"),
            ("法定代表人（负责人）", "representative"),
            ("联系电话", "phone"),
        ],
        PartyKind::SoleTrader => &[
            ("统一社会信用代码", "uscc"),
            ("经营场所", "address"),
            ("经营者", "representative"),
            ("联系电话", "phone"),
        ],
    };
    let mut whole = text("name").to_owned();
    for (label, detail) in details {
        let value = text(detail);
        if !value.is_empty() {
            whole.push_str(&format!("，{label}：{value}"));
        }
    }
    whole
}

/// Lines become paragraphs; headings under which nothing is left go, too. Also: the lines of the close.
#[must_use]
pub fn paragraphs(text: &str) -> (Vec<Paragraph>, Vec<String>) {
    let mut all: Vec<Paragraph> = Vec::new();
    for line in text.lines().map(|line| line.trim_matches([' ', '\u{3000}'])).filter(|line| !line.is_empty()) {
        let first = all.len() <= 1;
        all.push(if let Some(heading) = line.strip_prefix("## ") {
            Paragraph::Heading(heading.to_owned())
        } else if let Some(title) = line.strip_prefix("# ") {
            Paragraph::Title(title.to_owned())
        } else if let Some(aside) = line.strip_prefix('>') {
            let aside = aside.trim().to_owned();
            if first { Paragraph::Number(aside) } else { Paragraph::Close(aside) }
        } else if all.len() <= 2 && line.ends_with('：') {
            Paragraph::To(line.to_owned())
        } else if line.ends_with('：') && line.contains('签') {
            Paragraph::Sign(line.to_owned())
        } else {
            Paragraph::Text(line.to_owned())
        });
    }
    let mut kept: Vec<Paragraph> = Vec::new();
    for paragraph in all {
        let ends = matches!(paragraph, Paragraph::Heading(_) | Paragraph::Close(_));
        if ends && matches!(kept.last(), Some(Paragraph::Heading(_))) {
            kept.pop();
        }
        if !matches!(&paragraph, Paragraph::Number(text) if text.is_empty()) {
            kept.push(paragraph);
        }
    }
    let close =
        kept.iter().filter_map(|p| if let Paragraph::Close(text) = p { Some(text.clone()) } else { None }).collect();
    kept.retain(|paragraph| !matches!(paragraph, Paragraph::Close(_)));
    (kept, close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_paragraphs() {
        let text = "# 决定书\n> 昌罚〔2024〕1号\n王某：\n经查明……\n## 当事人的请求\n## 决定\n罚款。\n当事人（签名）：\n> 昌图县某局（印章）\n> 2024年1月1日";
        let (paragraphs, close) = paragraphs(text);
        assert_eq!(paragraphs.len(), 7);
        assert_eq!(paragraphs.get(2), Some(&Paragraph::To("王某：".to_owned())));
        assert_eq!(paragraphs.get(4), Some(&Paragraph::Heading("决定".to_owned())));
        assert_eq!(close, ["昌图县某局（印章）", "2024年1月1日"]);
    }
}
