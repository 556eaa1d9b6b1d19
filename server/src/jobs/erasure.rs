//! Every ten seconds: what an act of destruction has left on the disk is removed.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;

const PERIOD: Duration = Duration::from_secs(10);

/// Finishes destructions for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        match app.finish_erasure().await {
            Ok(false) => {}
            Ok(true) => tracing::info!("destroyed content was removed from the disk"),
            Err(fault) => tracing::warn!(fault = chain(&fault), "destroyed content is not yet removed from the disk"),
        }
    }
}
