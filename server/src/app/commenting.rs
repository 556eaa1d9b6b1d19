//! 公开征求意见: what everybody reads of a draft, and what is worked out for it — the days, the counts, whether it still takes comments.
//!
//! What is public is the draft, its explanation and what came of the comments as a whole; a comment itself never is, nor who made it. Does
//! not belong here: how many days there must be (the clock of the definition), the pages (`web/pages/commenting.rs`).

use zhunsheng_core::day::Day;
use zhunsheng_core::guide::Guides;
use zhunsheng_core::guide::question::Question;
use zhunsheng_core::guide::rank::{Entry, Index};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{DisclosureRun, Fact, MatterState};
use zhunsheng_core::procedure::guard::{Atom, Expr};
use zhunsheng_core::procedure::{PartyKind, Procedure};
use zhunsheng_core::text;

use super::act::Desk;
use super::completing::{Asked, Made};
use super::county::County;
use super::fault::Fault;
use super::publication;
use crate::store::{Query, StoreFault, Tx, matters, record, reviews};

/// The procedure of a draft on which comments are asked.
pub const CONSULTATION: &str = "public_consultation";
/// The procedure of one comment.
pub const COMMENT: &str = "public_comment";

/// Drafts that are looked at, the newest.
const LOOKED_AT: i64 = 200;
/// What was published of a draft, and of the comments on it.
const NOTICE: &str = "notice";
const RESULT: &str = "result";
/// The clock that says how long it is open at least.
const TERM: &str = "comment_term";
/// The field of a comment that names its draft.
const OF: &str = "consultation";
/// How a comment was settled, and the count of it.
const SETTLED: [(&str, &str); 4] = [
    ("adopted", "adopted_count"),
    ("partly", "partly_count"),
    ("declined", "declined_count"),
    ("beyond", "beyond_count"),
];

/// What the system works out for a step of a consultation or a comment.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    match (asked.procedure, asked.command.step.as_str(), asked.state) {
        (CONSULTATION, "prepare" | "prepare_again" | "publish" | "extend_term", state) => Ok(term(desk, asked, state)),
        (CONSULTATION, "close" | "withdraw_consultation", Some(state)) => {
            Ok(vec![("received", comments(tx, &desk.county, state.id)?.len().to_string())])
        }
        (CONSULTATION, "answer", Some(state)) => answered(tx, desk, asked, state),
        (COMMENT, "comment_online" | "register_comment", None) => about(tx, desk, asked),
        _ => Ok(Made::new()),
    }
}

/// The days from publication to the last day, that of publication not counted, and how many are missing.
fn term(desk: &Desk, asked: &Asked<'_>, state: Option<&MatterState>) -> Made {
    let law = &desk.ruling.law;
    let day = asked.day(desk.today);
    let definition = match state {
        Some(state) => law.by_digest(&state.definition),
        None => law.in_force(CONSULTATION, day),
    };
    let known = |field: &str| state.map(|state| state.said(field)).unwrap_or_default();
    let said = |field: &str| match asked.typed(field) {
        "" => known(field),
        typed => typed.to_owned(),
    };
    let before = state.and_then(|state| state.day("closes_on"));
    let published = state.and_then(|state| run(state, NOTICE)).and_then(|run| run.made).unwrap_or(day);
    let closes = asked.typed_day("closes_on").or(before);
    let days = closes.map(|closes| closes.days_since(published));
    let least = definition.map_or(0, |definition| least(definition, &said));
    let mut made = vec![
        ("comment_days", days.map(|days| days.to_string()).unwrap_or_default()),
        ("days_missing", days.map(|days| (least - days).max(0).to_string()).unwrap_or_default()),
    ];
    if asked.command.step.as_str() == "extend_term" {
        made.push(("was_until", before.map(|day| day.to_string()).unwrap_or_default()));
    }
    made
}

/// How many days a draft is open at least, as the clock of its definition says for its kind.
fn least(definition: &Procedure, said: &impl Fn(&str) -> String) -> i64 {
    let Some(clock) = definition.clock(TERM) else { return 0 };
    if clock.when.as_ref().is_some_and(|when| !holds(when, said)) {
        return 0;
    }
    let special = clock.overrides.iter().find(|special| holds(&special.when, said));
    i64::from(special.map_or(&clock.limit, |special| &special.limit).amount)
}

/// Whether a condition on coded fields holds of what is said in them: no matter is there yet.
fn holds(expr: &Expr, said: &impl Fn(&str) -> String) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(|part| holds(part, said)),
        Expr::Any(parts) => parts.iter().any(|part| holds(part, said)),
        Expr::Not(inner) => !holds(inner, said),
        Expr::Atom(Atom::CodeIn(field, codes)) => {
            let said = said(field.as_str());
            codes.iter().any(|code| code.as_str() == said)
        }
        Expr::Atom(_) => false,
    }
}

