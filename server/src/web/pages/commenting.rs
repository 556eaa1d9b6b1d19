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
use super::dispute::filing::COMMENT_DRAFT;
use super::dispute::{
    COMMENT, Filing, Group, KEY_CHARS_MIN, ReceiptPage, digest_of, group, in_page_order, inputs, read, roles,
};
use crate::app::act::{ActError, CommandKey};
use crate::app::commenting::{self, Draft, Line as DraftLine, Personal, Standing};
use crate::app::fault::chain;
use crate::app::form::size_text;
use crate::app::secret::{hex, random};
use crate::app::{App, dispute, evidence};
use crate::store::record::{self, StoredSealed};
use crate::store::{comments, matters};
use crate::web::download::evidence_file;
use crate::web::form::Fields;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, Query, Visitor, assets, render};

/// Comments that the organ's page shows; those that are not settled come first.
const SHOWN: i64 = 300;

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
    /// What of the comment may be somebody's, before it is sent; and that it was told.
    personal: Personal,
    told: String,
    /// Under which it is kept among one's own drafts.
    kept_as: String,
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
    query: Query,
) -> Result<Response, PageError> {
    let draft = draft(&app, &id).await?;
    let mut typed = Vec::new();
    if let Some(me) = &visitor.citizen {
        let key = draft_key(draft.line.matter);
        let asked = query.get("draft").is_some();
        let kept = if asked { app.citizen_drafts(me).await? } else { Vec::new() };
        match (kept.into_iter().find(|kept| kept.filing == key), app.citizen_account(me).await?) {
            (Some(kept), _) => typed = kept.typed,
            (None, Some(account)) => typed.push(("p.0.phone".to_owned(), account.number)),
            (None, None) => {}
        }
    }
    show(&app, &visitor, draft, &Fields::new(typed), &Refusals::default(), Said::default())
}

/// What is said above the form, beside what was refused.
#[derive(Default)]
struct Said {
    problems: Vec<Problem>,
    personal: Personal,
}

/// Under which a comment on a draft is kept among one's own drafts.
fn draft_key(draft: MatterId) -> String {
    format!("{COMMENT_DRAFT}{draft}")
}

/// What the author wrote freely.
fn written(fields: &Fields) -> [&str; 2] {
    [fields.text("f.comment"), fields.text("f.about")]
}

/// `POST /me/drafts` of a comment: the same page, with one sentence above the form. The draft has to be there and open.
pub(super) async fn show_again(
    app: &Arc<App>,
    visitor: &Visitor,
    key: &str,
    fields: &Fields,
    sentence: &str,
) -> Result<Response, PageError> {
    let draft = draft(app, key.strip_prefix(COMMENT_DRAFT).unwrap_or_default()).await?;
    let problems = vec![Problem { anchor: String::new(), sentence: sentence.to_owned(), next: String::new() }];
    show(app, visitor, draft, fields, &Refusals::default(), Said { problems, ..Said::default() })
}

