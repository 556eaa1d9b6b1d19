//! The ASN.1 of RFC 3161, word for word as far as we ask and read. CMS and certificates are RustCrypto's; these few structures are
//! our own, because genTime may have a fraction of a second, which `x509-tsp` does not read (docs/decisions/0019).

use cms::cert::x509::ext::Extensions;
use cms::cert::x509::spki::AlgorithmIdentifierOwned;
use cms::content_info::ContentInfo;
use der::asn1::{BitString, Int, ObjectIdentifier, OctetString};
use der::{Any, Sequence, Tag, Tagged};
use jiff::civil::DateTime;

/// MessageImprint.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct Imprint {
    pub(super) algorithm: AlgorithmIdentifierOwned,
    pub(super) digest: OctetString,
}

/// TimeStampReq.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct Request {
    pub(super) version: u8,
    pub(super) imprint: Imprint,
    #[asn1(optional = "true")]
    pub(super) policy: Option<ObjectIdentifier>,
    #[asn1(optional = "true")]
    pub(super) nonce: Option<Int>,
    #[asn1(default = "Default::default")]
    pub(super) with_certificate: bool,
}

/// TimeStampResp.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct Response {
    pub(super) status: Status,
    #[asn1(optional = "true")]
    pub(super) token: Option<ContentInfo>,
}

/// PKIStatusInfo.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct Status {
    pub(super) code: u8,
    #[asn1(optional = "true")]
    pub(super) text: Option<Vec<String>>,
    #[asn1(optional = "true")]
    pub(super) failure: Option<BitString>,
}

/// TSTInfo.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct Info {
    pub(super) version: u8,
    pub(super) policy: ObjectIdentifier,
    pub(super) imprint: Imprint,
    pub(super) serial: Int,
    time: Any,
    #[asn1(optional = "true")]
    accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    ordering: bool,
    #[asn1(optional = "true")]
    pub(super) nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    authority: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

/// Accuracy.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
struct Accuracy {
    #[asn1(optional = "true")]
    seconds: Option<u64>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    micros: Option<u16>,
}

impl Info {
    /// genTime in milliseconds since 1970: `YYYYMMDDhhmmss[.f…]Z`. None if it is no time.
    pub(super) fn time_ms(&self) -> Option<i64> {
        let text = (self.time.tag() == Tag::GeneralizedTime).then(|| std::str::from_utf8(self.time.value()))?.ok()?;
        let (whole, fraction) = text.strip_suffix('Z').map(|text| text.split_once('.').unwrap_or((text, "0")))?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() != 14 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let at = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(at.timestamp().as_millisecond() + millis)
    }

    /// Whether it has an extension that must be understood: none is.
    pub(super) fn is_strange(&self) -> bool {
        self.version != 1 || self.extensions.iter().flatten().any(|extension| extension.critical)
    }
}

/// SigningCertificate (RFC 2634): with which certificate a token was signed, by SHA-1.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct SigningCertificate {
    pub(super) certificates: Vec<NamedBySha1>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// SigningCertificateV2 (RFC 5035).
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct SigningCertificateV2 {
    pub(super) certificates: Vec<Named>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// ESSCertID: SHA-1.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct NamedBySha1 {
    pub(super) digest: OctetString,
    #[asn1(optional = "true")]
    issuer: Option<Any>,
}

/// ESSCertIDv2: SHA-256 unless another is named.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub(super) struct Named {
    #[asn1(optional = "true")]
    pub(super) algorithm: Option<AlgorithmIdentifierOwned>,
    pub(super) digest: OctetString,
    #[asn1(optional = "true")]
    issuer: Option<Any>,
}
