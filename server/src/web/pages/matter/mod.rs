//! The page of one matter: what it is, where it stands, what comes next, what happened.
//!
//! A matter outside one's sight is not found. Personal data is masked; it is shown in full once, on the answer to a
//! recorded request with a reason.

mod acts;
mod beside;
mod clocks;
mod content;
mod continued;
mod integrity;
mod judged;
mod ledger;
mod name;
mod next;
mod print;
mod seized;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;
use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{self, Context, MatterState, Matters};
use zhunsheng_core::procedure::{Checked, Procedure};
use zhunsheng_core::record::{ActorEntry, Entry};
use zhunsheng_core::text::written_code;

use super::line::{Badge, Line};
use crate::app::commenting::study;
use crate::app::recurring::{self, Recurring};
use crate::app::ruling::Ruling;
use crate::app::{App, defect, dispute, show};
use crate::store::imports::IMPORT;
use crate::store::looks;
use crate::store::matters::{self, MatterRow};
use crate::store::record::{self, StoredSealed};
use crate::store::seeing::SightFilter;
use crate::store::worklist;
use crate::web::citation::{Citation, Citations, day_of};
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, Query, render};

pub(super) use content::FactView;
pub(in crate::web::pages) use continued::{ends_by_opening, led_to};
pub(in crate::web) use integrity::{export_files, show_files};
pub(super) use judged::{Judged, judged, words};
pub(in crate::web) use print::{
    docx_of, download_docx, download_pdf, download_volume, pdf_of, show_instrument, volume_of,
};

/// A reason this short says nothing.
const REASON_CHARS_MIN: usize = 4;

/// A matter with everything that its page shows, loaded within one's sight.
struct Case {
    row: MatterRow,
    state: MatterState,
    procedure: Arc<Checked>,
    sealed: Vec<StoredSealed>,
    entries: Vec<(i64, Entry)>,
    /// Reasons and file names, by entry.
    said: Vec<(i64, String, String)>,
    /// Linked matters in sight, with what happened in them.
    linked: Vec<(MatterRow, Vec<(i64, Entry)>)>,
    parent: Option<MatterRow>,
    /// What the law lets the engine look at, whether in sight or not.
    related: Matters,
    /// How often parties looked.
    looks: i64,
}

/// Linked matters whose acts are shown within this one.
const LINKED_MAX: usize = 8;

impl Case {
    async fn load(app: &App, sight: &SightFilter, id: &str) -> Result<Self, PageError> {
        let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
        let (county, sight) = (app.county_code.clone(), sight.clone());
        let ruling = app.county.ruling();
        let found = app.db.read(move |r| {
            let Some(row) = matters::find_row(r, &county, &sight, id)? else { return Ok::<_, PageError>(None) };
            let Some(state) = matters::find_state(r, &county, id)? else { return Ok(None) };
            let Some(procedure) = ruling.law.by_digest(&state.definition).cloned() else { return Ok(None) };
            let mut linked = Vec::new();
            for link in state.links.iter().take(LINKED_MAX) {
                if let Some(row) = matters::find_row(r, &county, &sight, link.matter)? {
                    linked.push((row, record::entries_of(r, &county, link.matter)?));
                }
            }
            let parent =
                state.parent.map(|parent| matters::find_row(r, &county, &sight, parent)).transpose()?.flatten();
            let sealed = record::sealed_values(r, &county, id)?;
            let entries = record::entries_of(r, &county, id)?;
            let said = worklist::said_with_acts(r, &county, id)?;
            let related = worklist::related(r, &county, &state)?;
            let looks = looks::total(r, &county, id)?;
            Ok(Some(Self { row, state, procedure, sealed, entries, said, linked, parent, related, looks }))
        });
        found.await?.ok_or(PageError::NotFound)
    }

    /// Whether it is a work secret: not in search, export, API.
    fn is_secret(&self) -> bool {
        self.state.is_withheld()
    }

