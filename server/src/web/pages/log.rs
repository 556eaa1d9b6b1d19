//! The record's trees for everybody, where their publication was approved (C2SP tlog-tiles). Files, not pages: no cookie, no form,
//! the same for everybody; `app::public_log` says what is public.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::app::fault::Fault;
use crate::app::public_log::{self, Mode, Wanted};
use crate::web::{PageError, Path};

/// The longest path that names a file, with room.
const PATH_BYTES_MAX: usize = 64;
/// Tiles never change.
const FOREVER: &str = "public, max-age=604800, immutable";

/// `GET /log/{*path}`.
pub(in crate::web) async fn show_log(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
) -> Result<Response, PageError> {
    let wanted = Some(&path).filter(|path| path.len() <= PATH_BYTES_MAX).and_then(|path| Wanted::parse(path));
    let (county, today) = (app.county_code.clone(), app.today());
    let (mode, found) = app
        .db
        .read_for_outside(move |r| {
            let mode = public_log::mode(r, &county)?;
            let found = wanted.map(|wanted| public_log::read(r, &county, mode, today, wanted)).transpose()?;
            Ok::<_, Fault>((mode, found.flatten()))
        })
        .await?;
    let (kind, cache) = match (wanted, mode) {
        (Some(Wanted::Checkpoint(_)), Mode::Live) => ("text/plain; charset=utf-8", "public, max-age=2"),
        (Some(Wanted::Checkpoint(_)), _) => ("text/plain; charset=utf-8", "public, max-age=60"),
        _ => ("application/octet-stream", FOREVER),
    };
    Ok(match found {
        Some(bytes) => ([(CONTENT_TYPE, kind), (CACHE_CONTROL, cache)], bytes).into_response(),
        None => absent(mode),
    })
}

/// In plain words, as text: who asks here is a program.
fn absent(mode: Mode) -> Response {
    let sentence = match mode {
        Mode::Off => "本县没有对外公布全程记录。\n",
        Mode::Daily | Mode::Live => "没有这个文件，或者公布的检查点还没有覆盖到它。\n",
    };
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
}
