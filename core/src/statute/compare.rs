//! Two editions of a statute side by side: which article became which, and what changed in its words.
//!
//! Articles are paired by their words, not by their numbers, because a revision moves them: first those whose words
//! are the same, then the most alike. Does not belong here: which definitions a change touches.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::text::ArticleText;
use crate::basis::Article;

/// How alike two articles are that count as one, from 0 to 1.
const ALIKE: f64 = 0.45;
/// The same, where they also have the same number.
const ALIKE_WITH_NUMBER: f64 = 0.25;
/// Clauses more alike than this are compared letter by letter.
const CLAUSES_ALIKE: f64 = 0.5;
/// Between two differences, as many same letters or fewer are chance, not sense.
const CHANCE_LETTERS: usize = 1;

/// What became of an article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Change {
    /// Same words, same number.
    Unchanged,
    /// Same words, another number.
    Renumbered,
    /// Other words, and perhaps another number.
    Changed,
    /// Only in the later edition.
    Added,
    /// Only in the earlier edition.
    Removed,
}

impl Change {
    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Unchanged => "未改",
            Self::Renumbered => "仅改条号",
            Self::Changed => "修改",
            Self::Added => "新增",
            Self::Removed => "删去",
        }
    }

    /// A stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Renumbered => "renumbered",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// Words that both have, or only one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// In both.
    Same(String),
    /// Only in the earlier edition.
    Removed(String),
    /// Only in the later edition.
    Added(String),
}

/// An article of one edition beside that of the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// In the earlier edition.
    pub before: Option<Article>,
    /// In the later edition.
    pub after: Option<Article>,
    /// What became of it.
    pub change: Change,
    /// Its words, with line breaks between paragraphs and items.
    pub pieces: Vec<Piece>,
}

impl Pair {
    /// The words in the earlier edition.
    pub fn earlier(&self) -> String {
        let words = |piece: &Piece| match piece {
            Piece::Same(text) | Piece::Removed(text) => text.clone(),
            Piece::Added(_) => String::new(),
        };
        self.pieces.iter().map(words).collect()
    }

    /// The words in the later edition.
    pub fn later(&self) -> String {
        let words = |piece: &Piece| match piece {
            Piece::Same(text) | Piece::Added(text) => text.clone(),
            Piece::Removed(_) => String::new(),
        };
        self.pieces.iter().map(words).collect()
    }
}

/// Every article of both editions once, in the order of the later one; what was removed stands where it stood.
pub fn compare(before: &[ArticleText], after: &[ArticleText]) -> Vec<Pair> {
    let before: Vec<Side> = before.iter().map(Side::new).collect();
    let after: Vec<Side> = after.iter().map(Side::new).collect();
    let partner = partners(&before, &after);
    let mut pairs: Vec<(usize, Pair)> = Vec::new();
    for (later, from) in after.iter().zip(&partner) {
        let earlier = from.and_then(|at| before.get(at));
        pairs.push((from.map_or(usize::MAX, |at| at), pair(earlier, Some(later))));
    }
    for (at, earlier) in before.iter().enumerate().filter(|(at, _)| !partner.contains(&Some(*at))) {
        // Behind the nearest article before it that is still there.
        let neighbour = pairs.iter().enumerate().filter(|(_, (from, _))| *from < at).max_by_key(|(_, (from, _))| *from);
        let place = neighbour.map_or(0, |(place, _)| place + 1);
        pairs.insert(place, (at, pair(Some(earlier), None)));
    }
    pairs.into_iter().map(|(_, pair)| pair).collect()
}

struct Side<'a> {
    article: &'a ArticleText,
    words: String,
    /// Without blanks and with one sort of parentheses: what counts as the same words.
    letters: Vec<char>,
    /// Pairs of letters, sorted.
    bigrams: Vec<(char, char)>,
}

impl<'a> Side<'a> {
    fn new(article: &'a ArticleText) -> Self {
        let words = article.plain_text();
        let letters: Vec<char> = words.chars().filter(|c| !c.is_whitespace()).map(one_sort).collect();
        let bigrams = bigrams(&letters);
        Self { article, words, letters, bigrams }
    }
}

/// Editions are printed with either width of punctuation; that is no change of the law.
fn one_sort(c: char) -> char {
    match c {
        '(' => '（',
        ')' => '）',
        ':' => '：',
        ';' => '；',
        ',' => '，',
        '．' => '.',
        '<' | '＜' => '〈',
        '>' | '＞' => '〉',
        other => other,
    }
}

