//! Trusted time stamps 可信时间戳 (RFC 3161): the request, what an answer must show to be kept, and whether a kept token holds.
//!
//! Stamped is SHA-256 of the county's signed note of the SHA-256 tree, whole, which names the root of the SM3 tree too: what
//! `openssl ts -verify -data NOTE` judges. Does not belong here: asking, keeping, what a certificate must be (`pinned.rs`).

mod asn1;
mod pinned;

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo};
use der::asn1::{Int, ObjectIdentifier, OctetString};
use der::{Any, Decode, Encode};
use ring::digest::{self, digest};
use rustls::pki_types::CertificateDer;

use self::asn1::{Imprint, Info, Request, Response, SigningCertificate, SigningCertificateV2};
pub use self::pinned::{Pinned, policy_of};
use super::ask::AHEAD_MAX;

/// Nobody sends a longer answer.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// Why an answer is no time stamp of this checkpoint. Each is one sentence without a full stop.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StampWrong {
    /// Not an answer of RFC 3161.
    #[error("不是时间戳答复，或者不完整、格式无法理解")]
    Format,
    /// The authority gave none.
    #[error("时间戳机构没有签发（状态 {code}{said}）")]
    Rejected {
        /// PKIStatus.
        code: u8,
        /// What it said, behind a comma; or nothing.
        said: String,
    },
    /// Of something else than a checkpoint that it was asked for.
    #[error("时间戳不是对所送的检查点签的")]
    Imprint,
    /// The answer to another request.
    #[error("时间戳是对另一次请求的答复（随机数不符），可能是重放")]
    Nonce,
    /// In the future.
    #[error("时间戳的时间在将来，请校准本机时间，并向时间戳机构核实")]
    Future,
    /// Before there was anything to stamp.
    #[error("时间戳的时间早于检查点的签署，请校准本机时间，并向时间戳机构核实")]
    Early,
    /// Under another policy than the registered one.
    #[error("时间戳的策略是 {0}，不是登记的策略")]
    Policy(String),
    /// The token does not name its certificate, or does not carry it.
    #[error("时间戳里没有所用的签名证书，或者没有写明是哪一张")]
    Certificate,
    /// The certificate is for something else.
    #[error("签名证书不是专用于时间戳的（扩展密钥用法应当只有 timeStamping，并标为关键）")]
    Purpose,
    /// The certificate was not valid at that time.
    #[error("签发时间不在签名证书的有效期内")]
    Expired,
    /// Not of the registered certificates.
    #[error("签名证书不是登记的证书，也不是登记的证书签发的")]
    Chain,
    /// The signature does not hold.
    #[error("时间戳的签名不对，内容被改动")]
    Signature,
    /// The registered certificates are none.
    #[error("{0}")]
    Pinned(String),
}

/// What was asked, and when there was something to ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked<'a> {
    /// The note, as it was stamped.
    pub note: &'a str,
    /// The nonce of the request.
    pub nonce: [u8; 8],
    /// When the checkpoint was sealed, milliseconds since 1970.
    pub sealed_ms: i64,
}

/// SHA-256 of what is stamped.
#[must_use]
pub fn imprint_of(note: &str) -> Vec<u8> {
    digest(&digest::SHA256, note.as_bytes()).as_ref().to_vec()
}

/// A number above zero of eight bytes, as ASN.1 writes it.
#[must_use]
pub fn nonce(random: [u8; 8]) -> [u8; 8] {
    let [first, rest @ ..] = random;
    let [b, c, d, e, f, g, h] = rest;
    [(first & 0x7f) | 0x40, b, c, d, e, f, g, h]
}

/// The request, DER, which is also the file for an authority without a network.
///
/// Errors: [`StampWrong::Format`] cannot happen with a [`nonce`].
pub fn request(note: &str, nonce: [u8; 8], pinned: &Pinned) -> Result<Vec<u8>, StampWrong> {
    let format = |_| StampWrong::Format;
    let algorithm = cms::cert::x509::spki::AlgorithmIdentifier { oid: SHA_256, parameters: Some(Any::null()) };
    let imprint = Imprint { algorithm, digest: OctetString::new(imprint_of(note)).map_err(format)? };
    let nonce = Some(Int::new(&nonce).map_err(format)?);
    let asked = Request { version: 1, imprint, policy: pinned.policy(), nonce, with_certificate: true };
    asked.to_der().map_err(format)
}

