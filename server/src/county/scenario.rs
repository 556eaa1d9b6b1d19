//! A scenario as its file says it: organs, staff, yearly volumes, shares and delays of a demonstration county.
//!
//! Does not belong here: texts and names (`pools.rs`), and what is done with the numbers.

use std::collections::BTreeMap;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::law::LawError;

use super::Fault;
use super::material;
use super::{
    aid_plan, consultations, credit, file_reviews, guides, inspections, joint, mediations, oversight, penalties,
    popular, reviews,
};

/// The demonstration county, as the program brings it.
pub const CHANGTU: &str = "changtu.toml";
/// The same in small, for tests.
pub const SMALL: &str = "small.toml";

/// A share of something, between 0 and 1, by code.
pub type Shares = BTreeMap<String, f64>;

/// A scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct Scenario {
    pub scenario: About,
    pub county: CountyPlan,
    pub posts: BTreeMap<String, String>,
    pub staffing: BTreeMap<String, BTreeMap<String, usize>>,
    pub staffing_of: BTreeMap<String, BTreeMap<String, usize>>,
    pub persons: Persons,
    pub certificate: Certificates,
    pub login: Login,
    pub scenes: Scenes,
    pub mediation: MediationPlan,
    pub review: ReviewPlan,
    pub penalty: PenaltyPlan,
    pub legal_aid: aid_plan::AidPlan,
    pub guides: guides::GuidesPlan,
    pub consultations: consultations::ConsultationsPlan,
    pub credit: credit::CreditPlan,
    pub inspection: inspections::InspectionPlan,
    pub popularisation: popular::PopularPlan,
    pub file_reviews: file_reviews::FileReviewPlan,
    pub oversight: oversight::OversightPlan,
    pub joint: joint::JointPlan,
    pub assured: Assured,
}

/// What the scenario is about.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct About {
    pub id: String,
    pub title: String,
    pub county_code: String,
    pub county_name: String,
    pub province_name: String,
    pub city_name: String,
    pub period_from: Day,
    pub period_to: Day,
    pub today: Day,
    pub years: Vec<(Day, Day)>,
    pub seed: u64,
    pub places: String,
    pub villages: String,
    pub villages_per_town: usize,
    pub communities_per_town: usize,
    pub pools: String,
    pub notice: String,
    pub court: String,
    pub bank: String,
    pub remedy_court: String,
    pub remedy_organ: String,
}

/// The organs of the county.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct CountyPlan {
    pub organs: Vec<OrganPlan>,
    pub towns: Vec<TownPlan>,
    pub village_committee: String,
    pub town_committee: String,
    pub committee_term_years: i64,
    pub committees: Vec<CommitteePlan>,
}

/// A county organ.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct OrganPlan {
    pub code: String,
    pub kind: String,
    pub name: String,
    pub short: String,
    pub uscc: String,
    pub parent: String,
    pub place: String,
    pub part: String,
    pub fields: Vec<String>,
}

/// A town with its government, justice station and enforcement team.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct TownPlan {
    pub code: String,
    pub place: String,
    pub name: String,
    pub short: String,
    pub uscc: String,
    pub justice_station: String,
    pub team: String,
    pub team_uscc: String,
    pub entrusted_by: Vec<String>,
}

/// A mediation committee of a trade.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct CommitteePlan {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub place: String,
    pub kinds: Vec<String>,
}

/// What persons are like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct Persons {
    pub qualified: Vec<String>,
    pub certified: Vec<String>,
    pub female: BTreeMap<String, f64>,
    pub birth_years: BTreeMap<String, (i64, i64)>,
    pub successions_per_year: usize,
    pub woman_on_every_committee: bool,
    pub also: Vec<AlsoPost>,
}

/// A second post of somebody: `nth` holder of `of` in the same organ.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct AlsoPost {
    pub organ: String,
    pub of: String,
    pub nth: usize,
    pub post: String,
}

