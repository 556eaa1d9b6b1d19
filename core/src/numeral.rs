//! Numbers as statutes write them: 五十七, and 60 or ６０ in regulations.

/// 57 → 五十七. Articles of Chinese statutes stay below 10,000.
pub fn chinese_number(number: u16) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |value: u16| DIGITS.get(usize::from(value % 10)).copied().unwrap_or_default();
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let value = number / unit % 10;
        if value == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        if !(unit == 10 && value == 1 && text.is_empty()) {
            text.push_str(digit(value));
        }
        text.push_str(name);
    }
    if text.is_empty() { "零".to_owned() } else { text }
}

/// Whether a character can stand in a number.
pub fn is_numeral(c: char) -> bool {
    digit(c).is_some() || "零〇一二三四五六七八九十百千两".contains(c)
}

/// 7 and ７.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| u32::from(c).checked_sub(u32::from('０')).filter(|digit| *digit < 10))
}

/// Reads `60`, `６０`, `六十`, `一百二十`, `两`. `None` for anything else, and for more than nine digits.
pub fn read_number(text: &str) -> Option<u32> {
    let digits: Option<Vec<u32>> = text.chars().map(digit).collect();
    match digits {
        Some(digits) if (1..=9).contains(&digits.len()) => {
            Some(digits.into_iter().fold(0, |sum, digit| sum * 10 + digit))
        }
        _ => number_in_chinese(text).map(u32::from),
    }
}

/// 六〇 → 60, 二〇二四 → 2024: digit by digit, as years are written. Only with a zero among them, for 一二日 is no 12.
fn digit_by_digit(text: &str) -> Option<u16> {
    let zero = |letter: char| matches!(letter, '零' | '〇');
    if text.starts_with(zero) || !text.contains(zero) {
        return None;
    }
    text.chars().try_fold(0_u16, |sum, letter| {
        let digit = if zero(letter) { 0 } else { one_to_nine(letter)? };
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// 五十七 → 57; also 十, 一百零一, 一千零一十九, 六〇, 〇 for 零 and 两 for 二. `None` for anything else.
pub fn number_in_chinese(text: &str) -> Option<u16> {
    if let Some(number) = digit_by_digit(text) {
        return Some(number);
    }
    let (mut total, mut digit) = (0_u16, None);
    for letter in text.chars() {
        let unit = match letter {
            '千' => 1000,
            '百' => 100,
            '十' => 10,
            '零' | '〇' => 0,
            _ => {
                let value = if letter == '两' { 2 } else { one_to_nine(letter)? };
                digit = match digit {
                    None => Some(value),
                    Some(_) => return None,
                };
                continue;
            }
        };
        if unit > 0 {
            total = total.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
        }
    }
    total.checked_add(digit.unwrap_or(0)).filter(|number| *number > 0)
}

fn one_to_nine(letter: char) -> Option<u16> {
    let place = "一二三四五六七八九".chars().position(|known| known == letter)?;
    Some(u16::try_from(place).ok()? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_statutes_write_them() {
        for (number, text) in [
            (1, "一"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (57, "五十七"),
            (100, "一百"),
            (101, "一百零一"),
            (110, "一百一十"),
            (202, "二百零二"),
            (1019, "一千零一十九"),
        ] {
            assert_eq!(chinese_number(number), text);
            assert_eq!(read_number(text), Some(u32::from(number)), "{text}");
        }
        for (text, number) in
            [("60", 60), ("６０", 60), ("两", 2), ("一百八十", 180), ("0", 0), ("六〇", 60), ("二〇二四", 2024)]
        {
            assert_eq!(read_number(text), Some(number), "{text}");
        }
        for text in ["", "六十日", "a", "-1", "9999999999", "一二", "6十"] {
            assert_eq!(read_number(text), None, "{text}");
        }
    }

    #[test]
    fn every_number_is_read_as_it_is_written() {
        for number in 1..3000 {
            assert_eq!(number_in_chinese(&chinese_number(number)), Some(number));
        }
        for wrong in ["", "零", "一二", "五条", "57"] {
            assert_eq!(number_in_chinese(wrong), None, "{wrong}");
        }
    }
}
