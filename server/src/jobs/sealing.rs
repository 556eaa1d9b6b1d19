//! Sealing: twice a second, whatever was recorded since the last checkpoint is covered by a new one, so that an act is signed at most
//! one second after it. A record that does not continue what was signed before is not signed.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::{Fault, chain};

const PERIOD: Duration = Duration::from_millis(500);
/// After a failure: the log is not to be filled with one sentence.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Seals for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        match app.seal().await {
            Ok(None) => {}
            Ok(Some(size)) => tracing::debug!(size, "sealed"),
            Err(fault) => {
                tracing::error!(fault = chain(&fault), forked = matches!(fault, Fault::Forked { .. }), "sealing");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}
