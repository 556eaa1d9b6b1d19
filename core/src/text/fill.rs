//! The text of an instrument: paragraphs with places. No logic beyond leaving out a line whose place is empty.
//!
//! ```text
//! # 行政处罚决定书            a title
//! > 昌农罚决字〔2024〕12号     a line set to the right or centre by the page
//! 当事人：{party.respondent}   a paragraph; `{…}` is replaced
//! ? 其他约定：{extra}          left out when one of its places is empty
//! ```

/// Replaces every `{place}` by what `value` gives; a line that begins with `? ` is left out when a place is empty.
pub fn fill(body: &str, value: &dyn Fn(&str) -> String) -> String {
    let lines: Vec<String> = body.lines().filter_map(|line| fill_line(line, value)).collect();
    lines.join("\n")
}

fn fill_line(line: &str, value: &dyn Fn(&str) -> String) -> Option<String> {
    let (optional, mut rest) = line.strip_prefix("? ").map_or((false, line), |rest| (true, rest));
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        let filled = value(place);
        if filled.is_empty() && optional {
            return None;
        }
        text.push_str(&filled);
        rest = tail;
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_empty_lines_left_out() {
        let value = |place: &str| if place == "name" { "王某".to_owned() } else { String::new() };
        assert_eq!(fill("# 书\n当事人：{name}。\n? 另：{extra}\n{extra}完", &value), "# 书\n当事人：王某。\n完");
        assert_eq!(fill("没有结尾{name", &value), "没有结尾{name");
    }
}
