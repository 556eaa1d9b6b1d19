//! What one line of a statute's text is, by its first characters alone.

use crate::basis::Article;
use crate::day::Day;
use crate::numeral::number_in_chinese;

use super::Rank;

/// Characters of Chinese numbers.
const NUMERALS: &str = "一二三四五六七八九十百千零〇";
/// What follows 第N条 where a sentence goes on about an article instead of beginning one.
const GOES_ON: &str = "规第的所、，。；：和或与及至中之及但）”》";
/// Names of chapters that some texts print without a number.
const UNNUMBERED: [&str; 3] = ["总则", "附则", "序言"];
/// A heading is a name, not a sentence.
const HEADING_CHARS_MAX: usize = 50;

/// One line, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    /// Nothing, or only blanks and marks.
    Blank,
    /// `<!-- INFO END -->`: the head is over.
    InfoEnd,
    /// `# …`: a title, or the name of a part.
    Top(&'a str),
    /// 编, 章, 节.
    Heading(Rank, String),
    /// 第N条, with what follows on the line; `sure` if a blank stands between.
    Article { article: Article, rest: &'a str, sure: bool },
    /// （N）….
    Item(u16),
    /// 1. or （1）: below an item.
    Detail,
    /// 目录.
    Contents,
    /// 附件, 附：.
    Annex,
    /// Anything else.
    Plain,
}

/// A line without zero-width characters and Markdown's emphasis, trimmed of every sort of blank.
pub(super) fn clean(raw: &str) -> String {
    let kept: String =
        raw.chars().filter(|c| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\r')).collect();
    let kept = kept.replace("**", "");
    kept.trim_start_matches(|c: char| c == '>' || is_blank(c)).trim_end_matches(is_blank).to_owned()
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{3000}' || c == '\u{00A0}'
}

/// Understands a cleaned line.
pub(super) fn understand(line: &str) -> Line<'_> {
    if line.starts_with("<!--") {
        return if line.contains("INFO END") { Line::InfoEnd } else { Line::Blank };
    }
    let bare = line.trim_start_matches('#');
    let depth = line.len() - bare.len();
    let words = bare.trim_start_matches(is_blank);
    if words.is_empty() {
        return Line::Blank;
    }
    if let Some(found) = article(words) {
        return found;
    }
    if let Some((rank, text)) = heading(words) {
        return Line::Heading(rank, text);
    }
    match depth {
        0 => below_articles(words),
        1 => Line::Top(words),
        // `## 一、受案范围`: chapters of judicial interpretations.
        _ => Line::Heading(Rank::Chapter, squeezed(words)),
    }
}

fn below_articles(words: &str) -> Line<'_> {
    let name = squeezed(words);
    if UNNUMBERED.contains(&name.as_str()) {
        return Line::Heading(Rank::Chapter, name);
    }
    if name == "目录" {
        return Line::Contents;
    }
    if let Some(rest) = words.strip_prefix('附')
        && (rest.is_empty() || rest.starts_with(['：', ':', '件', '表']))
        && name.chars().count() < HEADING_CHARS_MAX
    {
        return Line::Annex;
    }
    if let Some(number) = item(words) {
        return Line::Item(number);
    }
    let digits = words.trim_start_matches(|c: char| c.is_numeric() && !NUMERALS.contains(c));
    let counted = digits.len() < words.len() && digits.starts_with(['.', '．', '、']);
    let bracketed = words.strip_prefix(['（', '(']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if counted || bracketed { Line::Detail } else { Line::Plain }
}

/// 第N条[之M] and what follows.
fn article(words: &str) -> Option<Line<'_>> {
    let (number, rest) = numeral(words.strip_prefix('第')?)?;
    let rest = rest.strip_prefix('条')?;
    let (insert, rest) = match rest.strip_prefix('之').and_then(numeral) {
        Some((insert, rest)) => (insert, rest),
        None => (0, rest),
    };
    let sure = rest.is_empty() || rest.starts_with(is_blank);
    if !sure && rest.starts_with(|c| GOES_ON.contains(c)) {
        return None;
    }
    Some(Line::Article { article: Article::whole(number, insert), rest: rest.trim_start_matches(is_blank), sure })
}

/// 第N章 and its name. A sentence that begins so is none.
fn heading(words: &str) -> Option<(Rank, String)> {
    let (_, rest) = numeral(words.strip_prefix('第')?)?;
    let ranks = [("分编", Rank::Subpart), ("编", Rank::Part), ("章", Rank::Chapter), ("节", Rank::Section)];
    let (mark, rank, name) = ranks.iter().find_map(|(mark, rank)| Some((*mark, *rank, rest.strip_prefix(mark)?)))?;
    let follows = name.is_empty() || name.starts_with(is_blank);
    if !follows || name.chars().count() > HEADING_CHARS_MAX || name.ends_with(['。', '；']) {
        return None;
    }
    let number = words.strip_suffix(name).unwrap_or(words);
    debug_assert!(number.ends_with(mark), "a heading's number ends with its rank");
    let name = squeezed(name);
    Some((rank, if name.is_empty() { number.to_owned() } else { format!("{number} {name}") }))
}

/// （N） at the beginning.
fn item(words: &str) -> Option<u16> {
    let rest = words.strip_prefix(['（', '('])?.trim_start_matches(is_blank);
    let (number, rest) = numeral(rest)?;
    rest.trim_start_matches(is_blank).starts_with(['）', ')']).then_some(number)
}

/// A Chinese number at the beginning, and what follows.
fn numeral(text: &str) -> Option<(u16, &str)> {
    let rest = text.trim_start_matches(|c| NUMERALS.contains(c));
    Some((number_in_chinese(text.strip_suffix(rest)?)?, rest))
}

/// Without blanks: 总　则 → 总则.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).collect()
}

/// Whether a line before the first article tells how the text came about: a date, or a passage in parentheses.
pub(super) fn is_history(line: &str) -> bool {
    line.starts_with(['（', '(']) || line.starts_with(|c: char| c.is_ascii_digit()) || line.contains("号公布")
}

/// Whether a line before the first article is a preamble: the reasons that judicial interpretations begin with.
pub(super) fn is_preamble(line: &str) -> bool {
    ["为", "根据", "鉴于", "依照"].iter().any(|word| line.starts_with(word))
}

/// The days in a line of history on which the text was adopted, revised, amended or promulgated; not those from which
/// it is in force.
pub(super) fn days_of_adoption(line: &str) -> Vec<Day> {
    let mut days = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('日') {
        let digits = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '年' || c == '月');
        let written = before.strip_prefix(digits).unwrap_or_default();
        let in_force = after.trim_start_matches(is_blank).trim_start_matches('起').starts_with("施行");
        if !in_force && let Some(day) = Day::parse(&format!("{written}日")) {
            days.push(day);
        }
        rest = after;
    }
    days
}
