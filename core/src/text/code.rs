//! Codes that people read from paper and type: one alphabet without look-alikes, groups of four, and a check character.
//!
//! Does not belong here: what a code opens.

use super::half_width;

/// Crockford's 32 digits: no I, L, O (read as 1 and 0) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random characters of a 核验码, five bits each; the last of the sixteen checks them.
const RANDOM_CHARS: usize = 15;

/// What was typed as a code: spaces, dashes, full-width letters, case and look-alike letters do not matter.
pub fn plain_code(typed: &str) -> String {
    half_width(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—' | '–' | '·'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect()
}

/// `7K2M94QX1AB0` → `7K2M-94QX-1AB0`.
pub fn written_code(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    chars.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The 核验码 of 75 random bits (the lowest of these): fifteen characters and the one that checks them.
pub fn verify_code(random: u128) -> String {
    let values: Vec<u8> = (0..RANDOM_CHARS).rev().map(|place| (random >> (place * 5) & 31) as u8).collect();
    let check = twice(remainder(values.iter().copied()));
    values
        .iter()
        .chain(&[check])
        .filter_map(|value| ALPHABET.get(usize::from(*value)))
        .copied()
        .map(char::from)
        .collect()
}

/// A 核验码 as typed; `None` if it is none, one mistyped or two exchanged characters included.
pub fn read_verify_code(typed: &str) -> Option<String> {
    let code = plain_code(typed);
    let value = |byte: u8| ALPHABET.iter().position(|known| *known == byte).and_then(|at| u8::try_from(at).ok());
    let values: Vec<u8> = code.bytes().map(value).collect::<Option<_>>()?;
    (values.len() == RANDOM_CHARS + 1 && remainder(values.into_iter()) == 0).then_some(code)
}

/// The characters as a polynomial over GF(32), at the element whose powers are all different up to the 31st: one changed
/// character and two exchanged ones always leave something.
fn remainder(values: impl Iterator<Item = u8>) -> u8 {
    values.fold(0, |sum, value| twice(sum) ^ value)
}

/// Times x in GF(2)[x] / (x⁵ + x² + 1).
fn twice(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = verify_code(0x0123_4567_89ab_cdef_0123);
        assert_eq!(code.len(), 16);
        let typed = written_code(&code).to_lowercase().replace('0', "o").replace('1', "l");
        assert_eq!(read_verify_code(&format!(" {typed} ")), Some(code.clone()));
        for wrong in ["", "7K2M", code.get(1..).unwrap(), &format!("{code}0"), "核验码核验码核验码核验码核验码核"]
        {
            assert_eq!(read_verify_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_single_slip_and_every_exchange_is_noticed() {
        for seed in [1u128, 0x3fff_0000_1234_5678_9abc, u128::MAX] {
            let code: Vec<u8> = verify_code(seed).into_bytes();
            let reads = |bytes: &[u8]| read_verify_code(std::str::from_utf8(bytes).unwrap()).is_some();
            assert!(reads(&code));
            for at in 0..16 {
                for other in ALPHABET.iter().filter(|other| **other != code[at]) {
                    let mut slip = code.clone();
                    slip[at] = *other;
                    assert!(!reads(&slip));
                }
                for with in at + 1..16 {
                    let mut exchanged = code.clone();
                    exchanged.swap(at, with);
                    assert!(exchanged == code || !reads(&exchanged));
                }
            }
        }
    }

    #[test]
    fn all_seventy_five_bits_are_in_it() {
        let codes: std::collections::BTreeSet<String> = (0..75).map(|bit| verify_code(1 << bit)).collect();
        assert_eq!(codes.len(), 75);
        assert_eq!(verify_code(1 << 75), verify_code(0), "what is above does not count");
    }
}
