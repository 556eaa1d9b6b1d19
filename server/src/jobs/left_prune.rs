//! Every day, first a day after the start: files that came with forms which were never accepted are removed.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;

const PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

/// Puts back at once what an earlier process had on its way out, and removes for ever from a day later on: an older database that was
/// put beside newer files by hand names few of them, and whoever did it has that day to see it.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    turn(&mut beat, &app).await;
    match app.restore_left().await {
        Ok(0) => {}
        Ok(restored) => tracing::info!(restored, "files that were on their way out are back"),
        Err(fault) => tracing::error!(fault = chain(&fault), "putting back files that were on their way out"),
    }
    loop {
        turn(&mut beat, &app).await;
        match app.sweep_left().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files of forms that were never accepted were removed"),
            Err(fault) => tracing::error!(fault = chain(&fault), "removing files that were left over"),
        }
    }
}
