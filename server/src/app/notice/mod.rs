//! Notices 通知: what a person has to know, derived from the record after the act. In the workbench always; out of the house by the
//! ways that the person chose, and then without anything of the matter's content (decision 0035).
//!
//! Does not belong here: what a step is and who may take it (`zhunsheng_core::matter`); what citizens are told (`app/progress.rs`).

pub mod choice;
pub mod deliver;
pub mod derive;
pub mod mail;
pub mod message;
pub mod sms;
pub mod webhook;

use crate::store::digest::sha256;
use crate::store::notices::NoticeId;
use crate::store::outgoing::OutgoingId;

/// Days before the last day from which a limit counts as near.
pub const SOON_DAYS: i64 = 7;

/// Why somebody is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A step is theirs now.
    Todo,
    /// A step is theirs because another organ passed the matter on, or because they were named.
    Transferred,
    /// The last day is near.
    Soon,
    /// The last day has passed.
    Overdue,
    /// What they began or asked for has an outcome.
    Answered,
}

impl Kind {
    /// Every kind, in the order of pages.
    pub const ALL: [Self; 5] = [Self::Todo, Self::Transferred, Self::Soon, Self::Overdue, Self::Answered];

    /// As stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Transferred => "transferred",
            Self::Soon => "soon",
            Self::Overdue => "overdue",
            Self::Answered => "answered",
        }
    }

    /// In words.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Todo => "待办",
            Self::Transferred => "转来",
            Self::Soon => "将到期",
            Self::Overdue => "逾期",
            Self::Answered => "有结果",
        }
    }

    /// From its code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A way out of the house.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Channel {
    /// To a program of the county, signed.
    Webhook,
    /// To a mailbox.
    Mail,
    /// To a telephone.
    Sms,
}

impl Channel {
    /// Every way, in the order of pages.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Mail, Self::Webhook];

    /// As stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }

    /// In words.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Webhook => "单位消息系统",
            Self::Mail => "电子邮件",
            Self::Sms => "短信",
        }
    }

    /// From its code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }
}

/// The first 128 bits of SHA-256 over parts that cannot run into each other.
pub(in crate::app) fn name_of(parts: &[&[u8]]) -> [u8; 16] {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(sha256(&bytes)) {
        *to = from;
    }
    short
}

/// The name of a message: one for each notice and channel.
fn outgoing_id(notice: &NoticeId, channel: &str) -> OutgoingId {
    name_of(&[b"outgoing", notice, channel.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::{Channel, Kind, name_of};

    #[test]
    fn codes_are_read_back_and_names_differ() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::parse(kind.code()) == Some(kind)));
        assert!(Channel::ALL.into_iter().all(|channel| Channel::parse(channel.code()) == Some(channel)));
        assert_eq!(Kind::parse("all"), None);
        assert_ne!(name_of(&[b"ab", b"c"]), name_of(&[b"a", b"bc"]));
    }
}
