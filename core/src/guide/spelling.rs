//! What was typed with another character that sounds alike: input methods offer them, and a villager taps the first one.
//!
//! A piece of the question is read as a known word if every character is the same or sounds alike, and nothing known is spelt as the piece is:
//! what can be looked up as it stands is never changed. Does not belong here: everyday words ([`super::question`]).

use std::collections::{BTreeMap, BTreeSet};

use super::rank::Entry;

/// Longer words are found by their parts.
const WORD_CHARS_MAX: usize = 8;
/// Shorter ones are met by chance, across the borders of other words: they are read only where the law folder lists them.
const WORD_CHARS_MIN: usize = 4;

/// Known words by how they sound, and every pair of characters that is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Spelling {
    sounds: BTreeMap<char, char>,
    words: BTreeMap<Vec<char>, Vec<Vec<char>>>,
    known: BTreeSet<(char, char)>,
}

fn pairs(chars: &[char]) -> impl Iterator<Item = (char, char)> {
    chars.iter().copied().zip(chars.iter().copied().skip(1))
}

impl Spelling {
    /// From characters that sound alike, the words that are known, and the texts in which they are looked up.
    pub(super) fn of<'w>(
        (groups, short): (&[String], &[String]),
        words: impl Iterator<Item = &'w str>,
        entries: impl Iterator<Item = Entry>,
    ) -> Self {
        let mut spelling = Self::default();
        for group in groups {
            let first = group.chars().next().unwrap_or_default();
            spelling.sounds.extend(group.chars().map(|one| (one, first)));
        }
        for word in words {
            let word: Vec<char> = word.chars().collect();
            spelling.known.extend(pairs(&word));
            // 推了 and 退了: grammar is no spelling.
            let listed = || short.iter().any(|listed| listed.chars().eq(word.iter().copied()));
            let long = (WORD_CHARS_MIN..=WORD_CHARS_MAX).contains(&word.len());
            if (long || listed()) && !word.contains(&'了') {
                spelling.words.entry(spelling.heard(&word)).or_default().push(word);
            }
        }
        for (_, text) in entries.flat_map(|entry| entry.fields) {
            spelling.known.extend(pairs(&text.chars().collect::<Vec<_>>()));
        }
        spelling
    }

    fn heard(&self, word: &[char]) -> Vec<char> {
        word.iter().map(|one| self.sounds.get(one).copied().unwrap_or(*one)).collect()
    }

    /// What of a text is mistyped, and what it is read as.
    pub(super) fn mistyped(&self, text: &str) -> Vec<(String, String)> {
        let chars: Vec<char> = text.chars().collect();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < chars.len() {
            let longest_first = (2..=WORD_CHARS_MAX).rev().filter_map(|length| chars.get(at..at + length));
            let read = longest_first.filter_map(|piece| Some((piece, self.meant(piece)?))).next();
            if let Some((piece, word)) = read {
                found.push((piece.iter().collect(), word.iter().collect()));
            }
            at += read.map_or(1, |(piece, _)| piece.len());
        }
        found
    }

    /// The word that a piece sounds like and shares a character with, if the piece itself says nothing.
    fn meant(&self, piece: &[char]) -> Option<&Vec<char>> {
        let alike = self.words.get(&self.heard(piece))?;
        let unknown = |word: &[char]| {
            let changed = pairs(piece).zip(pairs(word)).filter(|(typed, known)| typed != known);
            changed.into_iter().all(|(typed, _)| !self.known.contains(&typed))
        };
        let shares = |word: &[char]| word.iter().zip(piece).any(|(a, b)| a == b);
        let same = alike.iter().any(|word| word.as_slice() == piece);
        alike.iter().find(|word| !same && shares(word) && unknown(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sounds_like_a_known_word_and_says_nothing_is_read_as_it() {
        let groups = ["礼里理".to_owned(), "裁才财".to_owned(), "退推".to_owned()];
        let words = ["彩礼", "劳动仲裁", "村里", "推了", "退钱"];
        let short = ["彩礼".to_owned()];
        let spelling = Spelling::of((&groups, &short), words.into_iter(), std::iter::empty());
        let one = |typed: &str, word: &str| vec![(typed.to_owned(), word.to_owned())];
        assert_eq!(spelling.mistyped("彩里能要回来吗"), one("彩里", "彩礼"));
        assert_eq!(spelling.mistyped("找劳动仲才"), one("劳动仲才", "劳动仲裁"));
        // 推钱 sounds like 退钱, which is short and not listed.
        for right in ["村里的彩礼", "退了", "理", "", "劳动仲裁", "推钱"] {
            assert!(spelling.mistyped(right).is_empty(), "{right}: {:?}", spelling.mistyped(right));
        }
    }
}
