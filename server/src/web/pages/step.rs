//! Taking a step: the form that its definition makes, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::basis::Basis;
use zhunsheng_core::id::{FieldId, MatterId, StepId};
use zhunsheng_core::matter::{self, Context, MatterState, Matters, Target};
use zhunsheng_core::procedure::{Checked, Generic, Performer};
use zhunsheng_core::refusal::Refusals;

use super::desk::opening_step;
use super::like_cases::{self, Beside};
use super::matter::{FactView, Judged, ends_by_opening, judged, led_to, words};
use crate::app::App;
use crate::app::act::ActError;
use crate::app::commenting;
use crate::app::dispute;
use crate::app::duty;
use crate::app::form::{self, Choice, Filled, Ground, MannerKind, StepForm, Subject, Suggested, TypedManner};
use crate::app::naming;
use crate::app::secret::{hex, random};
use crate::app::sheet::begins_here;
use crate::store::matters::{self, ListFilter, MatterRow, Page};
use crate::store::record::{self, StoredSealed};
use crate::store::worklist;
use crate::web::citation::{Citations, day_of};
use crate::web::frame::StaffFrame;
use crate::web::typed::{self, Pressed};
use crate::web::{Form, Layout, Official, PageError, Path, Query, answered, assets, render};

#[derive(Template)]
#[template(path = "matter/step.html")]
struct StepPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    hint: String,
    basis: Basis,
    citations: Citations,
    who: String,
    matter: Option<(String, String)>,
    procedure: String,
    action: String,
    back: String,
    manner: &'static str,
    late: bool,
    signed: bool,
    other_ways: Vec<(String, &'static str)>,
    key: String,
    /// Like decisions, where the form asks for a degree or an amount.
    like_cases: Beside,
    form: StepForm,
    /// The signs of danger and the grade they propose, where the step grades the risk.
    danger: Option<(Vec<String>, String)>,
    /// What was said that sounds dangerous, and whether the step grades it.
    words: Vec<FactView>,
    grades: bool,
    /// What the step judges, where that is a draft or what was said of it.
    judged: Option<Judged>,
    /// Who may sign on the screen, where the step takes such signatures.
    signers: Vec<String>,
    /// What they sign with.
    pad: String,
}

/// The documents that are written on the screen.
const SIGNATURE: &str = "evidence.screen_signature";

#[derive(Template)]
#[template(path = "matter/secrecy.html")]
struct SecrecyPage {
    layout: Layout,
    staff: StaffFrame,
    procedure: String,
    action: String,
    choices: Vec<Choice>,
    stopped: bool,
    missing: bool,
}

/// What a form is about.
struct Sheet {
    procedure: Arc<Checked>,
    step: StepId,
    matter: Option<(MatterRow, MatterState)>,
    texts: Vec<StoredSealed>,
    related: Matters,
    mergeable: Vec<Choice>,
    named: BTreeMap<FieldId, Vec<Choice>>,
    suggested: BTreeMap<FieldId, Suggested>,
}

impl Sheet {
    /// A step that opens a matter. Not found: no such procedure today, or this post opens none of it.
    async fn open(app: &App, official: &Official, procedure: &str, step: &str) -> Result<Self, PageError> {
        let ruling = app.county.ruling();
        let begins_by_form = !begins_here(procedure);
        let procedure = ruling.law.in_force(procedure, app.today()).filter(|_| begins_by_form);
        let procedure = procedure.ok_or(PageError::NotFound)?;
        let asked = procedure.opening_steps().find(|known| known.id.as_str() == step);
        let step = match asked.or_else(|| opening_step(procedure, app, official)) {
            Some(step) => step.id.clone(),
            None => {
                let because = format!("您的岗位不能登记“{}”。", procedure.title);
                return Err(PageError::Forbidden { because });
            }
        };
        Ok(Self {
            procedure: Arc::clone(procedure),
            step,
            matter: None,
            texts: Vec::new(),
            related: Matters::new(),
            mergeable: Vec::new(),
            named: naming::named(app, &official.sight, &official.post.organ, procedure).await?,
            suggested: BTreeMap::new(),
        })
    }

