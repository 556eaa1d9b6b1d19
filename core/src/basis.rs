//! A citation 依据 and its grade: 法定 (an article), 制度 (a local document), 内控 (our own design).
//!
//! Only 法定 and adopted 制度 block; 内控 warns and takes a reason. No step borrows an article that does not
//! say it, so the three grades are kept apart from the first character.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::numeral::read_number;
pub use crate::numeral::{chinese_number, number_in_chinese};

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

    /// Reads what people write: `60`, `§60`, `64(1)`, `第六十条`, `六十`, `第六十四条（一）`,
    /// `第一百三十三条之一第二款第（三）项`.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.strip_prefix('§').unwrap_or(&text).replace('（', "(").replace('）', ")");
        if let Some(article) = Self::parse(&text) {
            return Some(article);
        }
        let number = |text: &str| read_number(text).and_then(|number| u16::try_from(number).ok());
        let text = text.strip_prefix('第').unwrap_or(&text);
        // （三）, （三）项, 第（三）项, 第三项
        let bracketed = text.strip_suffix('项').unwrap_or(text).strip_suffix(')').map(|text| text.rsplit_once('('));
        let (text, item) = match (bracketed, text.strip_suffix('项').map(|text| text.rsplit_once('第'))) {
            (Some(Some((text, item))), _) => (text.strip_suffix('第').unwrap_or(text).to_owned(), Some(number(item)?)),
            (_, Some(Some((text, item)))) => (text.to_owned(), Some(number(item)?)),
            (Some(None), _) | (_, Some(None)) => return None,
            (None, None) => (text.to_owned(), None),
        };
        let (text, paragraph) = match text.strip_suffix('款').map(|text| text.rsplit_once('第')) {
            Some(Some((text, paragraph))) => (text.to_owned(), Some(number(paragraph)?)),
            Some(None) => return None,
            None => (text, None),
        };
        let (text, insert) = match text.split_once('之') {
            Some((text, insert)) => (text.to_owned(), Some(number(insert)?)),
            None => (text, None),
        };
        Some(Self { number: number(text.strip_suffix('条').unwrap_or(&text))?, insert, paragraph, item })
    }

    /// As written in a law file, without the sign, `64.1(2)`: what [`Article::parse`] reads.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_writes_what_it_reads() {
        for text in
            ["行政处罚法§57", "行政处罚法§64(1)", "行政复议法§24.2(3)", "刑法§133-1", "制度:议事规则", "内控:回访"]
        {
            assert_eq!(Basis::parse(text).unwrap().written(), text);
        }
        assert_eq!(Basis::parse("行政处罚法§64.1(2)").unwrap().to_string(), "《行政处罚法》第六十四条第一款第（二）项");
        for (text, written) in [
            ("60", "§60"),
            ("§60(1)", "§60(1)"),
            ("第六十条", "§60"),
            ("六十", "§60"),
            ("第六十四条第一项", "§64(1)"),
            ("第六十四条第（一）项", "§64(1)"),
            ("第一百三十三条之一第二款第（三）项", "§133-1.2(3)"),
            ("第四十二条第一款", "§42.1"),
            ("第六十四条（一）", "§64(1)"),
            ("第六十四条第一款（一）项", "§64.1(1)"),
            ("§64(一)", "§64(1)"),
            ("第六〇条", "§60"),
        ] {
            let article = Article::read(text).unwrap();
            let basis = Basis { grade: Grade::Statutory, source: String::new(), article: Some(article) };
            assert_eq!(basis.written(), written, "{text}");
        }
        for wrong in ["", "条", "第条", "六十条半", "第六十条第款", "§", "60.x", "§§60", "64(1", "第六十四条第（一项"]
        {
            assert_eq!(Article::read(wrong), None, "{wrong}");
        }
        for wrong in ["", "行政处罚法", "§57", "行政处罚法§", "行政处罚法§五十七", "制度:", "行政处罚法§1(2"]
        {
            assert!(Basis::parse(wrong).is_err(), "{wrong}");
        }
    }
}
