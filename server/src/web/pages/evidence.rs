//! Downloading a file: only for whoever sees a matter that holds it, and never as something the browser runs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::Digest;

use crate::app::sheet::IMPORT;
use crate::app::{App, evidence};
use crate::store::{matters, record};
use crate::web::download::evidence_file;
use crate::web::{Official, PageError, Path};

/// `GET /evidence/{digest}`.
pub(in crate::web) async fn show_evidence(
    State(app): State<Arc<App>>,
    official: Official,
    Path(digest): Path<String>,
) -> Result<Response, PageError> {
    let digest = Digest::parse(&digest).ok_or(PageError::NotFound)?;
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let held = app.db.read(move |r| {
        for (matter, media) in matters::evidence_matters(r, &county, &digest.0)? {
            // A table that was imported names people: whoever may fill its register finds it there, and nobody else.
            let seen = matters::find_row(r, &county, &sight, matter)?;
            if seen.is_some_and(|row| row.procedure != IMPORT) {
                let names = record::sealed_values(r, &county, matter)?;
                let name = record::find_open(&names, &format!("evidence.{digest}.name"));
                return Ok::<_, PageError>(Some((media, name.map(str::to_owned))));
            }
        }
        Ok(None)
    });
    let (media, name) = held.await?.ok_or(PageError::NotFound)?;
    let ending = evidence::ending_of(&media);
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("材料.{ending}"));
    evidence_file(&app.config.data_dir, digest, (&media, &format!("evidence.{ending}"), &name)).await
}
