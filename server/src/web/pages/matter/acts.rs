//! 办理经过: the acts of a matter as the record has them, and those of linked matters between them.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Decider, Event, Flag, ManneredAs};
use zhunsheng_core::procedure::Procedure;
use zhunsheng_core::record::{ActorEntry, Entry};
use zhunsheng_core::text;

use super::Ground;
use crate::app::administration::NOTE;
use crate::app::show;

/// An act on the plumb line.
pub(super) struct ActView {
    /// Its entry, where it is one of this matter.
    pub anchor: String,
    pub name: String,
    pub tag: &'static str,
    pub late: bool,
    pub day: String,
    /// The recorded day and time, where it differs from the legal one.
    pub recorded: String,
    pub who: String,
    pub officers: String,
    pub reason: String,
    pub notes: Vec<String>,
    pub defects: Vec<String>,
    /// Files that came with it: title and address.
    pub files: Vec<(String, String)>,
    /// The matter it happened in, if it is another one.
    pub elsewhere: Option<(String, String)>,
    pub now: bool,
    order: (Day, i64),
}

impl Ground<'_> {
    /// All acts, by legal day and then as they were recorded.
    pub(super) fn acts(&self) -> Vec<ActView> {
        let case = self.case;
        let own = case.entries.iter().filter_map(|(seq, entry)| self.act(*seq, entry, case.row.id, &case.procedure));
        let mut acts: Vec<ActView> = own.collect();
        for (row, entries) in &case.linked {
            let Some(procedure) = self.ruling.law.newest(&row.procedure) else { continue };
            let taken = |entry: &Entry| {
                entry.events.iter().any(|(id, event)| *id == row.id && matches!(event, Event::Taken(_)))
            };
            let theirs = entries.iter().filter(|(_, entry)| entry.matter == row.id && taken(entry));
            acts.extend(theirs.filter_map(|(seq, entry)| {
                let act = self.act(*seq, entry, row.id, procedure)?;
                let elsewhere = Some((procedure.title.clone(), format!("/matters/{}", row.id)));
                // Reasons and files of another matter are read there, within its own sight.
                Some(ActView { elsewhere, anchor: String::new(), reason: String::new(), files: Vec::new(), ..act })
            }));
        }
        acts.sort_by_key(|act| act.order);
        if let Some(last) = acts.iter_mut().rev().find(|act| act.elsewhere.is_none()) {
            last.now = true;
        }
        acts
    }

    fn act(&self, seq: i64, entry: &Entry, id: MatterId, procedure: &Procedure) -> Option<ActView> {
        let events: Vec<&Event> = entry.events.iter().filter(|(of, _)| *of == id).map(|(_, event)| event).collect();
        let taken = events.iter().find_map(|event| if let Event::Taken(taken) = event { Some(taken) } else { None });
        let meaningful = taken.is_some() || entry.matter == id;
        if !meaningful && events.iter().all(|event| matches!(event, Event::OrganJoined(_))) {
            return None;
        }
        let name = match taken {
            Some(taken) => show::step(procedure, &taken.step),
            None if entry.matter == id => show::step(procedure, &entry.step),
            None => "关联事项有了结果".to_owned(),
        };
        let (tag, late) = match taken.map(|taken| taken.manner) {
            Some(ManneredAs::Late) => ("补录", true),
            Some(ManneredAs::SignedForm) => ("录入签批单", false),
            Some(ManneredAs::Imported) => ("导入", true),
            _ => ("", false),
        };
        let day = taken.map_or(entry.day, |taken| taken.day);
        let (hour, minute, _) = entry.recorded.time();
        let recorded = if entry.recorded.day() == day {
            String::new()
        } else {
            format!("{} {hour:02}:{minute:02}", entry.recorded.day())
        };
        let officers = taken.map(|taken| taken.officers.as_slice()).unwrap_or_default();
        let officers: Vec<&str> = officers.iter().map(|id| self.registry.person_name(*id)).collect();
        Some(ActView {
            anchor: format!("e{seq}"),
            who: self.who(entry, taken.map(|taken| &taken.decided_by), taken.map(|taken| taken.authority.to_string())),
            officers: officers.join("、"),
            reason: self.said(seq, |label| label.starts_with("reason.") || label == "reveal.reason" || label == NOTE),
            notes: events.iter().filter_map(|event| self.note(event, procedure)).collect(),
            defects: events.iter().filter_map(|event| self.marked(event, id, procedure)).collect(),
            files: self.act_files(&events, taken.and_then(|taken| taken.original)),
            name,
            tag,
            late,
            day: day.to_string(),
            recorded,
            elsewhere: None,
            now: false,
            order: (day, seq),
        })
    }

    /// Who decided and, if it was somebody else, who entered it.
    fn who(&self, entry: &Entry, decided: Option<&Decider>, authority: Option<String>) -> String {
        let mut parts = Vec::new();
        match (&entry.actor, decided) {
            (ActorEntry::Staff(person, post, organ), decided) => {
                let kind =
                    self.registry.post(*post).map(|post| self.ruling.law.posts.title(&post.kind)).unwrap_or_default();
                let name = self.registry.person_name(*person);
                let entered = format!("{name}（{} {kind}）", self.registry.organ_name(organ));
                match decided.filter(|decided| **decided != Decider::Person(*person)) {
                    Some(decided) => {
                        parts.push(format!("{}决定，{entered}录入", show::decider(&self.registry, decided)))
                    }
                    None => parts.push(entered),
                }
            }
            (ActorEntry::Citizen, _) => parts.push("群众（网上）".to_owned()),
            (ActorEntry::System, _) => parts.push("系统".to_owned()),
            (ActorEntry::Founder, _) => parts.push("建县时登记".to_owned()),
        }
        parts.extend(authority);
        parts.join(" · ")
    }

    fn said(&self, seq: i64, wanted: impl Fn(&str) -> bool) -> String {
        let said = self.case.said.iter().filter(|(known, label, _)| *known == seq && wanted(label));
        let said = said.map(|(_, _, value)| value.as_str()).collect::<Vec<_>>().join("；");
        if self.revealed { said } else { text::mask_numbers(&said) }
    }

    /// Consequences worth a line.
    fn note(&self, event: &Event, procedure: &Procedure) -> Option<String> {
        Some(match event {
            Event::Issued(kind, number, _) => {
                let title = procedure.instrument(kind.as_str()).map_or(kind.as_str(), |known| known.title.as_str());
                let number = number.as_ref().map(|number| number.text.as_str()).unwrap_or_default();
                format!("制发《{title}》{number}")
            }
            Event::Assigned(person) => format!("承办人：{}", self.registry.person_name(*person)),
            Event::Deputised(person) => format!("由{}代理", self.registry.person_name(*person)),
            Event::ClockExpired(clock, day) => {
                let title = procedure.clock(clock.as_str()).map_or(clock.as_str(), |known| known.title.as_str());
                format!("“{title}”于{day}届满")
            }
            Event::Withdrawn(step) => format!("撤回“{}”", show::step(procedure, step)),
            Event::Disclosed(_, day, _) => format!("自{day}起公示"),
            Event::DisclosureWithdrawn(_, day) => format!("{day}撤下公示"),
            Event::Linked(_, _, linked) => {
                let title =
                    self.ruling.law.newest(linked.as_str()).map_or(linked.as_str(), |known| known.title.as_str());
                format!("转入“{title}”")
            }
            _ => return None,
        })
    }

    /// The defect that an event marks, with its article.
    pub(super) fn marked(&self, event: &Event, id: MatterId, procedure: &Procedure) -> Option<String> {
        let Event::Flagged(code, basis, step) = event else { return None };
        let flag = Flag { code: code.clone(), basis: basis.clone(), step: step.clone() };
        let basis = basis.as_ref().map(|basis| format!("（{basis}）")).unwrap_or_default();
        Some(format!("{}{basis}", self.defect(id, procedure, &flag)))
    }

    fn act_files(&self, events: &[&Event], original: Option<Digest>) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        for event in events {
            let Event::EvidenceAttached { kind, digest, .. } = event else { continue };
            if self.case.state.evidence.iter().any(|file| file.digest == *digest && file.gone == Some(true)) {
                continue;
            }
            let title = if Some(*digest) == original {
                "签批原件".to_owned()
            } else {
                self.case.evidence_title(kind.as_str())
            };
            files.push((title, format!("/evidence/{digest}")));
        }
        files
    }
}
