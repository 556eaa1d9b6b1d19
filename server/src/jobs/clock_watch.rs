//! The clock watch: every minute, and at the start, each clock that has run out is noted in the record. A duty cannot
//! be forgotten: 法定职责必须为.
//!
//! Noting twice is impossible: an expired clock no longer runs.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::act::ActError;
use crate::app::fault::chain;

const PERIOD: Duration = Duration::from_secs(60);
/// Notes in one transaction, so that people's acts come in between.
const GROUP: i64 = 200;

/// Watches for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        note_all(&app).await;
    }
}

/// Notes whatever has run out by today.
async fn note_all(app: &App) {
    loop {
        match app.note_expired(GROUP).await {
            Ok(0) => return,
            Ok(noted) => tracing::info!(noted, "clocks have run out"),
            Err(ActError::Fault(fault)) => return tracing::error!(fault = chain(&fault), "clock watch"),
            Err(other) => return tracing::error!(?other, "clock watch"),
        }
    }
}
