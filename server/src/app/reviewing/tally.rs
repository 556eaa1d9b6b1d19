//! What a round came to: how many files of which grade, and where they most often fell short.
//!
//! By grade and item only: no comparison of units by what they fine (行政处罚法§74).

use std::collections::BTreeMap;

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Fact, MatterState};
use zhunsheng_core::review::BETWEEN;

use super::super::completing::Made;
use super::REVIEW;
use crate::store::{Query, StoreFault, reviews};

/// Items that a report names.
const COMMON: usize = 5;

/// The grades, best first.
pub const GRADES: [&str; 4] = ["excellent", "good", "fair", "unqualified"];

/// What the reviews of a round came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The reviews, first drawn first.
    pub reviews: Vec<MatterState>,
}

impl Tally {
    /// Of these reviews.
    #[must_use]
    pub fn of(mut reviews: Vec<MatterState>) -> Self {
        reviews.sort_by_key(|review| review.fact("rank").and_then(Fact::number));
        Self { reviews }
    }

    /// How many were scored.
    #[must_use]
    pub fn scored(&self) -> usize {
        self.reviews.iter().filter(|review| review.fact("score").is_some()).count()
    }

    /// How many still wait for a score or for the answer to an objection.
    #[must_use]
    pub fn open(&self) -> usize {
        let open = |review: &&MatterState| {
            review.track("main").is_some_and(|state| ["drawn", "scored", "disputed"].contains(&state.as_str()))
        };
        self.reviews.iter().filter(open).count()
    }

    /// How many have a grade.
    #[must_use]
    pub fn graded(&self, grade: &str) -> usize {
        self.reviews.iter().filter(|review| review.said("grade") == grade).count()
    }

    /// Items with how many files fell short there, the most first.
    #[must_use]
    pub fn items(&self) -> Vec<(String, usize)> {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for review in self.reviews.iter().filter(|review| review.fact("score").is_some()) {
            for item in review.said("failed").split(BETWEEN).filter(|item| !item.is_empty() && *item != "无") {
                *counted.entry(item.to_owned()).or_default() += 1;
            }
        }
        let mut items: Vec<(String, usize)> = counted.into_iter().collect();
        items.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
        items
    }

    pub(super) fn made(&self) -> Made {
        let [excellent, good, fair, unqualified] = GRADES.map(|grade| self.graded(grade).to_string());
        let items: Vec<String> =
            self.items().iter().take(COMMON).map(|(item, count)| format!("{item}：{count}本")).collect();
        vec![
            ("files_scored", self.scored().to_string()),
            ("files_open", self.open().to_string()),
            ("excellent", excellent),
            ("good", good),
            ("fair", fair),
            ("unqualified", unqualified),
            ("common_problems", if items.is_empty() { "没有。".to_owned() } else { items.join("\n") }),
        ]
    }
}

/// The tally of one round.
pub fn of_round(q: &impl Query, county: &str, round: MatterId) -> Result<Tally, StoreFault> {
    reviews::with_fact(q, county, REVIEW, ("round_matter", &round.to_string())).map(Tally::of)
}
