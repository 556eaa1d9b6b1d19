//! Following: where another process writes the county, law and registers are taken over from the store every second. A post that
//! has ended is refused by the process that writes, whatever is known here.

use std::sync::Arc;
use std::time::Duration;

use super::beat;
use crate::app::App;
use crate::app::fault::chain;

const PERIOD: Duration = Duration::from_secs(1);

/// Follows for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        beat.tick().await;
        if app.db.writes() {
            continue;
        }
        if let Err(fault) = app.follow().await {
            tracing::warn!(fault = chain(&fault), "not following");
        }
    }
}