    /// The matter in which whoever took the step goes on, where the step ended its own, and they see it.
    async fn next(&self, app: &App, official: &Official, matter: MatterId) -> Result<Option<MatterId>, PageError> {
        let step = self.procedure.step(self.step.as_str()).filter(|step| ends_by_opening(step));
        let Some(step) = step.cloned() else { return Ok(None) };
        let (county, sight) = (app.county_code.clone(), official.sight.clone());
        let found = app.db.read(move |r| {
            let Some(state) = matters::find_state(r, &county, matter)? else { return Ok::<_, PageError>(None) };
            let Some(next) = led_to(&step, &state) else { return Ok(None) };
            Ok(matters::find_row(r, &county, &sight, next)?.map(|row| row.id))
        });
        found.await
    }

    /// A step on a matter that this post may see.
    async fn on(app: &App, official: &Official, id: &str, step: &str) -> Result<Self, PageError> {
        let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
        let step = StepId::from(step);
        let (county, sight, merge) =
            (app.county_code.clone(), official.sight.clone(), Generic::of(&step) == Some(Generic::Merge));
        let (registry, today, asked) = (app.county.registry(), app.today(), step.to_string());
        let found = app
            .db
            .read(move |r| {
                let Some(row) = matters::find_row(r, &county, &sight, id)? else { return Ok::<_, PageError>(None) };
                let Some(state) = matters::find_state(r, &county, id)? else { return Ok(None) };
                let filter = ListFilter {
                    procedure: Some(row.procedure.clone()),
                    organ: Some(row.organ.clone()),
                    ..ListFilter::default()
                };
                let others =
                    if merge { matters::list(r, &county, &sight, &filter, Page::First, 100)? } else { Vec::new() };
                let related = worklist::related(r, &county, &state)?;
                let suggested = duty::proposed(r, &county, &registry, (&state, &asked), today)?;
                Ok(Some((row, state, record::sealed_values(r, &county, id)?, related, others, suggested)))
            })
            .await?;
        let (row, state, texts, related, others, suggested) = found.ok_or(PageError::NotFound)?;
        let ruling = app.county.ruling();
        let procedure = ruling.law.by_digest(&state.definition).ok_or(PageError::NotFound)?;
        // An import is finished and undone from its own page, which does it, a collection closed; here it would only be said.
        if Generic::of(&step).is_none() && begins_here(state.procedure.as_str()) {
            return Err(PageError::NotFound);
        }
        if Generic::of(&step).is_none() && procedure.step(step.as_str()).is_none_or(|step| step.from.is_empty()) {
            return Err(PageError::NotFound);
        }
        let open = others.into_iter().filter(|other| other.id != id && !other.closed && other.ended.is_none());
        let mergeable = open
            .map(|other| Choice {
                value: other.id.to_string(),
                title: format!("{} {}", other.number.unwrap_or_default(), other.title).trim().to_owned(),
                note: String::new(),
            })
            .collect();
        Ok(Self {
            procedure: Arc::clone(procedure),
            step,
            matter: Some((row, state)),
            texts,
            related,
            mergeable,
            named: naming::named(app, &official.sight, &official.post.organ, procedure).await?,
            suggested,
        })
    }

    /// What stands against the step before anything is typed; nothing against what happened elsewhere already.
    fn objections(&self, app: &App, official: &Official) -> Refusals {
        let Some((_, state)) = &self.matter else { return Refusals::default() };
        let (ruling, registry) = (app.county.ruling(), app.county.registry());
        let context = Context {
            actor: official.actor(),
            today: app.today(),
            now: app.moment(),
            calendar: &ruling.calendar,
            registry: &registry,
        };
        matter::objections(&ruling.law, state, &self.related, &context, &self.step)
    }

