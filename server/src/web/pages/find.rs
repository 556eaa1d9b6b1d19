//! 问事: one box for everyday words. It shows, ranked, what helps (guides), what the law says (the library of statutes) and
//! what was answered before; nothing found is no dead end. Made for a phone, without script.
//!
//! Does not belong here: what fits (core `guide`), full text (store `statutes`), who answers (`dispute.rs`).

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::basis::{Article, Basis};
use zhunsheng_core::day::Day;
use zhunsheng_core::guide::question::Question;
use zhunsheng_core::guide::{Door, Guide, LimitRef, Link};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::law::Law;

use super::desk::opening_step;
use super::statutes::snippet;
use crate::app::App;
use crate::app::commenting::{self, Line as DraftLine};
use crate::app::consultation::{self, Answer};
use crate::app::everyday;
use crate::app::fault::Fault;
use crate::app::ruling::Ruling;
use crate::app::time_limits::{self, TimeLimit, length};
use crate::store::statutes::{self, Hit};
use crate::web::citation::{Citation, Citations, article_href};
use crate::web::{Layout, Official, PageError, Path, Query, Visitor, render};

/// Guides that are shown; the first three open.
const GUIDES_MAX: usize = 5;
/// Articles of the library that are shown.
const ARTICLES_MAX: usize = 5;
/// Earlier answers that are shown.
const ANSWERS_MAX: usize = 3;
/// Drafts open to comments that are shown.
const DRAFTS_MAX: usize = 3;
/// Articles of all editions that are looked at for them.
const LOOKED_AT: i64 = 80;

/// A way on: where, what it is called, whether it is a telephone.
pub(super) struct Way {
    href: String,
    title: String,
}

struct LimitLine {
    title: String,
    length: String,
    starts_at: String,
    basis: Citation,
}

struct GuideCard {
    id: String,
    title: String,
    advice: String,
    because: String,
    ways: Vec<Way>,
    bring: Vec<String>,
    limits: Vec<LimitLine>,
    articles: Vec<(Citation, String)>,
}

struct ArticleLine {
    href: String,
    title: String,
    pieces: Vec<(String, bool)>,
}

struct EventGroup {
    title: String,
    guides: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "citizen/find.html")]
struct FindPage {
    layout: Layout,
    typed: String,
    meant: Vec<(String, String)>,
    guides: Vec<GuideCard>,
    articles: Vec<ArticleLine>,
    answers: Vec<Answer>,
    drafts: Vec<DraftLine>,
    events: Vec<EventGroup>,
    /// Whether this reader may say what an everyday word means.
    registers: bool,
}

/// `GET /find?q=`.
pub(in crate::web) async fn show_found(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    official: Option<Official>,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let question = app.understood(query.text("q")).await?;
    let found: Vec<(&Guide, String)> = ruling
        .law
        .guides
        .ask(&question)
        .into_iter()
        .take(GUIDES_MAX)
        .map(|(guide, found)| (guide, found.because.join("、")))
        .collect();
    let articles = articles(&app, &ruling, &question, &found).await?;
    let (answers, drafts) = published(&app, &question).await?;
    let guides = cards(&app, &ruling, found).await?;
    let events = if guides.is_empty() { events(&ruling.law) } else { Vec::new() };
    let title = if question.typed.is_empty() { "问事".to_owned() } else { format!("问事：{}", question.typed) };
    let layout = Layout::new(&app, &visitor, &title);
    let meant = question.mistyped.into_iter().chain(question.meant);
    render(&FindPage {
        layout,
        typed: question.typed,
        meant: meant.filter(|(said, meaning)| said != meaning).collect(),
        guides,
        articles,
        answers,
        drafts,
        events,
        registers: official.is_some_and(|official| registers(&app, &official)),
    })
}

#[derive(Template)]
#[template(path = "citizen/found.html")]
struct GuidePage {
    layout: Layout,
    event: String,
    card: GuideCard,
}

