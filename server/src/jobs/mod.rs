//! What the county does by itself while it is served: small, idempotent, one file each.
//!
//! Does not belong here: HTTP, SQL, and any rule (the law attaches effects to clocks; a job only looks at the time).

mod clock_watch;
mod depositing;
mod easing;
mod erasure;
mod following;
mod handing_over;
mod indexing;
mod left_prune;
mod noticing;
mod sealing;
mod session_prune;
mod sheet_prune;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::app::App;
use crate::app::notice::Channel;

/// Starts every job. They end when the set is dropped or shut down.
#[must_use]
pub fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(clock_watch::run(Arc::clone(app)));
    jobs.spawn(depositing::run(Arc::clone(app)));
    jobs.spawn(easing::run());
    jobs.spawn(erasure::run(Arc::clone(app)));
    jobs.spawn(following::run(Arc::clone(app)));
    jobs.spawn(handing_over::run(Arc::clone(app)));
    jobs.spawn(left_prune::run(Arc::clone(app)));
    jobs.spawn(sealing::run(Arc::clone(app)));
    jobs.spawn(indexing::run(Arc::clone(app)));
    jobs.spawn(noticing::derive(Arc::clone(app)));
    for channel in Channel::ALL {
        jobs.spawn(noticing::send(Arc::clone(app), channel));
    }
    jobs.spawn(session_prune::run(Arc::clone(app)));
    jobs.spawn(sheet_prune::run(Arc::clone(app)));
    jobs
}

/// A beat that comes at once and then at every period; a late beat is not made up for.
fn beat(period: Duration) -> tokio::time::Interval {
    let mut beat = tokio::time::interval(period);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

/// The next beat at which this process writes the county: of several, only one does what the county does by itself. None does once its
/// store has stopped writing: nothing that it did could be noted.
async fn turn(beat: &mut tokio::time::Interval, app: &App) {
    loop {
        beat.tick().await;
        if app.db.writes() && app.db.failure().is_none() {
            return;
        }
    }
}
