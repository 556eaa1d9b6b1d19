//! SM3 (GB/T 32905-2016) of many messages side by side, one in each lane of the widest registers the processor has.
//!
//! Processors have instructions for SHA-256 and none for SM3, which was a third of verifying a record. One message leaves the
//! registers nearly empty; sixteen go through them together in little more time (docs/decisions/0051-lanes.md has the figures).
//! The dispatch to what a processor has, and everything unsafe in it, is `fearless_simd`'s. A test compares each length of
//! message with the `sm3` crate, which hashes one alone. Does not belong here: what is hashed.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

/// Bytes that are compressed at a time.
const BLOCK: usize = 64;
/// Lanes of the widest registers: 512 bits.
const WIDEST: usize = 16;

/// One 32-bit word of each lane.
type Row = [u32; WIDEST];

/// §4.1.
const START: [u32; 8] =
    [0x7380_166f, 0x4914_b2b9, 0x1724_42d7, 0xda8a_0600, 0xa96f_30bc, 0x1631_38aa, 0xe38d_ee4d, 0xb0fb_0e4e];

/// The hash of each message, in their order.
pub(super) fn sm3(messages: &[&[u8]]) -> Vec<[u8; 32]> {
    sm3_on(Level::new(), messages)
}

fn sm3_on(level: Level, messages: &[&[u8]]) -> Vec<[u8; 32]> {
    dispatch!(level, simd => hash(simd, messages))
}

#[inline(always)]
fn hash<S: Simd>(simd: S, messages: &[&[u8]]) -> Vec<[u8; 32]> {
    let mut hashes = vec![[0; 32]; messages.len()];
    let mut waiting = messages.iter().zip(&mut hashes);
    let mut state = START.map(|word| [word; WIDEST]);
    let mut lanes: Vec<Option<Lane<'_>>> = Vec::with_capacity(S::u32s::LEN);
    lanes.resize_with(S::u32s::LEN, || None);
    let mut words = [[0; WIDEST]; 16];
    loop {
        let mut idle = true;
        for (at, slot) in lanes.iter_mut().enumerate() {
            if slot.is_none() {
                *slot = waiting.next().map(|(message, hash)| Lane::new(message, hash));
                set(&mut state, at, &START);
            }
            if let Some(lane) = slot {
                set(&mut words, at, &lane.block());
                idle = false;
            }
        }
        if idle {
            return hashes;
        }
        compress(simd, &mut state, &words);
        for (at, slot) in lanes.iter_mut().enumerate() {
            if let Some(lane) = slot.take_if(|lane| lane.rest == Rest::Nothing) {
                let words = state.iter().filter_map(|row| row.get(at)).flat_map(|word| word.to_be_bytes());
                lane.hash.iter_mut().zip(words).for_each(|(slot, byte)| *slot = byte);
            }
        }
    }
}

/// Puts a word of a lane into each row.
#[inline(always)]
fn set(rows: &mut [Row], lane: usize, words: &[u32]) {
    for (row, word) in rows.iter_mut().zip(words) {
        if let Some(slot) = row.get_mut(lane) {
            *slot = *word;
        }
    }
}

/// What is still to be read of a message.
#[derive(PartialEq, Eq)]
enum Rest<'m> {
    /// Its bytes, then the padding.
    Bytes(&'m [u8]),
    /// Its length: the end of the padding, for which the last block had no room.
    Length,
    Nothing,
}

/// A message in its lane.
struct Lane<'m> {
    rest: Rest<'m>,
    /// Of the message, in bits.
    length: u64,
    hash: &'m mut [u8; 32],
}

impl<'m> Lane<'m> {
    fn new(message: &'m [u8], hash: &'m mut [u8; 32]) -> Self {
        Self { rest: Rest::Bytes(message), length: 8 * message.len() as u64, hash }
    }

    /// The next block (§5.2: a one, zeros, and the length in the last 64 bits).
    #[inline(always)]
    fn block(&mut self) -> [u32; 16] {
        if let Rest::Bytes(bytes) = self.rest
            && let Some((block, rest)) = bytes.split_first_chunk::<BLOCK>()
        {
            self.rest = Rest::Bytes(rest);
            return to_words(block);
        }
        self.last_block()
    }

