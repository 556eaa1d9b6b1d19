//! Asking over HTTP whoever is due (a witness by C2SP tlog-witness), and when to ask again.

use std::time::Duration;

use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::witness::Request;

use super::{Witness, list, outside, request_of, sealed};
use crate::app::App;
use crate::app::again;
use crate::app::fault::Fault;
use crate::app::outward::{Letter, OutwardError, Reply, Target};
use crate::store::checkpoint::{self, StoredCheckpoint};
use crate::store::deposits::{self, Asking, Deposit};

/// A cosignature or a size.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Clocks differ; by more than this a time lies in the future, in seconds.
pub(super) const AHEAD_MAX: u64 = 300;
/// A record to which nothing is added is signed anew so often: that nothing was added is worth knowing, too.
const RENEW_MS: i64 = 24 * 60 * 60 * 1_000;

/// Why there is no new deposit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// In words, without a full stop.
    pub sentence: String,
    /// The witness holds another record than this one.
    pub grave: bool,
    /// What it holds, if it said so.
    pub held: Option<u64>,
}

impl Problem {
    pub(super) fn light(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), grave: false, held: None }
    }

    fn grave(sentence: String, held: Option<u64>) -> Self {
        Self { sentence, grave: true, held }
    }
}

impl From<OutwardError> for Problem {
    fn from(error: OutwardError) -> Self {
        Self::light(error.to_string())
    }
}

/// A deposit, and the checkpoint that it is of.
pub(super) type Signed = (Deposit, StoredCheckpoint);

/// What an answer means.
#[derive(Debug)]
enum Said {
    Signed { line: String, seconds: u64 },
    Holds(u64),
    No(Problem),
}

/// When somebody is to be asked, machine time in milliseconds; none: not before something new is sealed. `renews`: whether the same
/// record is signed again every day, as a witness does; the first time stamp is worth more than a later one.
#[must_use]
pub fn due_ms(asking: &Asking, interval_ms: i64, sealed: u64, renews: bool) -> Option<i64> {
    if asking.tried_ms == 0 {
        return Some(0);
    }
    let wait = match asking.failures {
        0 if sealed > asking.held => interval_ms,
        0 if !renews => return None,
        0 => RENEW_MS.max(interval_ms),
        n => again::after_failure(n),
    };
    (sealed > 0).then(|| asking.tried_ms.saturating_add(wait))
}

fn understand(reply: &Reply, request: &Request, size: u64, key: &WitnessKey, now: u64) -> Said {
    let text = String::from_utf8_lossy(&reply.body);
    match reply.status {
        200 => match key.pick(&request.note, &text) {
            None => Said::No(Problem::light("答复里没有所登记公钥的共签")),
            Some((_, seconds)) if seconds > now.saturating_add(AHEAD_MAX) => {
                Said::No(Problem::light("共签的时间在将来：请双方校准时间"))
            }
            Some((line, seconds)) => Said::Signed { line, seconds },
        },
        409 => match text.trim().parse::<u64>() {
            Ok(held) if held > size => Said::No(Problem::grave(
                format!("它已经见证到 {held} 项，这里只有 {size} 项：本记录是旧的"),
                Some(held),
            )),
            Ok(held) if held == request.old => {
                Said::No(Problem::grave(format!("同为 {held} 项，它见证的是另一个版本：本记录被改写"), Some(held)))
            }
            Ok(held) => Said::Holds(held),
            Err(_) => Said::No(Problem::light("答复无法理解（409）")),
        },
        422 => Said::No(Problem::grave(
            format!("本记录不是从它见证过的 {} 项延续而来：本记录被改写", request.old),
            Some(request.old),
        )),
        403 => Said::No(Problem::light("它没有登记本县现在的公钥")),
        404 => Said::No(Problem::light("它没有登记本县的记录")),
        status => Said::No(Problem::light(format!("答复无法理解（{status}）"))),
    }
}

