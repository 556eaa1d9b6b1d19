//! An instrument on paper: names in full, as it was issued; to print from the browser, as PDF, as DOCX, and all of a matter's
//! bound as its file 卷宗. Whoever sees the matter may print its instruments; of a work secret nothing is taken away as a file.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;
use zhunsheng_core::id::Digest;
use zhunsheng_core::procedure::Instrument;
use zhunsheng_core::text;

use super::integrity::{ListedFile, list};
use super::{Case, Texts};
use crate::app::instrument::{self, Paragraph};
use crate::app::paper::fonts::Fonts;
use crate::app::paper::{self, Code, Filed, Printed, Unprintable, Volume};
use crate::app::sheet::IMPORT;
use crate::app::{App, evidence};
use crate::store::seeing::SightFilter;
use crate::store::worklist;
use crate::web::download::{DOCX, PDF, attachment};
use crate::web::frame::StaffFrame;
use crate::web::pages::verify;
use crate::web::qr::{self, Qr};
use crate::web::{Layout, Official, PageError, Path, Reason, render};

#[derive(Template)]
#[template(path = "matter/print.html")]
struct PrintPage {
    layout: Layout,
    staff: StaffFrame,
    printed: Printed,
    qr: Option<Qr>,
    back: String,
    /// This page; empty where no file may be taken away.
    here: String,
    /// Which version of the form it was made from.
    version: String,
}

/// `GET /matters/{id}/instruments/{n}`: the nth instrument of a matter, from 1.
pub(in crate::web) async fn show_instrument(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, n)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let case = Case::load(&app, &official.sight, &id).await?;
    let printed = printed(&app, &case, n, &headers).await?;
    let back = format!("/matters/{}", case.row.id);
    let squares = printed.code.as_ref().map(|code| &code.squares).filter(|squares| !squares.is_empty());
    let mut response = render(&PrintPage {
        layout: Layout::new(&app, &official.visitor, &printed.sheet.title),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        qr: squares.map(|squares| qr::path(squares)),
        here: if case.is_secret() { String::new() } else { format!("{back}/instruments/{n}") },
        back,
        version: version(&case),
        printed,
    })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The forms of a procedure have the version of the definition that the matter keeps: its first day, and the beginning of its digest.
fn version(case: &Case) -> String {
    let digest: String = case.state.definition.to_string().chars().take(8).collect();
    format!("{}（{digest}）", case.procedure.in_force_from)
}

/// `GET /matters/{id}/instruments/{n}/pdf`. Refused where a character cannot be drawn.
pub(in crate::web) async fn download_pdf(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, n)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    pdf_of(&app, &official.sight, (&id, n), &headers).await
}

/// The same for a person and for a program.
pub(in crate::web) async fn pdf_of(
    app: &App,
    sight: &SightFilter,
    which: (&str, usize),
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let printed = taken_away(app, sight, which, headers).await?;
    let name = name_of(&printed);
    set(app, ("instrument.pdf", &name), move |fonts| paper::pdf(fonts, &printed)).await
}

/// `GET /matters/{id}/instruments/{n}/docx`: to edit in WPS or Word.
pub(in crate::web) async fn download_docx(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, n)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    docx_of(&app, &official.sight, (&id, n), &headers).await
}

/// The same for a person and for a program.
pub(in crate::web) async fn docx_of(
    app: &App,
    sight: &SightFilter,
    which: (&str, usize),
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let printed = taken_away(app, sight, which, headers).await?;
    let bytes = paper::docx::write(&printed).map_err(PageError::fault)?;
    attachment(DOCX, "instrument.docx", &format!("{}.docx", name_of(&printed)), bytes)
}

/// An instrument that leaves as a file.
async fn taken_away(
    app: &App,
    sight: &SightFilter,
    (id, n): (&str, usize),
    headers: &HeaderMap,
) -> Result<Printed, PageError> {
    let case = load_open(app, sight, id).await?;
    printed(app, &case, n, headers).await
}

/// A PDF as an attachment: set on a thread that may wait. `name` is without its ending.
async fn set(
    app: &App,
    (plain, name): (&str, &str),
    make: impl FnOnce(&Fonts) -> Result<Vec<u8>, Unprintable> + Send + 'static,
) -> Result<Response, PageError> {
    let fonts = Arc::clone(&app.fonts);
    let made = tokio::task::spawn_blocking(move || make(&fonts)).await.map_err(PageError::fault)?;
    attachment(PDF, plain, &format!("{name}.pdf"), made.map_err(unprintable)?)
}