    fn last_block(&mut self) -> [u32; 16] {
        let mut block = [0; BLOCK];
        let mut used = 0;
        if let Rest::Bytes(bytes) = self.rest {
            used = bytes.len() + 1;
            block.iter_mut().zip(bytes.iter().chain(&[0x80])).for_each(|(slot, byte)| *slot = *byte);
        }
        self.rest = if used + 8 > BLOCK { Rest::Length } else { Rest::Nothing };
        if self.rest == Rest::Nothing {
            block.iter_mut().rev().zip(self.length.to_le_bytes()).for_each(|(slot, byte)| *slot = byte);
        }
        to_words(&block)
    }
}

#[inline(always)]
fn to_words(block: &[u8; BLOCK]) -> [u32; 16] {
    let mut words = [0; 16];
    let (chunks, _) = block.as_chunks::<4>();
    words.iter_mut().zip(chunks).for_each(|(word, bytes)| *word = u32::from_be_bytes(*bytes));
    words
}

/// §5.3.3, in every lane.
#[inline(always)]
#[expect(
    clippy::indexing_slicing,
    reason = "each index is below sixteen by its mask: the last sixteen words of the schedule"
)]
#[expect(clippy::many_single_char_names, reason = "the registers are the standard's")]
fn compress<S: Simd>(simd: S, state: &mut [Row; 8], block: &[Row; 16]) {
    let zero = S::u32s::splat(simd, 0);
    let load = |row: &Row| row.get(..S::u32s::LEN).map_or(zero, |words| S::u32s::from_slice(simd, words));
    let before = state.map(|row| load(&row));
    let mut w = block.map(|row| load(&row));
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = before;
    for (j, round) in (0..64).zip(0u32..) {
        // The word four ahead takes the place of the one twelve behind.
        let (now, k) = (w[j & 15], j + 4);
        if k >= 16 {
            let x = w[k & 15] ^ w[(k - 9) & 15] ^ rotate(w[(k - 3) & 15], 15);
            w[k & 15] = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[(k - 13) & 15], 7) ^ w[(k - 6) & 15];
        }
        let a12 = rotate(a, 12);
        let ss1 = rotate(a12 + e + constant(round), 7);
        let ss2 = ss1 ^ a12;
        let (ff, gg) = if j < 16 { (a ^ b ^ c, e ^ f ^ g) } else { ((a & b) | (c & (a | b)), g ^ (e & (f ^ g))) };
        let tt1 = ff + d + ss2 + (now ^ w[k & 15]);
        let tt2 = gg + h + ss1 + now;
        (d, c, b, a) = (c, rotate(b, 9), a, tt1);
        (h, g, f, e) = (g, rotate(f, 19), e, tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17));
    }
    for (row, (before, after)) in state.iter_mut().zip(before.into_iter().zip([a, b, c, d, e, f, g, h])) {
        let mixed = before ^ after;
        row.iter_mut().zip(mixed.as_slice()).for_each(|(slot, word)| *slot = *word);
    }
}

#[inline(always)]
fn rotate<S: Simd, V: SimdInt<S, Element = u32>>(words: V, bits: u32) -> V {
    (words << bits) | (words >> (32 - bits))
}

/// §4.2, rotated as the round wants it.
#[inline(always)]
const fn constant(round: u32) -> u32 {
    if round < 16 { 0x79cc_4519_u32.rotate_left(round) } else { 0x7a87_9d8a_u32.rotate_left(round % 32) }
}

#[cfg(test)]
mod tests {
    use sm3::{Digest as _, Sm3};

    use super::*;

    #[test]
    fn every_length_hashes_as_alone() {
        // Around each end of a block and of the padding, in every order of lanes; more messages than lanes, and fewer.
        let text: Vec<u8> = (0..1_000u32).map(|n| (n * 31 % 251) as u8).collect();
        let all: Vec<&[u8]> = (0..200).chain([511, 512, 513, 1_000]).map(|length| &text[..length]).collect();
        let scattered: Vec<&[u8]> = all.iter().enumerate().map(|(at, _)| all[at * 77 % all.len()]).collect();
        for messages in [&all[..], &scattered, &all[..1], &all[50..67], &[]] {
            let alone: Vec<[u8; 32]> = messages.iter().map(|message| Sm3::digest(message).into()).collect();
            for level in levels() {
                assert_eq!(sm3_on(level, messages), alone, "{level:?}");
            }
        }
    }

    /// What this processor has, from the widest registers to those that every one has.
    fn levels() -> Vec<Level> {
        let mut levels = vec![Level::new(), Level::baseline()];
        #[cfg(target_arch = "x86_64")]
        levels.extend(Level::new().as_avx2().map(Level::Avx2));
        levels
    }
}
