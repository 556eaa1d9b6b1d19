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

/// What one character of a number is.
enum Sign {
    Digit(u32),
    Scale(u32),
}

fn sign(c: char) -> Option<Sign> {
    Some(match c {
        '十' => Sign::Scale(10),
        '百' => Sign::Scale(100),
        '千' => Sign::Scale(1_000),
        '〇' | '零' => Sign::Digit(0),
        '两' => Sign::Digit(2),
        '0'..='9' => Sign::Digit(u32::from(c) - u32::from('0')),
        '０'..='９' => Sign::Digit(u32::from(c) - u32::from('０')),
        _ => Sign::Digit(u32::try_from("一二三四五六七八九".chars().position(|digit| digit == c)?).ok()? + 1),
    })
}

/// Whether a character can stand in a number.
pub fn is_numeral(c: char) -> bool {
    sign(c).is_some()
}

/// Reads `60`, `６０`, `六十`, `一百二十`, `两`; digits without a scale stand side by side (二〇二四). None for anything
/// else, and above 99,999,999.
pub fn read_number(text: &str) -> Option<u32> {
    let (mut total, mut digits): (u32, Option<u32>) = (0, None);
    for c in text.chars() {
        match sign(c)? {
            // 零 between scales only fills (一百零一).
            Sign::Digit(value) => digits = Some(digits.unwrap_or(0).checked_mul(10)?.checked_add(value)?),
            Sign::Scale(scale) => {
                // 十 alone is ten, and so is it behind 百 (一百十).
                let times = digits.take().filter(|digits| *digits > 0).unwrap_or(1);
                total = total.checked_add(times.checked_mul(scale)?)?;
            }
        }
    }
    let number = total.checked_add(digits.unwrap_or(0))?;
    (!text.is_empty() && number <= 99_999_999).then_some(number)
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
        for (text, number) in [("60", 60), ("６０", 60), ("两", 2), ("二〇二四", 2024), ("一百八十", 180), ("〇", 0)]
        {
            assert_eq!(read_number(text), Some(number), "{text}");
        }
        for text in ["", "六十日", "a", "-1", "999999999999"] {
            assert_eq!(read_number(text), None, "{text}");
        }
    }
}