/// Which of the two volumes of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// 正卷: what went out to parties.
    Main,
    /// 副卷: the organ's own papers, which no party is shown.
    Inner,
}

impl Part {
    const ALL: [Self; 2] = [Self::Main, Self::Inner];

    /// As addresses have it.
    fn word(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Inner => "inner",
        }
    }

    fn holds(self, paper: &Instrument) -> bool {
        paper.is_addressed() == (self == Self::Main)
    }

    fn title(self) -> &'static str {
        match self {
            Self::Main => "正卷",
            Self::Inner => "副卷",
        }
    }
}

/// `GET /matters/{id}/volume/{part}`: `main` 正卷 or `inner` 副卷, cover and catalogue first. Files that came with acts are bound in the
/// 副卷, which nobody outside is given: they show people that are no party.
pub(in crate::web) async fn download_volume(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, part)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    volume_of(&app, &official.sight, (&id, &part), &headers, true).await
}

/// The same for a person and for a program; a program has the papers without the files, which show people.
pub(in crate::web) async fn volume_of(
    app: &App,
    sight: &SightFilter,
    (id, part): (&str, &str),
    headers: &HeaderMap,
    with_files: bool,
) -> Result<Response, PageError> {
    let part = Part::ALL.into_iter().find(|known| known.word() == part).ok_or(PageError::NotFound)?;
    let case = load_open(app, sight, id).await?;
    let mut parts = Vec::new();
    for one in bound(app, &case, part, with_files) {
        parts.push(match one {
            Bound::Paper(n) => paper::Part::Paper(printed(app, &case, n, headers).await?),
            Bound::File(file) => paper::Part::File(*file),
        });
    }
    let Some(last) = parts.iter().map(paper::Part::day).max() else { return Err(PageError::NotFound) };
    let registry = app.county.registry();
    let cover = [
        format!("{}卷宗", case.procedure.title),
        part.title().to_owned(),
        registry.organ_name(&case.state.organ).to_owned(),
        case.row.title.clone(),
        format!("编号：{}", case.row.id),
        format!("登记日期：{}", case.state.opened.chinese()),
        if part == Part::Inner {
            "副卷只供本机关和监督机关使用，不提供给当事人。".to_owned()
        } else {
            String::new()
        },
        if app.is_demonstration() { warning(app) } else { String::new() },
    ];
    let volume = Volume { cover: cover.into_iter().filter(|line| !line.is_empty()).collect(), parts };
    let name = plain(&format!("{}{}{}", case.procedure.title, part.title(), case.row.id));
    let data = app.config.data_dir.clone();
    let load = move |digest: &Digest| match evidence::load(&data, digest) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(%digest, %error, "a file cannot be bound");
            None
        }
    };
    set(app, ("volume.pdf", &name), move |fonts| paper::volume(fonts, &volume, last, &load)).await
}

/// What is bound.
enum Bound {
    /// The nth instrument, from 1.
    Paper(usize),
    File(Box<Filed>),
}

/// The parts of a volume in the order in which they are bound: that of the score sheet, papers before files, and what it does not tell
/// apart as it came about.
fn bound(app: &App, case: &Case, part: Part, with_files: bool) -> Vec<Bound> {
    let ruling = app.county.ruling();
    let sheet = ruling.law.review.iter().find(|sheet| sheet.procedure == case.procedure.id);
    let place = |kind: &str| sheet.map_or(0, |sheet| sheet.place_of(kind));
    let holds = |kind: &str| case.procedure.instrument(kind).is_some_and(|paper| part.holds(paper));
    let papers = (1..).zip(&case.state.instruments).filter(|(_, issued)| holds(issued.kind.as_str()));
    let mut all: Vec<((usize, bool, usize), Bound)> =
        papers.map(|(n, issued)| ((place(issued.kind.as_str()), false, n), Bound::Paper(n))).collect();
    if with_files && part == Part::Inner && holds_files(case) {
        let mut seen = BTreeSet::new();
        // One that came twice is bound once.
        let files = list(app, case).into_iter().filter(|file| seen.insert(file.digest));
        let place = |kind: &str| sheet.map_or(1, |sheet| sheet.place_of_file(kind));
        all.extend(files.map(|file| ((place(file.of.as_str()), true, file.n), Bound::File(Box::new(filed(file))))));
    }
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, one)| one).collect()
}

/// Whether a matter has files to bind: a table that was imported names people, and only its register shows them.
fn holds_files(case: &Case) -> bool {
    case.row.procedure != IMPORT && !case.state.evidence.is_empty()
}

