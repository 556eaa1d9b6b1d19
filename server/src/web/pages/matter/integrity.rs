//! 完整性校验清单: the files of a matter as electronic data are listed: what it is, format, length, both digests, who took it in,
//! when, which officers. To print and sign, and as a workbook. Whoever sees the matter sees the list; names stay as they are
//! on the matter's page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, EvidenceKind, PersonId};
use zhunsheng_core::matter::{Event, Taken};
use zhunsheng_core::record::{ActorEntry, Entry};
use zhunsheng_core::recording::Recorded;

use super::Case;
use crate::app::evidence::ending_of;
use crate::app::form::size_text;
use crate::app::sheet::cell::write;
use crate::app::{App, show};
use crate::web::frame::StaffFrame;
use crate::web::pages::matters_export::workbook_file;
use crate::web::{Layout, Official, PageError, Path, render};

/// Columns of the workbook with their widths in characters.
const COLUMNS: [(&str, f64); 11] = [
    ("序号", 6.0),
    ("类别", 20.0),
    ("文件名", 30.0),
    ("格式", 8.0),
    ("长度（字节）", 14.0),
    ("SHA-256", 66.0),
    ("SM3", 66.0),
    ("收集、录入", 24.0),
    ("记入时间", 20.0),
    ("执法人员", 20.0),
    ("步骤", 20.0),
];

/// A file of the list.
pub(super) struct ListedFile {
    pub n: usize,
    pub kind: String,
    pub name: String,
    pub format: String,
    pub bytes: u64,
    pub size: String,
    pub sha256: String,
    pub sm3: String,
    pub by: String,
    pub when: String,
    pub officers: String,
    pub step: String,
    /// The kind's identifier.
    pub of: EvidenceKind,
    pub digest: Digest,
    pub media: String,
    pub day: Day,
    /// Whether it was destroyed.
    pub gone: bool,
}

#[derive(Template)]
#[template(path = "matter/integrity.html")]
struct IntegrityPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    number: String,
    organ: String,
    files: Vec<ListedFile>,
    scenes: Vec<SceneView>,
    back: String,
    export: String,
}

/// `GET /matters/{id}/files`.
pub(in crate::web) async fn show_files(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let case = Case::load(&app, &official.sight, &id).await?;
    let back = format!("/matters/{}", case.row.id);
    render(&IntegrityPage {
        layout: Layout::new(&app, &official.visitor, "电子数据完整性校验清单"),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        title: case.row.title.clone(),
        number: case.row.number.clone().unwrap_or_default(),
        organ: app.county.registry().organ_name(&case.state.organ).to_owned(),
        files: list(&app, &case),
        scenes: scenes(&app, &case),
        export: if case.is_secret() { String::new() } else { format!("{back}/files/export") },
        back,
    })
}

/// `GET /matters/{id}/files/export`: the same as a workbook; of a work secret there is none.
pub(in crate::web) async fn export_files(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let case = Case::load(&app, &official.sight, &id).await?;
    if case.is_secret() {
        return Err(PageError::NotFound);
    }
    let files = list(&app, &case);
    let mut notes =
        vec![format!("电子数据完整性校验清单　{}　{}", case.row.title, case.row.number.unwrap_or_default())];
    if app.is_demonstration() {
        notes.insert(0, format!("演示数据，与{}实际工作无关", app.county_name));
    }
    let bytes = tokio::task::spawn_blocking(move || workbook(&files, &notes)).await.map_err(PageError::fault)?;
    workbook_file(bytes.map_err(PageError::fault)?, &format!("files-{}.xlsx", case.row.id))
}

/// A step that was taken and is on the list of those to be recorded in sound and picture.
pub(super) struct SceneView {
    pub title: String,
    pub content: String,
    pub href: String,
    pub there: bool,
}

