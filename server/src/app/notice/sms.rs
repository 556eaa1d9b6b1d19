//! Short messages: a small interface, and two gateways behind it. In a demonstration the console: nothing is sent, the page of messages
//! shows what would have been. In a real county one that takes a request over HTTP, its body as configured.
//!
//! Another gateway is another `impl Gateway` and a branch in [`gateway`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{BoxFuture, FutureExt, ready};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zhunsheng_core::matter::SealedClass;
use zhunsheng_core::text::mask;

use super::message::SendError;
use super::webhook::IDEMPOTENCY;
use crate::app::outward::{Letter, Outward, Target};
use crate::config::ways::{SmsHttp, Ways};

/// What is answered is read as far as this.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Sends short messages.
pub trait Gateway: Send + Sync {
    /// Sends one text to one telephone. `id` is the same when it is sent again.
    fn send<'a>(&'a self, phone: &'a str, text: &'a str, id: &'a str) -> BoxFuture<'a, Result<(), SendError>>;

    /// What would have been sent, the latest first, if nothing leaves the house: the telephone masked, and the text.
    fn shown(&self) -> Option<Vec<(String, String)>> {
        None
    }
}

/// The gateway of this process; none if the county has none.
#[must_use]
pub fn gateway(ways: &Ways, outward: &Arc<Outward>, demonstration: bool) -> Option<Box<dyn Gateway>> {
    match &ways.sms {
        Some(config) => Some(Box::new(Http { outward: Arc::clone(outward), config: config.clone() })),
        None if demonstration => Some(Box::new(Console::default())),
        None => None,
    }
}

/// Whether something is a mobile telephone number of the mainland.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && text.chars().all(|c| c.is_ascii_digit())
}

/// Writes a line into the log, keeps the last texts for the page, and sends nothing.
#[derive(Default)]
struct Console {
    last: Mutex<VecDeque<(String, String)>>,
}

/// So many texts are kept.
const SHOWN: usize = 20;

impl Gateway for Console {
    fn send<'a>(&'a self, phone: &'a str, text: &'a str, id: &'a str) -> BoxFuture<'a, Result<(), SendError>> {
        let phone = mask(SealedClass::Phone, phone);
        tracing::info!(id, phone, characters = text.chars().count(), "a short message, on the console");
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.push_front((phone, text.to_owned()));
        last.truncate(SHOWN);
        ready(Ok(())).boxed()
    }

    fn shown(&self) -> Option<Vec<(String, String)>> {
        Some(self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect())
    }
}

/// One request for each message.
struct Http {
    outward: Arc<Outward>,
    config: SmsHttp,
}

impl Gateway for Http {
    fn send<'a>(&'a self, phone: &'a str, text: &'a str, id: &'a str) -> BoxFuture<'a, Result<(), SendError>> {
        self.post(phone, text, id).boxed()
    }
}

impl Http {
    async fn post(&self, phone: &str, text: &str, id: &str) -> Result<(), SendError> {
        let target = Target::parse(&self.config.url).map_err(|wrong| SendError::passing(wrong.to_string()))?;
        let template = self.config.body.reveal();
        let is_json = template.starts_with('{');
        let mut headers = vec![(IDEMPOTENCY, id.to_owned())];
        headers.extend(self.config.authorization.iter().map(|value| ("authorization", value.reveal().to_owned())));
        let letter = Letter {
            path: "",
            kind: if is_json { "application/json; charset=utf-8" } else { "application/x-www-form-urlencoded" },
            headers,
            body: filled(template, &[("{phone}", phone), ("{text}", text), ("{id}", id)], is_json).into_bytes(),
            answer_max: ANSWER_BYTES_MAX,
        };
        let reply = self.outward.post(&target, letter).await;
        let reply = reply.map_err(|wrong| SendError::passing(wrong.to_string()))?;
        match reply.status {
            // Many gateways say no with 200: what means yes is configured.
            200..=299 if String::from_utf8_lossy(&reply.body).contains(&self.config.accepted) => Ok(()),
            200..=299 => Err(SendError::passing("短信平台没有受理")),
            status => Err(SendError::passing(format!("短信平台答复 {status}"))),
        }
    }
}

/// A body with its places filled, each value escaped as the body's language asks; a value is never read for places.
fn filled(body: &str, values: &[(&str, &str)], is_json: bool) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, place, after)) = next_place(rest, values) {
        text.push_str(before);
        text.push_str(&escaped(place, is_json));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// What stands before the next place, its value, and what stands behind it.
fn next_place<'a>(text: &'a str, values: &[(&str, &'a str)]) -> Option<(&'a str, &'a str, &'a str)> {
    let found = values.iter().filter_map(|(place, value)| {
        let (before, after) = text.split_once(place)?;
        Some((before, *value, after))
    });
    found.min_by_key(|(before, ..)| before.len())
}

fn escaped(value: &str, is_json: bool) -> String {
    if !is_json {
        return utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    }
    let quoted = serde_json::Value::from(value).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{filled, is_phone};

    #[test]
    fn a_value_stays_a_value() {
        let values = [("{phone}", "13800000000"), ("{text}", "他说：\"{phone}\"&x"), ("{id}", "7")];
        let json = filled(r#"{"mobile":"{phone}","content":"{text}","id":"{id}"}"#, &values, true);
        assert_eq!(json, r#"{"mobile":"13800000000","content":"他说：\"{phone}\"&x","id":"7"}"#);
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
        let form = filled("m={phone}&c={text}", &values, false);
        assert!(form.starts_with("m=13800000000&c=%E4") && form.ends_with("%22%26x") && form.matches('&').count() == 1);
    }

    #[test]
    fn telephones() {
        assert!(is_phone("13800000000"));
        for wrong in ["", "0410123456", "+8613800000000", "138 0000 0000", "138000000001", "1380000000a"] {
            assert!(!is_phone(wrong), "{wrong}");
        }
    }
}
