//! The ways out of the house for notices: a program of the county, a mail server, a gateway for short messages.
//!
//! Secrets come from the environment and never show in logs. Does not belong here: who wants what by which way (`app/notice/choice.rs`).

use super::{ConfigFault, Passphrase, web_address};

/// What is configured; what is not is not offered.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// The county's program (`ZHUNSHENG_WEBHOOK_URL`, `ZHUNSHENG_WEBHOOK_KEY`).
    pub webhook: Option<Webhook>,
    /// The mail server (`ZHUNSHENG_SMTP`, `ZHUNSHENG_SMTP_FROM`, `ZHUNSHENG_SMTP_USER`, `ZHUNSHENG_SMTP_PASSWORD`).
    pub mail: Option<Mail>,
    /// The gateway (`ZHUNSHENG_SMS_URL`, `ZHUNSHENG_SMS_BODY`, `ZHUNSHENG_SMS_AUTHORIZATION`, `ZHUNSHENG_SMS_ACCEPTED`). None: in a
    /// demonstration the console, in a real county no short messages.
    pub sms: Option<SmsHttp>,
}

/// A program that takes notices.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where it listens.
    pub url: String,
    /// Key of the signature, known to both.
    pub key: Passphrase,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// From the first byte (465).
    Implicit,
    /// By STARTTLS, or not at all sent (587).
    Required,
    /// Not: only on this machine.
    Plain,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: MailTls,
    /// The sender's address.
    pub from: String,
    /// Login, if it asks for one.
    pub login: Option<(String, Passphrase)>,
}

/// A gateway that takes a request over HTTP for each message.
#[derive(Clone, Debug)]
pub struct SmsHttp {
    /// Where it listens.
    pub url: String,
    /// The body, with the places `{phone}`, `{text}` and `{id}`. JSON if it begins with a brace, else a form.
    /// Gateways take their account and password in it.
    pub body: Passphrase,
    /// The Authorization header, if it asks for one.
    pub authorization: Option<Passphrase>,
    /// What an answer must hold to mean yes; empty: any answer of the 200s.
    pub accepted: String,
}

/// A key shorter than this is guessed.
const KEY_CHARS_MIN: usize = 32;

