//! Check digits of identity numbers (GB 11643) and unified social credit codes (GB 32100).

use crate::day::Day;

/// What is wrong with a resident identity number; `None` if nothing is.
pub fn id_number_problem(text: &str) -> Option<&'static str> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    let Some((last, digits)) = bytes.split_last().filter(|_| bytes.len() == 18) else { return Some("应为18位") };
    if !digits.iter().all(u8::is_ascii_digit) {
        return Some("前17位应为数字");
    }
    let birthday = text.get(6..14).and_then(|part| part.parse().ok()).and_then(Day::from_number);
    if birthday.is_none_or(|day| day.year() < 1890) {
        return Some("出生日期不正确");
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = usize::try_from(sum % 11).ok().and_then(|at| CHECKS.get(at));
    (check != Some(last)).then_some("校验码不正确，请核对每一位")
}

/// What is wrong with a unified social credit code; `None` if nothing is.
pub fn uscc_problem(text: &str) -> Option<&'static str> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |byte: &u8| ALPHABET.iter().position(|known| known == byte).and_then(|at| u32::try_from(at).ok());
    let bytes = text.as_bytes();
    if bytes.len() != 18 {
        return Some("应为18位");
    }
    let mut weight = 1;
    let mut sum = 0;
    for byte in bytes.iter().take(17) {
        let Some(value) = value(byte) else { return Some("含有不允许的字符（不使用I、O、S、V、Z）") };
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    let check = (31 - sum % 31) % 31;
    (bytes.last().and_then(value) != Some(check)).then_some("校验码不正确，请核对每一位")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_codes_pass_and_slips_do_not() {
        for code in ["91350100M000100Y43", "91230500MA1B3N1N2M", "91320105780688132K", "11230500001755309F"] {
            assert_eq!(uscc_problem(code), None, "{code}");
        }
        for code in ["", "91350100M000100Y44", "91350100M00010OY43", "91350100M000100Y4"] {
            assert!(uscc_problem(code).is_some(), "{code}");
        }
        assert_eq!(id_number_problem("11010519491231002X"), None);
        for number in
            ["110105194912310021", "11010519491331002X", "11010519491231002x", "1101051949123100", "1101051949一二三"]
        {
            assert!(id_number_problem(number).is_some(), "{number}");
        }
    }
}
