//! Reading a text line by line: head, headings, articles, paragraphs, items, annex; and noticing what is wrong.

use crate::basis::Article;

use super::line::{self, Line};
use super::{ArticleText, Fault, Heading, Item, Paragraph, Rank, Text, TextProblem};

/// How many characters of a strange line are quoted.
const QUOTED_CHARS: usize = 20;

/// Reads a whole text.
pub(super) fn read(source: &str) -> Result<Text, Vec<TextProblem>> {
    let mut reader = Reader { marked: source.contains("INFO END"), ..Reader::default() };
    let mut last = 1;
    for (number, raw) in (1..).zip(source.lines()) {
        reader.line(number, &line::clean(raw));
        last = number;
    }
    reader.finish(last)
}

/// Reads one article from its own lines.
pub(super) fn article(article: Article, line: u32, text: &str) -> ArticleText {
    let mut open = ArticleText { article, line, paragraphs: Vec::new() };
    for (number, raw) in (line..).zip(text.lines()) {
        // A numbering that is off was reported when the whole text was read.
        let _ = extend(&mut open, number, raw);
    }
    open
}

/// Adds a line to an article. `Err`: an item of another number than the next, with the number expected.
fn extend(article: &mut ArticleText, number: u32, words: &str) -> Result<(), (u16, u16)> {
    match line::understand(words) {
        Line::Blank => Ok(()),
        Line::Item(found) => item(article, number, found, words),
        Line::Detail => {
            detail(article, number, words);
            Ok(())
        }
        _ => {
            article.paragraphs.push(Paragraph { line: number, text: words.to_owned(), items: Vec::new() });
            Ok(())
        }
    }
}

/// An item goes on with the list of the paragraph before it, or, where lines without a number stand between two items
/// (种子法§90), with a list begun earlier: those lines then belong to the item before.
fn item(article: &mut ArticleText, line: u32, number: u16, words: &str) -> Result<(), (u16, u16)> {
    let item = Item { number, line, text: words.to_owned(), details: Vec::new() };
    if article.paragraphs.is_empty() {
        article.paragraphs.push(Paragraph { line, text: String::new(), items: Vec::new() });
    }
    let last_list = article.paragraphs.iter().rposition(|paragraph| !paragraph.items.is_empty());
    let begun = last_list.and_then(|at| article.paragraphs.get(at)?.items.last().map(|last| (at, last.number)));
    let (at, expected) = match begun {
        Some((at, last)) if number == last + 1 || at + 1 == article.paragraphs.len() => (at, last + 1),
        _ => (article.paragraphs.len() - 1, 1),
    };
    let between: Vec<String> =
        article.paragraphs.split_off(at + 1).into_iter().map(|paragraph| paragraph.text).collect();
    if let Some(paragraph) = article.paragraphs.last_mut() {
        if let Some(before) = paragraph.items.last_mut() {
            before.details.extend(between);
        }
        paragraph.items.push(item);
    }
    if number == expected { Ok(()) } else { Err((expected, number)) }
}

fn detail(article: &mut ArticleText, line: u32, words: &str) {
    match article.paragraphs.last_mut() {
        None => article.paragraphs.push(Paragraph { line, text: words.to_owned(), items: Vec::new() }),
        Some(paragraph) => match paragraph.items.last_mut() {
            Some(item) => item.details.push(words.to_owned()),
            None => {
                paragraph.text.push('\n');
                paragraph.text.push_str(words);
            }
        },
    }
}

#[derive(Default)]
struct Reader {
    text: Text,
    problems: Vec<TextProblem>,
    /// Whether the source marks the end of its head.
    marked: bool,
    /// Whether that mark was passed (again, for a code that is printed in parts).
    informed: bool,
    /// Whether the table of contents is being read.
    contents: bool,
    /// Whether the annex is being read.
    annex: bool,
}

impl Reader {
    fn line(&mut self, number: u32, words: &str) {
        if self.annex {
            if !words.is_empty() {
                self.text.annex.push(words.to_owned());
            }
            return;
        }
        match line::understand(words) {
            Line::Blank => {}
            Line::InfoEnd => self.informed = true,
            Line::Contents => self.contents = true,
            Line::Top(words) => self.top(number, words),
            Line::Heading(rank, text) => self.heading(number, rank, text),
            Line::Article { article, rest, sure } => {
                if sure || self.is_next(article) {
                    self.begin(number, article, rest);
                } else {
                    self.body(number, words);
                }
            }
            Line::Annex if !self.text.articles.is_empty() => {
                self.annex = true;
                self.text.annex.push(words.to_owned());
            }
            _ => self.body(number, words),
        }
    }

