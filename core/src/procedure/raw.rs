//! The shape of a procedure file, as TOML says it. Unknown keys and wrong types are errors with their place.
//!
//! Texts that refer to something keep their position ([`At`]), so that a dangling reference can point at itself.

use serde::Deserialize;

use super::model::{Erases, FieldKind, Generic, Part, PartyKind, Projects, Requirement, Shape, StepKind};
use crate::basis::Basis;
use crate::clock::{Duty, LimitKind};
use crate::day::Day;

/// A text with its place in the file.
pub type At = toml::Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub id: At,
    pub title: String,
    #[serde(default = "default_unit")]
    pub unit: String,
    pub part: Part,
    #[serde(default = "default_shape")]
    pub shape: Shape,
    pub projects: Option<Projects>,
    pub statute: String,
    pub in_force_from: Day,
    pub in_force_until: Option<Day>,
    pub held_by: At,
    #[serde(default)]
    pub never_held_by: Vec<At>,
    #[serde(default)]
    pub joins: Vec<At>,
    pub alike: Option<Alike>,
    #[serde(default)]
    pub asks_secrecy: bool,
    #[serde(default)]
    pub private: bool,
    #[serde(default)]
    pub title_from: Vec<At>,
    pub place_field: Option<At>,
    #[serde(default)]
    pub reads: Vec<At>,
    #[serde(default)]
    pub tables: Vec<At>,
    #[serde(default)]
    pub list: std::collections::BTreeMap<String, Vec<(At, String)>>,
    pub track: Vec<Track>,
    #[serde(default)]
    pub role: Vec<Role>,
    #[serde(default)]
    pub field: Vec<Field>,
    #[serde(default)]
    pub evidence: Vec<Titled>,
    #[serde(default)]
    pub predicate: Vec<Predicate>,
    #[serde(default)]
    pub clock: Vec<Clock>,
    pub step: Vec<Step>,
    #[serde(default)]
    pub generic: std::collections::BTreeMap<Generic, GenericRule>,
    #[serde(default)]
    pub instrument: Vec<Instrument>,
    #[serde(default)]
    pub disclosure: Vec<Disclosure>,
    #[serde(default)]
    pub invariant: Vec<Invariant>,
}

fn default_unit() -> String {
    "件".to_owned()
}

