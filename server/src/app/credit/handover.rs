//! Handing a batch over to the credit platform by HTTP: as it was sent, under a key that makes repeating safe; what comes back is
//! entered as a receipt by whoever gave it over. Off as long as no platform is registered (law/procedures/county/credit_platform.toml).
//!
//! One request for each file of a batch: `POST` of its JSON with `Idempotency-Key`. The answer holds `results`, one for each report
//! that the platform has decided on: `number`, `subject`, `result`, `reason`, `receipt`. What it does not name yet is asked for
//! again, under the same key.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::Value;
use zhunsheng_core::credit::Values;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{PersonId, PostId};
use zhunsheng_core::matter::{Actor, Fact};

use super::super::App;
use super::super::act::ActError;
use super::super::fault::Fault;
use super::super::outward::{Letter, OutwardError, Reply, Target};
use super::{batch, receipt, table};
use crate::store::credit_handover::{self as store, HandOver};
use crate::store::{Query, StoreFault, Tx, matters};

/// The register of the platform.
pub const PLATFORM: &str = "credit_platform";
/// How often it is looked whether something is due.
pub const LOOK: Duration = Duration::from_secs(10);
/// An answer at most.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// The first wait after a failure, in milliseconds; doubled with each further one.
const AGAIN_MS: i64 = 30_000;
/// The longest wait.
const AGAIN_MS_MAX: i64 = 60 * 60 * 1_000;
/// What is answered in part is asked for again so soon.
const REST_MS: i64 = 10 * 60 * 1_000;
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
    let registered = matters::list_few(q, county, PLATFORM)?;
    let found = registered.into_iter().rfind(stands);
    Ok(found.map(|state| (state.text("name").to_owned(), state.text("address").to_owned())))
}

/// When one is due, machine time in milliseconds; none: not before somebody asks for it.
#[must_use]
pub fn due_ms(known: &HandOver) -> Option<i64> {
    let wait = match known.failures {
        _ if known.answered_ms > 0 => return None,
        _ if known.tried_ms == 0 => return Some(0),
        0 => REST_MS,
        FAILURES_MAX.. => return None,
        n => (AGAIN_MS << n.saturating_sub(1).min(10)).min(AGAIN_MS_MAX),
    };
    Some(known.tried_ms.saturating_add(wait))
}

/// Names the parts of a batch as to be handed over, if there is a platform.
pub(super) fn put(tx: &mut Tx<'_>, county: &str, name: &str, by: (PersonId, PostId)) -> Result<(), StoreFault> {
    let lines = batch::lines(tx, county, name, None)?;
    let mut parts: Vec<String> = lines.iter().filter(|line| line.waits()).map(batch::Line::part).collect();
    parts.sort();
    parts.dedup();
    for part in parts {
        store::put(tx, county, &HandOver::new(name, &part, by))?;
    }
    Ok(())
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
    /// Nothing that counts, and why.
    No(String),
}

