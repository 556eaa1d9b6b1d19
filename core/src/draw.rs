//! A draw by lot that anybody can repeat: who is drawn follows from a seed and from the list alone, not from who presses the
//! button, nor from the order of the list.
//!
//! The seed comes about in two parts. A secret is fixed first and only its [`commitment`] is told; then the list is closed, and
//! the secret is told with the result. Whoever closes the list does not know the secret, and whoever made the secret could not know
//! the list: nobody draws until they like what they see. Everybody checks afterwards that the secret fits the commitment.
//! Does not belong here: where the secret comes from (the writer), what is drawn, and why.

use sha2::{Digest as _, Sha256};

use crate::id::Digest;

/// What is told before the list is closed.
pub fn commitment(secret: &str) -> Digest {
    Digest::of(format!("zhunsheng draw secret\n{secret}").as_bytes())
}

/// The digest of a list: the same for the same entries, whatever their order.
pub fn list_digest(keys: &[String]) -> Digest {
    let mut sorted: Vec<&str> = keys.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    Digest::of(format!("zhunsheng draw list\n{}", sorted.join("\n")).as_bytes())
}

/// At most `count` entries of the list, first drawn first. Each entry is ranked by the SHA-256 of secret, list and entry; so
/// a longer draw begins with the shorter one.
pub fn draw<'a>(secret: &str, keys: &'a [String], count: usize) -> Vec<&'a str> {
    let list = list_digest(keys);
    let mut ranked: Vec<([u8; 32], &str)> = keys
        .iter()
        .map(|key| (Sha256::digest(format!("zhunsheng draw\n{secret}\n{list}\n{key}")).into(), key.as_str()))
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(count).map(|(_, key)| key).collect()
}
