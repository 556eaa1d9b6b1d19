//! Depositing: whoever of the witnesses is due is shown the newest checkpoint. Nobody waits for it; what fails is tried again.

use std::sync::Arc;

use super::{beat, turn};
use crate::app::App;
use crate::app::deposit::ask::LOOK;
use crate::app::fault::chain;

/// Deposits for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(LOOK);
    loop {
        turn(&mut beat, &app).await;
        if let Err(fault) = app.deposit_due().await {
            tracing::error!(fault = chain(&fault), "depositing");
        }
    }
}
