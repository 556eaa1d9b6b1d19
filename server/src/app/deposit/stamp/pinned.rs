//! The certificates by which tokens are judged, as they were registered: of the authority itself, or of who issued it.
//!
//! webpki judges chains and ring signatures: RSA and the NIST curves. A chain of SM2 is not judged (docs/decisions/0019). Revocation is
//! not looked up: a registered certificate that is no longer trusted is ended in the register.

use std::time::Duration;

use cms::cert::x509::Certificate;
use cms::cert::x509::ext::pkix::{BasicConstraints, ExtendedKeyUsage};
use der::Decode;
use der::asn1::ObjectIdentifier;
use ring::digest::{SHA256, digest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::StampWrong;

/// id-kp-timeStamping.
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// The same, as it stands in a certificate.
const TIME_STAMPING_BYTES: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
/// Nobody registers more.
const CERTIFICATES_MAX: usize = 8;

/// Registered certificates, and the policy if one was agreed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pinned {
    certificates: Vec<CertificateDer<'static>>,
    policy: Option<ObjectIdentifier>,
    name: String,
}

fn algorithms() -> &'static [&'static dyn SignatureVerificationAlgorithm] {
    rustls::crypto::ring::default_provider().signature_verification_algorithms.all
}

/// Whether it may sign time stamps, and nothing else (RFC 3161 §2.3).
fn is_for_stamps(certificate: &Certificate) -> bool {
    let usage = certificate.tbs_certificate.get::<ExtendedKeyUsage>();
    matches!(usage, Ok(Some((true, ExtendedKeyUsage(kinds)))) if kinds == [TIME_STAMPING])
}

/// A policy as typed. Errors: [`StampWrong::Pinned`].
pub fn policy_of(text: &str) -> Result<ObjectIdentifier, StampWrong> {
    let wrong = |_| StampWrong::Pinned("应为时间戳机构公布的对象标识符，如 1.2.3.4.1".to_owned());
    ObjectIdentifier::new(text.trim()).map_err(wrong)
}

fn is_issuer(certificate: &Certificate) -> bool {
    matches!(certificate.tbs_certificate.get::<BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca)
}

impl Pinned {
    /// Reads registered certificates (PEM, one or more) and a policy (an object identifier, or nothing).
    ///
    /// Errors: [`StampWrong::Pinned`], which says what should stand there.
    pub fn parse(pem: &str, policy: &str) -> Result<Self, StampWrong> {
        let wrong = |sentence: &str| StampWrong::Pinned(sentence.to_owned());
        if pem.contains("PRIVATE KEY") {
            return Err(wrong("里面有私钥：私钥不能交给任何人，只填证书"));
        }
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let certificates = read.ok().filter(|read| (1..=CERTIFICATES_MAX).contains(&read.len()));
        let certificates = certificates.ok_or_else(|| {
            wrong("应为 PEM 格式的证书，连同 -----BEGIN CERTIFICATE----- 和 -----END CERTIFICATE----- 两行，逐行照抄")
        })?;
        let mut name = None;
        for der in &certificates {
            let unreadable = || wrong("其中有一张证书无法理解，请重新向时间戳机构索取");
            let certificate = Certificate::from_der(der).map_err(|_| unreadable())?;
            anchor_from_trusted_cert(der).map_err(|_| unreadable())?;
            if !is_issuer(&certificate) && !is_for_stamps(&certificate) {
                return Err(wrong("其中有一张证书既不能签发证书，也不是专用于时间戳的，不是时间戳机构的证书"));
            }
            name.get_or_insert_with(|| certificate.tbs_certificate.subject.to_string());
        }
        let policy = Some(policy.trim()).filter(|policy| !policy.is_empty()).map(policy_of).transpose()?;
        Ok(Self { certificates, policy, name: name.unwrap_or_default() })
    }

    /// The subject of the first one.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The agreed policy.
    #[must_use]
    pub fn policy(&self) -> Option<ObjectIdentifier> {
        self.policy
    }

    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// SHA-256 of each certificate as `openssl x509 -fingerprint` prints it: people compare it by eye.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<String> {
        let hex = |der: &CertificateDer<'_>| {
            let bytes: Vec<String> = digest(&SHA256, der).as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
            bytes.join(":")
        };
        self.certificates.iter().map(hex).collect()
    }

    /// Whether a certificate is one of these, or was issued below one of these, and could sign a time stamp at that time.
    pub(super) fn accept(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        time_ms: i64,
    ) -> Result<(), StampWrong> {
        let certificate = Certificate::from_der(own).map_err(|_| StampWrong::Certificate)?;
        let at = Duration::from_millis(u64::try_from(time_ms).map_err(|_| StampWrong::Format)?);
        let known = self.certificates.iter().any(|pinned| pinned.as_ref() == own.as_ref());
        if !known {
            self.lead_to(own, others, at)?;
        }
        if !is_for_stamps(&certificate) {
            return Err(StampWrong::Purpose);
        }
        let valid = &certificate.tbs_certificate.validity;
        let (from, until) = (valid.not_before.to_unix_duration(), valid.not_after.to_unix_duration());
        if (from..=until).contains(&Duration::from_secs(at.as_secs())) { Ok(()) } else { Err(StampWrong::Expired) }
    }

    /// A chain to one of these that issues certificates; an authority's own stands for itself only.
    fn lead_to(&self, own: &CertificateDer<'_>, others: &[CertificateDer<'_>], at: Duration) -> Result<(), StampWrong> {
        let issues = |der: &&CertificateDer<'_>| Certificate::from_der(der).is_ok_and(|read| is_issuer(&read));
        let issuers = self.certificates.iter().filter(issues);
        let anchors: Result<Vec<_>, _> = issuers.map(anchor_from_trusted_cert).collect();
        let anchors = anchors.map_err(|_| StampWrong::Chain)?;
        let entity = EndEntityCert::try_from(own).map_err(|_| StampWrong::Certificate)?;
        let usage = KeyUsage::required_if_present(TIME_STAMPING_BYTES);
        let time = UnixTime::since_unix_epoch(at);
        let led = entity.verify_for_usage(algorithms(), &anchors, others, time, usage, None, None);
        led.map(|_| ()).map_err(|wrong| match wrong {
            webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => StampWrong::Expired,
            webpki::Error::RequiredEkuNotFoundContext(_) => StampWrong::Purpose,
            _ => StampWrong::Chain,
        })
    }
}

/// Whether the certificate's key signed these bytes.
pub(super) fn verify(own: &CertificateDer<'_>, signed: &[u8], signature: &[u8]) -> Result<(), StampWrong> {
    let entity = EndEntityCert::try_from(own).map_err(|_| StampWrong::Certificate)?;
    let holds = algorithms().iter().any(|algorithm| entity.verify_signature(*algorithm, signed, signature).is_ok());
    if holds { Ok(()) } else { Err(StampWrong::Signature) }
}