    fn target(&self) -> Target {
        match &self.matter {
            Some((row, _)) => Target::On(row.id),
            None => Target::Open(self.procedure.id.clone()),
        }
    }

    fn action(&self) -> String {
        match &self.matter {
            Some((row, _)) => format!("/matters/{}/steps/{}", row.id, self.step),
            None => format!("/matters/new/{}?step={}", self.procedure.id, self.step),
        }
    }

    fn subject(&self) -> Result<Subject<'_>, PageError> {
        match (Generic::of(&self.step), self.procedure.step(self.step.as_str())) {
            (Some(generic), _) => Ok(Subject::Generic(generic)),
            (None, Some(step)) => Ok(Subject::Step(step)),
            (None, None) => Err(PageError::NotFound),
        }
    }

    fn form(
        &self,
        app: &App,
        official: &Official,
        filled: Option<&Filled>,
        refusals: &Refusals,
    ) -> Result<StepForm, PageError> {
        let (ruling, registry) = (app.county.ruling(), app.county.registry());
        let ground = Ground {
            law: &ruling.law,
            registry: &registry,
            calendar: &ruling.calendar,
            today: app.today(),
            procedure: &self.procedure,
            subject: self.subject()?,
            state: self.matter.as_ref().map(|(_, state)| state),
            parent: self.matter.as_ref().and_then(|(_, state)| self.related.get(&state.parent?)),
            texts: &self.texts,
            post: Some(&official.post),
            mergeable: self.mergeable.clone(),
            named: self.named.clone(),
            suggested: self.suggested.clone(),
        };
        Ok(form::build(&ground, filled, refusals))
    }

    async fn page(
        &self,
        app: &App,
        official: &Official,
        filled: Option<&Filled>,
        refusals: &Refusals,
    ) -> Result<Response, PageError> {
        let page = self.render(app, official, filled, refusals).await?;
        let wrong = !refusals.is_empty();
        Ok(answered(page, wrong))
    }

    async fn render(
        &self,
        app: &App,
        official: &Official,
        filled: Option<&Filled>,
        refusals: &Refusals,
    ) -> Result<Response, PageError> {
        let ruling = app.county.ruling();
        let subject = self.subject()?;
        let form = self.form(app, official, filled, refusals)?;
        let manner = filled.map_or(MannerKind::Live, |filled| filled.manner.kind);
        let (title, hint, basis, who) = self.heading(subject, &ruling.law)?;
        let cited = form.refusals.iter().filter_map(|refusal| refusal.basis.clone()).chain([basis.clone()]).collect();
        let citations = Citations::load(app, &ruling, day_of(&self.procedure, app.today()), cited).await?;
        let back = self.matter.as_ref().map_or("/matters/new".to_owned(), |(row, _)| format!("/matters/{}", row.id));
        let judged = match &self.matter {
            Some((row, _)) if commenting::concerns(&row.procedure) => {
                let asked: Vec<String> = form.questions.iter().chain(&form.more).map(|q| q.name.clone()).collect();
                judged(app, official, row.id, (&self.step, &asked)).await?
            }
            _ => None,
        };
        let state = self.matter.as_ref().map(|(_, state)| state);
        let danger = state.and_then(|state| dispute::danger_at(&self.procedure, state, &self.step));
        let words = match &self.matter {
            Some((row, _)) if danger.is_some() => words(app, official, row.id, dispute::READ).await?,
            _ => Vec::new(),
        };
        let page = StepPage {
            judged,
            words,
            grades: dispute::grades(&self.procedure, &self.step),
            like_cases: like_cases::beside(app, official, self.matter.as_ref().map(|(_, state)| state), &form).await?,
            layout: Layout::new(app, &official.visitor, &title),
            staff: StaffFrame::load(app, official, if self.matter.is_some() { "/matters" } else { "/matters/new" })
                .await?,
            title,
            hint,
            basis,
            citations,
            who,
            matter: self.matter.as_ref().map(|(row, _)| (row.title.clone(), row.number.clone().unwrap_or_default())),
            procedure: self.procedure.title.clone(),
            action: self.action(),
            back,
            manner: manner.code(),
            late: manner == MannerKind::Late,
            signed: manner == MannerKind::Form,
            other_ways: self.other_ways(subject, manner, official),
            key: filled
                .map(|filled| filled.key.clone())
                .filter(|key| !key.is_empty())
                .unwrap_or_else(|| hex(&random::<16>())),
            danger,
            signers: self.signers(&form),
            pad: assets::url("pad.js"),
            form,
        };
        render(&page)
    }

    /// Who signs on the screen, where the step takes such signatures.
    fn signers(&self, form: &StepForm) -> Vec<String> {
        match &self.matter {
            Some((_, state)) if form.files.iter().any(|file| file.name == SIGNATURE) => {
                dispute::signers(&self.procedure, state, &self.texts)
            }
            _ => Vec::new(),
        }
    }

    /// Title, hint, authority and who may act.
    fn heading(
        &self,
        subject: Subject<'_>,
        law: &zhunsheng_core::law::Law,
    ) -> Result<(String, String, Basis, String), PageError> {
        match subject {
            Subject::Step(step) => {
                let who = step.by.iter().map(|by| match by {
                    Performer::Post(kind) => law.posts.title(kind),
                    Performer::Citizen => "当事人",
                    Performer::System => "系统",
                });
                let who = who.collect::<Vec<_>>().join("、");
                Ok((step.title.clone(), step.hint.clone().unwrap_or_default(), step.authority.clone(), who))
            }
            Subject::Generic(generic) => {
                let rule = self.procedure.generic.get(&generic).ok_or(PageError::NotFound)?;
                let who = rule.by.iter().map(|kind| law.posts.title(kind)).collect::<Vec<_>>().join("、");
                Ok((generic.chinese().to_owned(), String::new(), rule.basis.clone(), who))
            }
        }
    }

    /// The same step in another manner: from a signed form, or entered late.
    fn other_ways(&self, subject: Subject<'_>, manner: MannerKind, official: &Official) -> Vec<(String, &'static str)> {
        let Subject::Step(step) = subject else { return Vec::new() };
        let link = |kind: MannerKind, title| {
            let action = self.action();
            let join = if action.contains('?') { '&' } else { '?' };
            (format!("{action}{join}manner={}", kind.code()), title)
        };
        let by_form = step.entered_by.contains(&official.post.kind)
            || step.by.contains(&Performer::Post(official.post.kind.clone()));
        let ways = [
            (MannerKind::Live, "现在办理", true),
            (MannerKind::Form, "录入签批单", by_form),
            (MannerKind::Late, "补录（已在系统外办理）", by_form),
        ];
        ways.into_iter()
            .filter(|(kind, _, may)| *may && *kind != manner)
            .map(|(kind, title, _)| link(kind, title))
            .collect()
    }
}

