//! A refusal is a value: the law (or the house's rule) says no, why, under which article, and what to do next.
//!
//! The sentences live in `law/refusals.toml` and nowhere else; their order there is the order in which several
//! reasons are shown.

use std::collections::BTreeMap;

use crate::basis::{Basis, Grade};
use crate::id::{FieldId, MatterId, RefusalCode};
use crate::law::LawError;

/// One no.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Its code.
    pub code: RefusalCode,
    /// One Chinese sentence.
    pub sentence: String,
    /// The article or rule.
    pub basis: Option<Basis>,
    /// What to do next.
    pub next: String,
    /// The form field it belongs to, if it belongs to one.
    pub field: Option<FieldId>,
    /// The matter that it speaks of, if it speaks of one.
    pub see: Option<MatterId>,
    /// Its place in the catalogue: the order of display.
    rank: usize,
}

impl Refusal {
    /// How much it binds; without a basis it is the engine's own rule of form and binds.
    pub fn grade(&self) -> Grade {
        self.basis.as_ref().map_or(Grade::Local, |basis| basis.grade)
    }

    /// Whether it stops the act, or only warns and takes a reason (内控).
    pub fn blocks(&self) -> bool {
        self.grade().blocks()
    }

    /// Whether it is about the form of what was typed rather than about the law.
    pub fn is_formal(&self) -> bool {
        self.field.is_some()
    }
}

