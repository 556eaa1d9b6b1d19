//! How well fines are read from real statutes. The folder of texts is named by `ZHUNSHENG_STATUTES`; the repository
//! holds none, so without it these tests say that they looked at nothing. `fines_judged.tsv` holds what a person reading
//! the sampled sentences found there: edition, place, and the expected reading, without the statute's words.

use std::collections::BTreeMap;

use zhunsheng_core::statute::fine::{Fine, Reading, Who, fines};
use zhunsheng_core::statute::text::{ArticleText, Text, edition_in_file_name};

const JUDGED: &str = include_str!("fines_judged.tsv");
const SEED: &str = "fines-1";
const SAMPLE: usize = 130;

/// A sentence with 罚款: its words and what was read from them.
struct Sentence {
    words: String,
    read: Vec<Reading>,
}

/// Every sentence with 罚款, by `edition \t place \t line.sentence`; none without a folder.
fn sentences() -> Option<BTreeMap<String, Sentence>> {
    let Some(folder) = std::env::var_os("ZHUNSHENG_STATUTES") else {
        eprintln!("skipped: ZHUNSHENG_STATUTES names no folder");
        return None;
    };
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(Some((statute, adopted))) = edition_in_file_name(&name) else { continue };
        let Ok(text) = Text::parse(&std::fs::read_to_string(&path).unwrap()) else { continue };
        for article in &text.articles {
            of_article(&format!("{statute}({adopted})"), article, &mut found);
        }
    }
    Some(found)
}

fn of_article(edition: &str, article: &ArticleText, found: &mut BTreeMap<String, Sentence>) {
    let read = fines(article);
    let mut lines = Vec::new();
    for (number, paragraph) in (1_u16..).zip(&article.paragraphs) {
        let mut own = article.article;
        own.paragraph = Some(number);
        lines.push((own, 0, paragraph.text.clone()));
        for item in &paragraph.items {
            own.item = Some(item.number);
            lines.extend(item.lines().enumerate().map(|(line, words)| (own, line, words.to_owned())));
        }
    }
    for (place, line, words) in lines {
        let mut start = 0;
        for (number, sentence) in words.split_inclusive('。').enumerate() {
            let range = start..start + sentence.len();
            start = range.end;
            if !sentence.contains("罚款") {
                continue;
            }
            let here = |reading: &&Reading| {
                let at = reading.place();
                at.article == place && at.line == line && range.contains(&at.span.start)
            };
            let read = read.iter().filter(here).cloned().collect();
            let key = format!("{edition}\t{}\t{line}.{number}", place.written());
            found.insert(key, Sentence { words: sentence.to_owned(), read });
        }
    }
}

/// As the judged file has it: who, 可以, how many characters the condition has, extent; several fines behind each other.
fn written(read: &[Reading]) -> String {
    let fine = |fine: &Fine| {
        let condition = fine.condition.as_deref().map_or(0, |words| words.chars().count());
        let may = if fine.may { "可以" } else { "" };
        format!("{}/{may}/{condition}/{}", fine.who.map_or("", Who::chinese), fine.extent)
    };
    let tell = |reading: &Reading| match reading {
        Reading::Fine(found) => fine(found),
        Reading::Unread(unread) => format!("?{}", unread.why.chinese()),
    };
    if read.is_empty() { "-".to_owned() } else { read.iter().map(tell).collect::<Vec<_>>().join(" + ") }
}

fn judged() -> impl Iterator<Item = (String, &'static str)> {
    let lines = JUDGED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once('\t').map(|(key, expected)| (key.to_owned(), expected)).unwrap())
}

#[test]
fn the_judged_file_names_each_sentence_once_and_holds_no_sentence() {
    let mut keys: Vec<String> = judged().map(|(key, _)| key).collect();
    assert!(keys.len() >= 120, "{}", keys.len());
    assert!(judged().all(|(key, expected)| key.split('\t').count() == 3 && !expected.contains(['。', '，', '；'])));
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

#[test]
fn fines_are_read_as_a_person_reads_them() {
    let Some(found) = sentences() else { return };
    let (mut right, mut silent, mut wrong) = (0, 0, Vec::new());
    for (key, expected) in judged() {
        let sentence = found.get(&key).unwrap_or_else(|| panic!("the folder lacks {key}"));
        let read = written(&sentence.read);
        // `~` before what a person reads there and the reader does not claim to: less than right, and not wrong.
        match expected.strip_prefix('~') {
            Some(_) if sentence.read.iter().all(|reading| matches!(reading, Reading::Unread(_))) => silent += 1,
            _ if read == expected => right += 1,
            _ => wrong.push(format!("{key}\n  judged {expected}\n  read   {read}")),
        }
    }
    eprintln!("{right} right, {silent} left unread, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sentences_are_counted() {
    let Some(found) = sentences() else { return };
    let unread = |sentence: &Sentence| sentence.read.iter().any(|reading| matches!(reading, Reading::Unread(_)));
    let partly = found.values().filter(|sentence| unread(sentence)).count();
    let silent = found.values().filter(|sentence| sentence.read.is_empty()).count();
    let fines = found.values().flat_map(|sentence| &sentence.read);
    let fines = fines.filter(|reading| matches!(reading, Reading::Fine(_))).count();
    let whole = found.len() - partly - silent;
    eprintln!("{} sentences: {whole} read whole, {partly} with something unread, {silent} without a fine", found.len());
    eprintln!("{fines} fines");
    assert!(found.is_empty() || whole * 10 >= found.len() * 7, "{whole} of {}", found.len());
}

/// Prints the sample with its words, for a person to judge; the words stay on that person's screen.
#[test]
#[ignore = "prints for a person"]
fn draw_the_sample() {
    let Some(found) = sentences() else { return };
    let mut drawn: Vec<_> = found.iter().map(|(key, sentence)| (draw(key), key, sentence)).collect();
    drawn.sort_by_key(|(draw, ..)| *draw);
    for (_, key, sentence) in drawn.into_iter().take(SAMPLE) {
        println!("{key}\t{}\n    {}", written(&sentence.read), sentence.words);
    }
}

/// A number from seed and key (FNV-1a): the sample is the smallest of them.
fn draw(key: &str) -> u64 {
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    SEED.bytes().chain(key.bytes()).fold(0xcbf2_9ce4_8422_2325, mix)
}
