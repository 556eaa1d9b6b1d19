//! What somebody typed, as words to look for: their own, and what the law calls what they say.
//!
//! Does not belong here: what fits ([`super::rank`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::spelling::Spelling;
use crate::law::LawError;
use crate::text::{half_width, tokens};

/// Letters of a question that are read.
pub const LETTERS_MAX: usize = 100;
/// What a word of the law counts that stands for an everyday one.
const MEANT: f64 = 0.6;

/// Everyday words and what the law calls it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synonyms {
    /// Words that say nothing about what is asked.
    ignore: Vec<String>,
    /// How it is said here, and how it is written.
    #[serde(default)]
    spoken: Vec<(String, String)>,
    /// Characters that sound alike, in groups.
    #[serde(default)]
    sounds: Vec<String>,
    /// Short words that are read where something sounds like them.
    #[serde(default)]
    heard: Vec<String>,
    #[serde(default, rename = "synonym")]
    synonyms: Vec<Synonym>,
    #[serde(default)]
    danger: Vec<Danger>,
}

/// Words that say that somebody may be hurt, and what they propose: a proposal for whoever grades, never a verdict.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Danger {
    /// Its code in the list of the definition.
    pub sign: String,
    /// What people say.
    pub words: Vec<String>,
}

/// One meaning.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synonym {
    /// Words of the law.
    pub means: Vec<String>,
    /// What people say.
    pub words: Vec<String>,
}

impl Synonym {
    /// As somebody registers it: one saying, and what the law writes for it, several divided by 、 or a comma.
    #[must_use]
    pub fn registered(spoken: &str, meant: &str) -> Self {
        let meanings = meant.split(['、', '，', ',', '；', ';']).map(str::trim).filter(|meaning| !meaning.is_empty());
        Self { means: meanings.map(str::to_owned).collect(), words: vec![half_width(spoken).to_lowercase()] }
    }
}

/// A question ready to be looked up.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Question {
    /// As typed, shortened.
    pub typed: String,
    /// As compared: letters and digits in half width; what it says as it is written, and as it is meant where it was mistyped, on lines below.
    pub(super) text: String,
    /// Pairs of characters and what each counts.
    pub(super) terms: BTreeMap<String, f64>,
    /// What was mistyped, and what it is read as.
    pub mistyped: Vec<(String, String)>,
    /// The everyday word found, and what the law calls it.
    pub meant: Vec<(String, String)>,
}

impl Synonyms {
    /// Reads the committed list.
    ///
    /// # Errors
    /// Unknown keys; a meaning or a word that is empty.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let mut read: Self = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let empty = |synonym: &Synonym| synonym.means.iter().chain(&synonym.words).any(|word| word.trim().is_empty());
        let unsaid =
            |danger: &Danger| danger.words.is_empty() || danger.words.iter().any(|word| word.trim().is_empty());
        let unspoken = |(said, written): &(String, String)| said.trim().is_empty() || written.trim().is_empty();
        if read.synonyms.iter().any(empty) || read.danger.iter().any(unsaid) || read.spoken.iter().any(unspoken) {
            return Err(LawError::plain(file, "a word or a meaning is empty"));
        }
        let mut heard = BTreeSet::new();
        if let Some(twice) = read.sounds.iter().flat_map(|group| group.chars()).find(|one| !heard.insert(*one)) {
            return Err(LawError::plain(file, format!("`{twice}` sounds alike twice: one group for each character")));
        }
        // 我们 before 我, 怎么办 before 怎么.
        read.spoken.sort_by_key(|(said, _)| std::cmp::Reverse(said.chars().count()));
        read.ignore.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        Ok(read)
    }

    /// How many meanings there are.
    pub fn count(&self) -> usize {
        self.synonyms.len()
    }

    /// The codes of the signs of danger that the list knows.
    pub(super) fn signs(&self) -> impl Iterator<Item = &str> {
        self.danger.iter().map(|danger| danger.sign.as_str())
    }

    /// The codes of the signs of danger in what somebody wrote, each once. Spaces between the letters hide nothing.
    pub fn danger_signs(&self, typed: &str) -> Vec<String> {
        let text: String = half_width(typed).chars().filter(|letter| !letter.is_whitespace()).collect();
        let said = |danger: &&Danger| danger.words.iter().any(|word| text.contains(word.as_str()));
        self.danger.iter().filter(said).map(|danger| danger.sign.clone()).collect()
    }

    /// The groups of characters that sound alike.
    pub(super) fn sounds(&self) -> &[String] {
        &self.sounds
    }

    /// Short words that are read where something sounds like them.
    pub(super) fn heard(&self) -> &[String] {
        &self.heard
    }

    /// Every word and meaning.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.synonyms.iter().flat_map(|synonym| synonym.words.iter().chain(&synonym.means)).map(String::as_str)
    }

    /// Reads a question; `own` are the county's own words.
    pub(super) fn read(&self, typed: &str, own: &[Synonym], spelling: &Spelling) -> Question {
        let typed: String = typed.trim().chars().take(LETTERS_MAX).collect();
        let said = half_width(&typed).to_lowercase();
        let replaced = |text: &str, pairs: &[(String, String)]| {
            pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from.as_str(), to))
        };
        let written = replaced(&said, &self.spoken);
        let mistyped = spelling.mistyped(&written);
        // As it was typed it counts as well: other texts may say it so.
        let mut readings = vec![said, replaced(&written, &mistyped), written];
        readings.dedup();
        let text = readings.join("\n");
        let mut asked = text.clone();
        for word in &self.ignore {
            asked = asked.replace(word.as_str(), " ");
        }
        let mut question = Question { typed, text, mistyped, ..Question::default() };
        let mut count = |words: &str, weight: f64| {
            for term in tokens(words).split(' ').filter(|term| !term.is_empty()) {
                let known = question.terms.entry(term.to_owned()).or_insert(0.0);
                *known = known.max(weight);
            }
        };
        count(&asked, 1.0);
        for synonym in self.synonyms.iter().chain(own) {
            let Some(said) = synonym.words.iter().find(|word| question.text.contains(word.as_str())) else { continue };
            synonym.means.iter().for_each(|meaning| count(meaning, MEANT));
            question.meant.extend(synonym.means.iter().map(|meaning| (said.clone(), meaning.clone())));
        }
        question
    }
}

impl Question {
    /// Whether it says nothing that can be looked up.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words of the law that it stands for, and its own: what a full text is searched for, each a phrase.
    pub fn phrases(&self) -> Vec<String> {
        let mut phrases: Vec<String> =
            self.mistyped.iter().chain(&self.meant).map(|(_, meaning)| meaning.clone()).collect();
        phrases.extend(self.terms.iter().filter(|(_, weight)| **weight >= 1.0).map(|(term, _)| term.clone()));
        phrases.dedup();
        phrases
    }
}
