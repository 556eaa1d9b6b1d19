//! What of a text may be somebody's: numbers, which are masked wherever the text is shown, and what looks like a person, which is not.
//!
//! A hint before something is sent or published; nothing is refused for it. Does not belong here: what refuses an answer that names whoever
//! sent a comment (`commenting.rs`).

use zhunsheng_core::id::Digest;
use zhunsheng_core::text;

/// So many of each are said.
const SAID_MAX: usize = 8;
/// How people are spoken of after their name.
const TITLES: [&str; 26] = [
    "书记", "主任", "镇长", "村长", "乡长", "局长", "科长", "所长", "站长", "校长", "院长", "组长", "会计", "经理",
    "老板", "老师", "医生", "大夫", "先生", "女士", "大爷", "大娘", "大哥", "大姐", "嫂子", "同志",
];
/// Family names that common words do not end with.
const RARELY_WORDS: &str = "王李张刘陈杨赵吴徐孙胡朱郭罗宋郑谢韩唐冯董萧曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛阎潘杜戴汪姜范姚谭廖邹熊陆郝崔邱秦顾侯邵孟钱汤尹黎乔贺赖龚佟齐";
/// Family names that may also be a word before the title: “周书记”, but not “一周书记”.
const ALSO_WORDS: &str = "周何许程余叶夏钟田任方石金孔白康毛江史龙万段雷易常武文高林马黄梁于";

/// What was found in a text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Personal {
    /// Numbers of telephones, of identity, of cards, masked as they will be shown.
    pub numbers: Vec<String>,
    /// What looks like a person, as it was written.
    pub people: Vec<String>,
}

impl Personal {
    /// What is found in these texts.
    #[must_use]
    pub fn of(texts: &[&str]) -> Self {
        let mut found = Self::default();
        for written in texts {
            found.numbers.extend(numbers(written));
            found.people.extend(people(written));
        }
        for said in [&mut found.numbers, &mut found.people] {
            said.sort();
            said.dedup();
            said.truncate(SAID_MAX);
        }
        found
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.people.is_empty()
    }
}

/// What says that somebody was told of what stands in these texts: another text is told of again.
#[must_use]
pub fn mark(texts: &[&str]) -> String {
    Digest::of(texts.join("\n").as_bytes()).to_string().chars().take(16).collect()
}

fn numbers(written: &str) -> Vec<String> {
    let part =
        |c: char| !text::half_width(&c.to_string()).chars().all(|c| c.is_ascii_digit() || matches!(c, 'x' | 'X'));
    let runs = written.split(part).map(|run| (run, text::mask_numbers(run)));
    runs.filter(|(run, masked)| run != masked).map(|(_, masked)| masked).collect()
}

fn people(written: &str) -> Vec<String> {
    let mut found = Vec::new();
    for title in TITLES {
        for (at, _) in written.match_indices(title) {
            let before: Vec<char> = written.get(..at).unwrap_or_default().chars().rev().take(3).collect();
            let name = |length: usize| before.iter().take(length).rev().collect::<String>();
            let surname = |place: usize, also: bool| {
                before.get(place).is_some_and(|c| RARELY_WORDS.contains(*c) || (also && ALSO_WORDS.contains(*c)))
            };
            let length = if surname(2, false) {
                3
            } else if surname(1, false) {
                2
            } else if surname(0, true) {
                1
            } else {
                continue;
            };
            found.push(name(length) + title);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Personal, mark};

    #[test]
    fn numbers_are_said_masked_and_people_as_they_were_written() {
        let found = Personal::of(&["找王书记，电话13941002386；李长河老师也说过。", "身份证11010519491231002X"]);
        assert_eq!(found.numbers, ["1101************2X", "139****2386"]);
        assert_eq!(found.people, ["李长河老师", "王书记"]);
    }

    #[test]
    fn what_is_nobody_says_nothing() {
        for written in [
            "第四条的七天太长，改为十五日。",
            "镇党委书记和村委会主任应当公开",
            "文号昌政发〔2024〕12号",
            "小学校长、医院院长",
        ] {
            assert!(Personal::of(&[written]).is_empty(), "{written}: {:?}", Personal::of(&[written]));
        }
    }

    #[test]
    fn another_text_is_told_of_again() {
        assert_eq!(mark(&["一", "二"]), mark(&["一", "二"]));
        assert_ne!(mark(&["一", "二"]), mark(&["一", "三"]));
    }
}