fn bigrams(letters: &[char]) -> Vec<(char, char)> {
    let mut found: Vec<(char, char)> = letters.iter().copied().zip(letters.iter().copied().skip(1)).collect();
    found.sort_unstable();
    found
}

/// Twice the common pairs of letters over all pairs (Dice), from 0 to 1.
fn likeness(one: &[(char, char)], other: &[(char, char)]) -> f64 {
    let (mut left, mut right, mut common) = (one.iter().peekable(), other.iter().peekable(), 0_u32);
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                common += 1;
                left.next();
                right.next();
            }
        }
    }
    let all = u32::try_from(one.len() + other.len()).unwrap_or(u32::MAX).max(1);
    2.0 * f64::from(common) / f64::from(all)
}

/// For each later article the position of the earlier one it came from.
fn partners(before: &[Side], after: &[Side]) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = vec![None; after.len()];
    let mut taken = vec![false; before.len()];
    let mut take = |later: usize, earlier: usize, partner: &mut Vec<Option<usize>>| {
        if let (Some(slot), Some(used)) = (partner.get_mut(later), taken.get_mut(earlier))
            && slot.is_none()
            && !*used
        {
            *slot = Some(earlier);
            *used = true;
        }
    };
    for (at, later) in after.iter().enumerate() {
        let same = |earlier: &&Side| earlier.letters == later.letters;
        // Two articles may have the same words; the one with the same number comes first.
        let numbered =
            before.iter().position(|earlier| same(&earlier) && earlier.article.article == later.article.article);
        for earlier in numbered
            .into_iter()
            .chain(before.iter().enumerate().filter(|(_, earlier)| same(earlier)).map(|(earlier, _)| earlier))
        {
            take(at, earlier, &mut partner);
        }
    }
    let mut alike: Vec<(f64, usize, usize)> = Vec::new();
    for (at, later) in after.iter().enumerate().filter(|(at, _)| partner.get(*at).is_some_and(Option::is_none)) {
        for (from, earlier) in before.iter().enumerate() {
            let likeness = likeness(&earlier.bigrams, &later.bigrams);
            let same_number = earlier.article.article == later.article.article;
            if likeness >= if same_number { ALIKE_WITH_NUMBER } else { ALIKE } {
                alike.push((likeness, at, from));
            }
        }
    }
    alike.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    for (_, later, earlier) in alike {
        take(later, earlier, &mut partner);
    }
    partner
}

fn pair(before: Option<&Side>, after: Option<&Side>) -> Pair {
    let number = |side: Option<&Side>| side.map(|side| side.article.article);
    let words = |side: Option<&Side>| side.map(|side| side.words.clone()).unwrap_or_default();
    let (change, pieces) = match (before, after) {
        (Some(earlier), Some(later)) if earlier.letters == later.letters => {
            let same_number = earlier.article.article == later.article.article;
            let change = if same_number { Change::Unchanged } else { Change::Renumbered };
            (change, vec![Piece::Same(later.words.clone())])
        }
        (Some(earlier), Some(later)) => (Change::Changed, pieces(&earlier.words, &later.words)),
        (None, _) => (Change::Added, vec![Piece::Added(words(after))]),
        (_, None) => (Change::Removed, vec![Piece::Removed(words(before))]),
    };
    Pair { before: number(before), after: number(after), change, pieces }
}

/// What differs between two passages: whole clauses, and letters within clauses that are alike.
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let (earlier, later) = (clauses(before), clauses(after));
    let mut found = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, &earlier, &later) {
        let old: String = earlier.get(op.old_range()).unwrap_or_default().concat();
        let new: String = later.get(op.new_range()).unwrap_or_default().concat();
        match op {
            DiffOp::Equal { .. } => found.push(Piece::Same(new)),
            _ => within(&old, &new, &mut found),
        }
    }
    joined(found)
}

/// Pieces of a passage that end with a punctuation mark or a line.
fn clauses(text: &str) -> Vec<String> {
    let text: String = text.chars().map(one_sort).collect();
    text.split_inclusive(['，', '。', '；', '：', '、', '\n']).map(str::to_owned).collect()
}

/// Letter by letter if the two are alike, else one for the other.
fn within(old: &str, new: &str, found: &mut Vec<Piece>) {
    let (old_letters, new_letters): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    if old.is_empty() || new.is_empty() || likeness(&bigrams(&old_letters), &bigrams(&new_letters)) < CLAUSES_ALIKE {
        found.push(Piece::Removed(old.to_owned()));
        found.push(Piece::Added(new.to_owned()));
        return;
    }
    for op in capture_diff_slices(Algorithm::Myers, &old_letters, &new_letters) {
        let gone: String = old_letters.get(op.old_range()).unwrap_or_default().iter().collect();
        let come: String = new_letters.get(op.new_range()).unwrap_or_default().iter().collect();
        let same = matches!(op, DiffOp::Equal { .. });
        if same && (come.chars().count() > CHANCE_LETTERS || come.contains('\n')) {
            found.push(Piece::Same(come));
        } else {
            found.push(Piece::Removed(gone));
            found.push(Piece::Added(come));
        }
    }
}

