//! Masks: what is shown of personal data unless it is revealed with a reason.

use super::family_name;
use crate::matter::SealedClass;

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

/// A text in which numbers of identity and of mobile telephones are masked, wherever they stand: runs of fifteen digits or more
/// (with the X that may end them), and of eleven that begin with 1.
pub fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(digit) if digit.is_ascii_digit() => run.push(digit),
            Some(x @ ('X' | 'x')) if run.len() >= 15 => run.push(x),
            other => {
                let class = match run.len() {
                    15.. => Some(SealedClass::IdNumber),
                    11 if run.starts_with('1') => Some(SealedClass::Phone),
                    _ => None,
                };
                masked.push_str(&class.map_or_else(|| run.clone(), |class| mask(class, &run)));
                run.clear();
                masked.extend(other);
            }
        }
    }
    masked
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
            ("", ""),
        ] {
            assert_eq!(mask_numbers(text), shown);
        }
    }

    #[test]
    fn masks_hide_what_identifies() {
        assert_eq!(mask(SealedClass::Name, "王小明"), "王某某");
        assert_eq!(mask(SealedClass::Name, "欧阳小明"), "欧阳某某");
        assert_eq!(mask(SealedClass::Name, "司马光"), "司马某");
        assert_eq!(mask(SealedClass::Name, "阿依古丽·买买提"), "阿某某");
        assert_eq!(mask(SealedClass::Name, ""), "");
        assert_eq!(mask(SealedClass::Phone, "13812345678"), "138****5678");
        assert_eq!(mask(SealedClass::IdNumber, "11010519491231002X"), "1101************2X");
        assert_eq!(mask(SealedClass::Address, "昌图县老城镇柳河沿村三组12号"), "昌图县老城镇******");
        assert_eq!(mask(SealedClass::Secret, "abc"), "***");
    }
}