    /// The title of a kind of document.
    fn evidence_title(&self, kind: &str) -> String {
        let named = self.procedure.evidence.iter().find(|(known, _)| known.as_str() == kind);
        match (named, kind) {
            (Some((_, title)), _) => title.clone(),
            (None, "original") => "签批原件".to_owned(),
            (None, _) => "其他材料".to_owned(),
        }
    }

    /// A sealed value by its label, with its class.
    fn value(&self, label: &str) -> Option<(i64, &str)> {
        let stored = self.sealed.iter().rev().find(|stored| stored.label == label)?;
        Some((stored.class, stored.open.as_ref()?.1.as_str()))
    }
}

/// What the parts of the page are made with.
struct Ground<'a> {
    ruling: Arc<Ruling>,
    registry: Arc<Registry>,
    citations: Citations,
    today: Day,
    case: &'a Case,
    /// Other disputes of the same people, of the same village.
    recurring: Recurring,
    revealed: bool,
}

/// A linked matter.
struct LinkView {
    title: String,
    href: String,
    note: String,
}

/// A defect that was marked.
struct FlagView {
    sentence: String,
    basis: Citation,
    step: String,
}

#[derive(Template)]
#[template(path = "matter/matter.html")]
struct MatterPage {
    layout: Layout,
    staff: StaffFrame,
    line: Line,
    due: Option<Badge>,
    heading: Vec<String>,
    tracks: Vec<(String, String)>,
    secret: bool,
    /// What was destroyed of it: on what ground, and where it was appraised, approved and watched.
    gone: Vec<(String, String)>,
    /// Why nothing but storage is allowed; empty if not.
    restricted: String,
    flash: Option<Flash>,
    flags: Vec<FlagView>,
    /// The signs of danger in a dispute that is not graded, or graded high.
    danger: Option<Vec<String>>,
    options: next::Next,
    clocks: Vec<clocks::ClockView>,
    parties: Vec<content::PartyView>,
    facts: Vec<content::FactView>,
    /// What a fine costs and what was paid.
    ledger: Option<ledger::LedgerView>,
    /// What is seized.
    seizures: Vec<seized::SeizureView>,
    /// Steps that are to be recorded in sound and picture.
    scenes: Vec<integrity::SceneView>,
    masked: bool,
    revealed: bool,
    reveal_error: bool,
    reveal_reason: String,
    query_code: Option<String>,
    acts: Vec<acts::ActView>,
    instruments: Vec<content::InstrumentView>,
    /// Addresses and titles of 正卷 and 副卷.
    volumes: Vec<(String, &'static str)>,
    files: Vec<content::FileView>,
    disclosures: Vec<content::DisclosureView>,
    links: Vec<LinkView>,
    continued: Vec<LinkView>,
    /// Other disputes of the same people; and all of the village: how many, and where they are listed.
    again: Vec<Line>,
    /// Perhaps of the same people: the same name in the same village.
    alike: Vec<Line>,
    village: Option<(String, String, String)>,
    procedure_id: String,
    /// Pages of a field of work that are about this matter.
    beside: Vec<(String, String)>,
    /// How often parties looked.
    looks: i64,
}

/// What was just done.
struct Flash {
    sentence: String,
    defects: Vec<String>,
    /// With which the party tracks the matter they just registered; empty otherwise.
    query_code: String,
}

/// `GET /matters/{id}`; `?done=` names the entry that was just made.
pub(in crate::web) async fn show_matter(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let case = Case::load(&app, &official.sight, &id).await?;
    app.see_notices_of(official.post.id, case.row.id).await;
    page(&app, &official, &case, Showing { done: query.text("done").parse().ok(), ..Showing::default() }).await
}

/// `POST /matters/{id}/reveal`: records who looks and why, and shows everything on this answer only.
pub(in crate::web) async fn reveal(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let case = Case::load(&app, &official.sight, &id).await?;
    let reason: String = form.fields.text("reason").chars().take(500).collect();
    if reason.chars().count() < REASON_CHARS_MIN {
        return page(&app, &official, &case, Showing { reveal_error: true, reason, ..Showing::default() }).await;
    }
    app.record_reveal(official.actor(), case.row.id, reason).await?;
    // Loaded again: the look itself stands in the timeline.
    let case = Case::load(&app, &official.sight, &id).await?;
    let mut response = page(&app, &official, &case, Showing { revealed: true, ..Showing::default() }).await?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Default)]
