//! What a matter holds: parties, facts, instruments, files, disclosures. Masked unless revealed.

use zhunsheng_core::id::FieldId;
use zhunsheng_core::matter::{EvidenceRef, PartyState, SealedClass};
use zhunsheng_core::procedure::{FieldKind, Part, PartyKind};
use zhunsheng_core::text;

use super::Ground;
use crate::app::form::size_text;
use crate::app::{commenting, show};
use crate::web::citation::Citation;

/// A value under its label.
pub(in crate::web::pages) struct FactView {
    pub label: String,
    pub value: String,
    pub masked: bool,
}

/// A party.
pub(super) struct PartyView {
    pub role: String,
    pub kind: &'static str,
    pub rows: Vec<FactView>,
}

/// An instrument that was issued.
pub(super) struct InstrumentView {
    pub href: String,
    pub title: String,
    pub number: String,
    pub day: String,
}

/// A file.
pub(in crate::web::pages) struct FileView {
    pub href: String,
    pub kind: String,
    pub name: String,
    pub note: String,
}

/// A disclosure duty.
pub(super) struct DisclosureView {
    pub title: String,
    pub basis: Citation,
    pub state: String,
    pub class: &'static str,
}

const CLASSES: [SealedClass; 8] = [
    SealedClass::Name,
    SealedClass::Phone,
    SealedClass::IdNumber,
    SealedClass::Address,
    SealedClass::Uscc,
    SealedClass::Text,
    SealedClass::FileName,
    SealedClass::Secret,
];

/// The class that a stored number means.
fn class_of(number: i64) -> SealedClass {
    CLASSES.into_iter().find(|class| *class as i64 == number).unwrap_or(SealedClass::Secret)
}

/// The title of a role without what explains it: 申请人（一方当事人）.
fn short(title: &str) -> &str {
    title.split('（').next().unwrap_or(title)
}

