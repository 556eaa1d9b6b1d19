//! Indexing: twice a second the full-text index follows what was recorded. What is due stands in the store, so a crash loses
//! nothing of it.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;

const PERIOD: Duration = Duration::from_millis(500);

/// Indexes for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        follow(&app).await;
    }
}

/// Group by group, until nothing is due.
async fn follow(app: &App) {
    loop {
        match app.index_words().await {
            Ok(0) => return,
            Ok(matters) => tracing::debug!(matters, "indexed"),
            Err(fault) => return tracing::error!(fault = chain(&fault), "indexing"),
        }
    }
}
