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

/// Group by group, what was due at the beat. What comes meanwhile waits for the next one: else a matter in the middle of its steps would
/// be indexed at each of them.
async fn follow(app: &App) {
    let mut left = match app.words_due().await {
        Ok(due) => due,
        Err(fault) => return tracing::error!(fault = chain(&fault), "indexing"),
    };
    while left > 0 {
        match app.index_words().await {
            Ok(0) => return,
            Ok(matters) => {
                tracing::debug!(matters, "indexed");
                left = left.saturating_sub(matters);
            }
            Err(fault) => return tracing::error!(fault = chain(&fault), "indexing"),
        }
    }
}