fn default_shape() -> Shape {
    Shape::Procedure
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alike {
    pub fields: Vec<At>,
    pub basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Titled {
    pub id: At,
    pub title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    pub id: At,
    pub title: String,
    pub initial: At,
    pub state: Vec<State>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub id: At,
    pub title: String,
    #[serde(default)]
    pub end: bool,
    pub citizen: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub id: At,
    pub title: String,
    #[serde(default = "one")]
    pub min: u16,
    #[serde(default = "one")]
    pub max: u16,
    pub kinds: Vec<PartyKind>,
    #[serde(default)]
    pub required: Vec<FieldKind>,
}

fn one() -> u16 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub id: At,
    pub title: String,
    pub kind: FieldKind,
    pub list: Option<At>,
    pub of: Option<NamedMatter>,
    pub hint: Option<String>,
    pub max: Option<i64>,
    pub min: Option<i64>,
    pub unit: Option<String>,
    pub competent_for: Option<At>,
    pub follows: Option<At>,
    #[serde(default)]
    pub public: bool,
    #[serde(default)]
    pub future: bool,
    #[serde(default)]
    pub agenda: bool,
    #[serde(default)]
    pub made: bool,
    pub settled_by: Option<At>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedMatter {
    pub procedure: At,
    pub disclosed: Option<At>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    pub id: At,
    pub title: String,
    pub basis: Basis,
    pub when: At,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub id: At,
    pub title: String,
    pub basis: Basis,
    #[serde(default)]
    pub phrase: String,
    pub limit: At,
    #[serde(default)]
    pub kind: LimitKind,
    #[serde(default)]
    pub backward: bool,
    pub roll: Option<Basis>,
    pub start_counts: Option<Basis>,
    pub starts: Vec<At>,
    pub starts_on: Option<At>,
    pub when: Option<At>,
    #[serde(default)]
    pub stops: Vec<At>,
    #[serde(default)]
    pub suspend: Vec<Suspend>,
    #[serde(default)]
    pub extend: Vec<Extend>,
    #[serde(default)]
    pub restarts: Vec<At>,
    #[serde(default, rename = "override")]
    pub overrides: Vec<Override>,
    #[serde(default = "flag")]
    pub expires: Expires,
    #[serde(default)]
    pub duty: Duty,
    pub configurable: Option<String>,
}

fn flag() -> Expires {
    Expires::Word(ExpiresWord::Flag)
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected \"flag\", \"escalate\" or { step = \"…\", basis = \"…\" }")]
pub enum Expires {
    Word(ExpiresWord),
    // An untagged enum buffers its value and loses positions: the step is a plain text, its place is that of the clock.
    Step { step: String, basis: Basis },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiresWord {
    Flag,
    Escalate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    pub from: At,
    pub until: At,
    pub most: Option<At>,
    pub basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    pub by: At,
    pub limit: At,
    #[serde(default = "one")]
    pub times: u16,
    pub basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    pub when: At,
    pub limit: At,
    pub basis: Basis,
    #[serde(default)]
    pub phrase: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: At,
    pub title: String,
    pub kind: StepKind,
    pub track: Option<At>,
    #[serde(default)]
    pub from: Vec<At>,
    pub to: Option<At>,
    #[serde(default)]
    pub also: Vec<At>,
    pub by: Vec<At>,
    pub at: Option<At>,
    pub in_name_of: Option<At>,
    #[serde(default)]
    pub entered_by: Vec<At>,
    #[serde(default)]
    pub meeting: bool,
    pub authority: Basis,
    #[serde(default)]
    pub not_by: Vec<At>,
    pub officers: Option<Officers>,
    pub apart: Option<Apart>,
    pub scores: Option<Scores>,
    pub pledges: Option<At>,
    pub power: Option<Power>,
    #[serde(default)]
    pub guard: Vec<Guard>,
    #[serde(default)]
    pub fill: Vec<At>,
    #[serde(default)]
    pub may_fill: Vec<At>,
    #[serde(default)]
    pub parties: Vec<At>,
    #[serde(default)]
    pub evidence: Vec<At>,
    #[serde(default)]
    pub open: Vec<Open>,
    #[serde(default)]
    pub issues: Vec<At>,
    #[serde(default)]
    pub owes: Vec<At>,
    #[serde(default)]
    pub discloses: Vec<At>,
    #[serde(default)]
    pub withdraws: Vec<At>,
    #[serde(default)]
    pub revokes: Vec<At>,
    #[serde(default)]
    pub assigns: bool,
    #[serde(default)]
    pub assigned_only: bool,
    pub erases: Option<Erases>,
    pub outcome: Option<At>,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub optional_in: Vec<At>,
    #[serde(default)]
    pub told: Vec<At>,
    pub hint: Option<String>,
    #[serde(default)]
    pub without: std::collections::BTreeMap<Requirement, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officers {
    pub min: u16,
    #[serde(default)]
    pub phrase: String,
    pub credential: At,
    pub domain: Option<At>,
    pub basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    pub from: At,
    pub person: Basis,
    pub organ: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    pub sheet: At,
    pub deductions: At,
    pub score: At,
    pub grade: At,
    pub failed: At,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    pub field: At,
    pub kind: At,
    pub domain: At,
    pub body: Option<At>,
    #[serde(default)]
    pub always: bool,
    pub basis: Basis,
    pub entrusting: Basis,
    pub assigning: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    pub that: At,
    pub basis: Basis,
    pub refuse: At,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    pub procedure: At,
    pub role: At,
    pub held_by: At,
    #[serde(default)]
    pub copy: Vec<At>,
    pub take: Option<At>,
    #[serde(default)]
    pub late: bool,
    #[serde(default)]
    pub carry: Vec<At>,
    pub when: Option<At>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenericRule {
    pub by: Vec<At>,
    pub basis: Basis,
    #[serde(default)]
    pub not_after: Vec<At>,
    #[serde(default)]
    pub imported_by: Vec<At>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    pub id: At,
    pub title: String,
    pub number: Option<At>,
    pub number_of: Option<At>,
    #[serde(default)]
    pub to: Vec<At>,
    #[serde(default)]
    pub remedies: bool,
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    pub id: At,
    pub title: String,
    pub basis: Basis,
    #[serde(default)]
    pub fields: Vec<At>,
    #[serde(default)]
    pub parties: Vec<At>,
    pub instrument: Option<At>,
    pub until: Option<At>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invariant {
    pub id: At,
    pub basis: Basis,
    /// `A before B`, `A when condition`
    pub never: Option<At>,
    /// `A if B|C`
    pub only: Option<At>,
    /// `A and B`, `A and parent.B`
    pub different: Option<At>,
    /// `A then B|C`, `A then B|C within clock`
    pub after: Option<At>,
    /// `A only post|post`
    pub by: Option<At>,
    /// `A at least N`
    pub officers: Option<At>,
    /// `A under field`
    pub power: Option<At>,
    /// `A prolongs clock`
    pub extends: Option<At>,
    /// `A suspends clock until B`
    pub suspends: Option<At>,
    /// The rule holds only in these matters.
    pub when: Option<At>,
}