/// A token: what somebody says was there at a time. Read, not judged.
pub struct Token {
    der: Vec<u8>,
    signed: SignedData,
    content: Vec<u8>,
    info: Info,
}

impl Token {
    /// The token of an answer. Errors: [`StampWrong::Format`], [`StampWrong::Rejected`]: anything but "granted" as it was asked.
    pub fn of_answer(answer: &[u8]) -> Result<Self, StampWrong> {
        let answer = Response::from_der(answer).map_err(|_| StampWrong::Format)?;
        if answer.status.code != 0 {
            let text = answer.status.text.unwrap_or_default().join(" ");
            let said: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
            let said = if said.is_empty() { said } else { format!("，{said}") };
            return Err(StampWrong::Rejected { code: answer.status.code, said });
        }
        Self::read(&answer.token.ok_or(StampWrong::Format)?.to_der().map_err(|_| StampWrong::Format)?)
    }

    /// Reads a token. Errors: [`StampWrong::Format`].
    pub fn read(token: &[u8]) -> Result<Self, StampWrong> {
        let format = |_| StampWrong::Format;
        let outer = ContentInfo::from_der(token).map_err(format)?;
        if outer.content_type != SIGNED_DATA {
            return Err(StampWrong::Format);
        }
        let signed: SignedData = outer.content.decode_as().map_err(format)?;
        let inner = &signed.encap_content_info;
        let content: OctetString = inner.econtent.as_ref().ok_or(StampWrong::Format)?.decode_as().map_err(format)?;
        let content = content.into_bytes();
        let info = Info::from_der(&content).map_err(format)?;
        if inner.econtent_type != TST_INFO || info.is_strange() {
            return Err(StampWrong::Format);
        }
        Ok(Self { der: token.to_vec(), signed, content, info })
    }

    /// Its bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What it is of, if that is a SHA-256.
    #[must_use]
    pub fn imprint(&self) -> Option<&[u8]> {
        (self.info.imprint.algorithm.oid == SHA_256).then(|| self.info.imprint.digest.as_bytes())
    }

    /// Whether it answers the request with this nonce.
    #[must_use]
    pub fn has_nonce(&self, nonce: [u8; 8]) -> bool {
        Int::new(&nonce).is_ok_and(|nonce| self.info.nonce == Some(nonce))
    }

    /// Whether it is a token of this note that one of the certificates stands for; the time that it states, in milliseconds.
    pub fn judge(&self, note: &str, pinned: &Pinned) -> Result<i64, StampWrong> {
        if self.imprint() != Some(imprint_of(note).as_slice()) {
            return Err(StampWrong::Imprint);
        }
        let time_ms = self.info.time_ms().ok_or(StampWrong::Format)?;
        let [signer] = self.signed.signer_infos.0.as_slice() else { return Err(StampWrong::Format) };
        let signed = signed_bytes(signer, &self.content)?;
        let carried = self.certificates()?;
        let own = certificate_of(signer, &carried, pinned)?;
        pinned.accept(own, &carried, time_ms)?;
        pinned::verify(own, &signed, signer.signature.as_bytes())?;
        let policy = self.info.policy;
        if pinned.policy().is_some_and(|registered| registered != policy) {
            return Err(StampWrong::Policy(policy.to_string()));
        }
        Ok(time_ms)
    }