/// Refusals in the order of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Adds one, keeping the order; the same refusal twice is said once.
    pub fn push(&mut self, refusal: Refusal) {
        if self.0.contains(&refusal) {
            return;
        }
        let at = self.0.partition_point(|known| known.rank <= refusal.rank);
        self.0.insert(at, refusal);
    }

    /// All, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Refusal> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one has this code.
    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|refusal| refusal.code.as_str() == code)
    }

    /// All codes, for a log.
    pub fn codes(&self) -> String {
        self.0.iter().map(|refusal| refusal.code.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Splits into those that fit and the others, each in order.
    pub fn partition(self, fits: impl Fn(&Refusal) -> bool) -> (Self, Self) {
        let (yes, no) = self.0.into_iter().partition(|refusal| fits(refusal));
        (Self(yes), Self(no))
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

impl IntoIterator for Refusals {
    type Item = Refusal;
    type IntoIter = std::vec::IntoIter<Refusal>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Refusals {
    type Item = &'a Refusal;
    type IntoIter = std::slice::Iter<'a, Refusal>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    refusal: Vec<Entry>,
}

/// One entry of the catalogue.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its code.
    pub code: RefusalCode,
    /// The sentence, with `{places}`.
    pub sentence: String,
    /// What to do next, with `{places}`.
    pub next: String,
    /// The basis, where it is always the same.
    #[serde(default)]
    pub basis: Option<Basis>,
}

/// Every no the system can say.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    entries: Vec<Entry>,
    ranks: BTreeMap<RefusalCode, usize>,
}

impl Catalogue {
    /// Reads `law/refusals.toml`; every code the engine itself uses must be there.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let mut ranks = BTreeMap::new();
        for (rank, entry) in read.refusal.iter().enumerate() {
            if ranks.insert(entry.code.clone(), rank).is_some() {
                return Err(LawError::plain(file, format!("refusal `{}` is defined twice", entry.code)));
            }
        }
        if let Some(missing) = engine::ALL.iter().find(|code| !ranks.contains_key(**code)) {
            return Err(LawError::plain(file, format!("the engine's refusal `{missing}` is missing")));
        }
        Ok(Self { entries: read.refusal, ranks })
    }

    /// Whether a code is known.
    pub fn knows(&self, code: &str) -> bool {
        self.ranks.contains_key(code)
    }

    /// All entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Makes a refusal: the places of its sentence are filled from `with`.
    pub fn refuse(&self, code: &str, basis: Option<Basis>, with: &[(&str, &str)]) -> Refusal {
        let rank = self.ranks.get(code).copied().unwrap_or(usize::MAX);
        let fill = |text: &str| {
            with.iter().fold(text.to_owned(), |text, (place, value)| text.replace(&format!("{{{place}}}"), value))
        };
        match self.entries.get(rank) {
            Some(entry) => Refusal {
                code: entry.code.clone(),
                sentence: fill(&entry.sentence),
                basis: basis.or_else(|| entry.basis.clone()),
                next: fill(&entry.next),
                field: None,
                see: None,
                rank,
            },
            // A definition may only name catalogued codes, so this is met only by a county's half-loaded law.
            None => Refusal {
                code: code.into(),
                sentence: format!("不符合办理条件（{code}）。"),
                basis,
                next: String::new(),
                field: None,
                see: None,
                rank,
            },
        }
    }

    /// A refusal at a form field.
    pub fn at_field(&self, code: &str, field: &FieldId, with: &[(&str, &str)]) -> Refusal {
        Refusal { field: Some(field.clone()), ..self.refuse(code, None, with) }
    }
}

/// The codes that the engine itself uses.
pub mod engine {
    macro_rules! codes {
        ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
            $($(#[$doc])* pub const $name: &str = $code;)*
            /// All of them.
            pub const ALL: &[&str] = &[$($code),*];
        };
    }
    codes! {
        /// A published matter is not voided.
        VOID_PUBLISHED = "void_published",
        /// A decided matter is not voided.
        VOID_DECIDED = "void_decided",
        /// What a step has shown to have happened is not undone as if it had not.
        GENERIC_TOO_LATE = "generic_too_late",
        /// Nothing but storage is allowed any more (个人信息保护法§47).
        RESTRICTED = "restricted",
        /// A listed matter is not there.
        ERASE_UNKNOWN = "erase_unknown",
        /// Registers are not destroyed.
        ERASE_REGISTER = "erase_register",
        /// A listed matter still runs.
        ERASE_OPEN = "erase_open",
        /// It is still kept.
        ERASE_NOT_EXPIRED = "erase_not_expired",
        /// Nobody has said how long it is kept.
        ERASE_UNSETTLED = "erase_unsettled",
        /// It is still kept by law, so a person's request only stops its use (个人信息保护法§47).
        ERASE_KEPT = "erase_kept",
        /// Two witnesses.
        ERASE_WITNESSES = "erase_witnesses",
        /// A witness had a part in it.
        ERASE_PARTIAL = "erase_partial",
        /// Something that looks the same was entered before.
        ALIKE = "alike",
        /// The file under review is not there, or out of sight.
        FILE_UNKNOWN = "file_unknown",
        /// A reviewer handled the file.
        HANDLED_FILE = "handled_file",
        /// A reviewer is of the organ that handled the file.
        OF_HANDLING_ORGAN = "of_handling_organ",
        /// A register's code belongs to another line already.
        CODE_TAKEN = "code_taken",
        /// The definition does not know this sort of document.
        EVIDENCE_UNKNOWN = "evidence_unknown",
        /// 涉密 matters do not enter this system (保守国家秘密法).
        SECRET = "secret",
        /// The definition is not in force on the legal day.
        NOT_IN_FORCE = "not_in_force",
        /// The matter was voided or merged.
        MATTER_CLOSED = "matter_closed",
        /// The actor's post may not take this step.
        WRONG_POST = "wrong_post",
        /// The actor's post has ended or not begun.
        POST_NOT_HELD = "post_not_held",
        /// The actor's organ is not the one.
        WRONG_ORGAN = "wrong_organ",
        /// Only the person responsible may act.
        NOT_ASSIGNED = "not_assigned",
        /// The state does not allow this step.
        WRONG_STATE = "wrong_state",
        /// The same person did an earlier step.
        SAME_PERSON = "same_person",
        /// The decider named on the form did not hold the post.
        DECIDER_WITHOUT_POST = "decider_without_post",
        /// The clerk may not enter this form.
        FORM_NOT_YOURS = "form_not_yours",
        /// The signed form or original is missing.
        ORIGINAL_MISSING = "original_missing",
        /// Too few officers.
        OFFICERS_TOO_FEW = "officers_too_few",
        /// An officer without a certificate.
        CERTIFICATE_MISSING = "certificate_missing",
        /// An officer whose certificate has expired, or not begun.
        CERTIFICATE_EXPIRED = "certificate_expired",
        /// An officer whose certificate covers another field of law.
        CERTIFICATE_DOMAIN = "certificate_domain",
        /// A team is not an organ: it holds no power of its own.
        POWER_TEAM = "power_team",
        /// No power is named, where the county's list speaks of the field of law.
        POWER_MISSING = "power_missing",
        /// No power is named where only a law or regulation gives it.
        POWER_UNNAMED = "power_unnamed",
        /// The power named is of another kind or field of law.
        POWER_UNFIT = "power_unfit",
        /// The power was not held by anyone on the day.
        POWER_NOT_IN_FORCE = "power_not_in_force",
        /// Another organ holds it.
        POWER_ELSEWHERE = "power_elsewhere",
        /// Nobody entrusted the body with it.
        DELEGATION_MISSING = "delegation_missing",
        /// The delegation has ended or not begun.
        DELEGATION_ENDED = "delegation_ended",
        /// The delegation was not published.
        DELEGATION_UNPUBLISHED = "delegation_unpublished",
        /// A clock's last day has passed: flagged, never blocked.
        OVERDUE = "overdue",
        /// A value is missing.
        FIELD_REQUIRED = "field_required",
        /// A value cannot be read.
        FIELD_INVALID = "field_invalid",
        /// A field that this step does not take.
        FIELD_UNKNOWN = "field_unknown",
        /// A value that stands in an instrument already issued.
        FIELD_FIXED = "field_fixed",
        /// A value on which a step that is done rests.
        FIELD_SETTLED = "field_settled",
        /// The system works the field out; nobody types it.
        FIELD_MADE = "field_made",
        /// A party is missing.
        PARTY_MISSING = "party_missing",
        /// Too many parties.
        PARTY_TOO_MANY = "party_too_many",
        /// A document is missing.
        EVIDENCE_MISSING = "evidence_missing",
        /// A day that lies in the future.
        DAY_IN_FUTURE = "day_in_future",
        /// A day before the matter began or before the step it follows.
        DAY_TOO_EARLY = "day_too_early",
        /// A number given elsewhere that this series has given already.
        NUMBER_TAKEN = "number_taken",
        /// A number given elsewhere that leaves some of the series out.
        NUMBER_SKIPPED = "number_skipped",
        /// A reason is needed.
        REASON_MISSING = "reason_missing",
        /// No one was named.
        ASSIGNEE_MISSING = "assignee_missing",
        /// The named person does not hold a fitting post.
        ASSIGNEE_UNFIT = "assignee_unfit",
        /// Nothing can be withdrawn any more.
        NOTHING_TO_WITHDRAW = "nothing_to_withdraw",
        /// No limit of the organ has passed.
        NOTHING_TO_EXPLAIN = "nothing_to_explain",
        /// The target of a merge is unfit.
        MERGE_UNFIT = "merge_unfit",
        /// An organ of the county for this task is missing.
        ORGAN_MISSING = "organ_missing",
    }
}
