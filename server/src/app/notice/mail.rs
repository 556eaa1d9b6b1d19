//! To a mailbox, by the county's own mail server. Encrypted unless the server runs on this machine.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;

use super::message::{Letter, SendError};
use crate::app::outward::trusted;
use crate::config::ways::{Mail, MailTls};

/// For one step of the conversation.
const STEP_MAX: Duration = Duration::from_secs(10);
/// For all of it.
const EXCHANGE_MAX: Duration = Duration::from_secs(30);
/// Where a long address stops being one.
const ADDRESS_CHARS_MAX: usize = 100;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The way to the mail server; made when it is first used.
pub struct Mailer {
    roots: PathBuf,
    transport: OnceLock<Transport>,
}

/// Whether something is a mail address that we would send to.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.is_ascii() && text.len() <= ADDRESS_CHARS_MAX && text.contains('.') && text.parse::<Address>().is_ok()
}

impl Mailer {
    /// With the certificate authorities in a PEM file.
    #[must_use]
    pub fn new(roots: PathBuf) -> Self {
        Self { roots, transport: OnceLock::new() }
    }

    fn transport(&self, server: &Mail) -> Result<&Transport, SendError> {
        if let Some(made) = self.transport.get() {
            return Ok(made);
        }
        let tls = match server.tls {
            MailTls::Plain => Tls::None,
            MailTls::Implicit => Tls::Wrapper(self.tls(&server.host)?),
            MailTls::Required => Tls::Required(self.tls(&server.host)?),
        };
        let mut builder = Transport::builder_dangerous(server.host.as_str())
            .port(server.port)
            .tls(tls)
            .timeout(Some(STEP_MAX))
            .hello_name(ClientId::Domain("zhunsheng".to_owned()));
        if let Some((user, password)) = &server.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        Ok(self.transport.get_or_init(|| builder.build()))
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, SendError> {
        let wrong = |_| SendError::passing("邮件服务器的加密连接不能建立");
        let mut tls = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
        for authority in trusted(&self.roots).map_err(|wrong| SendError::passing(wrong.to_string()))? {
            tls = tls.add_root_certificate(Certificate::from_der(authority.to_vec()).map_err(wrong)?);
        }
        tls.build_rustls().map_err(wrong)
    }

    /// Sends one message.
    pub async fn send(&self, server: &Mail, to: &str, message: &Letter) -> Result<(), SendError> {
        let mail = letter(server, to, message)?;
        let sent = timeout(EXCHANGE_MAX, self.transport(server)?.send(mail)).await;
        let late = |_| SendError::passing("邮件服务器在限定时间内没有答复");
        // What the server says may repeat the address: only its number is kept.
        sent.map_err(late)?.map(|_| ()).map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => SendError::lasting(format!("邮件服务器不收：{code}")),
            Some(code) => SendError::passing(format!("邮件服务器暂时不收：{code}")),
            None if server.tls == MailTls::Plain => SendError::passing("连接不上邮件服务器"),
            // The library does not tell a refused certificate from a refused connection.
            None => SendError::passing("连接不上邮件服务器，或者它的加密连接、证书不被接受"),
        })
    }
}

fn letter(server: &Mail, to: &str, message: &Letter) -> Result<lettre::Message, SendError> {
    let from: Address = server.from.parse().map_err(|_| SendError::passing("发件地址不能使用"))?;
    let to: Address = to.parse().map_err(|_| SendError::lasting("邮件地址不能使用"))?;
    let sender = Mailbox::new(Some(format!("{}法治政府平台", message.county_name)), from.clone());
    let made = UNIX_EPOCH + Duration::from_secs(message.made.unsigned_abs());
    lettre::Message::builder()
        .from(sender)
        .to(Mailbox::new(None, to))
        .date(made)
        // The same when it is sent again: mail programs show it once.
        .message_id(Some(format!("<{}@{}>", message.id, from.domain())))
        .subject(message.subject.as_str())
        .header(ContentType::TEXT_PLAIN)
        .body(message.text.clone())
        .map_err(|_| SendError::lasting("邮件不能写成"))
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_that_carry_more_than_an_address_are_none() {
        assert!(is_address("wang.wei@example.gov.cn"));
        for wrong in [
            "",
            "wang",
            "wang@localhost",
            "王@example.cn",
            "a@b.cn, c@d.cn",
            "a@b.cn\r\nBcc: c@d.cn",
            "<a@b.cn>",
            "a b@c.cn",
        ] {
            assert!(!is_address(wrong), "{wrong:?}");
        }
    }
}
