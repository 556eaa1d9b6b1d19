//! The load: so many clients, each a mediator who takes the next step of a dispute as soon as the last one was acknowledged.
//!
//! All clients live on one thread, so that the generator takes as little of the machine as it can.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::task::LocalSet;

use super::cast::{Actor, Cast};
use super::http::{Answer, Kept};
use super::ledger::{Ledger, Line};
use super::life::Life;
use super::sample::{Sample, Told};
use crate::commands::failure::Failure;

/// How long to wait before a lost server is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// What load to make.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The server.
    pub address: SocketAddr,
    /// Connections.
    pub clients: usize,
    /// The load itself; what is answered later does not count.
    pub time: Duration,
    /// Before that: not measured, but acknowledged all the same.
    pub warm_up: Duration,
    /// Commands at most, warm-up included.
    pub count: u64,
    /// Where acknowledgements are written.
    pub ledger: Option<PathBuf>,
    /// How long a lost server is waited for; the command is then repeated under its key.
    pub patience: Duration,
    /// Begins every key of this run.
    pub run: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Load {
    /// Clients.
    pub clients: usize,
    /// Acknowledged acts a second.
    pub per_second: f64,
    /// How long they took.
    #[serde(flatten)]
    pub times: Told,
    /// Acknowledged in all, warm-up included.
    pub acknowledged: u64,
    /// Commands that were refused or failed.
    pub errors: u64,
    /// The first of those.
    pub first_error: Option<String>,
    /// Seconds measured.
    pub seconds: f64,
}

#[derive(Deserialize)]
struct Done {
    matter: String,
    entry: i64,
}

/// What one client did.
#[derive(Default)]
struct Report {
    sample: Sample,
    acknowledged: u64,
    errors: u64,
    first_error: Option<String>,
}

/// Makes the load on a thread of its own and waits for its end.
pub fn run(cast: &Cast, wish: &Wish) -> Result<Load, Failure> {
    let ledger = wish.ledger.as_deref().map(Ledger::create).transpose()?.map(Rc::new);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because(&error))?;
    let began = Instant::now();
    let plan = Plan { from: began + wish.warm_up, until: began + wish.warm_up + wish.time };
    let reports = LocalSet::new().block_on(&runtime, async {
        let mut running = Vec::new();
        for (number, actor) in (0..wish.clients).zip(cast.actors.iter().cycle()) {
            let share = wish.count.div_ceil(u64::try_from(wish.clients.max(1)).unwrap_or(1));
            let client = Client { number, actor: actor.clone(), wish: wish.clone(), ledger: ledger.clone(), share };
            running.push(tokio::task::spawn_local(client.live(plan)));
        }
        let mut reports = Vec::new();
        for client in running {
            reports.push(client.await.map_err(|error| Failure::because(&error))?);
        }
        Ok::<_, Failure>(reports)
    })?;
    let ended = Instant::now().min(plan.until);
    let seconds = ended.saturating_duration_since(plan.from).as_secs_f64();
    let mut all = Report::default();
    for report in reports {
        all.sample.join(report.sample);
        all.acknowledged += report.acknowledged;
        all.errors += report.errors;
        all.first_error = all.first_error.or(report.first_error);
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let per_second = all.sample.len() as f64 / seconds.max(0.001);
    Ok(Load {
        clients: wish.clients,
        per_second,
        times: all.sample.tell(),
        acknowledged: all.acknowledged,
        errors: all.errors,
        first_error: all.first_error,
        seconds,
    })
}

/// When measuring begins and when it ends.
#[derive(Clone, Copy)]
struct Plan {
    from: Instant,
    until: Instant,
}

struct Client {
    number: usize,
    actor: Actor,
    wish: Wish,
    ledger: Option<Rc<Ledger>>,
    share: u64,
}

impl Client {
    async fn live(self, plan: Plan) -> Report {
        let mut report = Report::default();
        let mut life = Life::default();
        let mut kept = None;
        for n in 0..self.share {
            let key = format!("{}-{:03}-{n:07}", self.wish.run, self.number);
            let (step, path, body) = life.next(&self.actor, n);
            let asked = Instant::now();
            if asked >= plan.until {
                break;
            }
            let answer = match self.insist(&mut kept, &path, &key, &body).await {
                Ok(answer) => answer,
                Err(error) => {
                    report.errors += 1;
                    report.first_error.get_or_insert_with(|| format!("{step}: {error}"));
                    break;
                }
            };
            let answered = Instant::now();
            let done = serde_json::from_slice::<Done>(&answer.body).ok().filter(|_| answer.status < 300);
            let Some(done) = done else {
                report.errors += 1;
                let said = format!("{step}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
                report.first_error.get_or_insert(said);
                life.leave();
                continue;
            };
            life.taken(&done.matter);
            report.acknowledged += 1;
            if asked >= plan.from && answered <= plan.until {
                report.sample.add(answered - asked);
            }
            if let Some(ledger) = &self.ledger {
                let line = Line { person: self.actor.person.clone(), key, entry: done.entry, matter: done.matter };
                if let Err(error) = ledger.note(&line) {
                    report.first_error.get_or_insert_with(|| format!("ledger: {error}"));
                    break;
                }
            }
        }
        report
    }

    /// The answer; where the server is gone, the same command again under the same key, as long as patience lasts.
    async fn insist(&self, kept: &mut Option<Kept>, path: &str, key: &str, body: &str) -> std::io::Result<Answer> {
        let began = Instant::now();
        loop {
            match self.ask(kept, path, key, body).await {
                Ok(answer) => return Ok(answer),
                Err(error) if began.elapsed() >= self.wish.patience => return Err(error),
                Err(_) => {
                    *kept = None;
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }

    async fn ask(&self, kept: &mut Option<Kept>, path: &str, key: &str, body: &str) -> std::io::Result<Answer> {
        Kept::again(kept, self.wish.address).await?.post(path, &self.actor.token, key, body).await
    }
}
