//! A citation 依据 and its grade: 法定 (an article), 制度 (a local document), 内控 (our own design).
//!
//! Only 法定 and adopted 制度 block; 内控 warns and takes a reason. No step borrows an article that does not
//! say it, so the three grades are kept apart from the first character.

use std::fmt;

use minicbor::{Decode, Encode};

/// How much a basis binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Grade {
    /// 法定: an article of a law, regulation or rule.
    #[n(0)]
    Statutory,
    /// 制度: a document adopted in the county or above it.
    #[n(1)]
    Local,
    /// 内控: a control that this design adds.
    #[n(2)]
    Internal,
}

impl Grade {
    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Statutory => "法定",
            Self::Local => "制度",
            Self::Internal => "内控",
        }
    }

    /// Whether a condition of this grade may stop an act.
    pub fn blocks(self) -> bool {
        self != Self::Internal
    }
}

/// An article: `§N[-M][.P][(I)]` = 条（之M、第P款、第I项可省）.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Article {
    /// 条.
    pub number: u16,
    /// 之M.
    pub insert: Option<u16>,
    /// 款.
    pub paragraph: Option<u16>,
    /// 项.
    pub item: Option<u16>,
}

impl Article {
    /// A whole article, 之M left out where it is zero.
    pub fn whole(number: u16, insert: u16) -> Self {
        Self { number, insert: Some(insert).filter(|insert| *insert > 0), paragraph: None, item: None }
    }

    /// The article without its paragraph and item.
    pub fn without_part(self) -> Self {
        Self { paragraph: None, item: None, ..self }
    }

    /// Reads `64`, `133-1`, `24.2(3)`: what stands behind `§`.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, item) = match text.split_once('(') {
            Some((head, tail)) => (head, Some(tail.strip_suffix(')')?.parse().ok()?)),
            None => (text, None),
        };
        let (head, paragraph) = match head.split_once('.') {
            Some((head, tail)) => (head, Some(tail.parse().ok()?)),
            None => (head, None),
        };
        let (number, insert) = match head.split_once('-') {
            Some((number, insert)) => (number, Some(insert.parse().ok()?)),
            None => (head, None),
        };
        Some(Self { number: number.parse().ok()?, insert, paragraph, item })
    }

    /// As written in a law file, without the sign: `64.1(2)`.
    pub fn written(self) -> String {
        let mut text = self.number.to_string();
        for (before, part, after) in [("-", self.insert, ""), (".", self.paragraph, ""), ("(", self.item, ")")] {
            if let Some(part) = part {
                text.push_str(&format!("{before}{part}{after}"));
            }
        }
        text
    }
}

impl fmt::Display for Article {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第{}条", chinese_number(self.number))?;
        if let Some(insert) = self.insert {
            write!(f, "之{}", chinese_number(insert))?;
        }
        if let Some(paragraph) = self.paragraph {
            write!(f, "第{}款", chinese_number(paragraph))?;
        }
        if let Some(item) = self.item {
            write!(f, "第（{}）项", chinese_number(item))?;
        }
        Ok(())
    }
}

/// A citation. Written `行政处罚法§57`, `制度:昌图县合法性审查办法` or `内控:回访登记`; several with `；`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Basis {
    /// How much it binds.
    pub grade: Grade,
    /// The statute's short name, or the title of the local document or control.
    pub source: String,
    /// The article, for statutes.
    pub article: Option<Article>,
}