/// What an address says before anybody types: the manner, and fields that a link sets.
fn preset(query: &Query) -> Option<Filled> {
    let kind = MannerKind::parse(query.text("manner"));
    let mut filled = Filled { manner: TypedManner { kind, ..TypedManner::default() }, ..Filled::default() };
    for (name, value) in query.pairs() {
        if let Some(field) = name.strip_prefix("f.") {
            filled.input.fields.entry(field.into()).or_default().push(value.to_owned());
        }
    }
    (kind != MannerKind::Live || !filled.input.fields.is_empty()).then_some(filled)
}

/// `GET /matters/new/{procedure}`. 是否涉密 is asked first, alone, before any text or file.
pub(in crate::web) async fn show_opening(
    State(app): State<Arc<App>>,
    official: Official,
    Path(procedure): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let sheet = Sheet::open(&app, &official, &procedure, query.text("step")).await?;
    let answered = query.filled("f.secrecy");
    if sheet.procedure.asks_secrecy && answered.is_none_or(|answer| answer == "state_secret") {
        let list = sheet.procedure.fields.get("secrecy").and_then(|field| sheet.procedure.list_of(field));
        let choices = list.map(|list| list.items.as_slice()).unwrap_or_default().iter();
        let choice = |(code, title): &(zhunsheng_core::id::Code, String)| Choice {
            value: code.to_string(),
            title: title.clone(),
            note: String::new(),
        };
        return render(&SecrecyPage {
            layout: Layout::new(&app, &official.visitor, &sheet.procedure.title),
            staff: StaffFrame::load(&app, &official, "/matters/new").await?,
            procedure: sheet.procedure.title.clone(),
            action: format!("/matters/new/{}", sheet.procedure.id),
            choices: choices.map(choice).collect(),
            stopped: answered.is_some(),
            missing: query.get("f.secrecy").is_some() && answered.is_none(),
        });
    }
    sheet.page(&app, &official, preset(&query).as_ref(), &Refusals::default()).await
}

