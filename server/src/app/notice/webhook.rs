//! To a program of the county: JSON by POST, signed over time and body, so that the receiver can tell ours from others and old from new.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::message::{Message, SendError};
use crate::app::outward::{Letter, Outward, Target};
use crate::app::secret::hex;
use crate::config::ways::Webhook;

/// Seconds since 1970 at which it was sent; part of what is signed.
pub const TIMESTAMP: &str = "x-zhunsheng-timestamp";
/// `v1=` and HMAC-SHA-256 over `<timestamp>.<body>`, in hexadecimal.
pub const SIGNATURE: &str = "x-zhunsheng-signature";
/// The message's name: the same when it is sent again.
pub const IDEMPOTENCY: &str = "idempotency-key";
/// What is answered is not read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The signature of a body.
#[must_use]
pub fn signature(key: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    // HMAC takes a key of any length; the error cannot happen.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(format!("v1={}", hex(&mac.finalize().into_bytes())))
}

/// Sends one message. Any answer of the 200s means that it arrived.
pub async fn send(outward: &Outward, to: &Webhook, message: &Message, now: i64) -> Result<(), SendError> {
    let target = Target::parse(&to.url).map_err(|wrong| SendError::passing(wrong.to_string()))?;
    let body = message.json().into_bytes();
    let signature = signature(to.key.reveal(), now, &body).ok_or_else(|| SendError::passing("无法签名"))?;
    let headers = vec![(TIMESTAMP, now.to_string()), (SIGNATURE, signature), (IDEMPOTENCY, message.id.clone())];
    let kind = "application/json; charset=utf-8";
    let letter = Letter { path: "", kind, headers, body, answer_max: ANSWER_BYTES_MAX };
    let reply = outward.post(&target, letter).await.map_err(|wrong| SendError::passing(wrong.to_string()))?;
    match reply.status {
        200..=299 => Ok(()),
        status => Err(SendError::passing(format!("接收方答复 {status}"))),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_that_of_the_standard() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let signed = super::signature("key", 1_700_000_000, b"{}").unwrap();
        assert_eq!(signed, "v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae");
        assert_ne!(Some(signed), super::signature("key", 1_700_000_001, b"{}"), "the time is signed, too");
    }
}
