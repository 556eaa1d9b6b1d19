//! Coming in through the unified login of a superior platform: the browser goes there and comes back with a code, which the platform
//! exchanges for who it is. What is taken over is one mobile number that the platform has verified; it ends where a code by short message
//! ends, in a session of that number.
//!
//! Does not belong here: cookies and pages (`web/pages/unified.rs`), where the platform is (`config/login.rs`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use crate::app::App;
use crate::app::fault::Fault;
use crate::app::outward::{Letter, Target, encoded};
use crate::app::secret::{Token, hex, random, sha256};
use crate::config::login::UnifiedLogin;

/// Purpose of the seal on what the browser keeps while it is away.
const AWAY: &str = "unified-login";
/// Whoever stays away longer begins anew.
pub const AWAY_SECONDS: u32 = 10 * 60;
/// What the platform answers is read as far as this.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Codes and states longer than this are none of ours.
const TYPED_MAX: usize = 2_000;

/// What a browser takes along: where to, and what it keeps to be recognised by when it comes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Departure {
    /// Where the browser goes.
    pub href: String,
    /// Sealed: the state and the proof key, for as long as it may be away.
    pub kept: String,
}

/// Why somebody did not come in. Each is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not sent by us, or too long ago, or twice.
    #[error("这次登录不是从本站开始的，或者离开太久了。请重新登录。")]
    Stranger,
    /// The person or the platform said no.
    #[error("没有登录成功：{title}没有确认您的身份。")]
    Denied {
        /// The platform.
        title: String,
    },
    /// The platform does not answer, or not as it should: the log says how, people need not know.
    #[error("{title}现在不能用。请稍后再试，或者用手机号进入。")]
    Away {
        /// The platform.
        title: String,
    },
    /// No number, or one that the platform has not verified.
    #[error("{title}没有给出您核对过的手机号。请在那里绑定手机号，或者在这里用手机号进入。")]
    NoNumber {
        /// The platform.
        title: String,
    },
}

impl Refused {
    /// The person went back, or the platform said no.
    #[must_use]
    pub fn denied(app: &App) -> Self {
        let login = app.config.login.as_ref();
        Self::Denied { title: login.map(|login| login.title.clone()).unwrap_or_default() }
    }
}

impl App {
    /// Sends a browser on its way; none if the county has no unified login.
    #[must_use]
    pub fn depart(&self) -> Option<Departure> {
        let login = self.config.login.as_ref()?;
        let (state, verifier) = (hex(&random::<16>()), hex(&random::<32>()));
        let kept = format!("{state} {verifier} {}", self.machine.seconds());
        let kept = self.site_key.close(AWAY, &[], kept.as_bytes())?;
        let challenge = Base64UrlUnpadded::encode_string(&sha256(verifier.as_bytes()));
        let query = encoded([
            ("response_type", "code"),
            ("client_id", &login.client),
            ("redirect_uri", &login.back),
            ("scope", &login.scope),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Some(Departure { href: format!("{}?{query}", login.authorize), kept: Base64UrlUnpadded::encode_string(&kept) })
    }

    /// A browser is back, with what it kept and what the platform gave it. The inner error says why it does not come in.
    pub async fn come_back(&self, kept: &str, state: &str, code: &str) -> Result<Result<Token, Refused>, Fault> {
        let Some(login) = &self.config.login else { return Ok(Err(Refused::Stranger)) };
        let Some(verifier) = self.recognised(kept, state) else { return Ok(Err(Refused::Stranger)) };
        if code.is_empty() || code.len() > TYPED_MAX {
            return Ok(Err(Refused::denied(self)));
        }
        match self.number_of(login, code, &verifier).await {
            Ok(number) => match self.phone(&number) {
                Some((number, hash)) => {
                    let (token, opening) = self.opening(number, hash);
                    self.db.write(move |tx| opening.open(tx)).await?;
                    Ok(Ok(token))
                }
                None => Ok(Err(Refused::NoNumber { title: login.title.clone() })),
            },
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// The proof key of a browser that left from here a short while ago with this state.
    fn recognised(&self, kept: &str, state: &str) -> Option<String> {
        let sealed = Base64UrlUnpadded::decode_vec(kept).ok()?;
        let kept = String::from_utf8(self.site_key.open(AWAY, &[], &sealed)?).ok()?;
        let mut parts = kept.split(' ');
        let (known, verifier, left) = (parts.next()?, parts.next()?, parts.next()?.parse::<i64>().ok()?);
        let now = self.machine.seconds();
        let away = now.saturating_sub(left);
        let ours = known == state && (0..i64::from(AWAY_SECONDS)).contains(&away);
        (ours && self.returned.first_time(known, now)).then(|| verifier.to_owned())
    }

    /// Exchanges the code, asks who it is, and reads the number.
    async fn number_of(&self, login: &UnifiedLogin, code: &str, verifier: &str) -> Result<String, Refused> {
        let body = encoded([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &login.back),
            ("client_id", &login.client),
            ("client_secret", login.secret.reveal()),
            ("code_verifier", verifier),
        ]);
        let granted = self.ask_login(login, &login.token, Vec::new(), body).await?;
        let access = granted.get("access_token").and_then(Value::as_str).ok_or_else(|| Refused::denied(self))?;
        let bearer = vec![("authorization", format!("Bearer {access}"))];
        let person = self.ask_login(login, &login.person, bearer, String::new()).await?;
        let says_so = |claim: &String| match person.get(claim) {
            Some(Value::Bool(said)) => *said,
            Some(Value::String(said)) => said == "true",
            _ => false,
        };
        let verified = login.verified.as_ref().is_none_or(says_so);
        let number = person.get(&login.phone).and_then(Value::as_str).filter(|_| verified);
        // +86 13800000000 is how OpenID Connect writes it.
        let number = number.map(|number| number.trim().trim_start_matches("+86").trim().to_owned());
        number.ok_or_else(|| Refused::NoNumber { title: login.title.clone() })
    }

    async fn ask_login(
        &self,
        login: &UnifiedLogin,
        address: &str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<Value, Refused> {
        let away = |why: &dyn std::fmt::Display| {
            tracing::warn!(address, why = %why, "the unified login cannot be used");
            Refused::Away { title: login.title.clone() }
        };
        let target = Target::parse(address).map_err(|wrong| away(&wrong))?;
        let letter = Letter {
            path: "",
            kind: "application/x-www-form-urlencoded",
            headers,
            body: body.into_bytes(),
            answer_max: ANSWER_BYTES_MAX,
        };
        let reply = self.outward.post(&target, letter).await.map_err(|wrong| away(&wrong))?;
        let said: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let error =
            said.as_ref().and_then(|said| said.get("error")).and_then(Value::as_str).unwrap_or("none").to_owned();
        match (reply.status, said) {
            (200..=299, Some(said)) => Ok(said),
            (200..=299, None) => Err(away(&"no JSON")),
            // The code is not, or no longer, good (RFC 6749 §5.2); any other error is ours or the platform's, not the person's.
            (400..=499, _) if error == "invalid_grant" => Err(Refused::denied(self)),
            (status, _) => Err(away(&format!("status {status}, error {error}"))),
        }
    }
}

/// Departures whose browsers have come back: each serves once.
#[derive(Default)]
pub struct Returned(Mutex<HashMap<String, i64>>);

impl Returned {
    fn first_time(&self, state: &str, now: i64) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, since| now.saturating_sub(*since) < i64::from(AWAY_SECONDS));
        known.insert(state.to_owned(), now).is_none()
    }
}
