//! What people wait for: pages, lists, searches and figures, asked one after the other as one person does.

use std::time::{Duration, Instant};

use serde::Serialize;
use zhunsheng_core::id::MatterId;

use super::cast::Cast;
use super::http::Kept;
use super::sample::{Sample, Told};
use super::server::Server;
use crate::app::App;
use crate::app::fault::Fault;
use crate::commands::failure::Failure;
use crate::store::matters::{self, ListFilter, Page};
use crate::store::seeing::SightFilter;

/// Requests of one kind at most.
const REQUESTS_MAX: usize = 60;
/// Not counted, at the beginning: the first one reads from disk.
const WARM_UP: usize = 3;
/// One kind is asked for so long at most.
const TIME_MAX: Duration = Duration::from_secs(5);
/// Matters whose pages are opened.
const OPENED: i64 = 40;

/// How long one kind of request took.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// A name that does not change.
    pub id: &'static str,
    /// In words.
    pub title: &'static str,
    /// How long.
    #[serde(flatten)]
    pub times: Told,
    /// Bytes of the answer, uncompressed.
    pub bytes: usize,
}

/// A kind of request: by whom, and its address for the nth time.
struct Kind {
    id: &'static str,
    title: &'static str,
    post: Option<&'static str>,
    path: Box<dyn Fn(usize) -> String>,
}

/// Matters spread over all of the county, by age.
pub fn spread(app: &App) -> Result<Vec<MatterId>, Failure> {
    let sight = SightFilter { county: vec!["mediation".to_owned()], organs: Vec::new() };
    let filter = ListFilter::default();
    let found: Result<Vec<MatterId>, Fault> = app.db.read_blocking(|r| {
        let newest = matters::list(r, &app.county_code, &sight, &filter, Page::First, 1)?;
        let last = newest.first().map_or(0, |row| row.num);
        let mut ids = Vec::new();
        for n in 0..OPENED {
            let near = matters::list(r, &app.county_code, &sight, &filter, Page::After(last / OPENED * n), 1)?;
            ids.extend(near.first().map(|row| row.id));
        }
        Ok(ids)
    });
    Ok(found?)
}

fn kinds(ids: Vec<MatterId>) -> Vec<Kind> {
    let fixed =
        |id, title, post, path: &'static str| Kind { id, title, post, path: Box::new(move |_| path.to_owned()) };
    let matter = move |n: usize| {
        let id = ids.get(n.checked_rem(ids.len()).unwrap_or(0));
        id.map_or_else(|| "/matters".to_owned(), |id| format!("/matters/{id}"))
    };
    let day = |n: usize| format!("/figures?as_of=2024-0{}-{:02}", 1 + n / 28 % 9, 1 + n % 28);
    let (head, station, mediator) = (Some("county_head"), Some("justice_station_head"), Some("mediator"));
    vec![
        fixed("home", "群众首页", None, "/"),
        Kind { id: "matter", title: "事项页", post: head, path: Box::new(matter) },
        fixed("desk", "工作台（调解员）", mediator, "/desk"),
        fixed("list_county", "事项列表（县长，全县）", head, "/matters"),
        fixed("list_station", "事项列表（司法所长，本镇）", station, "/matters"),
        fixed("list_mediator", "事项列表（调解员，本村）", mediator, "/matters"),
        fixed("list_late", "事项列表，已逾期的", head, "/matters?clock=late"),
        fixed("search_common", "检索常见的词（邻居）", head, "/matters?q=%E9%82%BB%E5%B1%85"),
        fixed("search_rare", "检索少见的词（粮车）", head, "/matters?q=%E7%B2%AE%E8%BD%A6"),
        fixed("figures_shown", "法治数据，看", head, "/figures"),
        Kind { id: "figures_counted", title: "法治数据，全部重算", post: head, path: Box::new(day) },
    ]
}

/// Asks for everything.
pub fn ask_all(server: &Server, cast: &Cast, ids: Vec<MatterId>) -> Result<Vec<Asked>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because(&error))?;
    runtime.block_on(async {
        let mut asked = Vec::new();
        for kind in kinds(ids) {
            asked.push(ask(server, cast, kind).await?);
        }
        Ok(asked)
    })
}

async fn ask(server: &Server, cast: &Cast, kind: Kind) -> Result<Asked, Failure> {
    let reader = kind.post.and_then(|post| cast.readers.iter().find(|reader| reader.post == post));
    let cookie = reader.map_or("", |reader| reader.cookie.as_str());
    let failed = |error: std::io::Error| Failure::Fault(format!("{}：{error}", kind.title));
    let mut kept = Kept::open(server.address).await.map_err(failed)?;
    let (mut sample, mut bytes) = (Sample::default(), 0);
    let began = Instant::now();
    for n in 0..REQUESTS_MAX + WARM_UP {
        if n > WARM_UP && began.elapsed() > TIME_MAX {
            break;
        }
        let asked = Instant::now();
        let answer = kept.get(&(kind.path)(n), cookie).await.map_err(failed)?;
        if answer.status != 200 {
            return Err(Failure::Fault(format!("{}：答复 {}", kind.title, answer.status)));
        }
        if n >= WARM_UP {
            sample.add(asked.elapsed());
        }
        bytes = answer.body.len().max(bytes);
    }
    Ok(Asked { id: kind.id, title: kind.title, times: sample.tell(), bytes })
}