impl Basis {
    /// Reads one citation; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(source) = text.strip_prefix("制度:").or_else(|| text.strip_prefix("制度：")) {
            return Self::named(Grade::Local, source);
        }
        if let Some(source) = text.strip_prefix("内控:").or_else(|| text.strip_prefix("内控：")) {
            return Self::named(Grade::Internal, source);
        }
        let Some((statute, article)) = text.split_once('§') else {
            return Err(format!("expected 法名§条, 制度:名称 or 内控:名称, found `{text}`"));
        };
        let parsed = Article::parse(article).ok_or_else(|| format!("expected §N[-M][.P][(I)], found `§{article}`"))?;
        if statute.is_empty() {
            return Err(format!("a citation names its statute, found `{text}`"));
        }
        Ok(Self { grade: Grade::Statutory, source: statute.to_owned(), article: Some(parsed) })
    }

    fn named(grade: Grade, source: &str) -> Result<Self, String> {
        let source = source.trim();
        if source.is_empty() {
            return Err(format!("{}: the name is missing", grade.chinese()));
        }
        Ok(Self { grade, source: source.to_owned(), article: None })
    }

    /// As written in a law file.
    pub fn written(&self) -> String {
        match (self.grade, self.article) {
            (Grade::Statutory, Some(article)) => format!("{}§{}", self.source, article.written()),
            (grade, _) => format!("{}:{}", grade.chinese(), self.source),
        }
    }
}

impl fmt::Display for Basis {
    /// As officials read it: 《行政处罚法》第五十七条.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.article {
            Some(article) => write!(f, "《{}》{article}", self.source),
            None => write!(f, "{}：{}", self.grade.chinese(), self.source),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Basis {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<C> Encode<C> for Basis {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.written())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Basis {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::parse(d.str()?).map_err(minicbor::decode::Error::message)
    }
}

/// 57 → 五十七. Articles of Chinese statutes stay below 10,000.
pub fn chinese_number(number: u16) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |value: u16| DIGITS.get(usize::from(value % 10)).copied().unwrap_or_default();
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let value = number / unit % 10;
        if value == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        if !(unit == 10 && value == 1 && text.is_empty()) {
            text.push_str(digit(value));
        }
        text.push_str(name);
    }
    if text.is_empty() { "零".to_owned() } else { text }
}

/// 五十七 → 57; also 十, 一百零一, 一千零一十九, and 〇 for 零. `None` for anything else.
pub fn number_in_chinese(text: &str) -> Option<u16> {
    let (mut total, mut digit) = (0_u16, None);
    for letter in text.chars() {
        let unit = match letter {
            '千' => 1000,
            '百' => 100,
            '十' => 10,
            '零' | '〇' => 0,
            _ => {
                let value = "一二三四五六七八九".chars().position(|known| known == letter)?;
                digit = match digit {
                    None => Some(u16::try_from(value).ok()? + 1),
                    Some(_) => return None,
                };
                continue;
            }
        };
        if unit > 0 {
            total = total.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
        }
    }
    total.checked_add(digit.unwrap_or(0)).filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_statutes_write_them() {
        for (number, text) in [
            (1, "一"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (57, "五十七"),
            (100, "一百"),
            (101, "一百零一"),
            (110, "一百一十"),
            (202, "二百零二"),
            (1019, "一千零一十九"),
        ] {
            assert_eq!(chinese_number(number), text);
            assert_eq!(number_in_chinese(text), Some(number));
        }
    }

    #[test]
    fn every_number_is_read_as_it_is_written() {
        for number in 1..3000 {
            assert_eq!(number_in_chinese(&chinese_number(number)), Some(number));
        }
        for wrong in ["", "零", "一二", "五条", "57"] {
            assert_eq!(number_in_chinese(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_basis_writes_what_it_reads() {
        for text in
            ["行政处罚法§57", "行政处罚法§64(1)", "行政复议法§24.2(3)", "刑法§133-1", "制度:议事规则", "内控:回访"]
        {
            assert_eq!(Basis::parse(text).unwrap().written(), text);
        }
        assert_eq!(Basis::parse("行政处罚法§64.1(2)").unwrap().to_string(), "《行政处罚法》第六十四条第一款第（二）项");
        for wrong in ["", "行政处罚法", "§57", "行政处罚法§", "行政处罚法§五十七", "制度:", "行政处罚法§1(2"]
        {
            assert!(Basis::parse(wrong).is_err(), "{wrong}");
        }
    }
}
