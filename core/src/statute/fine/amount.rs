//! Amounts of money and shares as statutes write them, read from the end of a phrase: 五万元以上十万元以下,
//! 1倍以上5倍以下, 百分之五以上千分之十以下, 等值以下.
//!
//! Does not belong here: what the amount is of, and whether it is a fine.

use crate::numeral::{is_numeral, read_number};

/// One 倍 in hundred-thousandths, the unit of shares: 1 % is 1,000.
pub const ONCE: u64 = 100_000;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Money, in 分.
    Money,
    /// A share of a base, in hundred-thousandths of it.
    Share,
}

/// From, to: both said, or one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Amount {
    pub(super) kind: Kind,
    pub(super) least: Option<u64>,
    pub(super) most: Option<u64>,
}

/// The amount at the end of a phrase, and what stands before it.
pub(super) fn amount_at_end(text: &str) -> Option<(&str, Amount)> {
    let text = text.trim_end_matches('的');
    if let Some(before) = text.strip_suffix("等值以下") {
        return Some((before, Amount { kind: Kind::Share, least: None, most: Some(ONCE) }));
    }
    if let Some(floor) = text.strip_suffix("以上") {
        let (before, kind, least) = quantity_at_end(floor)?;
        return Some((before, Amount { kind, least: Some(least), most: None }));
    }
    let capped = text.strip_suffix("以下");
    let (before, kind, most) = quantity_at_end(capped.unwrap_or(text))?;
    let joined =
        before.strip_suffix("以上").or_else(|| before.strip_suffix('至')).or_else(|| before.strip_suffix('到'));
    if let Some(floor) = joined {
        let (before, least) = lower_at_end(floor, kind, capped.unwrap_or(text))?;
        return (least <= most).then_some((before, Amount { kind, least: Some(least), most: Some(most) }));
    }
    let least = if capped.is_some() { None } else { Some(most) };
    Some((before, Amount { kind, least, most: Some(most) }))
}

/// The lower end, of the same kind as the upper; its unit may be left out (一万以上五万元以下, 一至五倍), though not
/// where 5至10万元 leaves open whether 五元 or 五万元 is meant.
fn lower_at_end<'t>(text: &'t str, kind: Kind, upper: &str) -> Option<(&'t str, u64)> {
    if let Some((before, own, least)) = quantity_at_end(text) {
        return (own == kind).then_some((before, least));
    }
    let (before, hundredths) = number_at_end(text)?;
    match kind {
        Kind::Money if upper.ends_with("万元") && !text.ends_with(['万', '千', '百']) => None,
        Kind::Money => Some((before, hundredths)),
        Kind::Share if upper.ends_with('倍') => Some((before, hundredths.checked_mul(ONCE / 100)?)),
        Kind::Share => None,
    }
}

fn quantity_at_end(text: &str) -> Option<(&str, Kind, u64)> {
    if let Some(number) = text.strip_suffix('元') {
        let (before, fen) = number_at_end(number)?;
        return Some((before.strip_suffix("人民币").unwrap_or(before), Kind::Money, fen));
    }
    // A unit as hundredths of it are worth in hundred-thousandths of the base.
    for (unit, worth) in [('倍', 1_000), ('%', 10), ('％', 10), ('‰', 1)] {
        if let Some(number) = text.strip_suffix(unit) {
            let (before, hundredths) = number_at_end(number)?;
            return Some((before, Kind::Share, hundredths.checked_mul(worth)?));
        }
    }
    let (before, numerator) = number_at_end(text)?;
    let before = before.strip_suffix("分之")?;
    let whole = ["十万", "百", "千", "万"].into_iter().find_map(|whole| Some((whole, before.strip_suffix(whole)?)));
    let (whole, before) = whole?;
    let denominator = number(whole)?;
    let share = numerator.checked_mul(ONCE)?.checked_div(denominator)?;
    Some((before, Kind::Share, share))
}

/// The number at the end of a phrase in hundredths, and what stands before it.
fn number_at_end(text: &str) -> Option<(&str, u64)> {
    let before = text.trim_end_matches(|c| is_numeral(c) || "万亿.．,".contains(c));
    Some((before, number(text.strip_prefix(before)?)?))
}

/// 五千, 2万, 一千五百万, 0.5, 10,000 in hundredths.
fn number(text: &str) -> Option<u64> {
    let text = text.replace(',', "").replace('．', ".");
    let parts = |text: &str, unit: char, worth: u64| -> Option<(u64, String)> {
        match text.split_once(unit) {
            Some((many, rest)) => {
                let many = if many.is_empty() && worth == 10_000 { 100 } else { number(many)? };
                Some((many.checked_mul(worth)?, rest.to_owned()))
            }
            None => None,
        }
    };
    for (unit, worth) in [('亿', 100_000_000), ('万', 10_000)] {
        if let Some((sum, rest)) = parts(&text, unit, worth) {
            let rest = rest.trim_start_matches('零');
            return if rest.is_empty() { Some(sum) } else { sum.checked_add(number(rest)?) };
        }
    }
    let Some((whole, fraction)) = text.split_once('.') else {
        return u64::from(read_number(&text)?).checked_mul(100);
    };
    let tenths = match fraction.len() {
        1 => 10,
        2 => 1,
        _ => return None,
    };
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(tenths)?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_statutes_write_them() {
        let money = |least, most| Amount { kind: Kind::Money, least, most };
        let share = |least, most| Amount { kind: Kind::Share, least, most };
        for (text, before, amount) in [
            ("处五万元以上十万元以下的", "处", money(Some(5_000_000), Some(10_000_000))),
            ("处二千元以下", "处", money(None, Some(200_000))),
            ("处3000元的", "处", money(Some(300_000), Some(300_000))),
            ("处一亿元以上", "处", money(Some(10_000_000_000), None)),
            ("处1.5万元以下", "处", money(None, Some(1_500_000))),
            ("处一千五百万元以下", "处", money(None, Some(1_500_000_000))),
            ("处一万以上五万元以下", "处", money(Some(1_000_000), Some(5_000_000))),
            ("为人民币十万元以下", "为", money(None, Some(10_000_000))),
            ("处货值金额十倍以上二十倍以下", "处货值金额", share(Some(1_000_000), Some(2_000_000))),
            ("处合同金额一至五倍", "处合同金额", share(Some(100_000), Some(500_000))),
            ("处项目金额千分之五以上百分之一以下", "处项目金额", share(Some(500), Some(1_000))),
            ("处项目金额10‰以下", "处项目金额", share(None, Some(1_000))),
            ("处造价0.5%以上", "处造价", share(Some(500), None)),
            ("处货值金额等值以下的", "处货值金额", share(None, Some(100_000))),
        ] {
            assert_eq!(amount_at_end(text), Some((before, amount)), "{text}");
        }
    }

    #[test]
    fn what_can_be_meant_two_ways_is_no_amount() {
        for text in
            ["处5至10万元", "处十万元以上五万元以下", "处二倍以上五万元以下", "处元以下", "处", "", "处三日以下"]
        {
            assert_eq!(amount_at_end(text), None, "{text}");
        }
    }
}
