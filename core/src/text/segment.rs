//! Words for full-text search: every run of Chinese characters becomes its overlapping pairs, so that a query of two
//! characters finds exactly the texts that contain them, without a dictionary; Latin letters and digits stay words.

/// Whether a character belongs to a Chinese run.
fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
}

/// Runs of one sort, in order: Chinese, or letters and digits.
fn runs(text: &str) -> Vec<(bool, Vec<char>)> {
    let mut runs: Vec<(bool, Vec<char>)> = Vec::new();
    let mut open = false;
    for c in super::half_width(text).chars() {
        let han = is_han(c);
        if !han && !c.is_alphanumeric() {
            open = false;
            continue;
        }
        match runs.last_mut() {
            Some((sort, run)) if open && *sort == han => run.push(c),
            _ => runs.push((han, vec![c])),
        }
        open = true;
    }
    runs
}

fn words(han: bool, run: &[char]) -> Vec<String> {
    if !han {
        return vec![run.iter().collect::<String>().to_lowercase()];
    }
    match run {
        [single] => vec![single.to_string()],
        _ => run.windows(2).map(|pair| pair.iter().collect()).collect(),
    }
}

/// The words of a text, separated by spaces, ready for the index.
pub fn tokens(text: &str) -> String {
    runs(text).iter().flat_map(|(han, run)| words(*han, run)).collect::<Vec<_>>().join(" ")
}

/// The phrases of a query: each must occur. A single Chinese character can only be a prefix and is marked by `true`.
pub fn query_phrases(text: &str) -> Vec<(String, bool)> {
    runs(text).iter().map(|(han, run)| (words(*han, run).join(" "), *han && run.len() == 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_words() {
        assert_eq!(tokens("宅基地边界纠纷，2024年A区"), "宅基 基地 地边 边界 界纠 纠纷 2024 年 a 区");
        assert_eq!(tokens("鴜鷺树镇"), "鴜鷺 鷺树 树镇");
        assert_eq!(query_phrases("围墙 王"), vec![("围墙".to_owned(), false), ("王".to_owned(), true)]);
        assert_eq!(tokens("，。！"), "");
    }
}