/// `GET /find/{guide}`: one guide under its permanent address.
pub(in crate::web) async fn show_life_guide(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let guide = ruling.law.guides.get(&id).ok_or(PageError::NotFound)?;
    let card = cards(&app, &ruling, vec![(guide, String::new())]).await?.pop().ok_or(PageError::NotFound)?;
    render(&GuidePage { layout: Layout::new(&app, &visitor, &guide.title), event: guide.event.clone(), card })
}

#[derive(Template)]
#[template(path = "citizen/answered.html")]
struct AnswerPage {
    layout: Layout,
    answer: Answer,
}

/// `GET /answers/{id}`: a published answer; withdrawn ones are not found.
pub(in crate::web) async fn show_answer(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let reader = Arc::clone(&app);
    let found =
        app.db.read(move |r| consultation::find(r, &reader.county_code, &reader.county, id, reader.today())).await?;
    let answer = found.ok_or(PageError::NotFound)?;
    render(&AnswerPage { layout: Layout::new(&app, &visitor, &answer.question), answer })
}

fn registers(app: &App, official: &Official) -> bool {
    let ruling = app.county.ruling();
    let register = ruling.law.in_force(everyday::REGISTER, app.today());
    register.is_some_and(|procedure| opening_step(procedure, app, official).is_some())
}

/// Earlier answers that were reviewed and published, and drafts on which comments are or were asked.
async fn published(app: &Arc<App>, question: &Question) -> Result<(Vec<Answer>, Vec<DraftLine>), PageError> {
    if question.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let reader = Arc::clone(app);
    let all = app.db.read(move |r| {
        let (code, county, today) = (&reader.county_code, &reader.county, reader.today());
        let answers = consultation::searched(r, code, county, &reader.answers, today)?;
        Ok::<_, Fault>((answers, commenting::searched(r, code, county, &reader.drafts, today)?))
    });
    let (answers, drafts) = all.await?;
    Ok((answers.fitting(question, ANSWERS_MAX), drafts.fitting(question, DRAFTS_MAX)))
}

async fn cards(
    app: &Arc<App>,
    ruling: &Arc<Ruling>,
    found: Vec<(&Guide, String)>,
) -> Result<Vec<GuideCard>, PageError> {
    let day = app.today();
    let limits: Vec<Vec<TimeLimit<'_>>> = found.iter().map(|(guide, _)| limits_of(&ruling.law, guide, day)).collect();
    let articles = found.iter().flat_map(|(guide, _)| guide.articles.iter().map(|(basis, _)| basis.clone()));
    let asked = articles.chain(limits.iter().flatten().map(|limit| limit.basis.clone())).collect();
    let citations = Citations::load(app, ruling, day, asked).await?;
    // Guides cite the newest edition: where an older one is still in force on the day, its articles have other numbers.
    let current = |basis: &Basis| {
        let statute = ruling.law.statutes.find(&basis.source)?;
        Some(statute.newest()?.applies_on(day))
    };
    let cited = |guide: &'_ Guide| -> Vec<(Basis, String)> {
        guide.articles.iter().filter(|(basis, _)| current(basis) == Some(true)).cloned().collect()
    };
    let card = |((guide, because), limits): ((&Guide, String), Vec<TimeLimit<'_>>)| GuideCard {
        id: guide.id.clone(),
        title: guide.title.clone(),
        advice: guide.advice.clone(),
        because,
        ways: guide.go.iter().filter_map(|link| way(&ruling.law, link)).collect(),
        bring: guide.bring.clone(),
        limits: limits.iter().map(|limit| line(limit, &citations)).collect(),
        articles: cited(guide).into_iter().map(|(basis, phrase)| (citations.link(&basis), phrase)).collect(),
    };
    Ok(found.into_iter().zip(limits).map(card).collect())
}

fn line(limit: &TimeLimit<'_>, citations: &Citations) -> LimitLine {
    LimitLine {
        title: limit.title.to_owned(),
        length: length(&limit.limit),
        starts_at: limit.starts_at.clone(),
        basis: citations.link(limit.basis),
    }
}

