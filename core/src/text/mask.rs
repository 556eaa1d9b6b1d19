//! Masks: what is shown of personal data unless it is revealed with a reason.

use super::{family_name, id_number_problem, uscc_problem};
use crate::day::Day;
use crate::matter::SealedClass;

/// Stands for the name of somebody who left none.
pub const UNNAMED: &str = "未留姓名";

/// The masked form of a sealed value. A name is a natural person's here: an organisation's name is not personal data, and
/// who holds one does not ask.
pub fn mask(class: SealedClass, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let keep = |front: usize, back: usize| -> String {
        let hidden = chars.len().saturating_sub(front + back);
        let head: String = chars.iter().take(front).collect();
        let tail: String = chars.iter().skip(front + hidden).collect();
        format!("{head}{}{tail}", "*".repeat(hidden))
    };
    match class {
        SealedClass::Name if value == UNNAMED => value.to_owned(),
        // The family name stays. Names of more than four characters (阿依古丽·买买提) do not tell their length.
        SealedClass::Name => {
            let family = family_name(value);
            let given = chars.len().saturating_sub(family.chars().count());
            let hidden = if chars.len() > 4 { 2 } else { given };
            family.chars().chain(std::iter::repeat_n('某', hidden)).collect()
        }
        SealedClass::Phone if chars.len() >= 8 => keep(3, 4),
        SealedClass::IdNumber if chars.len() >= 8 => keep(4, 2),
        SealedClass::Address => {
            let head: String = chars.iter().take(6).collect();
            if chars.len() > 6 { format!("{head}******") } else { value.to_owned() }
        }
        SealedClass::Phone | SealedClass::IdNumber | SealedClass::Secret => "*".repeat(chars.len().min(8)),
        SealedClass::Uscc | SealedClass::Text | SealedClass::FileName => value.to_owned(),
    }
}

/// A text in which numbers of identity, of mobile telephones and of bank cards are masked, wherever they stand by themselves. A run of
/// digits that is none of them (a credit code, the number of a document) stays.
pub fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(digit) if plain(digit).is_ascii_digit() => run.push(digit),
            Some(x) if run.chars().count() == 17 && matches!(plain(x), 'X' | 'x') => run.push(x),
            other => {
                let number: String = run.chars().map(plain).collect();
                masked.push_str(&personal(&number).map_or_else(|| run.clone(), |class| mask(class, &number)));
                run.clear();
                masked.extend(other);
            }
        }
    }
    masked
}

/// A digit or letter as it stands on a keyboard that writes half-width.
fn plain(c: char) -> char {
    char::from_u32(u32::from(c).wrapping_sub(0xFEE0)).filter(char::is_ascii_alphanumeric).unwrap_or(c)
}

/// What a run of digits is of a person.
fn personal(number: &str) -> Option<SealedClass> {
    let upper = number.to_ascii_uppercase();
    let identity = match number.len() {
        18 => province(number) && (id_number_problem(&upper).is_none() || slipped(&upper)),
        15 => province(number) && number.get(6..12).is_some_and(|part| is_day(&format!("19{part}"))),
        _ => false,
    };
    // As it is dialled here, and from abroad.
    let national = if number.len() == 13 { number.strip_prefix("86") } else { Some(number) };
    let mobile = national.is_some_and(|national| national.len() == 11 && national.starts_with('1'));
    // Cards of UnionPay begin so (ISO/IEC 7812).
    let card = (16..=19).contains(&number.len()) && number.starts_with("62");
    match (identity || card, mobile) {
        (true, _) => Some(SealedClass::IdNumber),
        (false, true) => Some(SealedClass::Phone),
        (false, false) => None,
    }
}

/// Whether a number begins with the code of a province: credit codes of companies (91, 92, 93) do not.
fn province(number: &str) -> bool {
    matches!(
        number.get(..2).and_then(|part| part.parse::<u8>().ok()),
        Some(11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
    )
}

/// A number of identity with a slip of the pen: it has the birthday of somebody who can write, and is no valid credit code. Numbers of
/// documents carry the days of these years.
fn slipped(number: &str) -> bool {
    let born = number.get(6..14).filter(|day| ("19000101"..="20151231").contains(day));
    born.is_some_and(is_day) && uscc_problem(number).is_some()
}

fn is_day(digits: &str) -> bool {
    digits.parse().ok().and_then(Day::from_number).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_within_a_text() {
        for (text, shown) in [
            (
                "王某，身份证号11010519491231002X，电话13812345678。",
                "王某，身份证号1101************2X，电话138****5678。",
            ),
            ("昌农罚决字〔2024〕1号，罚款2000元", "昌农罚决字〔2024〕1号，罚款2000元"),
            ("13812345678", "138****5678"),
            ("热线02412345678", "热线02412345678"),
            ("１１０１０５１９４９１２３１００２ｘ，１３８１２３４５６７８", "1101************2x，138****5678"),
            ("老证110105491231002", "老证1101*********02"),
            ("退到账号6222021234567890123", "退到账号6222*************23"),
            ("+8613812345678、138-1234-5678", "+861******5678、138-1234-5678"),
            ("写错一位110105194912310021", "写错一位1101************21"),
            // Neither: the day of a document, no such day, another length, part of something longer, codes of organisations.
            ("文号211224202401010012", "文号211224202401010012"),
            ("110105194913310020", "110105194913310020"),
            ("案件211224202401010", "案件211224202401010"),
            ("账号7222021234567890123", "账号7222021234567890123"),
            ("电话tel13812345678，单号138123456789、22012345678", "电话tel138****5678，单号138123456789、22012345678"),
            ("代码911101051234567897", "代码911101051234567897"),
            ("代码122112244642123456", "代码122112244642123456"),
            ("", ""),
        ] {
            assert_eq!(mask_numbers(text), shown);
        }
    }

    #[test]
    fn a_valid_credit_code_stays_though_it_looks_like_a_birthday() {
        let codes = (0..10_000).map(|end| format!("12211219491231{end:04}"));
        let codes: Vec<String> = codes.filter(|code| uscc_problem(code).is_none()).collect();
        assert!(codes.len() > 50, "{codes:?}");
        for code in codes.iter().filter(|code| id_number_problem(code).is_some()) {
            assert_eq!(mask_numbers(code), *code);
        }
    }

    #[test]
    fn masks_hide_what_identifies() {
        assert_eq!(mask(SealedClass::Name, "王小明"), "王某某");
        assert_eq!(mask(SealedClass::Name, "欧阳小明"), "欧阳某某");
        assert_eq!(mask(SealedClass::Name, "司马光"), "司马某");
        assert_eq!(mask(SealedClass::Name, "阿依古丽·买买提"), "阿某某");
        assert_eq!(mask(SealedClass::Name, ""), "");
        assert_eq!(mask(SealedClass::Name, UNNAMED), UNNAMED, "nobody's name");
        assert_eq!(mask(SealedClass::Phone, "13812345678"), "138****5678");
        assert_eq!(mask(SealedClass::IdNumber, "11010519491231002X"), "1101************2X");
        assert_eq!(mask(SealedClass::Address, "昌图县老城镇柳河沿村三组12号"), "昌图县老城镇******");
        assert_eq!(mask(SealedClass::Secret, "abc"), "***");
    }
}
