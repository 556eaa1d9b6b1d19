//! Every day: files that came with forms which were never accepted are removed.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;

const PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        match app.sweep_left().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files of forms that were never accepted were removed"),
            Err(fault) => tracing::error!(fault = chain(&fault), "removing files that were left over"),
        }
    }
}