/// The comments on a draft, oldest first.
pub fn comments(q: &impl Query, county: &str, consultation: MatterId) -> Result<Vec<MatterState>, StoreFault> {
    reviews::with_fact(q, county, COMMENT, (OF, &consultation.to_string()))
}

/// The counts of what came, and of whom the answer speaks by name, number or address.
fn answered(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Result<Made, StoreFault> {
    let all = comments(tx, &desk.county, state.id)?;
    let settled = |as_what: &str| all.iter().filter(|comment| comment.said("settled_as") == as_what).count();
    let mut made: Made = SETTLED.map(|(code, field)| (field, settled(code).to_string())).to_vec();
    made.push(("received", all.len().to_string()));
    made.push(("unsettled", settled("").to_string()));
    let feedback = asked.typed("feedback");
    let mut named = 0;
    for comment in all.iter().filter(|comment| !comment.parties.is_empty()) {
        let stored = record::sealed_values(tx, &desk.county, comment.id)?;
        let tells = |ordinal: u16, detail: &str| {
            let value = record::find_open(&stored, &format!("party.{ordinal}.{detail}")).unwrap_or_default();
            value.chars().count() > 1 && feedback.contains(value)
        };
        let found = comment.parties.iter().any(|party| {
            let person = party.kind == PartyKind::Natural && tells(party.ordinal, "name");
            person || ["phone", "address", "representative"].into_iter().any(|detail| tells(party.ordinal, detail))
        });
        named += usize::from(found);
    }
    made.push(("names_found", named.to_string()));
    Ok(made)
}

/// The draft that a comment is about, whose it is, and whether it takes comments on that day.
fn about(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let typed = MatterId::parse(&asked.typed(OF).to_lowercase());
    let draft = typed.map(|id| matters::find_state(tx, &desk.county, id)).transpose()?.flatten();
    let Some((draft, notice)) = draft.as_ref().and_then(|draft| Some((draft, published(draft)?))) else {
        return Ok(["document_title", "receiver", "takes", "closed_on", "opened_on"]
            .map(|f| (f, String::new()))
            .to_vec());
    };
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    Ok(vec![
        ("document_title", draft.said("document_title")),
        ("receiver", draft.organ.to_string()),
        ("takes", if takes(draft, asked.day(desk.today)) { "yes" } else { "no" }.to_owned()),
        ("closed_on", day(draft.day("closes_on"))),
        ("opened_on", day(notice.made)),
    ])
}

/// Whether a draft takes comments on a day, the last one included.
fn takes(draft: &MatterState, day: Day) -> bool {
    let open = draft.track("main").is_some_and(|now| now.as_str() == "open") && !draft.closed;
    let begun = published(draft).and_then(|run| run.made).is_some_and(|made| made <= day);
    open && begun && draft.day("closes_on").is_some_and(|last| day <= last)
}

fn run<'a>(state: &'a MatterState, disclosure: &str) -> Option<&'a DisclosureRun> {
    state.disclosures.iter().find(|run| run.disclosure.as_str() == disclosure && run.made.is_some())
}

/// The publication of a draft; none where it was never published or may not be shown.
fn published(state: &MatterState) -> Option<&DisclosureRun> {
    let shown = state.procedure.as_str() == CONSULTATION && !state.closed && !state.is_work_secret();
    run(state, NOTICE).filter(|run| shown && run.withdrawn.is_none())
}

/// How far a draft is, for the public.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It takes comments.
    Open,
    /// The last day is over; what came of it is being worked on.
    Closed,
    /// What came of it stands on the page.
    FedBack,
    /// It was taken back.
    Withdrawn,
}

impl Standing {
    /// As the page says it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "正在征求意见",
            Self::Closed => "已截止，正在研究意见",
            Self::FedBack => "已公布采纳情况",
            Self::Withdrawn => "已停止征求意见",
        }
    }
}

/// What came of the comments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feedback {
    /// Published on.
    pub made: Day,
    /// How many came, and what became of them.
    pub counts: Vec<(&'static str, i64)>,
    /// What was adopted, what was not and why.
    pub text: String,
}

