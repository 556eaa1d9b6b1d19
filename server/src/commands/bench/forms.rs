//! Forms: so many citizens, each from an address of their own, who open the form for a dispute, send it, and now and then press
//! twice; staff read their pages meanwhile. Afterwards every receipt is looked for in the record.
//!
//! Does not belong here: programs with tokens (`load.rs`).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::LocalSet;
use zhunsheng_core::id::{Digest, MatterId};

use super::cast::{Cast, Reader};
use super::http::{Answer, Kept};
use super::sample::{Sample, Told};
use super::server::Server;
use crate::app::county_in;
use crate::app::fault::Fault;
use crate::app::outward::encoded;
use crate::app::progress::read_code;
use crate::commands::failure::Failure;
use crate::store::bulk::{Bulk, EntryView};
use crate::store::{Db, matters, record};

/// Citizens at the same time, forms in all, and how long they have.
pub const CLIENTS: u64 = 64;
pub const COUNT: u64 = 100_000;
pub const TIME: Duration = Duration::from_secs(600);
/// Where a dispute is registered without an account.
const FORM: &str = "/disputes/new";
/// Every so many citizens press the button twice.
const TWICE: u64 = 20;
/// Staff open a page, and after this pause the next one.
const PAUSE: Duration = Duration::from_millis(400);
/// What staff open, each in turn.
const PAGES: [&str; 3] = ["/desk", "/matters", "/figures"];
/// Entries read at a time when receipts are looked for.
const CHUNK: i64 = 2_000;

/// What forms to send.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The server; it must believe `X-Forwarded-For` from here.
    pub address: SocketAddr,
    /// Citizens at the same time.
    pub clients: u64,
    /// Forms in all.
    pub count: u64,
    /// No form is begun after this time.
    pub time: Duration,
    /// Begins the mark that each form carries in its text.
    pub run: String,
}

/// A form that was acknowledged: the mark in its text and the query code that was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    mark: String,
    code: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Citizens at the same time.
    pub clients: u64,
    /// Forms acknowledged.
    pub forms: usize,
    /// Seconds until the last one was.
    pub seconds: f64,
    /// Forms a second.
    pub per_second: f64,
    /// How long the page with the form took.
    pub page: Told,
    /// How long sending took.
    pub post: Told,
    /// Pressed twice.
    pub twice: u64,
    /// How long the pages of staff took meanwhile.
    pub staff: BTreeMap<String, Told>,
    /// Refused or failed.
    pub errors: u64,
    /// The first of those.
    pub first_error: Option<String>,
}

/// What staff waited, by post and page.
type Waits = Rc<RefCell<BTreeMap<String, Sample>>>;

/// What one citizen after the other did on one connection.
#[derive(Default)]
struct Report {
    page: Sample,
    post: Sample,
    receipts: Vec<Receipt>,
    twice: u64,
    errors: u64,
    first_error: Option<String>,
}

/// Sends the forms to a server, stops it, and looks for each of them in what it served: what came of it, and what is wrong, in words.
pub fn judge(server: Server, cast: &Cast, wish: &Wish, data: &Path) -> Result<(Sent, Option<String>), Failure> {
    let sent = run(cast, wish);
    server.stop();
    let (sent, receipts) = sent?;
    let wrong = missing(&Db::open_for_reading(data)?, &wish.run, &receipts)?;
    Ok((sent, wrong))
}

/// Sends the forms and reads the pages of staff, on one thread.
fn run(cast: &Cast, wish: &Wish) -> Result<(Sent, Vec<Receipt>), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because(&error))?;
    let (began, towns) = (Instant::now(), Rc::new(cast.towns.clone()));
    let staff = Waits::default();
    let all = LocalSet::new().block_on(&runtime, async {
        let readers: Vec<_> = (cast.readers.iter())
            .map(|reader| tokio::task::spawn_local(read(wish.address, reader.clone(), Rc::clone(&staff))))
            .collect();
        let share = |client: u64| wish.count / wish.clients + u64::from(client < wish.count % wish.clients);
        let sending: Vec<_> = (0..wish.clients)
            .map(|client| tokio::task::spawn_local(send(wish.clone(), Rc::clone(&towns), client, share(client), began)))
            .collect();
        let mut all = Report::default();
        for client in sending {
            all.join(client.await.map_err(|error| Failure::because(&error))?);
        }
        // They read for as long as forms come in.
        readers.iter().for_each(|reader| reader.abort());
        Ok::<_, Failure>(all)
    })?;
    let seconds = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let per_second = all.receipts.len() as f64 / seconds.max(0.001);
    let sent = Sent {
        clients: wish.clients,
        forms: all.receipts.len(),
        seconds,
        per_second,
        page: all.page.tell(),
        post: all.post.tell(),
        twice: all.twice,
        staff: staff.borrow().iter().map(|(page, sample)| (page.clone(), sample.tell())).collect(),
        errors: all.errors,
        first_error: all.first_error,
    };
    Ok((sent, all.receipts))
}

