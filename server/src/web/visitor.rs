//! Who is asking: a session if there is one, an address, and the token that their forms must carry.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::address;
use super::cookie::{Jar, SetCookie, read};
use super::error::PageError;
use crate::app::citizen::Citizen;
use crate::app::secret::{Key, Token, hex, random, unhex};
use crate::app::session::{self, Current};
use crate::app::{App, fault::Fault};

/// How pages should look for this browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// 长辈版: large type.
    pub elder: bool,
    /// Dark or light chosen by hand; `None`: as the device says.
    pub dark: Option<bool>,
}

impl Look {
    /// From the cookie: letters `e`, `d`, `l`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let dark = if text.contains('d') { Some(true) } else { text.contains('l').then_some(false) };
        Self { elder: text.contains('e'), dark }
    }
    /// For the cookie.
    #[must_use]
    pub fn text(self) -> String {
        let elder = if self.elder { "e" } else { "" };
        let theme = match self.dark {
            Some(true) => "d",
            Some(false) => "l",
            None => "",
        };
        format!("{elder}{theme}")
    }
}

/// The visitor of a request. Cheap to clone.
#[derive(Clone)]
pub struct Visitor(Arc<Facts>);

/// What is known about a visitor.
pub struct Facts {
    /// Signed in as.
    pub current: Option<Current>,
    /// In as a citizen: no power but over their own matters.
    pub citizen: Option<Citizen>,
    /// From where.
    pub address: IpAddr,
    /// What they asked for.
    pub uri: Uri,
    /// How pages look.
    pub look: Look,
    /// Whether the page stands in a page of a superior portal, which has a header of its own.
    pub framed: bool,
    /// A coarse description of the browser.
    pub client: &'static str,
    nonce: [u8; 16],
    nonce_is_new: bool,
    nonce_is_used: AtomicBool,
    key: Key,
}

impl Deref for Visitor {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.0
    }
}

/// Purposes of the site key.
const NONCE: &str = "form-cookie";
const ANONYMOUS_FORM: &str = "anonymous-form";

impl Visitor {
    /// A visitor of whom nothing is known: error pages before anybody was looked up.
    #[must_use]
    pub fn stranger(app: &App, address: IpAddr, uri: Uri, headers: &HeaderMap) -> Self {
        let https = app.config.https;
        let kept = read(headers, Jar::Form, https).and_then(|value| open_nonce(&app.site_key, value));
        Self(Arc::new(Facts {
            current: None,
            citizen: None,
            address,
            uri,
            look: read(headers, Jar::Look, https).map(Look::parse).unwrap_or_default(),
            framed: headers.get("sec-fetch-dest").is_some_and(|dest| dest == "iframe"),
            client: client(headers),
            nonce: kept.unwrap_or_else(random),
            nonce_is_new: kept.is_none(),
            nonce_is_used: AtomicBool::new(false),
            key: app.site_key.clone(),
        }))
    }

    /// The hidden value that a form of this visitor must carry (`<input type="hidden" name="_token">`).
    #[must_use]
    pub fn form_token(&self) -> String {
        match &self.current {
            Some(current) => current.form_token(),
            None => {
                self.nonce_is_used.store(true, Ordering::Relaxed);
                self.key.form_token(ANONYMOUS_FORM, &self.nonce)
            }
        }
    }

    /// Whether nothing says that this browser was here before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.current.is_none() && self.nonce_is_new
    }

    /// Whether a form came from a page that we showed to this visitor.
    #[must_use]
    pub fn verify_form_token(&self, token: &str) -> bool {
        match &self.current {
            Some(current) => current.verify_form_token(token),
            None => !self.nonce_is_new && self.key.verify_form_token(ANONYMOUS_FORM, &self.nonce, token),
        }
    }

    /// The cookie that anonymous forms need, if this answer holds such a form and the browser has none yet.
    fn form_cookie(&self, app: &App) -> Option<SetCookie> {
        let due = self.nonce_is_new && self.nonce_is_used.load(Ordering::Relaxed);
        let seal = self.key.seal(NONCE, &self.nonce);
        due.then(|| SetCookie::new(&app.config, Jar::Form, &(hex(&self.nonce) + &hex(&seal)), None))
    }
}

fn open_nonce(key: &Key, value: &str) -> Option<[u8; 16]> {
    let (nonce, seal) = value.split_at_checked(32)?;
    let nonce: [u8; 16] = unhex(nonce)?;
    key.verify(NONCE, &nonce, &unhex(seal)?).then_some(nonce)
}

/// Enough to recognise one's own session in a list, too little to follow anybody.
fn client(headers: &HeaderMap) -> &'static str {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if agent.contains("MicroMessenger") {
        "微信"
    } else if ["Mobile", "Android", "iPhone", "HarmonyOS"].iter().any(|mark| agent.contains(mark)) {
        "手机浏览器"
    } else if agent.contains("Mozilla") {
        "电脑浏览器"
    } else {
        "其他程序"
    }
}

/// Looks the visitor up and, on the way back, sets the cookie that their first form needs.
pub(super) async fn recognise(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let address = address::of(&request, &app.config);
    let visitor = Visitor::stranger(&app, address, request.uri().clone(), request.headers());
    // Files are the same for everybody.
    let is_file = request.uri().path().starts_with("/static/");
    let (staff, citizen) = if is_file { (None, None) } else { tokens(request.headers(), app.config.https) };
    let visitor = match lookup(&app, staff, citizen).await {
        Ok((None, None)) => visitor,
        Ok((current, citizen)) => visitor.known(current, citizen),
        Err(fault) => return PageError::from(fault).into_response(),
    };
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(visitor);
    response
}

/// The tokens of a member of staff and of a citizen.
fn tokens(headers: &HeaderMap, https: bool) -> (Option<Token>, Option<Token>) {
    let token = |jar| read(headers, jar, https).and_then(Token::parse);
    (token(Jar::Session), token(Jar::Citizen))
}

async fn lookup(
    app: &App,
    staff: Option<Token>,
    citizen: Option<Token>,
) -> Result<(Option<Current>, Option<Citizen>), Fault> {
    let current = match staff {
        None => None,
        Some(token) => session::find(app, &token).await?,
    };
    let citizen = match citizen {
        None => None,
        Some(token) => app.find_citizen(&token).await?,
    };
    Ok((current, citizen))
}

impl Visitor {
    fn known(self, current: Option<Current>, citizen: Option<Citizen>) -> Self {
        match Arc::try_unwrap(self.0) {
            Ok(facts) => Self(Arc::new(Facts { current, citizen, ..facts })),
            Err(shared) => Self(shared),
        }
    }
}

/// After the page is written: sets the cookie that its anonymous forms need.
pub(super) fn finish(app: &App, visitor: &Visitor, response: &mut Response) {
    if let Some(value) = visitor.form_cookie(app).and_then(|cookie| cookie.header()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| PageError::broken("route without visitor layer"))
    }
}
