//! What fits a question best: BM25 over fields that count differently, plus the everyday words that stand in the question
//! as a whole. Small numbers of short texts; the library of statutes ranks in its own index.
//!
//! The whole rule: a pair of characters counts more the rarer it is among the entries (`idf`), the more important the
//! field it stands in, and less with every repetition; an everyday word that the question contains counts as much again.

use std::collections::{BTreeMap, BTreeSet};

use super::question::Question;
use crate::text::tokens;

/// How fast repetition stops counting.
const SATURATION: f64 = 1.2;
/// How much a long text is discounted.
const LENGTH: f64 = 0.5;
/// What a whole everyday word adds, as a share of its pairs.
const WHOLE: f64 = 0.8;
/// Entries behind this share of the best are left out.
const SHARE_MIN: f64 = 0.3;
/// Less than this is chance.
const SCORE_MIN: f64 = 1.5;

/// What can be found.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What each text counts, and the text.
    pub fields: Vec<(f64, String)>,
    /// Everyday words that count as a whole.
    pub words: Vec<String>,
}

/// Something found.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The place of the entry.
    pub at: usize,
    /// How well it fits.
    pub score: f64,
    /// Whole words of the question that led here.
    pub because: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct Weighed {
    /// Each pair with its count over the fields, lengths allowed for.
    pairs: BTreeMap<String, f64>,
    words: Vec<String>,
}

/// Entries ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Index {
    entries: Vec<Weighed>,
    idf: BTreeMap<String, f64>,
}

fn pairs(text: &str) -> Vec<String> {
    tokens(text).split(' ').filter(|pair| !pair.is_empty()).map(str::to_owned).collect()
}

#[allow(clippy::cast_precision_loss, reason = "counts of short texts")]
fn number(count: usize) -> f64 {
    count as f64
}

impl Index {
    /// Reads entries; their places are what [`Index::find`] gives back.
    pub fn of(entries: impl Iterator<Item = Entry>) -> Self {
        let entries: Vec<Entry> = entries.collect();
        let cut: Vec<Vec<(f64, Vec<String>)>> = entries
            .iter()
            .map(|entry| entry.fields.iter().map(|(weight, text)| (*weight, pairs(text))).collect())
            .collect();
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        let mut holding: BTreeMap<String, usize> = BTreeMap::new();
        for fields in &cut {
            let unique: BTreeSet<&String> = fields.iter().flat_map(|(_, pairs)| pairs).collect();
            unique.into_iter().for_each(|pair| *holding.entry(pair.clone()).or_default() += 1);
            fields.iter().enumerate().for_each(|(n, (_, pairs))| *lengths.entry(n).or_default() += pairs.len());
        }
        let all = number(entries.len());
        let mean = |n: usize| (number(lengths.get(&n).copied().unwrap_or_default()) / all.max(1.0)).max(1.0);
        let weigh = |(entry, fields): (Entry, Vec<(f64, Vec<String>)>)| {
            let mut weighed = Weighed { pairs: BTreeMap::new(), words: entry.words };
            for (n, (weight, pairs)) in fields.into_iter().enumerate() {
                let share = weight / (1.0 - LENGTH + LENGTH * number(pairs.len()) / mean(n));
                pairs.into_iter().for_each(|pair| *weighed.pairs.entry(pair).or_default() += share);
            }
            weighed
        };
        let idf = holding.into_iter().map(|(pair, count)| {
            let count = number(count);
            (pair, (1.0 + (all - count + 0.5) / (count + 0.5)).ln())
        });
        Self { idf: idf.collect(), entries: entries.into_iter().zip(cut).map(weigh).collect() }
    }

    /// What fits, best first; what hardly fits is left out.
    pub fn find(&self, question: &Question) -> Vec<Found> {
        self.find_from(question, 0)
    }

    /// As [`Index::find`], among the entries from a place on.
    pub fn find_from(&self, question: &Question, first: usize) -> Vec<Found> {
        let entries = self.entries.iter().enumerate().skip(first);
        let scored = entries.map(|(at, entry)| self.score(at, entry, question));
        let mut found: Vec<Found> = scored.filter(|found| found.score >= SCORE_MIN).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.at.cmp(&b.at)));
        let least = found.first().map_or(0.0, |best| best.score * SHARE_MIN);
        found.retain(|found| found.score >= least);
        found
    }

    fn idf(&self, pair: &str) -> f64 {
        self.idf.get(pair).copied().unwrap_or_default()
    }

    fn score(&self, at: usize, entry: &Weighed, question: &Question) -> Found {
        let one = |(term, weight): (&String, &f64)| {
            let count = entry.pairs.get(term).copied().unwrap_or_default();
            weight * self.idf(term) * count * (SATURATION + 1.0) / (count + SATURATION)
        };
        let mut score: f64 = question.terms.iter().map(one).sum();
        let said: Vec<&String> = entry.words.iter().filter(|word| question.text.contains(word.as_str())).collect();
        // 租房 says nothing more beside 租房押金.
        let whole =
            said.iter().filter(|word| !said.iter().any(|other| other != *word && other.contains(word.as_str())));
        let because: Vec<String> = whole.map(|word| (*word).clone()).collect();
        let worth = |word: &String| pairs(word).iter().map(|pair| self.idf(pair)).sum::<f64>() * WHOLE;
        score += because.iter().map(worth).sum::<f64>();
        Found { at, score, because }
    }
}