struct Showing {
    done: Option<i64>,
    revealed: bool,
    reveal_error: bool,
    reason: String,
}

/// What the matter's page cites: limits as of the day they began, the rest as its definition means it today.
async fn cited(app: &App, case: &Case, options: &[matter::StepOption]) -> Result<Citations, PageError> {
    let day = day_of(&case.procedure, app.today());
    let (state, procedure) = (&case.state, &case.procedure);
    let flags = state.flags.iter().filter_map(|flag| flag.basis.clone());
    let owed = state.disclosures.iter().filter_map(|run| procedure.disclosure(run.disclosure.as_str()));
    let others = flags.chain(owed.map(|disclosure| disclosure.basis.clone())).map(|basis| (basis, day));
    let refused = options.iter().flat_map(|option| option.refusals.iter()).filter_map(|refusal| refusal.basis.clone());
    let next = options.iter().map(|option| option.authority.clone()).chain(refused).map(|basis| (basis, day));
    let clocks = state.clocks.iter().map(|run| (run.basis.clone(), run.start));
    Citations::load_dated(app, &app.county.ruling(), day, others.chain(next).chain(clocks).collect()).await
}

async fn page(app: &App, official: &Official, case: &Case, showing: Showing) -> Result<Response, PageError> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let context =
        Context { actor: official.actor(), today, now: app.moment(), calendar: &ruling.calendar, registry: &registry };
    let options = matter::options(&ruling.law, &case.state, &case.related, &context);
    let citations = cited(app, case, &options).await?;
    let (county, sight, row) = (app.county_code.clone(), official.sight.clone(), case.row.clone());
    let (state, done) = (case.state.clone(), showing.done);
    let own = case.entries.iter().find(|(seq, _)| Some(*seq) == done).map(|(_, entry)| entry.clone());
    let opener = case.parent.as_ref().filter(|_| own.is_none()).map(|parent| parent.id);
    let read = app.db.read(move |r| {
        let around = study::around(r, &county, &sight, &state)?;
        let led = done.zip(opener).map(|(seq, _)| record::find_entry(r, &county, seq)).transpose()?.flatten();
        let led = led.map(|stored| record::decode(stored.seq, &stored.bytes)).transpose()?;
        let led = led.filter(|entry| Some(entry.matter) == opener);
        Ok::<_, crate::app::fault::Fault>((recurring::of(r, &county, &sight, &row, today)?, around, led))
    });
    let (recurring, around, led) = read.await?;
    let ground = Ground { citations, ruling, registry, today, case, recurring, revealed: showing.revealed };
    let line = Line::new(&case.row, &ground.ruling.law, &ground.registry, ground.today);
    let parties = ground.parties();
    let facts = ground.facts();
    let masked =
        parties.iter().any(|party| party.rows.iter().any(|row| row.masked)) || facts.iter().any(|fact| fact.masked);
    let registers = case.procedure.shape == zhunsheng_core::procedure::Shape::Register;
    render(&MatterPage {
        layout: Layout::new(app, &official.visitor, &line.title),
        staff: StaffFrame::load(app, official, if registers { "/registers" } else { "/matters" }).await?,
        due: line.due.clone(),
        heading: ground.heading(&line),
        tracks: ground.tracks(),
        secret: case.is_secret(),
        gone: ground.gone(),
        restricted: case.state.restricted.as_ref().map(show::cite).unwrap_or_default(),
        flash: own.or(led).map(|entry| ground.flash(&entry, official)),
        query_code: if showing.revealed { case.value("query_code").map(|(_, code)| written_code(code)) } else { None },
        flags: ground.flags(),
        danger: danger(case),
        options: next::Next::new(&ground, options),
        clocks: ground.clocks(),
        masked: masked && !showing.revealed,
        parties,
        facts,
        ledger: ground.ledger(),
        seizures: ground.seizures(),
        scenes: integrity::scenes(app, case),
        revealed: showing.revealed,
        reveal_error: showing.reveal_error,
        reveal_reason: showing.reason,
        acts: ground.acts(),
        instruments: ground.instruments(),
        volumes: print::volumes(case),
        files: ground.files(),
        disclosures: ground.disclosures(),
        links: ground.links(),
        continued: ground.continued(),
        again: ground.lines(&ground.recurring.people),
        alike: ground.lines(&ground.recurring.alike),
        village: ground.village(),
        procedure_id: case.row.procedure.clone(),
        beside: beside::beside(app, official, case, around),
        looks: case.looks,
        line,
    })
}