/// Neighbours of one sort become one piece; between two pieces that are the same, what is gone stands before what came.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let (mut out, mut gone, mut come) = (Vec::new(), String::new(), String::new());
    let flush = |gone: &mut String, come: &mut String, out: &mut Vec<Piece>| {
        if !gone.is_empty() {
            out.push(Piece::Removed(std::mem::take(gone)));
        }
        if !come.is_empty() {
            out.push(Piece::Added(std::mem::take(come)));
        }
    };
    for piece in pieces {
        match piece {
            Piece::Removed(text) => gone.push_str(&text),
            Piece::Added(text) => come.push_str(&text),
            Piece::Same(text) => {
                flush(&mut gone, &mut come, &mut out);
                match out.last_mut() {
                    Some(Piece::Same(before)) => before.push_str(&text),
                    _ => out.push(Piece::Same(text)),
                }
            }
        }
    }
    flush(&mut gone, &mut come, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statute::text::Text;

    const BEFORE: &str = "# 某法
第一条 为了保护权益，制定本法。
第二条 申请人可以自知道该行为之日起六十日内提出申请；但是法律规定的申请期限超过六十日的除外。
第三条 公民、法人或者其他组织对具体行政行为不服的，可以向该部门的本级人民政府申请。
第四条 本条将被删去，因为它说的是已经不存在的事情。
第五条 本法自某日起施行。
";
    const AFTER: &str = "# 某法
第一条 为了保护权益，制定本法。
第二条 新的一条，规定工作应当坚持的原则和方向，与此前任何条文都不相同。
第三条 申请人可以自知道或者应当知道该行为之日起六十日内提出申请；但是法律规定的申请期限超过六十日的除外。
第四条 公民、法人或者其他组织对具体行政行为不服的，可以向该部门的本级人民政府申请。
第五条 本法自别日起施行。
";

    #[test]
    fn articles_are_paired_by_their_words() {
        let (before, after) = (Text::parse(BEFORE).unwrap(), Text::parse(AFTER).unwrap());
        let pairs = compare(&before.articles, &after.articles);
        let number = |article: Option<Article>| article.map_or(0, |article| article.number);
        let found: Vec<_> = pairs.iter().map(|pair| (number(pair.before), number(pair.after), pair.change)).collect();
        assert_eq!(
            found,
            [
                (1, 1, Change::Unchanged),
                (0, 2, Change::Added),
                (2, 3, Change::Changed),
                (3, 4, Change::Renumbered),
                (4, 0, Change::Removed),
                (5, 5, Change::Changed),
            ]
        );
        assert_eq!(
            pairs[2].pieces,
            [
                Piece::Same("申请人可以自知道".to_owned()),
                Piece::Added("或者应当知道".to_owned()),
                Piece::Same("该行为之日起六十日内提出申请；但是法律规定的申请期限超过六十日的除外。".to_owned()),
            ]
        );
    }

    #[test]
    fn either_text_can_be_had_from_the_pieces() {
        for (before, after) in [
            ("甲，乙，丙。", "甲，丁，丙。"),
            ("", "甲。"),
            ("五日内决定\n（一）甲；", "五个工作日内作出决定\n（一）甲；\n（二）乙。"),
            ("同。", "同。"),
        ] {
            let found = pieces(before, after);
            let of = |skip: fn(&Piece) -> bool| -> String {
                let words = |piece: &Piece| match piece {
                    Piece::Same(text) | Piece::Removed(text) | Piece::Added(text) => text.clone(),
                };
                found.iter().filter(|piece| !skip(piece)).map(words).collect()
            };
            assert_eq!(of(|piece| matches!(piece, Piece::Added(_))), before);
            assert_eq!(of(|piece| matches!(piece, Piece::Removed(_))), after);
        }
    }

    #[test]
    fn parentheses_of_another_sort_are_no_change() {
        let (before, after) = ("# 某法\n第一条 甲：\n(一)乙。\n", "# 某法\n第一条 甲：\n（一）乙。\n");
        let pairs = compare(&Text::parse(before).unwrap().articles, &Text::parse(after).unwrap().articles);
        assert_eq!(pairs[0].change, Change::Unchanged);
    }
}