/// The limits that a guide names and that are in force; one that does not exist was refused when the law was adopted.
fn limits_of<'a>(law: &'a Law, guide: &'a Guide, day: Day) -> Vec<TimeLimit<'a>> {
    let one = |limit: &'a LimitRef| match limit {
        LimitRef::Named(id) => law.limits.get(id).map(|named| time_limits::of_named(law, named, day)),
        LimitRef::Clock(procedure, clock) => {
            let definition = law.in_force(procedure.as_str(), day)?;
            time_limits::of_procedure(law, definition, day).into_iter().find(|limit| limit.id == clock)
        }
    };
    guide.limits.iter().filter_map(one).filter(|limit| limit.in_force_on(day).is_ok()).collect()
}

/// Where a link of a guide leads.
pub(super) fn way(law: &Law, link: &Link) -> Option<Way> {
    let (href, title) = match link {
        Link::Door(door) => {
            let (href, title) = door_of(*door);
            (href.to_owned(), title.to_owned())
        }
        Link::Procedure(id) => (format!("/guide/{id}"), format!("{}怎么办", law.newest(id.as_str())?.title)),
        Link::Telephone(number, whose) => (format!("tel:{number}"), format!("{number} {whose}")),
    };
    Some(Way { href, title })
}

/// The pages that guides lead to.
#[must_use]
pub fn door_of(door: Door) -> (&'static str, &'static str) {
    match door {
        Door::Dispute => ("/disputes/new", "申请人民调解"),
        Door::LegalAid => ("/legal-aid/new", "申请法律援助"),
        Door::Ask => ("/ask", "问懂法的人"),
        Door::Track => ("/track", "查办理进度"),
        Door::Verify => ("/verify", "核验文书"),
        Door::Consultations => ("/consultations", "看草案，提意见"),
        Door::Penalties => ("/penalties", "查处罚决定"),
        Door::Statutes => ("/law/statutes", "查法规条文"),
        Door::Time => ("/guide/time", "算一算最迟哪天"),
    }
}

/// Articles of the library, in the edition in force, that the guides do not name already.
async fn articles(
    app: &Arc<App>,
    ruling: &Ruling,
    question: &Question,
    found: &[(&Guide, String)],
) -> Result<Vec<ArticleLine>, PageError> {
    if question.is_empty() {
        return Ok(Vec::new());
    }
    let (reader, phrases) = (Arc::clone(app), question.phrases());
    let hits = app.db.read(move |r| statutes::fitting(r, &reader.county_code, &phrases, LOOKED_AT)).await?;
    let (known, today) = (&ruling.law.statutes, app.today());
    let named: BTreeSet<(&str, Article)> = found
        .iter()
        .flat_map(|(guide, _)| &guide.articles)
        .filter_map(|(basis, _)| Some((known.find(&basis.source)?.short.as_str(), basis.article?.without_part())))
        .collect();
    let in_force = |hit: &&Hit| {
        let edition = known.find(&hit.statute).and_then(|statute| statute.on(today));
        edition.is_some_and(|edition| edition.adopted == hit.adopted)
            && !named.contains(&(hit.statute.as_str(), hit.article.article))
    };
    let words = question.phrases().join(" ");
    let line = |hit: &Hit| ArticleLine {
        href: article_href(&hit.statute, hit.adopted, hit.article.article),
        title: format!("《{}》{}", hit.statute, hit.article.article),
        pieces: snippet(&hit.article.plain_text().replace('\n', "　"), &words),
    };
    Ok(hits.iter().filter(in_force).take(ARTICLES_MAX).map(line).collect())
}

/// Every guide by life event: where nothing fits, and on the home page.
fn events(law: &Law) -> Vec<EventGroup> {
    let mut groups: Vec<EventGroup> = Vec::new();
    for guide in law.guides.iter() {
        let entry = (format!("/find/{}", guide.id), guide.title.clone());
        match groups.last_mut() {
            Some(group) if group.title == guide.event => group.guides.push(entry),
            _ => groups.push(EventGroup { title: guide.event.clone(), guides: vec![entry] }),
        }
    }
    groups
}