/// Enforcement certificates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct Certificates {
    pub number: String,
    pub issuer: String,
    pub valid_years: i64,
    pub issued_from: Day,
    pub issued_to: Day,
    pub renewed_in_time: f64,
    pub renewal_gap: Delay,
    pub expired_today: usize,
}

/// Who is offered on the login page of the demonstration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// In the order of the page.
    pub personas: Vec<Persona>,
    /// What a visitor may try, in the order of the page.
    pub tour: Vec<TourStop>,
}

/// Something to try: as a persona (none: a citizen), on a scene or on a page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct TourStop {
    pub say: String,
    pub find: String,
    pub persona: Option<String>,
    pub scene: Option<String>,
    pub path: String,
}

/// Matters that stand open on the last day, or that are to be found by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenes {
    /// Disputes.
    pub mediation: Vec<MediationScene>,
    /// Documents.
    pub review: Vec<ReviewScene>,
    /// Penalty cases.
    pub penalty: Vec<PenaltyScene>,
}

/// A dispute: of a committee (`first_village`, or an organ's code), played until an act that nobody takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct MediationScene {
    pub id: Option<String>,
    pub day: Day,
    pub committee: String,
    pub kind: String,
    #[serde(default)]
    pub portal: bool,
    pub until: mediations::Act,
}

/// A document of a department's first drafter, or of the one who is a reviewer too.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct ReviewScene {
    pub id: Option<String>,
    pub day: Day,
    pub kind: String,
    pub organ: String,
    #[serde(default)]
    pub own_reviewer: bool,
    #[serde(default)]
    pub returned: bool,
    #[serde(default)]
    pub advised: bool,
    pub until: reviews::Act,
}

/// A penalty case of the first officer of a field, or of a town's team.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct PenaltyScene {
    pub id: Option<String>,
    pub day: Day,
    pub field: String,
    pub town: Option<String>,
    #[serde(default)]
    pub defends: bool,
    #[serde(default)]
    pub reviewed: bool,
    #[serde(default)]
    pub late: bool,
    pub until: Option<penalties::Act>,
}

/// One person of the login page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct Persona {
    pub title: String,
    pub organ: String,
    pub post: String,
    pub nth: usize,
    pub day: String,
    pub certificate: Option<String>,
}

/// A triangular delay.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// At least.
    pub min: i64,
    /// Most often.
    pub typical: i64,
    /// At most.
    pub max: i64,
    /// Counted in.
    pub unit: DelayUnit,
}

/// What a delay counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayUnit {
    /// Calendar days.
    Day,
    /// Working days.
    WorkDay,
    /// Pages, not days.
    Page,
}

/// The volumes and shapes of mediations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct MediationPlan {
    pub counts: Vec<usize>,
    /// Disputes per year that end on their first day: only for measuring (`brief.rs`).
    #[serde(default)]
    pub brief: Vec<usize>,
    pub weekend_share: f64,
    pub hour_from: i64,
    pub hour_to: i64,
    pub portal_share: f64,
    pub private_share: f64,
    pub invited_share: f64,
    pub party_chooses_mediator: f64,
    pub two_mediators_share: f64,
    pub more_than_two_parties: f64,
    /// Agreements in which several units of the joint mechanism take part; exactly so many.
    pub joint_resolved: usize,
    /// Of the disputes that end otherwise.
    pub joint_share: f64,
    pub joint_from: Day,
    pub escalation_share: f64,
    pub industry_share: f64,
    pub kinds: Vec<DisputeKind>,
    pub source: Shares,
    pub level: Shares,
    pub outcome: Shares,
    pub rounds: Shares,
    pub performance: Shares,
    pub after: AfterAgreement,
    pub confirmation: Shares,
    pub delay: BTreeMap<String, Delay>,
}

/// A kind of dispute.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct DisputeKind {
    pub code: String,
    pub name: String,
    pub weight: f64,
    pub months: [f64; 12],
    pub oral: f64,
}

