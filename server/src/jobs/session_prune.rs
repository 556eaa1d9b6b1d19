//! Every hour: sessions that have ended, and kept results of commands that nobody will ask for again, are removed.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;
use crate::app::session;

const PERIOD: Duration = Duration::from_secs(60 * 60);

/// Prunes for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        match session::prune(&app).await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "sessions pruned"),
            Err(fault) => tracing::error!(fault = chain(&fault), "session pruning"),
        }
    }
}