/// Persons in the clear go nowhere unencrypted but to the machine itself.
fn target(address: &str) -> Result<Target, String> {
    let target = Target::parse(address).map_err(|error| error.to_string())?;
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

/// The beginning of what was said, on one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect()
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
        let open = self.db.read(move |r| store::list_open(r, &county)).await?;
        let due: Vec<HandOver> = open.into_iter().filter(|known| due_ms(known).is_some_and(|due| due <= now)).collect();
        if due.is_empty() {
            return Ok(0);
        }
        let Some((_, address)) = self.platform().await? else { return Ok(0) };
        let count = due.len();
        for known in due {
            let said = match target(&address) {
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
        let lines = self.db.read(move |r| batch::lines(r, &county, &name, None)).await?;
        let lines: Vec<&batch::Line> = lines.iter().filter(|line| line.part() == part).collect();
        if !lines.iter().any(|line| line.waits()) {
            return Ok(Said::Answers(Vec::new()));
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
    async fn keep_handover(&self, mut known: HandOver, said: Said) -> Result<(), Fault> {
        let now = self.machine.millis();
        known.tried_ms = now;
        let outcome = match said {
            Said::No(why) => Err(why),
            Said::Received => Ok("平台已收到，还没有处理结果".to_owned()),
            Said::Answers(answers) => self.enter_answers(&mut known, answers, now).await?,
        };
        match outcome {
            Ok(words) => (known.failures, known.said) = (0, words),
            Err(why) => (known.failures, known.said) = (known.failures.saturating_add(1), why),
        }
        if known.failures > 0 {
            tracing::warn!(
                batch = known.batch,
                part = known.part,
                failures = known.failures,
                "a batch is not handed over"
            );
        }
        let county = self.county_code.clone();
        self.db.write(move |tx| store::put(tx, &county, &known).map_err(Fault::from)).await
    }

    /// Inside: what is to be said about it, or why it failed.
    async fn enter_answers(
        &self,
        known: &mut HandOver,
        answers: Vec<receipt::Answer>,
        now: i64,
    ) -> Result<Result<String, String>, Fault> {
        let actor = Actor::Staff { person: known.by.0, post: known.by.1 };
        match self.enter_receipt_of(actor, (known.batch.clone(), Some(known.part.clone())), answers, None).await {
            Ok(read) => {
                known.accepted += i64::try_from(read.accepted).unwrap_or(0);
                known.rejected += i64::try_from(read.rejected).unwrap_or(0);
                if let Some((_, strange)) = read.strange.first() {
                    return Ok(Err(format!("答复里有对不上的：{strange}")));
                }
                if read.unanswered.is_empty() {
                    known.answered_ms = now;
                    return Ok(Ok(String::new()));
                }
                Ok(Ok(format!("还有 {} 条没有答复，稍后再问", read.unanswered.len())))
            }
            Err(ActError::Fault(fault)) => Err(fault),
            Err(ActError::NotFound) => {
                known.answered_ms = now;
                Ok(Ok(String::new()))
            }
            Err(_) => Ok(Err("回执没有登记：报送人已经不在这个岗位，请由在任人员重发".to_owned())),
        }
    }

    /// Gives a batch over (again): at once, under the same key, as this person's.
    pub async fn resend_credit(&self, by: (PersonId, PostId), name: String) -> Result<(), Fault> {
        let county = self.county_code.clone();
        let work = move |tx: &mut Tx<'_>| {
            let before = store::of_batch(tx, &county, &name)?;
            put(tx, &county, &name, by)?;
            // What was counted before stays counted.
            for old in before {
                let mut again = HandOver { accepted: old.accepted, rejected: old.rejected, ..old.clone() };
                if old.answered_ms == 0 {
                    (again.by, again.tried_ms, again.failures, again.said) = (by, 0, 0, String::new());
                }
                store::put(tx, &county, &again)?;
            }
            Ok::<_, Fault>(())
        };
        self.db.write(work).await
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
        known.failures = 1;
        assert_eq!(due_ms(&known), Some(31_000));
        known.failures = 2;
        assert_eq!(due_ms(&known), Some(61_000));
        known.failures = 11;
        assert_eq!(due_ms(&known), Some(1_000 + AGAIN_MS_MAX));
        known.failures = FAILURES_MAX;
        assert_eq!(due_ms(&known), None);
        known.failures = 0;
        known.answered_ms = 5;
        assert_eq!(due_ms(&known), None);
    }

    #[test]
    fn persons_do_not_leave_in_the_clear() {
        assert!(target("https://credit.example.gov.cn/in").is_ok());
        assert!(target("http://127.0.0.1:8080/in").is_ok() && target("http://[::1]/").is_ok());
        assert!(target("http://credit.example.gov.cn/in").unwrap_err().contains("https"));
        assert!(target("http://127.0.0.1.example.cn/").is_err());
    }
}
