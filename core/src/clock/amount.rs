//! How law files write a limit: `90 day`, `7 work_day`, `3 month`, `24 hour`, `fixed 03-01`. One grammar for the clocks of
//! procedures and for named limits.

use super::Unit;

/// The longest limit that a law file may name, in units: a hundred years of days.
const AMOUNT_MAX: u32 = 36_500;

/// Reads an amount with its unit; a fixed date has the amount 1.
///
/// # Errors
/// A sentence that says what was expected and what was found.
pub fn read_amount(text: &str) -> Result<(u32, Unit), String> {
    amount(text).ok_or_else(|| {
        format!(
            "expected a limit such as `90 day`, `7 work_day`, `3 month`, `24 hour` or `fixed 03-01`, found `{text}`"
        )
    })
}

fn amount(text: &str) -> Option<(u32, Unit)> {
    let (amount, unit) = text.split_once(' ')?;
    if amount == "fixed" {
        let (month, day) = unit.split_once('-')?;
        let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
        return ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((1, Unit::Fixed(month, day)));
    }
    let unit = Unit::read(unit)?;
    let amount = amount.parse().ok()?;
    (1..=AMOUNT_MAX).contains(&amount).then_some((amount, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_an_amount_and_a_unit() {
        for (text, read) in [
            ("90 day", (90, Unit::Day)),
            ("7 work_day", (7, Unit::WorkDay)),
            ("6 month", (6, Unit::Month)),
            ("2 year", (2, Unit::Year)),
            ("24 hour", (24, Unit::Hour)),
            ("fixed 03-01", (1, Unit::Fixed(3, 1))),
        ] {
            assert_eq!(read_amount(text), Ok(read));
        }
        for text in ["", "day", "90", "0 day", "-3 day", "36501 day", "90 days", "fixed 13-01", "fixed 3", "7  day"] {
            assert!(read_amount(text).unwrap_err().contains("found"), "{text}");
        }
    }
}