impl Ways {
    /// From the environment.
    pub(super) fn from_lookup(lookup: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigFault> {
        Ok(Self { webhook: webhook(lookup)?, mail: mail(lookup)?, sms: sms(lookup)? })
    }
}

pub(super) fn filled(lookup: &impl Fn(&str) -> Option<String>, name: &'static str) -> Option<String> {
    lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

pub(super) fn address(
    lookup: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    expected: &'static str,
) -> Result<Option<String>, ConfigFault> {
    // Addresses with a password or a key in them are refused, and what is refused is not repeated.
    let hidden = || ConfigFault::Hidden { name, expected };
    let found = web_address(name, |name| filled(lookup, name).map(|value| (name, value)), expected);
    match found.map_err(|_| hidden())? {
        Some(url) if url.contains(['?', '#', '@']) => Err(hidden()),
        found => Ok(found),
    }
}

fn webhook(lookup: &impl Fn(&str) -> Option<String>) -> Result<Option<Webhook>, ConfigFault> {
    let expected = "网址，如 https://oa.example.gov.cn/notices，不带 ? 和 #";
    let Some(url) = address(lookup, "ZHUNSHENG_WEBHOOK_URL", expected)? else { return Ok(None) };
    let key = filled(lookup, "ZHUNSHENG_WEBHOOK_KEY").filter(|key| key.chars().count() >= KEY_CHARS_MIN);
    let wrong = || ConfigFault::Hidden {
        name: "ZHUNSHENG_WEBHOOK_KEY",
        expected: "至少32个字符的随机密钥，与接收方相同",
    };
    Ok(Some(Webhook { url, key: Passphrase::new(key.ok_or_else(wrong)?) }))
}

fn mail(lookup: &impl Fn(&str) -> Option<String>) -> Result<Option<Mail>, ConfigFault> {
    let Some(value) = filled(lookup, "ZHUNSHENG_SMTP") else { return Ok(None) };
    let expected = "smtps://主机:465、smtp://主机:587（用 STARTTLS），本机的可以是 smtp-plain://127.0.0.1:25；账号和密码写在 \
                    ZHUNSHENG_SMTP_USER 和 ZHUNSHENG_SMTP_PASSWORD";
    let (host, port, tls) = server_of(&value).ok_or(ConfigFault::Hidden { name: "ZHUNSHENG_SMTP", expected })?;
    let from = filled(lookup, "ZHUNSHENG_SMTP_FROM").filter(|from| from.contains('@'));
    let missing =
        || ConfigFault::Hidden { name: "ZHUNSHENG_SMTP_FROM", expected: "发件地址，如 fz@example.gov.cn" };
    let from = from.ok_or_else(missing)?;
    let password = filled(lookup, "ZHUNSHENG_SMTP_PASSWORD").unwrap_or_default();
    let login = filled(lookup, "ZHUNSHENG_SMTP_USER").map(|user| (user, Passphrase::new(password)));
    Ok(Some(Mail { host, port, tls, from, login }))
}

fn server_of(value: &str) -> Option<(String, u16, MailTls)> {
    let (scheme, rest) = value.split_once("://")?;
    let (host, port) = rest.trim_end_matches('/').rsplit_once(':')?;
    let tls = match scheme {
        "smtps" => MailTls::Implicit,
        "smtp" => MailTls::Required,
        "smtp-plain" if ["127.0.0.1", "[::1]", "localhost"].contains(&host) => MailTls::Plain,
        _ => return None,
    };
    let plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.[]:".contains(c));
    let port = port.parse().ok().filter(|port| *port > 0)?;
    plain.then(|| (host.to_owned(), port, tls))
}

fn sms(lookup: &impl Fn(&str) -> Option<String>) -> Result<Option<SmsHttp>, ConfigFault> {
    let expected = "短信平台的网址，如 https://sms.example.gov.cn/send，不带 ? 和 #";
    let Some(url) = address(lookup, "ZHUNSHENG_SMS_URL", expected)? else { return Ok(None) };
    let body = filled(lookup, "ZHUNSHENG_SMS_BODY").unwrap_or_default();
    if !(body.contains("{phone}") && body.contains("{text}")) {
        return Err(ConfigFault::Hidden {
            name: "ZHUNSHENG_SMS_BODY",
            expected: "含有 {phone} 和 {text} 的请求正文，如 {\"mobile\":\"{phone}\",\"content\":\"{text}\"}",
        });
    }
    let authorization = filled(lookup, "ZHUNSHENG_SMS_AUTHORIZATION").map(Passphrase::new);
    Ok(Some(SmsHttp {
        url,
        body: Passphrase::new(body),
        authorization,
        accepted: filled(lookup, "ZHUNSHENG_SMS_ACCEPTED").unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::{MailTls, Ways, server_of};

    fn ways(given: &[(&str, &str)]) -> Result<Ways, String> {
        let lookup = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Ways::from_lookup(&lookup).map_err(|fault| fault.to_string())
    }

    #[test]
    fn half_a_way_is_one_sentence_and_no_secret_is_repeated() {
        assert!(ways(&[]).unwrap().webhook.is_none());
        let url = ("ZHUNSHENG_WEBHOOK_URL", "https://oa.example.gov.cn/notices/");
        let short = ways(&[url, ("ZHUNSHENG_WEBHOOK_KEY", "秘密")]).unwrap_err();
        assert!(short.contains("至少32个字符") && !short.contains("秘密"), "{short}");
        let whole = ways(&[url, ("ZHUNSHENG_WEBHOOK_KEY", "0123456789abcdef0123456789abcdef")]).unwrap();
        assert!(!format!("{whole:?}").contains("0123456789abcdef"));
        assert_eq!(whole.webhook.unwrap().url, "https://oa.example.gov.cn/notices");
        for wrong in ["oa.example.gov.cn", "https://oa.example.gov.cn/?key=1", "https://a@b.cn/"] {
            assert!(ways(&[("ZHUNSHENG_WEBHOOK_URL", wrong)]).is_err(), "{wrong}");
        }
        let sms = ("ZHUNSHENG_SMS_URL", "https://sms.example.gov.cn/send");
        let secret = "geheim";
        for given in [
            &[("ZHUNSHENG_WEBHOOK_URL", "https://oa.example.gov.cn/?key=geheim")][..],
            &[("ZHUNSHENG_WEBHOOK_URL", "oa.example.gov.cn/?key=geheim")],
            &[("ZHUNSHENG_SMS_URL", "https://u:geheim@sms.example.gov.cn/send")],
            &[sms, ("ZHUNSHENG_SMS_BODY", "account=a&password=geheim&mobile={phone}")],
            &[("ZHUNSHENG_SMTP", "smtp://user:geheim@mail.example.gov.cn:587")],
            &[("ZHUNSHENG_SMTP", "smtps://mail.example.gov.cn:465"), ("ZHUNSHENG_SMTP_FROM", "geheim")],
        ] {
            let (name, _) = given.last().unwrap();
            let said = ways(given).unwrap_err();
            assert!(said.contains(name) && said.contains("应为") && !said.contains(secret), "{said}");
        }
        let body = "account=a&password=geheim&mobile={phone}&content={text}";
        let whole = ways(&[sms, ("ZHUNSHENG_SMS_BODY", body)]).unwrap();
        assert!(!format!("{whole:?}").contains(secret), "{whole:?}");
        assert_eq!(whole.sms.unwrap().body.reveal(), body);
        assert!(ways(&[("ZHUNSHENG_SMTP", "smtps://mail.example.gov.cn:465")]).unwrap_err().contains("SMTP_FROM"));
        assert!(ways(&[("ZHUNSHENG_SMS_URL", "https://sms.example.gov.cn/send")]).unwrap_err().contains("SMS_BODY"));
    }

    #[test]
    fn mail_without_encryption_stays_on_this_machine() {
        assert_eq!(server_of("smtps://m.cn:465"), Some(("m.cn".to_owned(), 465, MailTls::Implicit)));
        assert_eq!(server_of("smtp://m.cn:587").unwrap().2, MailTls::Required);
        assert_eq!(server_of("smtp-plain://127.0.0.1:25").unwrap().2, MailTls::Plain);
        for wrong in ["smtp-plain://m.cn:25", "smtp://m.cn", "http://m.cn:25", "smtp://u:p@m.cn:25", "smtps://:465"] {
            assert_eq!(server_of(wrong), None, "{wrong}");
        }
    }
}
