//! Handing a batch over to the credit platform by HTTP: as it was sent, under a key that makes repeating safe; what comes back is
//! entered as a receipt by whoever gave it over. Off as long as no platform is registered (law/procedures/county/credit_platform.toml),
//! and as long as whoever runs the server has not said which host may have it (`ZHUNSHENG_CREDIT_HOST`).
//!
//! One request for each file of a batch: `POST` of its JSON with `Idempotency-Key`. The answer holds `results`, one for each report
//! that the platform has decided on: `number`, `subject`, `result`, `reason`, `receipt`. What it does not name yet is asked for
//! again, under the same key.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::uri::Authority;
use serde_json::Value;
use zhunsheng_core::credit::Values;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, PersonId, PostId};
use zhunsheng_core::matter::{Actor, Fact};

use super::super::App;
use super::super::act::{ActError, Desk};
use super::super::again;
use super::super::fault::Fault;
use super::super::outward::{Letter, OutwardError, Reply, Target};
use super::{REPORT, batch, receipt, table};
use crate::store::credit_handover::{self as store, HandOver};
use crate::store::{Query, StoreFault, Tx, few, matters};

/// The register of the platform.
pub const PLATFORM: &str = "credit_platform";
/// How often it is looked whether something is due.
pub const LOOK: Duration = Duration::from_secs(10);
/// An answer at most.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What is answered in part is asked for again so soon; doubled with each time that nothing new came.
const REST_MS: i64 = 10 * 60 * 1_000;
/// The longest wait for what the platform has.
const REST_MS_MAX: i64 = 4 * 60 * 60 * 1_000;
/// After so many failures nothing is tried any more until somebody asks for it.
pub const FAILURES_MAX: u32 = 12;

/// The registered platform: its name and address; none: handing over is off.
pub fn platform(q: &impl Query, county: &str, today: Day) -> Result<Option<(String, String)>, StoreFault> {
    let stands = |state: &zhunsheng_core::matter::MatterState| {
        let day = |field| state.fact(field).and_then(Fact::day);
        state.standing() == "in_force"
            && day("valid_from").is_none_or(|from| from <= today)
            && day("valid_until").is_none_or(|until| today <= until)
    };
    let registered = few::all(q, county, PLATFORM)?;
    let found = registered.into_iter().rfind(stands);
    Ok(found.map(|state| (state.text("name").to_owned(), state.text("address").to_owned())))
}

/// When one is due, machine time in milliseconds; none: not before somebody asks for it.
#[must_use]
pub fn due_ms(known: &HandOver) -> Option<i64> {
    let wait = match known.failures {
        _ if known.answered_ms > 0 => return None,
        _ if known.tried_ms == 0 => return Some(0),
        0 => again::doubled(REST_MS, known.quiet, REST_MS_MAX),
        FAILURES_MAX.. => return None,
        n => again::after_failure(n),
    };
    Some(known.tried_ms.saturating_add(wait))
}

/// Names the parts of a batch that still wait as to be handed over at once, as this person's. What was counted before stays counted.
pub(super) fn put(tx: &mut Tx<'_>, county: &str, name: &str, by: (PersonId, PostId)) -> Result<(), StoreFault> {
    let before = store::of_batch(tx, county, name)?;
    let lines = batch::lines(tx, county, name, None)?;
    let mut parts: Vec<String> = lines.iter().filter(|line| line.waits()).map(batch::Line::part).collect();
    parts.sort();
    parts.dedup();
    for part in parts {
        let mut known = HandOver::new(name, &part, by);
        if let Some(old) = before.iter().find(|old| old.part == part) {
            (known.accepted, known.rejected, known.delivered_ms) = (old.accepted, old.rejected, old.delivered_ms);
        }
        store::put(tx, county, &known, due_ms(&known))?;
    }
    Ok(())
}

/// As [`put`], for a report that was sent by itself, if there is a platform.
pub(super) fn put_alone(tx: &mut Tx<'_>, desk: &Desk, actor: &Actor, report: MatterId) -> Result<(), StoreFault> {
    let Actor::Staff { person, post } = actor else { return Ok(()) };
    let Some(report) = matters::find_state(tx, &desk.county, report)? else { return Ok(()) };
    if report.procedure.as_str() != REPORT || platform(tx, &desk.county, desk.today)?.is_none() {
        return Ok(());
    }
    put(tx, &desk.county, report.text("batch"), (*person, *post))
}

