//! Chinese text: words for search, check digits, masks, numbers in words, and the places of instruments.

mod check_digit;
mod code;
mod fill;
mod mask;
mod name;
mod segment;

pub use check_digit::{id_number_problem, uscc_problem};
pub use code::{plain_code, read_verify_code, verify_code, written_code};
pub use fill::fill;
pub use mask::{UNNAMED, mask, mask_numbers};
pub use name::family_name;
pub use segment::{query_phrases, tokens};

/// 12345 分 → `123.45`; whole 元 without decimals.
pub fn yuan(fen: i64) -> String {
    let (sign, fen) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs());
    match fen % 100 {
        0 => format!("{sign}{}", fen / 100),
        cents => format!("{sign}{}.{cents:02}", fen / 100),
    }
}

/// `1,234.50`, `２０００`, `0.5` in 元 → 分; `None` if it is no amount.
pub fn parse_yuan(text: &str) -> Option<i64> {
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let text = text.strip_suffix('元').unwrap_or(&text);
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 13 || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

/// Full-width digits and letters that phones like to produce, as half-width ones.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
            0x3000 => ' ',
            _ => c,
        })
        .collect()
}

/// 分 → 大写金额, e.g. 人民币贰仟元整.
pub fn yuan_in_words(fen: i64) -> String {
    const DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];
    const UNITS: [&str; 4] = ["", "拾", "佰", "仟"];
    const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];
    let digit = |value: i64| usize::try_from(value).ok().and_then(|v| DIGITS.get(v)).copied().unwrap_or_default();
    let fen = fen.max(0);
    let (mut whole, jiao, cent) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::new();
    let mut groups = Vec::new();
    while whole > 0 {
        groups.push(whole % 10_000);
        whole /= 10_000;
    }
    let mut gap = false;
    for (group, name) in groups.iter().zip(GROUPS).rev() {
        for (place, unit) in UNITS.iter().enumerate().rev() {
            let value = group / 10_i64.pow(u32::try_from(place).unwrap_or(0)) % 10;
            if value == 0 {
                gap = !text.is_empty();
                continue;
            }
            if gap {
                text.push('零');
                gap = false;
            }
            text.push_str(digit(value));
            text.push_str(unit);
        }
        if *group > 0 {
            text.push_str(name);
        }
    }
    if !text.is_empty() {
        text.push('元');
    }
    match (jiao, cent) {
        (0, 0) if text.is_empty() => text.push_str("零元整"),
        (0, 0) => text.push('整'),
        (jiao, 0) => text.push_str(&format!("{}角整", digit(jiao))),
        (0, cent) => text.push_str(&format!("零{}分", digit(cent))),
        (jiao, cent) => text.push_str(&format!("{}角{}分", digit(jiao), digit(cent))),
    }
    format!("人民币{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_write() {
        for (text, fen) in [("2000", 200_000), ("2,000.50", 200_050), ("２０００元", 200_000), ("0.5", 50), ("0", 0)]
        {
            assert_eq!(parse_yuan(text), Some(fen), "{text}");
        }
        for text in ["", "-1", "1.234", "一千", "1e3", "99999999999999"] {
            assert_eq!(parse_yuan(text), None, "{text}");
        }
        assert_eq!(yuan(200_050), "2000.50");
        for (fen, words) in [
            (200_000, "人民币贰仟元整"),
            (1_000_500, "人民币壹万零伍元整"),
            (10_010, "人民币壹佰元壹角整"),
            (5, "人民币零伍分"),
            (0, "人民币零元整"),
            (123_456_789_012, "人民币壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
        ] {
            assert_eq!(yuan_in_words(fen), words);
        }
    }
}
