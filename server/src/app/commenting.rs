//! 公开征求意见: what everybody reads of a draft, and what is worked out for it — the days, the counts, whether it still takes comments.
//!
//! What is public is the draft, its explanation and what came of the comments as a whole; a comment itself never is, nor who made it. Does
//! not belong here: how many days there must be (the clock of the definition), the pages (`web/pages/commenting.rs`).

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{DisclosureRun, Fact, MatterState, SealedClass};
use zhunsheng_core::procedure::guard::{Atom, Expr};
use zhunsheng_core::procedure::{PartyKind, Procedure};
use zhunsheng_core::text;

use super::act::Desk;
use super::completing::{Asked, Made};
use super::county::County;
use super::fault::Fault;
use super::publication;
use super::sight::organs_seen;
use crate::store::matters::{MatterRow, ShownDisclosure};
use crate::store::seeing::SightFilter;
use crate::store::{Query, StoreFault, Tx, comments, matters, record};

mod files;
mod personal;
mod searched;
pub mod study;

pub use files::{PublicFile, going_out};
pub use personal::{Personal, mark};
pub use searched::searched;

/// The procedure of a draft on which comments are asked.
pub const CONSULTATION: &str = "public_consultation";
/// The procedure of one comment.
pub const COMMENT: &str = "public_comment";

