//! Masks: what is shown of personal data unless it is revealed with a reason.

use crate::matter::SealedClass;

/// The masked form of a sealed value.
pub fn mask(class: SealedClass, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let keep = |front: usize, back: usize| -> String {
        let hidden = chars.len().saturating_sub(front + back);
        let head: String = chars.iter().take(front).collect();
        let tail: String = chars.iter().skip(front + hidden).collect();
        format!("{head}{}{tail}", "*".repeat(hidden))
    };
    match class {
        // A natural person's name keeps its first character; an organisation's name is not personal data.
        SealedClass::Name if chars.len() > 4 => value.to_owned(),
        SealedClass::Name => {
            let head: String = chars.iter().take(1).collect();
            if chars.is_empty() { String::new() } else { format!("{head}{}", "某".repeat(chars.len() - 1)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hide_what_identifies() {
        assert_eq!(mask(SealedClass::Name, "王小明"), "王某某");
        assert_eq!(mask(SealedClass::Name, "昌图县丰收农资经营部"), "昌图县丰收农资经营部");
        assert_eq!(mask(SealedClass::Phone, "13812345678"), "138****5678");
        assert_eq!(mask(SealedClass::IdNumber, "11010519491231002X"), "1101************2X");
        assert_eq!(mask(SealedClass::Address, "昌图县老城镇柳河沿村三组12号"), "昌图县老城镇******");
        assert_eq!(mask(SealedClass::Secret, "abc"), "***");
    }
}