/// `POST /matters/new/{procedure}`.
pub(in crate::web) async fn submit_opening(
    State(app): State<Arc<App>>,
    official: Official,
    Path(procedure): Path<String>,
    query: Query,
    form: Form,
) -> Result<Response, PageError> {
    let sheet = Sheet::open(&app, &official, &procedure, query.text("step")).await?;
    submit(&app, &official, &sheet, &form).await
}

/// `GET /matters/{id}/steps/{step}`; `?manner=form` from a signed form, `?manner=late` for 补录.
pub(in crate::web) async fn show_step(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, step)): Path<(String, String)>,
    query: Query,
) -> Result<Response, PageError> {
    let sheet = Sheet::on(&app, &official, &id, &step).await?;
    let filled = preset(&query);
    let live = filled.as_ref().is_none_or(|filled| filled.manner.kind == MannerKind::Live);
    let objections = if live { sheet.objections(&app, &official) } else { Refusals::default() };
    sheet.render(&app, &official, filled.as_ref(), &objections).await
}

/// `POST /matters/{id}/steps/{step}`.
pub(in crate::web) async fn submit_step(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, step)): Path<(String, String)>,
    form: Form,
) -> Result<Response, PageError> {
    let sheet = Sheet::on(&app, &official, &id, &step).await?;
    submit(&app, &official, &sheet, &form).await
}

async fn submit(app: &App, official: &Official, sheet: &Sheet, form: &Form) -> Result<Response, PageError> {
    let (filled, pressed) = typed::read(app, form, &official.post.person.to_string()).await?;
    if pressed == Pressed::Again {
        return sheet.page(app, official, Some(&filled), &Refusals::default()).await;
    }
    let mut changed = filled.clone();
    if Generic::of(&sheet.step) == Some(Generic::Correct) {
        // The form shows every value; only those that were changed are corrected.
        let before = sheet.form(app, official, None, &Refusals::default())?;
        changed.input.fields.retain(|field, values| !before.stands(field, values));
    }
    let ruling = app.county.ruling();
    let (command, key) = match changed.command(&ruling.law, sheet.target(), sheet.step.clone()) {
        Ok(command) => command,
        Err(refusals) => return sheet.page(app, official, Some(&filled), &refusals).await,
    };
    match app.act(official.actor(), command, key).await {
        Ok(done) => {
            let next = sheet.next(app, official, done.matter).await?;
            let there = format!("/matters/{}?done={}", next.unwrap_or(done.matter), done.seq);
            Ok(Redirect::to(&there).into_response())
        }
        Err(ActError::Refused(refusals)) => sheet.page(app, official, Some(&filled), &refusals).await,
        Err(other) => Err(other.into()),
    }
}