    /// A title. Where it comes again, a code is printed in parts, each with its own head; another is a part's name.
    fn top(&mut self, number: u32, words: &str) {
        let words = line::squeezed(words);
        if self.text.title.is_empty() {
            self.text.title = words;
        } else if words == self.text.title {
            self.informed = false;
        } else {
            self.heading(number, Rank::Part, words);
        }
    }

    fn heading(&mut self, line: u32, rank: Rank, text: String) {
        self.text.headings.push(Heading { rank, text, line, before: self.text.articles.len() });
    }

    /// Whether an article is the one that should come now.
    fn is_next(&self, article: Article) -> bool {
        follows(self.text.last(), article)
    }

    fn begin(&mut self, line: u32, article: Article, rest: &str) {
        if self.text.articles.is_empty() {
            self.drop_contents();
        }
        // An article ends every head, marked or not.
        self.informed = true;
        self.note_order(line, article);
        self.close();
        self.text.articles.push(ArticleText { article, line, paragraphs: Vec::new() });
        self.body(line, rest);
    }

    /// Says what is wrong with an article's place, if anything is.
    fn note_order(&mut self, line: u32, article: Article) {
        let last = self.text.last();
        if follows(last, article) {
            return;
        }
        let fault = match (self.text.article(article), last) {
            (Some(known), _) => Fault::Duplicate { article, first: known.line },
            (None, Some(last)) if article < last => Fault::OutOfOrder { article, after: last },
            (None, after) => Fault::Gap { after, found: article },
        };
        self.problems.push(TextProblem { line, fault });
    }

    /// The article that ends here has words.
    fn close(&mut self) {
        if let Some(last) = self.text.articles.last().filter(|last| last.paragraphs.is_empty()) {
            self.problems.push(TextProblem { line: last.line, fault: Fault::Empty(last.article) });
        }
    }

    fn body(&mut self, line: u32, words: &str) {
        if self.marked && !self.informed {
            return self.history(words);
        }
        let Some(article) = self.text.articles.last_mut() else { return self.before_first(line, words) };
        if let Err((expected, found)) = extend(article, line, words) {
            let fault = Fault::Item { article: article.article, expected, found };
            self.problems.push(TextProblem { line, fault });
        }
    }

    fn history(&mut self, words: &str) {
        if !self.text.head.iter().any(|known| known == words) {
            self.text.head.push(words.to_owned());
        }
    }

    /// Words before the first article: the title of a plain text, how it came about, or a preamble.
    fn before_first(&mut self, line: u32, words: &str) {
        let nothing_yet = self.text.head.is_empty() && self.text.headings.is_empty() && !self.contents;
        let in_head = !self.marked && nothing_yet && self.text.preamble.is_empty();
        if self.text.title.is_empty() {
            self.text.title = line::squeezed(words);
        } else if line::is_history(words) || (!self.marked && self.unclosed()) {
            self.history(words);
        } else if line::is_preamble(words) || !self.text.preamble.is_empty() {
            self.text.preamble.push(words.to_owned());
        } else if in_head && !words.ends_with(['。', '：', '；']) {
            // A long title is printed on two lines.
            self.text.title.push_str(&line::squeezed(words));
        } else {
            let quoted = words.chars().take(QUOTED_CHARS).collect();
            self.problems.push(TextProblem { line, fault: Fault::BeforeFirst(quoted) });
        }
    }

    /// Whether the head's parenthesis is still open: plain texts break （…通过　根据…修正） over several lines.
    fn unclosed(&self) -> bool {
        let count = |mark| self.text.head.iter().flat_map(|line| line.chars()).filter(|c| *c == mark).count();
        count('（') > count('）')
    }

    /// The table of contents repeats every heading: what counts begins where its first one comes again.
    fn drop_contents(&mut self) {
        let Some(first) = self.text.headings.first().map(|heading| heading.text.clone()) else { return };
        if let Some(again) = self.text.headings.iter().rposition(|heading| heading.text == first) {
            self.text.headings.drain(..again);
        }
    }

    fn finish(mut self, last_line: u32) -> Result<Text, Vec<TextProblem>> {
        self.close();
        if self.text.articles.is_empty() {
            self.problems = vec![TextProblem { line: last_line, fault: Fault::NoArticles }];
        }
        if self.problems.is_empty() { Ok(self.text) } else { Err(self.problems) }
    }
}

/// Whether an article may stand directly behind another: §5 behind §4 or §4-2, §4-1 behind §4, §4-2 behind §4-1.
fn follows(last: Option<Article>, next: Article) -> bool {
    match (last, next.insert) {
        (None, insert) => next.number == 1 && insert.is_none(),
        (Some(last), None) => next.number == last.number.saturating_add(1),
        (Some(last), Some(insert)) => {
            next.number == last.number && insert == last.insert.unwrap_or(0).saturating_add(1)
        }
    }
}