/// How one stands, in a few words, and how it is marked.
#[must_use]
pub fn standing(known: &HandOver) -> (&'static str, &'static str) {
    match known.failures {
        _ if known.answered_ms > 0 => ("平台已处理完", "badge-ok"),
        FAILURES_MAX.. => ("没有交到，已停止重试", "badge-late"),
        1.. => ("没有交到，稍后重试", "badge-late"),
        0 if known.tried_ms == 0 => ("等待交给平台", "badge-soon"),
        0 => ("已交给平台，等待结果", "badge-soon"),
    }
}

/// What an exchange came to.
enum Said {
    /// Lines that were answered.
    Answers(Vec<receipt::Answer>),
    /// It has the batch, and has not decided on anything.
    Received,
    /// Nobody was asked: every line has its answer.
    Settled,
    /// Nothing that counts, and why.
    No(String),
}

/// What an exchange came to, as it is kept.
struct Outcome {
    accepted: i64,
    rejected: i64,
    /// The platform has what was sent.
    delivered: bool,
    /// Every line has its answer.
    settled: bool,
    /// What is to be said about it, or why it failed.
    said: Result<String, String>,
}

impl Outcome {
    fn failed(why: String) -> Self {
        Self { accepted: 0, rejected: 0, delivered: false, settled: false, said: Err(why) }
    }

    /// How one stands after it. `read` is how it stood before: who asked for it again since gets it tried again.
    fn noted(self, read: &HandOver, mut kept: HandOver, now: i64) -> HandOver {
        kept.accepted += self.accepted;
        kept.rejected += self.rejected;
        if self.delivered && kept.delivered_ms == 0 {
            kept.delivered_ms = now;
        }
        if (kept.by, kept.tried_ms) != (read.by, read.tried_ms) {
            return kept;
        }
        kept.tried_ms = now;
        if self.settled {
            kept.answered_ms = now;
        }
        match self.said {
            Ok(words) => {
                let news = self.accepted + self.rejected > 0;
                (kept.failures, kept.said) = (0, words);
                kept.quiet = if news { 0 } else { kept.quiet.saturating_add(1) };
            }
            Err(why) => (kept.failures, kept.said) = (kept.failures.saturating_add(1), why),
        }
        kept
    }
}

/// Why a registered address is not used; none: it is.
#[must_use]
pub fn refused(address: &str, allowed: Option<&Authority>) -> Option<String> {
    target(address, allowed).err()
}

/// Whoever registers an address does not decide alone where persons and the token go: only to the host that whoever runs the server
/// has set, and nowhere unencrypted but to the machine itself.
fn target(address: &str, allowed: Option<&Authority>) -> Result<Target, String> {
    let target = Target::parse(address).map_err(|error| error.to_string())?;
    let Some(allowed) = allowed else {
        return Err("还没有设定可以交给哪台主机：请运行系统的人设环境变量 ZHUNSHENG_CREDIT_HOST".to_owned());
    };
    let port = allowed.port_u16().unwrap_or(if target.is_secure() { 443 } else { 80 });
    if !allowed.host().eq_ignore_ascii_case(target.host()) || port != target.port() {
        return Err(format!("登记的网址不在准许的主机 {allowed} 上（环境变量 ZHUNSHENG_CREDIT_HOST）"));
    }
    let host = target.host().trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if target.is_secure() || here {
        Ok(target)
    } else {
        Err("报送内容含证件号码，平台的网址应当以 https:// 开头".to_owned())
    }
}

fn understand(reply: &Reply) -> Said {
    match reply.status {
        200 | 201 => match receipt::read_json(&reply.body) {
            Ok(answers) if answers.is_empty() => Said::Received,
            Ok(answers) => Said::Answers(answers),
            Err(why) => Said::No(why),
        },
        202 => Said::Received,
        401 | 403 => Said::No(format!("平台不接受本县的凭据（{}）", reply.status)),
        413 => Said::No("平台说这一批太大（413）".to_owned()),
        400 | 422 => Said::No(format!("平台说内容不合要求（{}）：{}", reply.status, excerpt(&reply.body))),
        status => Said::No(format!("平台没有收下（{status}）")),
    }
}

/// The beginning of what was said, on one line, without numbers of persons.
fn excerpt(body: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(body).chars().take(1_000).collect();
    receipt::masked(&text).chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect()
}

impl App {
    async fn platform(&self) -> Result<Option<(String, String)>, Fault> {
        let (county, today) = (self.county_code.clone(), self.today());
        Ok(self.db.read(move |r| platform(r, &county, today)).await?)
    }

    /// Hands over what is due. Returns how many exchanges there were.
    pub async fn hand_over_credit(&self) -> Result<usize, Fault> {
        let now = self.machine.millis();
        let county = self.county_code.clone();
        let due = self.db.read_for_outside(move |r| store::list_due(r, &county, now)).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let Some((_, address)) = self.platform().await? else { return Ok(0) };
        let count = due.len();
        for known in due {
            let said = match target(&address, self.config.credit_host.as_ref()) {
                Ok(target) => self.exchange(&target, &known).await?,
                Err(why) => Said::No(why),
            };
            self.keep_handover(known, said).await?;
        }
        Ok(count)
    }

