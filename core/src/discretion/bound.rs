//! Which entries a case is to be held against, however its violation was worded: those written much like it, and those that the power
//! stands for under which it is brought. A word more or less in the violation changes no power.

use super::{Discretion, ENDED, FIELDS, Item, NEAR_MOST};
use crate::authority::Power;
use crate::day::Day;
use crate::matter::{Fact, MatterState};

impl Discretion {
    /// The entries near a violation that is not listed, then those of the power; none where the violation is listed.
    pub fn meant(&self, state: &MatterState, power: Option<&Power>, day: Day) -> Vec<&Item> {
        let mut meant = self.near(state, day);
        let Some(power) = power else { return meant };
        let [_, violation, _] = FIELDS.map(|field| state.fact(field));
        let Some(Fact::Text(violation)) = violation else { return meant };
        // As the benchmark itself is asked: an edition of later days does not unlist what was listed then.
        let day = state.fact(ENDED).and_then(Fact::day).unwrap_or(day);
        let of_field =
            || self.0.iter().flat_map(|benchmark| &benchmark.items).filter(|item| item.field == power.domain);
        if of_field().any(|item| item.applies(day) && item.violation == *violation) {
            return meant;
        }
        for item in of_field().filter(|item| item.applies(day) && stands_for(power, item)) {
            if !meant.iter().any(|known| known.violation == item.violation) {
                meant.push(item);
            }
        }
        meant.truncate(NEAR_MOST);
        meant
    }
}

/// Whether a power of the list is that to punish an entry's violation: by its name, or by the article that it rests on.
fn stands_for(power: &Power, item: &Item) -> bool {
    let article = item.basis.article.map(|article| article.without_part());
    let written = article.is_some_and(|article| {
        let (chinese, short) =
            (format!("{}》{article}", item.basis.source), format!("{}§{}", item.basis.source, article.written()));
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '之');
        [chinese, short].iter().any(|written| power.basis.split(written.as_str()).skip(1).any(ends))
    });
    written || power.name.contains(&item.violation)
}