/// 音像记录 of a matter: what was to be recorded, and whether a recording is there.
pub(super) fn scenes(app: &App, case: &Case) -> Vec<SceneView> {
    let ruling = app.county.ruling();
    let Some(recording) = &ruling.law.recording else { return Vec::new() };
    let mine = case.entries.iter().flat_map(|(seq, entry)| {
        let own = entry.events.iter().filter(|(id, _)| *id == case.row.id);
        own.map(|(_, event)| (*seq, event.clone()))
    });
    let events: Vec<(i64, Event)> = mine.collect();
    let view = |one: Recorded<'_>| SceneView {
        title: one.scene.title.clone(),
        content: one.scene.content.clone(),
        href: format!("/matters/{}#e{}", case.row.id, one.file.unwrap_or(one.entry)),
        there: one.file.is_some(),
    };
    recording.of(&case.row.procedure, &events).into_iter().map(view).collect()
}

/// Every file in the order in which it came; one that came twice stands twice.
pub(super) fn list(app: &App, case: &Case) -> Vec<ListedFile> {
    let mut files = Vec::new();
    for (_, entry) in &case.entries {
        let mine = || entry.events.iter().filter(|(id, _)| *id == case.row.id).map(|(_, event)| event);
        let taken = mine().find_map(|event| if let Event::Taken(taken) = event { Some(taken) } else { None });
        for event in mine() {
            let Event::EvidenceAttached { kind, digest, bytes, media, sm3 } = event else { continue };
            let name = case.value(&format!("evidence.{digest}.name")).map(|(_, name)| name.to_owned());
            files.push(ListedFile {
                n: files.len() + 1,
                kind: case.evidence_title(kind.as_str()),
                name: name.unwrap_or_default(),
                format: ending_of(media).to_uppercase(),
                bytes: *bytes,
                size: size_text(*bytes),
                sha256: digest.to_string(),
                sm3: sm3.map_or_else(|| "（早先的文件，没有计算）".to_owned(), |digest| digest.to_string()),
                by: by(app, entry),
                when: show::moment(entry.recorded),
                officers: officers(app, taken),
                step: show::step(&case.procedure, &entry.step),
                of: kind.clone(),
                digest: *digest,
                media: media.clone(),
                day: entry.recorded.day(),
                gone: case.state.evidence.iter().any(|file| file.digest == *digest && file.gone == Some(true)),
            });
        }
    }
    files
}

/// Who entered it, with their organ.
fn by(app: &App, entry: &Entry) -> String {
    let registry = app.county.registry();
    match &entry.actor {
        ActorEntry::Staff(person, _, organ) => {
            format!("{}（{}）", registry.person_name(*person), registry.organ_name(organ))
        }
        ActorEntry::Citizen => "群众（网上）".to_owned(),
        ActorEntry::System | ActorEntry::Founder => "系统".to_owned(),
    }
}

fn officers(app: &App, taken: Option<&Taken>) -> String {
    let registry = app.county.registry();
    let people: &[PersonId] = taken.map_or(&[], |taken| taken.officers.as_slice());
    people.iter().map(|person| registry.person_name(*person)).collect::<Vec<_>>().join("、")
}

fn workbook(files: &[ListedFile], notes: &[String]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (plain, bold) = (Format::new(), Format::new().set_bold());
    let sheet = workbook.add_worksheet();
    sheet.set_name("清单")?;
    let mut row = 0;
    for note in notes {
        write(sheet, row, 0, note, &plain)?;
        row += 1;
    }
    for (column, (title, width)) in (0u16..).zip(COLUMNS) {
        write(sheet, row, column, title, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    for file in files {
        row += 1;
        let (n, bytes) = (file.n.to_string(), file.bytes.to_string());
        let cells: [&str; 11] = [
            &n,
            &file.kind,
            &file.name,
            &file.format,
            &bytes,
            &file.sha256,
            &file.sm3,
            &file.by,
            &file.when,
            &file.officers,
            &file.step,
        ];
        for (column, cell) in (0u16..).zip(cells) {
            write(sheet, row, column, cell, &plain)?;
        }
    }
    workbook.save_to_buffer()
}
