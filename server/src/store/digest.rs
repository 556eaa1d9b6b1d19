//! Digests of opaque secrets at rest, and hexadecimal. The record's own hashes live in the core.

use sha2::{Digest, Sha256};

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes behind hexadecimal of exactly `N` bytes; `None` for anything else.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    let mut digits = text.chars();
    for byte in &mut bytes {
        let high = digits.next()?.to_digit(16)?;
        let low = digits.next()?.to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{hex, unhex};

    #[test]
    fn hexadecimal_goes_there_and_back() {
        assert_eq!(hex(&[0, 171, 255]), "00abff");
        assert_eq!(unhex::<3>("00abff"), Some([0, 171, 255]));
        assert_eq!(unhex::<3>("00abf"), None);
        assert_eq!(unhex::<3>("00abfg"), None);
        assert_eq!(unhex::<1>("准"), None);
    }
}