impl Report {
    fn join(&mut self, other: Self) {
        self.page.join(other.page);
        self.post.join(other.post);
        self.receipts.extend(other.receipts);
        self.twice += other.twice;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    fn failed(&mut self, what: String) {
        self.errors += 1;
        self.first_error.get_or_insert(what);
    }
}

/// One official, page after page, until the task is ended.
async fn read(address: SocketAddr, reader: Reader, waits: Waits) {
    let Ok(mut kept) = Kept::open(address).await else { return };
    for page in PAGES.iter().cycle() {
        let asked = Instant::now();
        let Ok(answer) = kept.get(page, &reader.cookie).await else { return };
        if answer.status == 200 {
            let name = format!("{} {page}", reader.post);
            waits.borrow_mut().entry(name).or_default().add(asked.elapsed());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn send(wish: Wish, towns: Rc<Vec<String>>, client: u64, share: u64, began: Instant) -> Report {
    let mut report = Report::default();
    let mut kept = None;
    for n in 0..share {
        if began.elapsed() >= wish.time {
            break;
        }
        let citizen = Citizen { number: n * wish.clients + client, run: &wish.run };
        let Some(town) = towns.get(usize::try_from(citizen.number).unwrap_or(0) % towns.len().max(1)) else { break };
        match citizen.file(&mut kept, wish.address, town, &mut report).await {
            Ok(()) => {}
            Err(error) => {
                kept = None;
                report.failed(error.to_string());
            }
        }
    }
    report
}

/// One visitor with one dispute.
struct Citizen<'a> {
    number: u64,
    run: &'a str,
}

impl Citizen<'_> {
    fn mark(&self) -> String {
        format!("测量表单{}-{:07}", self.run, self.number)
    }

    /// Sixteen million addresses of a private network.
    fn address(&self) -> String {
        let [.., a, b, c] = self.number.to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }

    async fn file(
        &self,
        kept: &mut Option<Kept>,
        address: SocketAddr,
        town: &str,
        report: &mut Report,
    ) -> std::io::Result<()> {
        let kept = Kept::again(kept, address).await?;
        let (from, asked) = (self.address(), Instant::now());
        let form = kept.visit(&format!("{FORM}?town={town}"), &from).await?;
        report.page.add(asked.elapsed());
        let body = String::from_utf8_lossy(&form.body);
        let (Some(token), Some(key), Some(cookie)) = (hidden(&body, "_token"), hidden(&body, "key"), &form.cookie)
        else {
            report.failed(format!("表单页：{} {body:.200}", form.status));
            return Ok(());
        };
        let filled = self.filled(town, &token, &key);
        let asked = Instant::now();
        let answer = kept.send(FORM, &from, cookie, &filled).await?;
        report.post.add(asked.elapsed());
        let Some(code) = shown_code(&answer) else {
            report.failed(format!("提交：{} {:.600}", answer.status, String::from_utf8_lossy(&answer.body)));
            return Ok(());
        };
        if self.number.is_multiple_of(TWICE) {
            report.twice += 1;
            let again = kept.send(FORM, &from, cookie, &filled).await?;
            if shown_code(&again).as_ref() != Some(&code) {
                report.failed(format!("再按一次，得到别的查询码：{}", again.status));
            }
        }
        report.receipts.push(Receipt { mark: self.mark(), code });
        Ok(())
    }

    /// The form as a browser sends it.
    fn filled(&self, town: &str, token: &str, key: &str) -> String {
        let kind = if self.number.is_multiple_of(3) { "neighbour" } else { "contract" };
        let summary = format!("{}，借用粮车损坏，修理费由谁承担双方各执一词。", self.mark());
        let (mine, theirs) = (format!("测{}", name(self.number)), format!("量{}", name(self.number / 7 + 3)));
        let phone = format!("139{:08}", self.number % 100_000_000);
        let fields = [
            ("_token", token),
            ("key", key),
            ("town", town),
            ("village", ""),
            ("f.dispute_kind", kind),
            ("f.summary", &summary),
            ("p.0.name", &mine),
            ("p.0.phone", &phone),
            ("p.1.name", &theirs),
        ];
        encoded(fields)
    }
}

/// Two characters for a number: no two of ten thousand citizens in a row look the same.
fn name(number: u64) -> String {
    let letter = |at: u64| char::from_u32(0x4E00 + u32::try_from(at).unwrap_or(0)).unwrap_or('甲');
    [letter(number % 3_000), letter(3_000 + number / 3_000 % 3_000)].iter().collect()
}

/// The value of a hidden field.
fn hidden(page: &str, field: &str) -> Option<String> {
    let (_, after) = page.split_once(&format!("name=\"{field}\" value=\""))?;
    after.split_once('"').map(|(value, _)| value.to_owned())
}

/// The query code of a receipt.
fn shown_code(answer: &Answer) -> Option<String> {
    let page = String::from_utf8_lossy(&answer.body);
    let (_, after) = page.split_once("id=\"code\">")?;
    after.split_once('<').and_then(|(code, _)| read_code(code)).filter(|_| answer.status == 200)
}

/// Looks for every receipt in the record: its text stands there once, in the matter to which its code leads. The first that does
/// not, in words; none if all is well.
fn missing(db: &Db, run: &str, receipts: &[Receipt]) -> Result<Option<String>, Fault> {
    let start = format!("测量表单{run}-");
    db.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let end = record::next_seq(r, &county)?;
        let mut found = HashMap::<String, Vec<MatterId>>::new();
        for from in (0..end).step_by(usize::try_from(CHUNK).unwrap_or(1)) {
            for sealed in Bulk::read(r, &county, from, CHUNK)?.entries().flat_map(EntryView::sealed) {
                let Some((_, text)) = sealed.open.filter(|(_, text)| text.starts_with(&start)) else { continue };
                let mark = text.split_once('，').map_or(text, |(mark, _)| mark).to_owned();
                found.entry(mark).or_default().push(sealed.matter);
            }
        }
        for Receipt { mark, code } in receipts {
            let led = matters::find_by_query_code(r, &county, &Digest::of(code.as_bytes()).0)?;
            match (found.get(mark).map(Vec::as_slice), led) {
                (Some([only]), Some(matter)) if *only == matter => {}
                (None, _) => return Ok(Some(format!("已答复的表单 {mark} 不在记录里"))),
                (Some(several), _) if several.len() > 1 => {
                    return Ok(Some(format!("表单 {mark} 登记了 {} 次", several.len())));
                }
                _ => return Ok(Some(format!("表单 {mark} 的查询码查不到它的事项"))),
            }
        }
        let doubled = found.values().filter(|matters| matters.len() > 1).count();
        Ok((doubled > 0).then(|| format!("{doubled} 份表单登记了不止一次")))
    })
}

#[cfg(test)]
mod tests {
    use super::{Answer, hidden, name, shown_code};

    #[test]
    fn a_form_and_a_receipt_are_read_as_they_are_written() {
        let page =
            "<input type=\"hidden\" name=\"_token\" value=\"ab\"><input type=\"hidden\" name=\"key\" value=\"cd\">";
        assert_eq!((hidden(page, "key").as_deref(), hidden(page, "town")), (Some("cd"), None));
        let receipt = |status, code: &str| Answer {
            status,
            cookie: None,
            body: format!("<p class=\"query-code\" id=\"code\">{code}</p>").into_bytes(),
        };
        assert_eq!(shown_code(&receipt(200, "ABCD-EFGH-JKMN")).as_deref(), Some("ABCDEFGHJKMN"));
        assert_eq!(shown_code(&receipt(422, "ABCD-EFGH-JKMN")), None);
        assert_eq!(shown_code(&receipt(200, "")), None);
    }

    #[test]
    fn citizens_have_names_of_their_own() {
        let names: std::collections::BTreeSet<String> = (0..100_000).map(name).collect();
        assert_eq!(names.len(), 100_000);
    }
}
