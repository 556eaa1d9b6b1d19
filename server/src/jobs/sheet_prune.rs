//! Every hour: tables that waited for an agreement too long, trials that nobody asked for again, and what came for collections that
//! ended long ago, are removed.

use std::sync::Arc;
use std::time::Duration;

use super::{beat, turn};
use crate::app::App;
use crate::app::fault::chain;
use crate::app::sheet::{collect, waiting};

const PERIOD: Duration = Duration::from_secs(60 * 60);

/// Prunes for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut beat = beat(PERIOD);
    loop {
        turn(&mut beat, &app).await;
        match collect::sweep(&app).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files of ended collections were removed"),
            Err(fault) => tracing::error!(fault = chain(&fault), "removing collected files"),
        }
        let (data, second) = (app.config.data_dir.clone(), app.machine.seconds());
        app.trials.sweep(second);
        let swept = tokio::task::spawn_blocking(move || waiting::sweep(&data, second)).await;
        if let Ok(Err(error)) = swept {
            tracing::error!(%error, "removing waiting tables");
        }
    }
}
