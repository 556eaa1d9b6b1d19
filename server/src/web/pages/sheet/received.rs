//! A table on its way in: sent with a form now, or kept from an earlier look at it.

use crate::app::App;
use crate::app::sheet::waiting::Waiting;
use crate::web::{Form, Official, PageError};

/// What was sent, kept for a day, or what waits under the token that the form brings; none if neither is there. How large a file may
/// be is asked before.
pub(in crate::web) async fn received(
    app: &App,
    official: &Official,
    form: &Form,
) -> Result<Option<Waiting>, PageError> {
    let Some(upload) = form.upload("file").filter(|upload| upload.received.bytes > 0) else {
        return Ok(Waiting::open(app, &official.post.person.to_string(), form.fields.text("sheet")));
    };
    let (data, second) = (app.config.data_dir.clone(), app.machine.seconds());
    let (source, received, name) = (upload.path().to_owned(), upload.received, upload.file_name.clone());
    let kept = tokio::task::spawn_blocking(move || Waiting::keep(&data, &source, received, &name, second)).await;
    Ok(Some(kept.map_err(PageError::fault)?.map_err(PageError::fault)?))
}
