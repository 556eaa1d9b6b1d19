//! 草案征求意见: every draft that is or was open to comments, the form under it, and for its organ the comments. The public needs no account and
//! no JavaScript; what somebody wrote is seen by the organ alone.
//!
//! Does not belong here: what is public of a draft (`app/commenting.rs`), how a form is sent over a bad line (`send.js`).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::{FieldId, MatterId, StepId};
use zhunsheng_core::matter::{Actor, Command, Input, Manner, MatterState, SealedClass, Target};
use zhunsheng_core::procedure::{Checked, PartyKind, Performer, Step};
use zhunsheng_core::refusal::Refusals;
use zhunsheng_core::text;

use super::dispute::asking::{Problem, Question, problem, question};
use super::dispute::{
    COMMENT, Filing, Group, KEY_CHARS_MIN, ReceiptPage, digest_of, group, in_page_order, read, roles,
};
use crate::app::act::{ActError, CommandKey};
use crate::app::commenting::{self, Draft, Line as DraftLine, Standing};
use crate::app::fault::chain;
use crate::app::secret::{hex, random};
use crate::app::{App, dispute};
use crate::store::record::{self, StoredSealed};
use crate::store::{comments, matters};
use crate::web::form::Fields;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, Visitor, assets, render};

/// Comments that the organ's page shows; those that are not settled come first.
const SHOWN: usize = 300;

#[derive(Template)]
#[template(path = "citizen/drafts.html")]
struct DraftsPage {
    layout: Layout,
    open: Vec<DraftLine>,
    others: Vec<DraftLine>,
}

/// `GET /consultations`.
pub(in crate::web) async fn list_drafts(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let reader = Arc::clone(&app);
    let all = app.db.read(move |r| commenting::list(r, &reader.county_code, &reader.county, reader.today())).await?;
    let (open, others) = all.into_iter().partition(|draft| draft.standing == Standing::Open);
    render(&DraftsPage { layout: Layout::new(&app, &visitor, "草案征求意见"), open, others })
}

#[derive(Template)]
#[template(path = "citizen/draft.html")]
struct DraftPage {
    layout: Layout,
    draft: Draft,
    /// The form, while it takes comments.
    form: Option<CommentForm>,
    problems: Vec<Problem>,
    sender: String,
}

struct CommentForm {
    filing: &'static Filing,
    hint: String,
    key: String,
    questions: Vec<Question>,
    groups: Vec<Group>,
}

/// What the way answers.
const BY_WAY: [&str; 3] = ["consultation", "receiver", "way"];

/// `GET /consultations/{id}`: a draft that was never published, or may not be shown any more, is not found.
pub(in crate::web) async fn show_draft(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let draft = draft(&app, &id).await?;
    let mut typed = Vec::new();
    if let Some(me) = &visitor.citizen
        && let Some(account) = app.citizen_account(me).await?
    {
        typed.push(("p.0.phone".to_owned(), account.number));
    }
    show(&app, &visitor, draft, &Fields::new(typed), &Refusals::default(), Vec::new())
}

async fn draft(app: &Arc<App>, id: &str) -> Result<Draft, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    let reader = Arc::clone(app);
    let found =
        app.db.read(move |r| commenting::find(r, &reader.county_code, &reader.county, id, reader.today())).await?;
    found.ok_or(PageError::NotFound)
}

fn show(
    app: &App,
    visitor: &Visitor,
    draft: Draft,
    fields: &Fields,
    refusals: &Refusals,
    said: Vec<Problem>,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let opening = dispute::opening(&ruling.law, commenting::COMMENT, app.today());
    let form = opening.filter(|_| draft.line.standing == Standing::Open).map(|(definition, step)| {
        let ask = |id: &FieldId, required| {
            let field = definition.fields.get(id).filter(|field| !field.made && !BY_WAY.contains(&id.as_str()))?;
            question(definition, field, required, fields, refusals)
        };
        let required = step.fill.iter().filter_map(|when| ask(&when.item, when.when.is_none()));
        CommentForm {
            filing: &COMMENT,
            hint: step.hint.clone().unwrap_or_default(),
            key: fields.filled("key").map_or_else(|| hex(&random::<16>()), str::to_owned),
            questions: required.chain(step.may_fill.iter().filter_map(|id| ask(id, false))).collect(),
            groups: roles(definition, step)
                .enumerate()
                .map(|(position, role)| group(&COMMENT, position, role, fields, refusals))
                .collect(),
        }
    });
    let problems = in_page_order(refusals.iter().map(problem).chain(said).collect());
    let title = if problems.is_empty() { draft.line.title.clone() } else { format!("错误：{}", draft.line.title) };
    render(&DraftPage {
        layout: Layout::new(app, visitor, &title),
        draft,
        form,
        problems,
        sender: assets::url("send.js"),
    })
}