/// What follows an agreement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct AfterAgreement {
    pub written_return_visit: f64,
    pub oral_return_visit: f64,
    pub visit_satisfied: f64,
    pub confirmation_share: f64,
    pub kept_from_confirmation: Vec<String>,
}

/// The volumes and shapes of legality reviews.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct ReviewPlan {
    pub kinds: Vec<ReviewKind>,
    pub urgent_share: f64,
    pub exploratory_share: f64,
    pub office_return_share: f64,
    pub completion_share: f64,
    pub completion_twice_share: f64,
    pub discussion_share: f64,
    pub adviser_absent_conflict: f64,
    pub pages: Delay,
    pub conclusion: Shares,
    pub problem: Shares,
    pub adviser: Shares,
    pub adoption: Shares,
    pub delay: BTreeMap<String, Delay>,
}

/// A kind of document under review.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct ReviewKind {
    pub code: String,
    pub name: String,
    pub counts: Vec<usize>,
    pub reserved_work_days: i64,
    pub adviser: f64,
    pub months: [f64; 12],
}

/// The volumes and shapes of penalties.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct PenaltyPlan {
    pub fields: Vec<FieldPlan>,
    pub officers: usize,
    pub third_officer_share: f64,
    pub recusal_share: f64,
    pub preserve_share: f64,
    pub second_inquiry_share: f64,
    pub defence_share: f64,
    pub defence_accepted_share: f64,
    pub waived_share: f64,
    pub hearing_requested_share: f64,
    pub hearing_changes_share: f64,
    pub collective_share: f64,
    pub legal_review_extra_share: f64,
    pub legal_review_rejected_share: f64,
    pub mitigated_share: f64,
    pub mitigated_factor: (f64, f64),
    pub often_mitigated_share: f64,
    pub confiscation_share: f64,
    pub served_in_person_share: f64,
    pub served_by_publication: f64,
    pub masked_individual: bool,
    pub published_share: f64,
    pub publication_months: BTreeMap<String, i64>,
    pub hearing_threshold: BTreeMap<String, i64>,
    pub source: Shares,
    pub outcome: Shares,
    pub kind: Shares,
    pub level: Shares,
    pub payment: Shares,
    pub remedy: Shares,
    pub delay: BTreeMap<String, Delay>,
}

/// A field of enforcement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the scenario file")]
pub struct FieldPlan {
    pub code: String,
    pub name: String,
    pub naming: String,
    pub organ: String,
    pub counts: Vec<usize>,
    pub town_share: f64,
    pub months: [f64; 12],
}

/// What must occur.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assured {
    /// Of mediations.
    pub mediation: BTreeMap<String, Assurance>,
    /// Of reviews.
    pub review: BTreeMap<String, Assurance>,
    /// Of penalties.
    pub penalty: BTreeMap<String, Assurance>,
}

/// How often something must occur.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assurance {
    /// Exactly or at least.
    pub mode: Mode,
    /// So often.
    pub count: usize,
}

/// Exactly or at least.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nowhere else.
    Exact,
    /// The shares may add more.
    Least,
}

impl Scenario {
    /// Reads a scenario; an error names file, line, column and what was expected.
    pub fn parse(file: &str, source: &str) -> Result<Self, Fault> {
        toml::from_str(source).map_err(|error| Fault::Scenario(LawError::toml(file, source, &error)))
    }

    /// A scenario that comes with the program: [`CHANGTU`] or [`SMALL`].
    pub fn embedded(name: &str) -> Result<Self, Fault> {
        Self::parse(name, &material::scenario_file(name)?)
    }

    /// The code an organ of the scenario has in the county: the founding registers the government itself under the code
    /// of the county.
    #[must_use]
    pub fn organ_code<'a>(&'a self, code: &'a str) -> &'a str {
        let is_government =
            self.county.organs.iter().any(|organ| organ.code == code && organ.kind == "county_government");
        if is_government { &self.scenario.county_code } else { code }
    }
}