/// A file of the list as it is bound.
fn filed(file: ListedFile) -> Filed {
    let only_named = match file.media.as_str() {
        _ if file.gone => Some("文件已经依法销毁，记录中保留摘要。"),
        "image/jpeg" | "image/png" => None,
        _ => Some("不是图片，没有装入本卷，另附原件，按摘要核对。"),
    };
    let short = |digest: &str| digest.chars().take(16).collect::<String>();
    let mut said = vec![format!("录入：{}　{}　步骤：{}", file.when, file.by, file.step)];
    if !file.officers.is_empty() {
        said.push(format!("执法人员：{}", file.officers));
    }
    said.push(if only_named.is_some() {
        format!("格式：{}，{}。SHA-256：{}　SM3：{}", file.format, file.size, file.sha256, file.sm3)
    } else {
        format!("SHA-256：{}…　SM3：{}…　全文见完整性校验清单", short(&file.sha256), short(&file.sm3))
    });
    Filed {
        kind: file.kind,
        name: if file.gone { String::new() } else { file.name },
        number: format!("材料第{}号", file.n),
        day: file.day,
        said,
        digest: file.digest,
        bytes: file.bytes,
        only_named,
    }
}

/// The addresses of the volumes that a matter has something for, with their titles.
pub(super) fn volumes(case: &Case) -> Vec<(String, &'static str)> {
    let has = |part: &Part| {
        let mut issued = case.state.instruments.iter().filter_map(|one| case.procedure.instrument(one.kind.as_str()));
        let files = *part == Part::Inner && holds_files(case);
        !case.is_secret() && (files || issued.any(|paper| part.holds(paper)))
    };
    let offered = Part::ALL.into_iter().filter(has);
    offered.map(|part| (format!("/matters/{}/volume/{}", case.row.id, part.word()), part.title())).collect()
}

/// A matter of which files may be taken away.
async fn load_open(app: &App, sight: &SightFilter, id: &str) -> Result<Case, PageError> {
    let case = Case::load(app, sight, id).await?;
    if case.is_secret() { Err(PageError::NotFound) } else { Ok(case) }
}

fn warning(app: &App) -> String {
    format!("演示数据，与{}实际工作无关", app.county_name)
}

/// The nth instrument of a matter with what its paper bears.
async fn printed(app: &App, case: &Case, n: usize, headers: &HeaderMap) -> Result<Printed, PageError> {
    let moment = instrument::moment_of(&case.entries, case.row.id, n).ok_or(PageError::NotFound)?;
    let (county, matter, seq) = (app.county_code.clone(), case.row.id, moment.seq);
    let texts: Texts = app.db.read(move |r| worklist::sealed_at(r, &county, matter, seq)).await?.into_iter().collect();
    let registry = app.county.registry();
    let ground =
        instrument::Ground { procedure: &case.procedure, registry: &registry, texts: &texts, title: &case.row.title };
    let sheet = instrument::sheet(&ground, &moment).ok_or(PageError::NotFound)?;
    if !sheet.unknown.is_empty() {
        tracing::error!(
            places = sheet.unknown.join(" "),
            instrument = sheet.title,
            "places of an instrument that nobody knows"
        );
    }
    let code = texts.get(&format!("instrument.{n}.code")).map(|code| code_of(app, headers, code));
    Ok(Printed { sheet, warning: app.is_demonstration().then(|| warning(app)), code })
}

fn code_of(app: &App, headers: &HeaderMap, code: &str) -> Code {
    let address = verify::address_of(app, headers, code);
    // Where to type it, without the scheme.
    let place = address.rsplit_once('/').map_or("", |(place, _)| place);
    let place = place.split_once("://").map_or(place, |(_, place)| place);
    let none = if app.is_demonstration() { "演示文书，没有效力。" } else { "" };
    Code {
        written: text::written_code(code),
        note: format!("扫码，或者打开 {place} 输入核验码，可以核验这份文书的真伪。{none}"),
        squares: qr::squares(&address).unwrap_or_default(),
    }
}

/// What an instrument is saved as: number and title.
fn name_of(printed: &Printed) -> String {
    plain(&format!("{}{}", printed.sheet.number.as_deref().unwrap_or_default(), printed.sheet.title))
}

/// Without what a file's name must not have.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && !"/\\:*?\"<>|".contains(*c)).collect()
}

fn unprintable(why: Unprintable) -> PageError {
    PageError::Refused(vec![Reason {
        code: why.code().to_owned(),
        sentence: why.sentence(),
        next: Unprintable::NEXT.to_owned(),
        ..Reason::default()
    }])
}