impl App {
    /// Shows the newest checkpoint to one witness. The inner error says why there is no new deposit; it is kept, too.
    pub async fn deposit_with(&self, witness: &Witness) -> Result<Result<u64, Problem>, Fault> {
        let county = self.county_code.clone();
        let id = witness.id;
        let asking = self.db.read(move |r| deposits::asking(r, &county, id)).await?;
        let outcome = match witness.stamps() {
            true => self.ask_for_stamp(witness).await?,
            false => self.converse(witness, asking.held).await?,
        };
        let now_ms = self.machine.millis();
        let (asking, signed) = match &outcome {
            Ok(signed) => (
                Asking { held: signed.0.size, tried_ms: now_ms, accepted: asking.accepted, ..Asking::default() },
                Some(signed.clone()),
            ),
            Err(problem) => {
                // What was accepted once is known, not new.
                let accepted = problem.held.is_some_and(|held| held == asking.accepted) && asking.accepted > 0;
                let failed = Asking {
                    held: problem.held.unwrap_or(asking.held),
                    failures: asking.failures.saturating_add(1),
                    tried_ms: now_ms,
                    problem: problem.sentence.clone(),
                    grave: problem.grave && !accepted,
                    accepted: asking.accepted,
                };
                (failed, None)
            }
        };
        let county = self.county_code.clone();
        self.db
            .write(move |tx| {
                if let Some((deposit, of)) = &signed {
                    deposits::put(tx, &county, deposit)?;
                    checkpoint::keep_this(tx, &county, of)?;
                }
                deposits::put_asking(tx, &county, id, &asking).map_err(Fault::from)
            })
            .await?;
        match outcome {
            Ok((deposit, _)) => {
                outside::keep(&self.config, deposit.size, &deposit.note)?;
                Ok(Ok(deposit.size))
            }
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// The exchange: at most twice, since the first answer may say from where to prove.
    async fn converse(&self, witness: &Witness, held: u64) -> Result<Result<Signed, Problem>, Fault> {
        let key = match witness.public_key() {
            Ok(key) => key,
            Err(wrong) => return Ok(Err(Problem::light(wrong.to_string()))),
        };
        let target = match Target::parse(&witness.address) {
            Ok(target) => target,
            Err(wrong) => return Ok(Err(wrong.into())),
        };
        let mut held = held;
        for _ in 0..2 {
            let county = self.county_code.clone();
            let asked = self.db.read_for_outside(move |r| {
                let Some(newest) = sealed(r, &county)? else { return Ok(None) };
                Ok::<_, Fault>(Some((request_of(r, &county, newest.clone(), held)?, newest)))
            });
            let Some((asked, newest)) = asked.await? else {
                return Ok(Err(Problem::light("还没有签署过检查点")));
            };
            let letter = Letter {
                path: "/add-checkpoint",
                kind: "text/plain; charset=utf-8",
                headers: Vec::new(),
                body: asked.to_text().into_bytes(),
                answer_max: ANSWER_BYTES_MAX,
            };
            let reply = match self.outward.post(&target, letter).await {
                Ok(reply) => reply,
                Err(wrong) => return Ok(Err(wrong.into())),
            };
            let now = self.machine.seconds().unsigned_abs();
            match understand(&reply, &asked, newest.size, &key, now) {
                Said::Signed { line, seconds } => {
                    let deposit = Deposit {
                        witness: witness.id,
                        size: newest.size,
                        root: newest.roots.sha256,
                        note: asked.note + &line,
                        token: None,
                        signed_ms: i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000),
                        stored_ms: self.machine.millis(),
                    };
                    return Ok(Ok((deposit, newest)));
                }
                Said::Holds(other) => held = other,
                Said::No(problem) => return Ok(Err(problem)),
            }
        }
        Ok(Err(Problem::light("它所见证的项数正在变动，稍后再送")))
    }

    /// Asks every witness that is due, all at once. Returns how many signed.
    pub async fn deposit_due(self: &std::sync::Arc<Self>) -> Result<usize, Fault> {
        let (county, today, now_ms) = (self.county_code.clone(), self.today(), self.machine.millis());
        let due = self.db.read(move |r| {
            let sealed = checkpoint::newest(r, &county)?.map_or(0, |newest| newest.size);
            let mut due = Vec::new();
            for witness in list(r, &county)? {
                let asked = witness.online && witness.in_force(today);
                let asking = deposits::asking(r, &county, witness.id)?;
                let due_at = due_ms(&asking, witness.interval_ms, sealed, !witness.stamps());
                if asked && due_at.is_some_and(|due| due <= now_ms) {
                    due.push(witness);
                }
            }
            Ok::<_, Fault>(due)
        });
        self.deposit_with_all(due.await?).await.map(|outcomes| outcomes.iter().filter(|(_, said)| said.is_ok()).count())
    }

    /// Asks these witnesses at once.
    pub async fn deposit_with_all(
        self: &std::sync::Arc<Self>,
        witnesses: Vec<Witness>,
    ) -> Result<Vec<(Witness, Result<u64, Problem>)>, Fault> {
        let mut asking = tokio::task::JoinSet::new();
        for witness in witnesses {
            let app = std::sync::Arc::clone(self);
            asking.spawn(async move {
                let said = app.deposit_with(&witness).await;
                (witness, said)
            });
        }
        let mut outcomes = Vec::new();
        while let Some(ended) = asking.join_next().await {
            let (witness, said) = ended.map_err(|_| Fault::Task)?;
            let said = said?;
            match &said {
                Ok(size) => tracing::info!(witness = witness.name, size, "deposited"),
                Err(problem) if problem.grave => {
                    tracing::error!(
                        witness = witness.name,
                        problem = problem.sentence,
                        "a witness holds another record"
                    );
                }
                Err(problem) => tracing::warn!(witness = witness.name, problem = problem.sentence, "not deposited"),
            }
            outcomes.push((witness, said));
        }
        Ok(outcomes)
    }
}

/// How often it is looked whether somebody is due.
pub const LOOK: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_wait_longer_and_longer() {
        let minute = 60_000;
        let at = |failures, held| Asking { failures, held, tried_ms: 1, ..Asking::default() };
        assert_eq!(due_ms(&Asking::default(), minute, 0, true), Some(0), "never asked: at once");
        assert_eq!(due_ms(&at(0, 5), minute, 6, true), Some(1 + minute));
        assert_eq!(due_ms(&at(0, 6), minute, 6, true), Some(1 + RENEW_MS), "nothing new: once a day");
        assert_eq!(due_ms(&at(0, 6), minute, 6, false), None, "stamped once is stamped");
        let waits: Vec<i64> = (1..=9).map(|n| due_ms(&at(n, 5), minute, 6, true).unwrap() - 1).collect();
        assert_eq!(
            waits,
            [30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, again::MOST_MS, again::MOST_MS]
        );
        assert_eq!(due_ms(&at(u32::MAX, 5), minute, 6, true), Some(1 + again::MOST_MS));
    }
}
