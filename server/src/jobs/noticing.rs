//! Noticing: every few seconds what was recorded is looked through for those whom it concerns, and what leaves the house is sent, each
//! channel by itself. Nobody waits for it; what fails is tried again.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;
use crate::app::notice::Channel;

const PERIOD: Duration = Duration::from_secs(2);

/// Derives for ever.
pub(super) async fn derive(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        follow(&app).await;
        if let Err(fault) = app.derive_due_notices().await {
            tracing::error!(fault = chain(&fault), "noticing last days");
        }
    }
}

/// Turn by turn, until nothing is left to look at.
async fn follow(app: &App) {
    loop {
        match app.derive_notices().await {
            Ok(0) => return,
            Ok(_) => {}
            Err(fault) => return tracing::error!(fault = chain(&fault), "noticing"),
        }
    }
}

/// Sends by one channel for ever.
pub(super) async fn send(app: Arc<App>, channel: Channel) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        if let Err(fault) = app.send_due(channel).await {
            tracing::error!(fault = chain(&fault), channel = channel.code(), "sending notices");
        }
    }
}
