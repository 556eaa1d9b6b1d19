//! 类案同罚: what amounts of like decisions say about one another. A prompt to look again, never a rule: cases differ.
//!
//! Does not belong here: which decisions are alike (the store asks for the same violation and degree).

/// Below this many decisions nothing stands out: a few amounts have no usual range.
pub const ENOUGH: usize = 5;

/// How the amounts of like decisions lie, in 分.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spread {
    /// How many decisions.
    pub count: usize,
    /// The smallest.
    pub least: i64,
    /// The middle one; of an even number the lower of both.
    pub median: i64,
    /// The largest.
    pub most: i64,
    /// Outside these an amount stands out: one and a half times the middle half beyond it (Tukey's fences). None below [`ENOUGH`].
    fences: Option<(i64, i64)>,
}

impl Spread {
    /// Of amounts in any order; none if there are none.
    #[must_use]
    pub fn of(amounts: &[i64]) -> Option<Self> {
        let mut sorted = amounts.to_vec();
        sorted.sort_unstable();
        let rank = |quarter: usize| sorted.get((sorted.len() * quarter).div_ceil(4).saturating_sub(1)).copied();
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let (low, median, high) = (rank(1)?, rank(2)?, rank(3)?);
        let reach = high.saturating_sub(low).saturating_mul(3) / 2;
        let fences = (sorted.len() >= ENOUGH).then(|| (low.saturating_sub(reach), high.saturating_add(reach)));
        Some(Self { count: sorted.len(), least, median, most, fences })
    }

    /// Whether an amount lies far from the others.
    #[must_use]
    pub fn stands_out(&self, amount: i64) -> bool {
        self.fences.is_some_and(|(low, high)| amount < low || amount > high)
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn an_amount_far_from_the_others_stands_out() {
        let spread = Spread::of(&[2000, 2100, 2200, 1900, 9000, 2000]).unwrap();
        assert_eq!((spread.count, spread.least, spread.median, spread.most), (6, 1900, 2000, 9000));
        assert!(spread.stands_out(9000) && spread.stands_out(100));
        assert!(!spread.stands_out(2200) && !spread.stands_out(1900));
    }

    #[test]
    fn equal_amounts_make_any_other_one_stand_out() {
        let spread = Spread::of(&[500; 8]).unwrap();
        assert!(spread.stands_out(501) && !spread.stands_out(500));
    }

    #[test]
    fn a_few_amounts_have_no_usual_range() {
        assert_eq!(Spread::of(&[]), None);
        let spread = Spread::of(&[1, 1_000_000, 1, 1]).unwrap();
        assert!(!spread.stands_out(1_000_000));
        assert_eq!(spread.median, 1);
    }

    #[test]
    fn sums_do_not_run_over() {
        let spread = Spread::of(&[i64::MIN, i64::MAX, i64::MIN, i64::MAX, 0]).unwrap();
        assert!(!spread.stands_out(i64::MAX) && !spread.stands_out(i64::MIN));
    }
}