/// Digits that a number needs to be somebody's.
const NUMBER_CHARS_MIN: usize = 7;
/// As much of what an answer has in common with the names is said.
const NEAR_CHARS_MAX: usize = 200;
/// Drafts that are looked at, the newest.
const LOOKED_AT: i64 = 200;
/// Days by which the figures of drafts ask whether there was time to comment.
const THIRTY: i64 = 30;
/// What was published of a draft, and of the comments on it.
const NOTICE: &str = "notice";
const RESULT: &str = "result";
/// The clock that says how long it is open at least.
const TERM: &str = "comment_term";
/// The field of a comment that names its draft.
const OF: &str = "consultation";
/// How a comment was settled, and the count of it.
pub const SETTLED: [(&str, &str); 4] = [
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
            let counts = comments::counts(tx, &desk.county, None, (COMMENT, state.id))?;
            Ok(vec![("received", counts.values().sum::<i64>().to_string())])
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
    if let Some(days) = days {
        made.push(("thirty_days", if days >= THIRTY { "yes" } else { "no" }.to_owned()));
    }
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

/// Whether a post sees what was said of a draft: its organ alone does, whoever else sees the draft.
#[must_use]
pub fn heard_by(sight: &SightFilter, row: &MatterRow) -> bool {
    let all_or_theirs = |organs: Option<Vec<String>>| organs.is_none_or(|organs| organs.contains(&row.organ));
    row.procedure == CONSULTATION && organs_seen(sight, COMMENT).is_some_and(all_or_theirs)
}

/// The counts of what came, and of whom the answer speaks by number, name or address.
fn answered(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Result<Made, StoreFault> {
    let counts = comments::counts(tx, &desk.county, None, (COMMENT, state.id))?;
    let count = |code: &str| counts.get(code).copied().unwrap_or_default().to_string();
    let mut made: Made = SETTLED.map(|(code, field)| (field, count(code))).to_vec();
    made.push(("received", counts.values().sum::<i64>().to_string()));
    made.push(("unsettled", count("")));
    let feedback = asked.typed("feedback");
    // Whoever sends a comment types what they like as their name: a name that also is a word of the answer warns, and only a number,
    // which nobody writes by chance, refuses. The organ's own numbers are no one's.
    let own = desk.registry.organ(state.organ.as_str()).and_then(|organ| organ.telephone.clone()).unwrap_or_default();
    let ways = record::sealed_values(tx, &desk.county, state.id)?;
    let ways = record::opened(&ways, "field.other_ways").to_owned();
    let mut numbers = usize::from(text::mask_numbers(feedback) != feedback);
    let mut near: Vec<String> = Vec::new();
    for comment in comments::named(tx, &desk.county, (COMMENT, state.id))? {
        let stored = record::sealed_values(tx, &desk.county, comment.id)?;
        for party in &comment.parties {
            let told = |detail: &str| record::opened(&stored, &format!("party.{}.{detail}", party.ordinal));
            let phone = told("phone");
            let anyones = !own.contains(phone) && !ways.contains(phone);
            numbers += usize::from(phone.len() >= NUMBER_CHARS_MIN && anyones && feedback.contains(phone));
            let person = if party.kind == PartyKind::Natural { told("name") } else { "" };
            let named = [person, told("representative")]
                .into_iter()
                .filter(|name| *name != text::UNNAMED && name.chars().count() > 1 && feedback.contains(name));
            near.extend(named.map(|name| text::mask(SealedClass::Name, name)));
            let address = told("address");
            if is_of_a_home(address) && feedback.contains(address) {
                near.push("一处住址".to_owned());
            }
        }
    }
    near.sort();
    near.dedup();
    made.push(("numbers_found", numbers.to_string()));
    made.push(("names_near", near.join("、").chars().take(NEAR_CHARS_MAX).collect()));
    Ok(made)
}

/// Whether an address leads to a door: it has a number. A county, a town, a village is nobody's.
fn is_of_a_home(address: &str) -> bool {
    address.chars().any(|c| c.is_numeric() || "一二三四五六七八九十".contains(c)) && address.chars().count() > 3
}

/// The draft that a comment is about, whose it is, and whether it takes comments on that day.
fn about(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let typed = MatterId::parse(&asked.typed(OF).to_lowercase());
    let draft = typed.map(|id| matters::find_state(tx, &desk.county, id)).transpose()?.flatten();
    let Some((draft, notice)) = draft.as_ref().and_then(|draft| Some((draft, published(draft)?))) else {
        return Ok(["document_title", "receiver", "takes", "studied", "closed_on", "opened_on"]
            .map(|f| (f, String::new()))
            .to_vec());
    };
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    Ok(vec![
        ("document_title", draft.said("document_title")),
        ("receiver", draft.organ.to_string()),
        ("takes", if takes(draft, asked.day(desk.today)) { "yes" } else { "no" }.to_owned()),
        ("studied", if is_studied(draft) { "yes" } else { "no" }.to_owned()),
        ("closed_on", day(draft.day("closes_on"))),
        ("opened_on", day(notice.made)),
    ])
}

/// Fields of a comment that say where it belongs and were true when it came: not part of what it says.
#[must_use]
pub fn is_inner(procedure: &str, field: &str) -> bool {
    procedure == COMMENT && [OF, "takes", "studied"].contains(&field)
}

/// The draft that a comment is about: where everybody reads it, and its title. None of anything else, and where it may not be shown any more.
pub fn draft_of(q: &impl Query, code: &str, state: &MatterState) -> Result<Option<(String, String)>, StoreFault> {
    let Some(id) = drafted(state) else { return Ok(None) };
    let draft = matters::find_state(q, code, id)?.filter(|draft| published(draft).is_some());
    Ok(draft.map(|draft| (format!("/consultations/{id}"), text::mask_numbers(&draft.said("document_title")))))
}

/// Whether a procedure is that of drafts open to comments, or of comments.
#[must_use]
pub fn concerns(procedure: &str) -> bool {
    [CONSULTATION, COMMENT].contains(&procedure)
}

/// Which draft a comment is about.
#[must_use]
pub fn drafted(state: &MatterState) -> Option<MatterId> {
    if state.procedure.as_str() == COMMENT { MatterId::parse(&state.said(OF).to_lowercase()) } else { None }
}

/// Whether comments are still studied: not once they were answered, nor where the draft was taken back.
#[must_use]
pub fn is_studied(draft: &MatterState) -> bool {
    draft.track("main").is_some_and(|now| ["open", "closed"].contains(&now.as_str()))
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
    /// What lists say of it.
    pub line: Line,
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
    /// Files that everybody may have.
    pub files: Vec<PublicFile>,
    /// What came of it.
    pub feedback: Option<Feedback>,
}

/// A draft as it stands in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
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
    /// How far it is.
    pub standing: Standing,
}

/// The published drafts: those that take comments first, then the newest.
pub fn list(q: &impl Query, code: &str, county: &County, today: Day) -> Result<Vec<Line>, Fault> {
    let shown = matters::list_disclosed(q, code, (CONSULTATION, NOTICE), today.number(), None, LOOKED_AT)?;
    let mut drafts = lines(q, code, county, today, &shown)?;
    drafts.sort_by_key(|draft| draft.standing != Standing::Open);
    Ok(drafts)
}

/// What lists say of published drafts.
fn lines(
    q: &impl Query,
    code: &str,
    county: &County,
    today: Day,
    shown: &[ShownDisclosure],
) -> Result<Vec<Line>, Fault> {
    let mut drafts = Vec::new();
    for shown in shown {
        let state = matters::find_state(q, code, shown.matter)?;
        drafts.extend(state.and_then(|state| line(county, &state, today)));
    }
    Ok(drafts)
}

/// What a list says of a draft, from its facts alone; none where it may not be shown.
fn line(county: &County, state: &MatterState, today: Day) -> Option<Line> {
    let ruling = county.ruling();
    let definition = ruling.law.by_digest(&state.definition)?;
    let made = published(state)?.made.filter(|made| *made <= today)?;
    let kind = definition.fields.get("document_kind");
    Some(Line {
        matter: state.id,
        title: text::mask_numbers(&state.said("document_title")),
        kind: kind.and_then(|field| publication::value(definition, field, state)).unwrap_or_default(),
        organ: county.registry().organ_name(&state.organ).to_owned(),
        made,
        closes: state.day("closes_on")?,
        standing: match state.standing() {
            "withdrawn" => Standing::Withdrawn,
            _ if run(state, RESULT).is_some() => Standing::FedBack,
            _ if takes(state, today) => Standing::Open,
            _ => Standing::Closed,
        },
    })
}

/// One published draft.
pub fn find(q: &impl Query, code: &str, county: &County, id: MatterId, today: Day) -> Result<Option<Draft>, Fault> {
    let Some(state) = matters::find_state(q, code, id)? else { return Ok(None) };
    of(q, code, county, &state, today)
}

fn of(q: &impl Query, code: &str, county: &County, state: &MatterState, today: Day) -> Result<Option<Draft>, Fault> {
    let Some(line) = line(county, state, today) else { return Ok(None) };
    let sealed = record::sealed_values(q, code, state.id)?;
    let raw = |field: &str| record::opened(&sealed, &format!("field.{field}"));
    let open = |field: &str| text::mask_numbers(raw(field));
    let answered = run(state, RESULT).and_then(|run| run.made);
    Ok(Some(Draft {
        days: line.closes.days_since(line.made),
        short: open("short_reason"),
        extended: open("extend_reason"),
        withdrawn: open("withdraw_reason"),
        explanation: open("explanation"),
        text: open("draft_text"),
        // The organ's own telephone is there to be dialled.
        ways: raw("other_ways").to_owned(),
        telephone: county.registry().organ(state.organ.as_str()).and_then(|o| o.telephone.clone()).unwrap_or_default(),
        files: files::published(q, code, state, &sealed)?,
        feedback: answered.map(|made| Feedback { made, counts: counts(state), text: open("feedback") }),
        line,
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