/// The title of a draft on which a comment was begun, while it takes comments.
pub(super) async fn begun_on(app: &Arc<App>, key: &str) -> Result<Option<String>, PageError> {
    match draft(app, key.strip_prefix(COMMENT_DRAFT).unwrap_or_default()).await {
        // One spelling of a key only, else one draft could be kept under any number of them.
        Ok(draft) if draft_key(draft.line.matter) != key => Ok(None),
        Ok(draft) => Ok(Some(draft.line.title).filter(|_| draft.line.standing == Standing::Open)),
        Err(PageError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

impl DraftPage {
    /// How large a file is, as people read it.
    fn size(bytes: &u64) -> String {
        size_text(*bytes)
    }
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
    said: Said,
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
    let none: (&[Question], &[Group]) = (&[], &[]);
    let (questions, groups) = form.as_ref().map_or(none, |form| (&form.questions, &form.groups));
    let problems =
        in_page_order(refusals.iter().map(problem).chain(said.problems).collect(), inputs(questions, groups));
    let title = if problems.is_empty() { draft.line.title.clone() } else { format!("错误：{}", draft.line.title) };
    render(&DraftPage {
        layout: Layout::new(app, visitor, &title),
        kept_as: draft_key(draft.line.matter),
        draft,
        told: if said.personal.is_empty() { String::new() } else { commenting::mark(&written(fields)) },
        personal: said.personal,
        form,
        problems,
        sender: assets::url("send.js"),
    })
}

/// `GET /consultations/{id}/files/{digest}`: a file that was there when the draft was published, saved and never shown by the browser.
pub(in crate::web) async fn download_file(
    State(app): State<Arc<App>>,
    Path((id, digest)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let draft = draft(&app, &id).await?;
    let file = draft.files.into_iter().find(|file| file.digest.to_string() == digest).ok_or(PageError::NotFound)?;
    let plain = format!("draft.{}", evidence::ending_of(&file.media));
    evidence_file(&app.config.data_dir, file.digest, (&file.media, &plain, &file.name)).await
}

/// `POST /consultations/{id}`: the same key twice gives the same receipt, never a second comment.
pub(in crate::web) async fn submit_comment(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = draft(&app, &id).await?;
    let personal = Personal::of(&written(&form.fields));
    if !personal.is_empty() && form.fields.text("told") != commenting::mark(&written(&form.fields)) {
        let said = Said { personal, ..Said::default() };
        return show(&app, &visitor, draft, &form.fields, &Refusals::default(), said);
    }
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
                Some(me) => {
                    app.own_filed(me, done.matter, &draft_key(draft.line.matter)).await.unwrap_or_else(|fault| {
                        tracing::error!(fault = chain(&fault), "noting whose own a comment is");
                        false
                    })
                }
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
                about: Some((format!("/consultations/{}", draft.line.matter), draft.line.title)),
            })
        }
        Err(ActError::KeyReused) => {
            let sentence = "这份意见刚才已经收到；改动后的内容没有收到。要另提一条，请核对后再提交。".to_owned();
            let typed = form.fields.pairs().filter(|(name, _)| *name != "key");
            let typed = Fields::new(typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
            let said = Problem { anchor: String::new(), sentence, next: String::new() };
            show(&app, &visitor, draft, &typed, &Refusals::default(), Said { problems: vec![said], ..Said::default() })
        }
        Err(ActError::Refused(refusals)) => show(&app, &visitor, draft, &form.fields, &refusals, Said::default()),
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
pub(super) struct Line {
    pub href: String,
    pub settle: String,
    pub day: String,
    pub way: String,
    pub who: String,
    pub about: String,
    pub comment: String,
    pub settled: String,
    pub note: String,
}

/// The comments on a draft, as far as its organ reads them.
pub(super) struct Heard {
    title: String,
    pub lines: Vec<Line>,
    pub count: i64,
    pub unsettled: i64,
    pub counts: Vec<(String, i64)>,
    /// Whether one that came by another way can be registered still, by this post.
    registers: bool,
}

impl Heard {
    /// Whether there are more than are listed.
    pub fn is_cut(&self) -> bool {
        self.count > SHOWN
    }
}

#[derive(Template)]
#[template(path = "matter/comments.html")]
struct CommentsPage {
    layout: Layout,
    staff: StaffFrame,
    matter: String,
    register: String,
    heard: Heard,
}

/// `GET /matters/{id}/comments`: of a draft of the organs whose comments this post may see.
pub(in crate::web) async fn list_comments(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let heard = heard(&app, &official, id).await?.ok_or(PageError::NotFound)?;
    render(&CommentsPage {
        layout: Layout::new(&app, &official.visitor, &format!("公众意见：{}", heard.title)),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        matter: format!("/matters/{id}"),
        register: format!("/matters/new/{}?step=register_comment&f.consultation={id}", commenting::COMMENT),
        heard,
    })
}

/// The comments on a draft whose comments this post may see; none of any other.
pub(super) async fn heard(app: &App, official: &Official, id: MatterId) -> Result<Option<Heard>, PageError> {
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let row = matters::find_row(r, &county, &sight, id)?.filter(|row| commenting::heard_by(&sight, row));
        let Some(row) = row else { return Ok::<_, PageError>(None) };
        let Some(draft) = matters::find_state(r, &county, id)? else { return Ok(None) };
        let counts = comments::counts(r, &county, Some(&sight), (commenting::COMMENT, id))?;
        let mut shown = Vec::new();
        for comment in comments::seen(r, &county, &sight, (commenting::COMMENT, id), SHOWN)? {
            let stored = record::sealed_values(r, &county, comment.id)?;
            shown.push((comment, stored));
        }
        Ok(Some((row, draft, counts, shown)))
    });
    let Some((row, draft, counts, shown)) = found.await? else { return Ok(None) };
    let ruling = app.county.ruling();
    let definition = ruling.law.newest(commenting::COMMENT).ok_or(PageError::NotFound)?;
    let title = |field: &str, code: &str| {
        let list = definition.fields.get(&FieldId::from(field)).and_then(|field| definition.list_of(field));
        list.and_then(|list| list.title(code)).unwrap_or_default().to_owned()
    };
    let by = Performer::Post(official.post.kind.clone());
    let may = |step: &str| {
        official.post.organ.as_str() == row.organ && definition.step(step).is_some_and(|step| step.by.contains(&by))
    };
    let settles = may("settle");
    let lines = shown.iter().map(|(comment, stored)| line(comment, stored, settles, &title)).collect();
    let settled = |code: &str| counts.get(code).copied().unwrap_or_default();
    Ok(Some(Heard {
        lines,
        count: counts.values().sum(),
        unsettled: settled(""),
        counts: commenting::SETTLED.map(|(code, _)| (title("settled_as", code), settled(code))).to_vec(),
        registers: may("register_comment") && commenting::is_studied(&draft),
        title: row.title,
    }))
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