impl Ground<'_> {
    /// A sealed value as it may be shown; whether something was hidden. `natural`: a name that belongs to a person.
    fn shown(&self, label: &str, natural: bool) -> Option<(String, bool)> {
        let (class, value) = self.case.value(label)?;
        let class = class_of(class);
        // Who holds an office is public; the county's own registers show it.
        let public = self.case.procedure.part == Part::County;
        let open = self.revealed || (class == SealedClass::Name && (!natural || public));
        let shown = match class {
            _ if open => value.to_owned(),
            SealedClass::Text if public => self.without_persons(value),
            SealedClass::Text => text::mask_numbers(&self.without_persons(value)),
            class => text::mask(class, value),
        };
        let masked = shown != value;
        Some((shown, masked))
    }

    /// What a party is called: its role, numbered where several have it.
    fn role(&self, party: &PartyState) -> String {
        let title =
            self.case.procedure.role(party.role.as_str()).map_or(party.role.as_str(), |role| role.title.as_str());
        let parties = &self.case.state.parties;
        let mut same = parties.iter().filter(|other| other.role == party.role);
        match same.clone().count() {
            0 | 1 => title.to_owned(),
            _ => format!("{}{}", short(title), same.position(|other| other.ordinal == party.ordinal).unwrap_or(0) + 1),
        }
    }

    /// The name of a natural person as it is masked; with the role, where another one's is masked alike: two 张某某 are two people.
    fn masked_name(&self, party: &PartyState) -> Option<String> {
        let name = |party: &PartyState| {
            let known = self.case.value(&format!("party.{}.name", party.ordinal)).map(|(_, name)| name);
            known.filter(|_| party.kind == PartyKind::Natural).map(|name| text::mask(SealedClass::Name, name))
        };
        let own = name(party)?;
        let alike = |other: &&PartyState| other.ordinal != party.ordinal && name(other).as_ref() == Some(&own);
        let twice = self.case.state.parties.iter().any(|other| alike(&other));
        Some(if twice { format!("{own}（{}）", short(&self.role(party))) } else { own })
    }

    /// A free text in which what identifies the matter's natural persons is masked as it is beside their names.
    fn without_persons(&self, value: &str) -> String {
        let mut shown = value.to_owned();
        for party in &self.case.state.parties {
            for detail in ["name", "representative", "id_number", "phone", "address"] {
                let person = party.kind == PartyKind::Natural || detail != "name";
                let Some((class, known)) = self.case.value(&format!("party.{}.{detail}", party.ordinal)) else {
                    continue;
                };
                if person && known.chars().count() > 1 {
                    let own = if detail == "name" { self.masked_name(party) } else { None };
                    shown = shown.replace(known, &own.unwrap_or_else(|| text::mask(class_of(class), known)));
                }
            }
        }
        shown
    }

    pub(super) fn parties(&self) -> Vec<PartyView> {
        let details = [
            ("name", "姓名（名称）"),
            ("id_number", "身份证号"),
            ("uscc", "统一社会信用代码"),
            ("representative", "法定代表人（经营者、代理人）"),
            ("phone", "联系电话"),
            ("address", "住址（住所地）"),
        ];
        let party = |party: &PartyState| {
            let row = |(detail, label): &(&str, &str)| {
                let natural = party.kind == PartyKind::Natural || *detail == "representative";
                let (value, masked) = self.shown(&format!("party.{}.{detail}", party.ordinal), natural)?;
                Some(FactView { label: (*label).to_owned(), value, masked })
            };
            PartyView {
                role: self.role(party),
                kind: party.kind.chinese(),
                rows: details.iter().filter_map(row).collect(),
            }
        };
        self.case.state.parties.iter().map(party).collect()
    }

    /// Fields that have a value, in the order in which the steps ask for them.
    pub(super) fn facts(&self) -> Vec<FactView> {
        self.facts_but(|_| false)
    }

    /// The same without some.
    pub(super) fn facts_but(&self, left_out: impl Fn(&FieldId) -> bool) -> Vec<FactView> {
        let procedure = &self.case.procedure;
        let asked =
            procedure.steps.iter().flat_map(|step| step.fill.iter().map(|when| &when.item).chain(&step.may_fill));
        let mut order: Vec<&FieldId> = Vec::new();
        for field in asked.chain(procedure.fields.keys()) {
            if !order.contains(&field) {
                order.push(field);
            }
        }
        order.into_iter().filter(|id| !self.in_ledger(id) && !left_out(id)).filter_map(|id| self.fact(id)).collect()
    }

    fn fact(&self, id: &FieldId) -> Option<FactView> {
        let field = self.case.procedure.fields.get(id)?;
        // What the system made at length is for programs (a report, the candidates of a draw) and may hold persons in the clear: it
        // leaves by its own page.
        if (field.made && field.kind == FieldKind::LongText)
            || commenting::is_inner(self.case.procedure.id.as_str(), id.as_str())
        {
            return None;
        }
        let label = field.title.clone();
        if let Some(fact) = self.case.state.facts.get(id) {
            let value = show::fact(&self.case.procedure, field, fact, &self.registry);
            return Some(FactView { label, value, masked: false });
        }
        let (value, masked) = self.shown(&format!("field.{id}"), true)?;
        Some(FactView { label, value, masked })
    }

    pub(super) fn instruments(&self) -> Vec<InstrumentView> {
        let issued = (1..).zip(&self.case.state.instruments);
        issued
            .map(|(n, issued): (usize, _)| InstrumentView {
                href: format!("/matters/{}/instruments/{n}", self.case.row.id),
                title: self
                    .case
                    .procedure
                    .instrument(issued.kind.as_str())
                    .map_or(issued.kind.to_string(), |i| i.title.clone()),
                number: issued.number.as_ref().map(|number| number.text.clone()).unwrap_or_default(),
                day: issued.day.to_string(),
            })
            .collect()
    }

    /// What was destroyed: a sentence with its basis, and the address of the list.
    pub(super) fn gone(&self) -> Vec<(String, String)> {
        let one = |erasure: &zhunsheng_core::matter::Erasure| {
            let what = match erasure.labels.len() {
                0 => "本事项当时的姓名、文字和文件已销毁".to_owned(),
                n => format!("本事项的{n}项内容已销毁"),
            };
            let basis = crate::app::show::cite(&erasure.basis);
            let sentence = format!("{what}（{basis}）。全程记录保留承诺值，仍可核验。");
            (sentence, format!("/matters/{}", erasure.by))
        };
        self.case.state.erased.iter().flatten().map(one).collect()
    }

    pub(super) fn files(&self) -> Vec<FileView> {
        self.files_of(|_| true)
    }

    /// Some of the files, each once: one scan may serve as several documents.
    pub(super) fn files_of(&self, shown: impl Fn(&EvidenceRef) -> bool) -> Vec<FileView> {
        let mut files: Vec<(&EvidenceRef, Vec<String>)> = Vec::new();
        for file in self.case.state.evidence.iter().filter(|file| shown(file)) {
            let kind = self.case.evidence_title(file.kind.as_str());
            match files.iter_mut().find(|(known, _)| known.digest == file.digest && known.gone == file.gone) {
                Some((_, kinds)) if kinds.contains(&kind) => {}
                Some((_, kinds)) => kinds.push(kind),
                None => files.push((file, vec![kind])),
            }
        }
        let view = |(file, kinds): (&EvidenceRef, Vec<String>)| FileView {
            href: if file.gone == Some(true) { String::new() } else { format!("/evidence/{}", file.digest) },
            kind: kinds.join("、"),
            name: self.case.value(&file.name_label()).map(|(_, name)| name.to_owned()).unwrap_or_default(),
            note: size_text(file.bytes),
        };
        files.into_iter().map(view).collect()
    }

    pub(super) fn disclosures(&self) -> Vec<DisclosureView> {
        let disclosure = |run: &zhunsheng_core::matter::DisclosureRun| {
            let defined = self.case.procedure.disclosure(run.disclosure.as_str());
            let (class, state) = match (run.withdrawn, run.made, run.until) {
                (Some(day), ..) => ("stopped", format!("已撤下（{day}）")),
                (None, Some(made), Some(until)) => ("ok", format!("{made}起公示，至{until}")),
                (None, Some(made), None) => ("ok", format!("{made}起公示")),
                (None, None, _) => ("soon", format!("{}起应当公示，尚未公示", run.owed)),
            };
            DisclosureView {
                title: defined.map_or(run.disclosure.to_string(), |defined| defined.title.clone()),
                basis: defined.map(|defined| self.citations.show(&defined.basis)).unwrap_or_default(),
                state,
                class,
            }
        };
        self.case.state.disclosures.iter().map(disclosure).collect()
    }
}