/// `POST /consultations/{id}`: the same key twice gives the same receipt, never a second comment.
pub(in crate::web) async fn submit_comment(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = draft(&app, &id).await?;
    let ruling = app.county.ruling();
    let opening = dispute::opening(&ruling.law, commenting::COMMENT, app.today()).ok_or(PageError::NotFound)?;
    let (definition, step) = opening;
    let command = Command {
        target: Target::Open(definition.id.clone()),
        step: step.id.clone(),
        input: input_of(definition, step, &form.fields, &draft),
        manner: Manner::Live,
    };
    let digest = digest_of(&form.fields, &[]);
    let key = CommandKey { key: form.fields.text("key").chars().take(64).collect(), digest };
    match app.act(Actor::Citizen, command, Some(key).filter(|key| key.key.len() >= KEY_CHARS_MIN)).await {
        Ok(done) => {
            let own = match &visitor.citizen {
                Some(me) => app.own_filed(me, done.matter, COMMENT.draft()).await.unwrap_or_else(|fault| {
                    tracing::error!(fault = chain(&fault), "noting whose own a comment is");
                    false
                }),
                None => false,
            };
            render(&ReceiptPage {
                layout: Layout::new(&app, &visitor, "意见已经收到"),
                filing: &COMMENT,
                code: text::written_code(&done.query_code.unwrap_or_default()),
                next: COMMENT.next(&draft.line.organ),
                phone: draft.telephone,
                organ: draft.line.organ,
                day: app.today().chinese(),
                photos: 0,
                own,
                danger: false,
            })
        }
        Err(ActError::KeyReused) => {
            let sentence = "这份意见刚才已经收到；改动后的内容没有收到。要另提一条，请核对后再提交。".to_owned();
            let typed = form.fields.pairs().filter(|(name, _)| *name != "key");
            let typed = Fields::new(typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
            let said = Problem { anchor: String::new(), sentence, next: String::new() };
            show(&app, &visitor, draft, &typed, &Refusals::default(), vec![said])
        }
        Err(ActError::Refused(refusals)) => show(&app, &visitor, draft, &form.fields, &refusals, Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// What was typed, and what the page answers: the draft, its organ, the way. Who says nothing of themselves is no party.
fn input_of(definition: &Checked, step: &Step, fields: &Fields, draft: &Draft) -> Input {
    let mut input = read(definition, step, fields);
    input.fields.retain(|id, _| step.may_fill.contains(id) || step.fill.iter().any(|when| when.item == *id));
    for (field, value) in [("consultation", draft.line.matter.to_string()), ("way", "portal".to_owned())] {
        input.fields.insert(field.into(), vec![value]);
    }
    input
}

/// A comment as its organ reads it: numbers and names masked.
struct Line {
    href: String,
    settle: String,
    day: String,
    way: String,
    who: String,
    about: String,
    comment: String,
    settled: String,
    note: String,
}

#[derive(Template)]
#[template(path = "matter/comments.html")]
struct CommentsPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    matter: String,
    register: String,
    lines: Vec<Line>,
    count: usize,
    unsettled: usize,
    counts: Vec<(String, usize)>,
    public: bool,
}

/// `GET /matters/{id}/comments`: of a draft of the organs whose comments this post may see.
pub(in crate::web) async fn list_comments(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let row = matters::find_row(r, &county, &sight, id)?.filter(|row| commenting::heard_by(&sight, row));
        let Some(row) = row else { return Ok::<_, PageError>(None) };
        let mut all = comments::seen(r, &county, &sight, (commenting::COMMENT, id))?;
        all.sort_by_key(|comment| !comment.said("settled_as").is_empty());
        let mut shown = Vec::new();
        for comment in all.iter().take(SHOWN) {
            shown.push(record::sealed_values(r, &county, comment.id)?);
        }
        Ok(Some((row, all, shown)))
    });
    let (row, all, stored) = found.await?.ok_or(PageError::NotFound)?;
    let ruling = app.county.ruling();
    let definition = ruling.law.newest(commenting::COMMENT).ok_or(PageError::NotFound)?;
    let title = |field: &str, code: &str| {
        let list = definition.fields.get(&FieldId::from(field)).and_then(|field| definition.list_of(field));
        list.and_then(|list| list.title(code)).unwrap_or_default().to_owned()
    };
    let by = Performer::Post(official.post.kind.clone());
    let settles = official.post.organ.as_str() == row.organ
        && definition.step("settle").is_some_and(|step| step.by.contains(&by));
    let lines = all.iter().zip(&stored).map(|(comment, stored)| line(comment, stored, settles, &title)).collect();
    let settled = |code: &str| all.iter().filter(|comment| comment.said("settled_as") == code).count();
    let counts = commenting::SETTLED.map(|(code, _)| (title("settled_as", code), settled(code)));
    render(&CommentsPage {
        layout: Layout::new(&app, &official.visitor, &format!("公众意见：{}", row.title)),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        title: row.title.clone(),
        matter: format!("/matters/{id}"),
        register: format!("/matters/new/{}?step=register_comment&f.consultation={id}", commenting::COMMENT),
        lines,
        count: all.len(),
        unsettled: settled(""),
        counts: counts.to_vec(),
        public: row.state != "prepared",
    })
}

fn line(comment: &MatterState, stored: &[StoredSealed], settles: bool, title: &impl Fn(&str, &str) -> String) -> Line {
    let field = |field: &str| record::opened(stored, &format!("field.{field}"));
    let party = comment.parties.first();
    let name = party.map(|party| (party.kind, record::opened(stored, &format!("party.{}.name", party.ordinal))));
    let who = match name {
        Some((PartyKind::Natural, name)) => text::mask(SealedClass::Name, name),
        Some((_, name)) => name.to_owned(),
        None => "没有留姓名".to_owned(),
    };
    let person = name.filter(|(kind, name)| *kind == PartyKind::Natural && name.chars().count() > 1);
    let masked = |value: &str| {
        let value = person.map_or_else(|| value.to_owned(), |(_, name)| value.replace(name, &who));
        text::mask_numbers(&value)
    };
    let code = comment.said("settled_as");
    let step: StepId = if code.is_empty() { "settle".into() } else { "settle_again".into() };
    let href = format!("/matters/{}", comment.id);
    Line {
        settle: if settles { format!("{href}/steps/{step}") } else { String::new() },
        href,
        day: comment.day("came_on").unwrap_or(comment.opened).to_string(),
        way: title("way", comment.said("way").as_str()),
        about: masked(field("about")),
        comment: masked(field("comment")),
        settled: if code.is_empty() { "待研究".to_owned() } else { title("settled_as", &code) },
        note: masked(field("settled_note")),
        who,
    }
}
