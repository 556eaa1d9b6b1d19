//! Handing over: batches that wait for the credit platform are given to it, and what comes back is entered. Nobody waits for it.

use std::sync::Arc;

use super::{beat, turn};
use crate::app::App;
use crate::app::credit::handover::LOOK;
use crate::app::fault::chain;

/// Hands over for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(LOOK);
    loop {
        turn(&mut beat, &app).await;
        if let Err(fault) = app.hand_over_credit().await {
            tracing::error!(fault = chain(&fault), "handing over to the credit platform");
        }
    }
}