    /// One request; nothing is sent if every line has been answered since.
    async fn exchange(&self, target: &Target, known: &HandOver) -> Result<Said, Fault> {
        let (county, name, part) = (self.county_code.clone(), known.batch.clone(), known.part.clone());
        let lines = self.db.read_for_outside(move |r| batch::lines(r, &county, &name, None)).await?;
        let mut lines: Vec<&batch::Line> = lines.iter().filter(|line| line.part() == part).collect();
        if !lines.iter().any(|line| line.waits()) {
            return Ok(Said::Settled);
        }
        // Before the platform has it, what no longer waits stays here: a decision undone since must not be shown.
        if known.delivered_ms == 0 {
            lines.retain(|line| line.waits());
        }
        let ruling = self.county.ruling();
        let category = part.strip_suffix(batch::TAKEN_BACK).unwrap_or(&part);
        let Some(template) = ruling.law.credit.template(category) else {
            return Ok(Said::No("这一类没有报送模板".to_owned()));
        };
        let reports: Vec<&Values> = lines.iter().map(|line| &line.values).collect();
        let body: Value = table::json(&known.batch, (template, &known.part), &reports);
        let mut headers = vec![("idempotency-key", format!("{}-{}-{}", self.county_code, known.batch, known.part))];
        if let Some(token) = &self.config.credit_token {
            headers.push(("authorization", format!("Bearer {}", token.reveal())));
        }
        let letter = Letter {
            path: "",
            kind: "application/json",
            body: body.to_string().into_bytes(),
            answer_max: ANSWER_BYTES_MAX,
            headers,
        };
        let reply: Result<Reply, OutwardError> = self.outward.post(target, letter).await;
        Ok(reply.map_or_else(|error| Said::No(error.to_string()), |reply| understand(&reply)))
    }

