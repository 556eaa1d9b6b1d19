//! What leaves the house: the kind, the matter's number, a day, and an address behind which one has to sign in. Nothing of the matter's
//! content, no name of anybody (decision 0035).

use zhunsheng_core::day::Day;

use super::Kind;

/// A message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// By which a receiver knows it again, in hexadecimal.
    pub id: String,
    /// The county's code.
    pub county: String,
    /// The county's name.
    pub county_name: String,
    /// The official's login; empty for personas of a demonstration.
    pub login: String,
    /// Why.
    pub kind: Kind,
    /// The matter's number, once it has one.
    pub number: Option<String>,
    /// The last day, or the day of the act.
    pub day: Option<Day>,
    /// Where to look, if the county has said where its site is.
    pub link: Option<String>,
    /// When the notice was made, seconds since 1970.
    pub made: i64,
}

impl Message {
    /// In one line, without the county.
    #[must_use]
    pub fn subject(&self) -> String {
        let number = self.number.as_deref().unwrap_or("一件还没有编号的事项");
        let day = match (self.kind, self.day) {
            (_, None) => String::new(),
            (Kind::Answered, Some(day)) => format!("，{}", day.chinese()),
            (_, Some(day)) => format!("，期限{}", day.chinese()),
        };
        format!("{}：{number}{day}", self.kind.chinese())
    }

    /// As a short message.
    #[must_use]
    pub fn text(&self) -> String {
        let link = match &self.link {
            Some(link) => format!("登录后查看：{link}"),
            None => "请登录平台查看。".to_owned(),
        };
        format!("【{}法治政府平台】{}。{link}", self.county_name, self.subject())
    }

    /// As a mail.
    #[must_use]
    pub fn mail(&self) -> Letter {
        Letter {
            id: self.id.clone(),
            county_name: self.county_name.clone(),
            subject: self.subject(),
            text: format!("{}\n\n这是系统发出的通知，请勿回复。在平台的“通知设置”里可以不再接收。\n", self.text()),
            made: self.made,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::json!({
            "version": 1,
            "id": self.id,
            "county": self.county,
            "to": self.login,
            "kind": self.kind.code(),
            "title": self.subject(),
            "number": self.number,
            "day": self.day.map(|day| day.to_string()),
            "link": self.link,
            "made": self.made,
        })
        .to_string()
    }
}

/// A mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// By which a mail program knows it again.
    pub id: String,
    /// The county's name: the sender.
    pub county_name: String,
    /// In one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// When, seconds since 1970.
    pub made: i64,
}

/// Why a message is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendError {
    /// In words, without a full stop, an address or a secret.
    pub sentence: String,
    /// Whether trying again is of no use.
    pub lasting: bool,
}

impl SendError {
    /// Something that may pass.
    #[must_use]
    pub fn passing(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), lasting: false }
    }

    /// Something that will not.
    #[must_use]
    pub fn lasting(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), lasting: true }
    }
}

#[cfg(test)]
mod tests {
    use zhunsheng_core::day::Day;

    use super::{Kind, Message};

    #[test]
    fn a_message_reads_as_one_sentence() {
        let mut message = Message {
            id: "00".to_owned(),
            county: "211224".to_owned(),
            county_name: "昌图县".to_owned(),
            login: "wang".to_owned(),
            kind: Kind::Overdue,
            number: Some("昌农罚〔2024〕3号".to_owned()),
            day: Day::new(2024, 11, 2),
            link: Some("https://fz.example.gov.cn/matters/x".to_owned()),
            made: 0,
        };
        assert_eq!(
            message.text(),
            "【昌图县法治政府平台】逾期：昌农罚〔2024〕3号，期限2024年11月2日。登录后查看：https://fz.example.gov.cn/matters/x"
        );
        (message.kind, message.number, message.link) = (Kind::Answered, None, None);
        assert_eq!(
            message.text(),
            "【昌图县法治政府平台】有结果：一件还没有编号的事项，2024年11月2日。请登录平台查看。"
        );
    }
}