    /// Whether it is the answer to what was asked, and says a time that can be; that time.
    pub fn judge_answer(&self, asked: &Asked<'_>, pinned: &Pinned, now_ms: i64) -> Result<i64, StampWrong> {
        if self.imprint() != Some(imprint_of(asked.note).as_slice()) {
            return Err(StampWrong::Imprint);
        }
        if !self.has_nonce(asked.nonce) {
            return Err(StampWrong::Nonce);
        }
        let time_ms = self.judge(asked.note, pinned)?;
        if is_ahead(time_ms, now_ms) {
            return Err(StampWrong::Future);
        }
        if is_ahead(asked.sealed_ms, time_ms) {
            return Err(StampWrong::Early);
        }
        Ok(time_ms)
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, StampWrong> {
        let mut found = Vec::new();
        for choice in self.signed.certificates.iter().flat_map(|set| set.0.iter()) {
            if let CertificateChoices::Certificate(certificate) = choice {
                found.push(CertificateDer::from(certificate.to_der().map_err(|_| StampWrong::Format)?));
            }
        }
        Ok(found)
    }
}

/// Whether a time lies beyond another by more than clocks differ; both in milliseconds.
#[must_use]
pub fn is_ahead(time_ms: i64, of_ms: i64) -> bool {
    time_ms > of_ms.saturating_add(i64::try_from(AHEAD_MAX).unwrap_or(0) * 1_000)
}

fn attribute(signer: &SignerInfo, kind: ObjectIdentifier) -> Option<&Any> {
    let found = signer.signed_attrs.as_ref()?.iter().find(|attribute| attribute.oid == kind)?;
    found.values.get(0).filter(|_| found.values.len() == 1)
}

fn digest_by(algorithm: ObjectIdentifier, bytes: &[u8]) -> Option<Vec<u8>> {
    let algorithm = match algorithm {
        SHA_1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        SHA_256 => &digest::SHA256,
        SHA_384 => &digest::SHA384,
        SHA_512 => &digest::SHA512,
        _ => return None,
    };
    Some(digest(algorithm, bytes).as_ref().to_vec())
}

/// The attributes over which the signature stands, which themselves must be about the content.
fn signed_bytes(signer: &SignerInfo, content: &[u8]) -> Result<Vec<u8>, StampWrong> {
    let kind = attribute(signer, CONTENT_TYPE).and_then(|kind| kind.decode_as::<ObjectIdentifier>().ok());
    let said = attribute(signer, MESSAGE_DIGEST).and_then(|digest| digest.decode_as::<OctetString>().ok());
    let own = Some(signer.digest_alg.oid).filter(|oid| *oid != SHA_1).and_then(|oid| digest_by(oid, content));
    let own = own.ok_or(StampWrong::Format)?;
    if kind != Some(TST_INFO) || said.is_none_or(|said| said.as_bytes() != own) {
        return Err(StampWrong::Signature);
    }
    let attributes = signer.signed_attrs.as_ref().ok_or(StampWrong::Format)?;
    attributes.to_der().map_err(|_| StampWrong::Format)
}

/// The certificate that the token says it was signed with, among those that it carries and those that are known.
fn certificate_of<'c>(
    signer: &SignerInfo,
    carried: &'c [CertificateDer<'static>],
    pinned: &'c Pinned,
) -> Result<&'c CertificateDer<'static>, StampWrong> {
    let (algorithm, said) = named(signer).ok_or(StampWrong::Certificate)?;
    let is_it = |certificate: &&CertificateDer<'_>| digest_by(algorithm, certificate).is_some_and(|own| own == said);
    carried.iter().chain(pinned.certificates()).find(is_it).ok_or(StampWrong::Certificate)
}

/// By which hash a token names its certificate, and the hash. SHA-1 only names here: what is named must also have signed.
fn named(signer: &SignerInfo) -> Option<(ObjectIdentifier, Vec<u8>)> {
    if let Some(named) = attribute(signer, SIGNING_CERTIFICATE_V2) {
        let named: SigningCertificateV2 = named.decode_as().ok()?;
        let first = named.certificates.into_iter().next()?;
        return Some((first.algorithm.map_or(SHA_256, |algorithm| algorithm.oid), first.digest.into_bytes()));
    }
    let named: SigningCertificate = attribute(signer, SIGNING_CERTIFICATE)?.decode_as().ok()?;
    Some((SHA_1, named.certificates.into_iter().next()?.digest.into_bytes()))
}