/// What may turn violent in a dispute that is under way.
fn danger(case: &Case) -> Option<Vec<String>> {
    let running = case.row.ended.is_none() && !case.row.closed;
    let dispute = [dispute::DISPUTE, dispute::JOINT].contains(&case.row.procedure.as_str());
    let found = if running && dispute { dispute::in_danger(&case.procedure, &case.state) } else { None };
    found.map(|(signs, _)| signs)
}

impl Ground<'_> {
    fn lines(&self, rows: &[MatterRow]) -> Vec<Line> {
        rows.iter().map(|row| Line::new(row, &self.ruling.law, &self.registry, self.today)).collect()
    }

    /// The village, how many disputes it had lately, and where they are listed.
    fn village(&self) -> Option<(String, String, String)> {
        let ((place, count), since) = self.recurring.place.as_ref().zip(self.recurring.since)?;
        let href = format!("/matters?procedure={}&place={place}&from={since}", self.case.row.procedure);
        Some((show::place(&self.registry, place), count.clone(), href))
    }

    fn heading(&self, line: &Line) -> Vec<String> {
        let state = &self.case.state;
        let external = state
            .external
            .iter()
            .filter(|external| external.system != IMPORT)
            .map(|external| (&external.system, external.number.as_ref().unwrap_or(&external.id)))
            .map(|(system, number)| format!("{system}编号：{number}"));
        let mut heading = vec![line.number.clone(), line.procedure.clone(), line.organ.clone(), line.place.clone()];
        heading.push(self.in_whose_name());
        if let Some(assigned) = state.assigned {
            heading.push(format!("承办人：{}", self.registry.person_name(assigned)));
        }
        if let Some(deputy) = state.deputy {
            heading.push(format!("代理：{}", self.registry.person_name(deputy)));
        }
        if !state.joined.is_empty() {
            let joined: Vec<&str> = state.joined.iter().map(|organ| self.registry.organ_name(organ)).collect();
            heading.push(format!("参与：{}", joined.join("、")));
        }
        heading.extend(external);
        heading.retain(|part| !part.is_empty());
        heading
    }

    /// Tracks beside the main one that have moved.
    fn tracks(&self) -> Vec<(String, String)> {
        let tracks = self.case.procedure.tracks.iter().skip(1);
        tracks
            .filter_map(|track| {
                let now = self.case.state.track(track.id.as_str()).filter(|now| **now != track.initial)?;
                let state = track.states.iter().find(|state| state.id == *now)?;
                Some((track.title.clone(), state.title.clone()))
            })
            .collect()
    }

    fn flags(&self) -> Vec<FlagView> {
        let flag = |flag: &matter::Flag| {
            let step = flag.step.as_ref().map(|step| show::step(&self.case.procedure, step)).unwrap_or_default();
            let basis = flag.basis.as_ref().map(|basis| self.citations.show_graded(basis)).unwrap_or_default();
            FlagView { sentence: self.defect(self.case.row.id, &self.case.procedure, flag), basis, step }
        };
        self.case.state.flags.iter().map(flag).collect()
    }

    /// A defect of this matter or a linked one, said with what it is about.
    fn defect(&self, id: MatterId, procedure: &Procedure, flag: &matter::Flag) -> String {
        let case = self.case;
        let state = case.related.get(&id).filter(|_| id != case.row.id).unwrap_or(&case.state);
        let (law, calendar) = (&self.ruling.law, &self.ruling.calendar);
        defect::sentence(&defect::Ground { law, calendar, registry: &self.registry, procedure, state }, flag)
    }

    /// What an entry of this matter did, for the page that follows it. Where a step of another opened this one, that step, and that
    /// one is here now.
    fn flash(&self, entry: &Entry, official: &Official) -> Flash {
        let own = (self.case.row.id, &self.case.procedure);
        let from = self.case.related.get(&entry.matter).filter(|from| from.id != own.0);
        let from = from.and_then(|from| Some((from.id, self.ruling.law.by_digest(&from.definition)?)));
        let title = show::step(from.unwrap_or(own).1, &entry.step);
        let sentence = match from {
            None => format!("已办理：{title}。"),
            Some(_) => format!("已办理：{title}。现在转到新登记的“{}”，在这里接着办。", own.1.title),
        };
        let known = |id: MatterId| [Some(own), from].into_iter().flatten().find(|(known, _)| *known == id);
        let defects = entry.events.iter().filter_map(|(id, event)| match (event, known(*id)) {
            (matter::Event::Flagged(..), Some((id, procedure))) => self.marked(event, id, procedure),
            _ => None,
        });
        let mine = matches!(&entry.actor, ActorEntry::Staff(person, ..) if *person == official.post.person);
        let opened = entry
            .events
            .iter()
            .any(|(id, event)| *id == self.case.row.id && matches!(event, matter::Event::TrackedBy(_)));
        let code = self.case.value("query_code").filter(|_| mine && opened).map(|(_, code)| code.to_owned());
        Flash {
            sentence,
            defects: defects.collect(),
            query_code: code.map(|code| written_code(&code)).unwrap_or_default(),
        }
    }

    /// Where an ended matter goes on, and what the matter goes on from: one that a step opened which ended its own.
    fn continued(&self) -> Vec<LinkView> {
        let law = &self.ruling.law;
        let named = |row: &MatterRow, note: &str| {
            let procedure = law.newest(&row.procedure).map_or(row.procedure.as_str(), |known| known.title.as_str());
            let title = format!("{procedure}：{}", row.title);
            LinkView { title, href: format!("/matters/{}", row.id), note: note.to_owned() }
        };
        let rows = self.case.linked.iter().map(|(row, _)| row);
        let on = rows
            .filter(|row| continued::goes_on(law, &self.case.state, row.id))
            .map(|row| named(row, "已转为，在那里办理"));
        let parent = self.case.parent.as_ref().filter(|parent| {
            let state = self.case.related.get(&parent.id);
            state.is_some_and(|state| continued::goes_on(law, state, self.case.row.id))
        });
        parent.map(|row| named(row, "转自")).into_iter().chain(on).collect()
    }

    fn links(&self) -> Vec<LinkView> {
        let law = &self.ruling.law;
        let title = |id: &str| law.newest(id).map_or(id.to_owned(), |procedure| procedure.title.clone());
        let parent = self.case.parent.iter().map(|row| LinkView {
            title: row.title.clone(),
            href: format!("/matters/{}", row.id),
            note: format!("本件由它引出 · {}", title(&row.procedure)),
        });
        let links = self.case.state.links.iter().map(|link| {
            let row = self.case.linked.iter().map(|(row, _)| row).find(|row| row.id == link.matter);
            let state = row.map(|row| Line::new(row, law, &self.registry, self.today).state);
            let ended = link.outcome.as_ref().map_or("办理中", |_| "已有结果");
            LinkView {
                title: row.map_or_else(|| title(link.procedure.as_str()), |row| row.title.clone()),
                href: row.map(|row| format!("/matters/{}", row.id)).unwrap_or_default(),
                note: format!("{} · {}", title(link.procedure.as_str()), state.unwrap_or_else(|| ended.to_owned())),
            }
        });
        parent.chain(links).collect()
    }
}

/// Sealed values of a moment, by label.
type Texts = BTreeMap<String, String>;