/// A draft that anybody may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// Its matter.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// What kind of document it is.
    pub kind: String,
    /// Who asks for comments.
    pub organ: String,
    /// Published on.
    pub made: Day,
    /// The last day.
    pub closes: Day,
    /// How many days that is.
    pub days: i64,
    /// Why it is fewer than the rule.
    pub short: String,
    /// Why it was prolonged.
    pub extended: String,
    /// Why it was taken back.
    pub withdrawn: String,
    /// The explanation.
    pub explanation: String,
    /// The draft itself.
    pub text: String,
    /// Other ways to say something: address, mail.
    pub ways: String,
    /// The organ's telephone.
    pub telephone: String,
    /// How far it is.
    pub standing: Standing,
    /// What came of it.
    pub feedback: Option<Feedback>,
}

/// The published drafts: those that take comments first, then the newest.
pub fn list(q: &impl Query, code: &str, county: &County, today: Day) -> Result<Vec<Draft>, Fault> {
    let shown = matters::list_disclosed(q, code, (CONSULTATION, ""), today.number(), None, LOOKED_AT)?;
    let mut drafts = Vec::new();
    for line in shown.into_iter().filter(|line| line.disclosure == NOTICE) {
        let Some(state) = matters::find_state(q, code, line.matter)? else { continue };
        drafts.extend(of(q, code, county, &state, today)?);
    }
    drafts.sort_by_key(|draft| draft.standing != Standing::Open);
    Ok(drafts)
}

/// One published draft.
pub fn find(q: &impl Query, code: &str, county: &County, id: MatterId, today: Day) -> Result<Option<Draft>, Fault> {
    let Some(state) = matters::find_state(q, code, id)? else { return Ok(None) };
    of(q, code, county, &state, today)
}

fn of(q: &impl Query, code: &str, county: &County, state: &MatterState, today: Day) -> Result<Option<Draft>, Fault> {
    let ruling = county.ruling();
    let Some(definition) = ruling.law.by_digest(&state.definition) else { return Ok(None) };
    let Some((made, closes)) = published(state).and_then(|run| run.made).zip(state.day("closes_on")) else {
        return Ok(None);
    };
    if made > today {
        return Ok(None);
    }
    let sealed = record::sealed_values(q, code, state.id)?;
    let raw = |field: &str| {
        let label = format!("field.{field}");
        let last = sealed.iter().rev().find(|value| value.label == label);
        last.and_then(|value| value.open.as_ref()).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let open = |field: &str| text::mask_numbers(&raw(field));
    let listed = |id: &str| definition.fields.get(id).and_then(|field| publication::value(definition, field, state));
    let answered = run(state, RESULT).and_then(|run| run.made);
    let standing = match state.standing() {
        "withdrawn" => Standing::Withdrawn,
        _ if answered.is_some() => Standing::FedBack,
        _ if takes(state, today) => Standing::Open,
        _ => Standing::Closed,
    };
    Ok(Some(Draft {
        matter: state.id,
        title: text::mask_numbers(&state.said("document_title")),
        kind: listed("document_kind").unwrap_or_default(),
        organ: county.registry().organ_name(&state.organ).to_owned(),
        made,
        closes,
        days: closes.days_since(made),
        short: open("short_reason"),
        extended: open("extend_reason"),
        withdrawn: open("withdraw_reason"),
        explanation: open("explanation"),
        text: open("draft_text"),
        // The organ's own telephone is there to be dialled.
        ways: raw("other_ways"),
        telephone: county.registry().organ(state.organ.as_str()).and_then(|o| o.telephone.clone()).unwrap_or_default(),
        standing,
        feedback: answered.map(|made| Feedback { made, counts: counts(state), text: open("feedback") }),
    }))
}

fn counts(state: &MatterState) -> Vec<(&'static str, i64)> {
    let titles = [
        ("收到意见", "received"),
        ("采纳", "adopted_count"),
        ("部分采纳", "partly_count"),
        ("未采纳", "declined_count"),
        ("与草案无关", "beyond_count"),
    ];
    titles.map(|(title, field)| (title, state.fact(field).and_then(Fact::number).unwrap_or(0))).to_vec()
}

/// The drafts that fit a question, best first; guides stand beside them, so that a rare word is rare even among few drafts.
#[must_use]
pub fn fitting(guides: &Guides, drafts: Vec<Draft>, question: &Question, most: usize) -> Vec<Draft> {
    let entry = |draft: &Draft| Entry {
        fields: vec![(3.0, draft.title.clone()), (1.0, draft.explanation.clone())],
        words: Vec::new(),
    };
    let known = guides.iter().count();
    let index = Index::of(guides.entries().chain(drafts.iter().map(entry)));
    let places = index.find_from(question, known).into_iter().take(most).map(|found| found.at - known);
    places.filter_map(|at| drafts.get(at).cloned()).collect()
}
