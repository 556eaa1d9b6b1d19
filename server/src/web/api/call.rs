//! The body of an act by a program: JSON, or a form whose part `command` is the same JSON and whose other parts are files.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;

use super::model::StepRequest;
use crate::app::App;
use crate::web::form::{self, Caps, Contents};
use crate::web::upload::Upload;
use crate::web::{ApiCaller, Json, PageError};

/// What a program sends.
pub struct Call {
    /// What is to be done.
    pub request: StepRequest,
    contents: Contents,
}

impl Call {
    /// The files that came with it; the name of a part is the kind of document.
    pub fn uploads(&self) -> &[Upload] {
        &self.contents.uploads
    }
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = PageError;
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, PageError> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if !media.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            let Json(request) = Json::<StepRequest>::from_request(request, app).await?;
            return Ok(Self { request, contents: Contents::default() });
        }
        // Nobody fills the disk before we know who it is.
        let (mut parts, body) = request.into_parts();
        ApiCaller::from_request_parts(&mut parts, app).await?;
        let contents = form::read(Request::from_parts(parts, body), app, Caps::STAFF).await?;
        let command = contents.fields.get("command").ok_or(PageError::Malformed("缺少 command 部分"))?;
        let request = serde_json::from_str(command);
        let request = request.map_err(|_| PageError::Malformed("command 部分的 JSON 与接口说明不符"))?;
        Ok(Self { request, contents })
    }
}