    /// Enters what came back, and notes how the hand-over goes.
    async fn keep_handover(&self, read: HandOver, said: Said) -> Result<(), Fault> {
        let now = self.machine.millis();
        let outcome = match said {
            Said::No(why) => Outcome::failed(why),
            Said::Received => Outcome {
                delivered: true,
                said: Ok("平台已收到，还没有处理结果".to_owned()),
                ..Outcome::failed(String::new())
            },
            Said::Settled => Outcome { settled: true, said: Ok(String::new()), ..Outcome::failed(String::new()) },
            Said::Answers(answers) => self.enter_answers(&read, answers).await?,
        };
        if outcome.said.is_err() {
            tracing::warn!(batch = read.batch, part = read.part, "a batch is not handed over");
        }
        let county = self.county_code.clone();
        let work = move |tx: &mut Tx<'_>| {
            let Some(kept) = store::find(tx, &county, &read.batch, &read.part)? else { return Ok(()) };
            let kept = outcome.noted(&read, kept, now);
            store::put(tx, &county, &kept, due_ms(&kept)).map_err(Fault::from)
        };
        self.db.write(work).await
    }

    async fn enter_answers(&self, known: &HandOver, answers: Vec<receipt::Answer>) -> Result<Outcome, Fault> {
        let actor = Actor::Staff { person: known.by.0, post: known.by.1 };
        let read =
            match self.enter_receipt_of(actor, (known.batch.clone(), Some(known.part.clone())), answers, None).await {
                Ok(Some(read)) => read,
                // All of it went into later batches.
                Ok(None) => receipt::Read::default(),
                Err(ActError::Fault(fault)) => return Err(fault),
                Err(_) => {
                    let why = "回执没有登记：报送人已经不在这个岗位，请由在任人员重发".to_owned();
                    return Ok(Outcome { delivered: true, ..Outcome::failed(why) });
                }
            };
        let mut said = Vec::new();
        if !read.unanswered.is_empty() {
            said.push(format!("还有 {} 条没有答复，稍后再问", read.unanswered.len()));
        }
        if let Some((line, why)) = read.strange.first() {
            let (batch, part, count) = (known.batch.as_str(), known.part.as_str(), read.strange.len());
            tracing::warn!(batch, part, count, "answers of the credit platform fit nothing");
            said.push(format!("答复里有 {count} 条对不上，没有登记（第{line}条，{why}）"));
        }
        Ok(Outcome {
            accepted: i64::try_from(read.accepted).unwrap_or(0),
            rejected: i64::try_from(read.rejected).unwrap_or(0),
            delivered: true,
            settled: read.unanswered.is_empty(),
            said: Ok(said.join("；")),
        })
    }

    /// Gives a batch over (again): at once, under the same key, as this person's.
    pub async fn resend_credit(&self, by: (PersonId, PostId), name: String) -> Result<(), Fault> {
        let county = self.county_code.clone();
        self.db.write(move |tx| put(tx, &county, &name, by).map_err(Fault::from)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhunsheng_core::id::MatterId;

    #[test]
    fn failures_wait_longer_and_end() {
        let mut known = HandOver::new("20241026-001", "penalty", (MatterId(1), MatterId(2)));
        assert_eq!(due_ms(&known), Some(0));
        known.tried_ms = 1_000;
        assert_eq!(due_ms(&known), Some(1_000 + REST_MS), "the rest is asked for later");
        known.quiet = 3;
        assert_eq!(due_ms(&known), Some(1_000 + 4 * REST_MS), "and later still");
        known.quiet = 90;
        assert_eq!(due_ms(&known), Some(1_000 + REST_MS_MAX));
        known.failures = 1;
        assert_eq!(due_ms(&known), Some(31_000));
        known.failures = 2;
        assert_eq!(due_ms(&known), Some(61_000));
        known.failures = 11;
        assert_eq!(due_ms(&known), Some(1_000 + again::MOST_MS));
        known.failures = FAILURES_MAX;
        assert_eq!(due_ms(&known), None);
        known.failures = 0;
        known.answered_ms = 5;
        assert_eq!(due_ms(&known), None);
    }

    #[test]
    fn who_asks_again_during_an_exchange_is_not_overruled_by_it() {
        let (first, second) = ((MatterId(1), MatterId(2)), (MatterId(3), MatterId(4)));
        let read = HandOver { tried_ms: 5, failures: 11, ..HandOver::new("20241026-001", "penalty", first) };
        let again = HandOver { by: second, tried_ms: 0, failures: 0, ..read.clone() };
        let kept = Outcome::failed("没有收下".to_owned()).noted(&read, again.clone(), 9);
        assert_eq!(kept, again);
        let answered = Outcome { accepted: 2, rejected: 0, delivered: true, settled: true, said: Ok(String::new()) };
        let kept = answered.noted(&read, again, 9);
        assert_eq!((kept.by, kept.tried_ms, kept.accepted, kept.delivered_ms), (second, 0, 2, 9), "what came counts");
        assert_eq!(due_ms(&kept), Some(0));
        let kept = Outcome::failed("没有收下".to_owned()).noted(&read, read.clone(), 9);
        assert_eq!((kept.tried_ms, kept.failures, due_ms(&kept)), (9, FAILURES_MAX, None));
    }

    #[test]
    fn persons_go_to_the_host_that_was_set_and_not_in_the_clear() {
        let to = |address: &str, allowed: &str| target(address, allowed.parse().ok().as_ref());
        assert!(to("https://credit.example.gov.cn/in", "Credit.example.gov.cn").is_ok());
        assert!(to("https://credit.example.gov.cn:8443/in", "credit.example.gov.cn:8443").is_ok());
        assert!(to("http://127.0.0.1:8080/in", "127.0.0.1:8080").is_ok() && to("http://[::1]/", "[::1]").is_ok());
        assert!(to("http://credit.example.gov.cn/in", "credit.example.gov.cn").unwrap_err().contains("https"));
        assert!(to("http://127.0.0.1.example.cn/", "127.0.0.1.example.cn").is_err());
        for (address, allowed) in [
            ("https://elsewhere.example.cn/in", "credit.example.gov.cn"),
            ("https://credit.example.gov.cn.example.cn/in", "credit.example.gov.cn"),
            ("https://credit.example.gov.cn:8443/in", "credit.example.gov.cn"),
            ("https://credit.example.gov.cn/in", "credit.example.gov.cn:8443"),
            ("http://127.0.0.1:5432/", "credit.example.gov.cn"),
        ] {
            assert!(to(address, allowed).unwrap_err().contains("不在准许的主机"), "{address} {allowed}");
        }
        assert!(target("http://127.0.0.1/", None).unwrap_err().contains("ZHUNSHENG_CREDIT_HOST"));
    }

    #[test]
    fn what_the_platform_says_is_kept_short_and_without_numbers_of_persons() {
        let said =
            excerpt("第3条证件号码21122419800101123X、２１１２２４１９８００１０１１２３４不合要求\n".as_bytes());
        assert!(said.contains("第3条") && said.contains("不合要求"), "{said}");
        assert!(!said.contains("1980") && !said.contains("１９８０"), "{said}");
        assert_eq!(excerpt("长".repeat(5_000).as_bytes()).chars().count(), 60);
    }
}
