//! The unified login of a superior platform (统一身份认证), through which citizens may come in: OAuth 2.0 by code, with PKCE.
//!
//! Does not belong here: what is asked of it, and when (`app/citizen/unified.rs`).

use super::ways::{address, filled};
use super::{ConfigFault, Passphrase};

/// The claim that holds the mobile number, unless said otherwise (OpenID Connect Core §5.1).
const PHONE: &str = "phone_number";

/// The claim that says that it is verified, unless said otherwise.
const VERIFIED: &str = "phone_number_verified";

/// Where citizens may come in, if it is configured.
#[derive(Clone, Debug)]
pub struct UnifiedLogin {
    /// What people call it (`ZHUNSHENG_LOGIN_TITLE`), such as 辽宁政务服务网.
    pub title: String,
    /// Where browsers are sent (`ZHUNSHENG_LOGIN_URL`).
    pub authorize: String,
    /// Where a code is exchanged (`ZHUNSHENG_LOGIN_TOKEN_URL`).
    pub token: String,
    /// Where the person is told (`ZHUNSHENG_LOGIN_PERSON_URL`).
    pub person: String,
    /// By what the platform knows the county (`ZHUNSHENG_LOGIN_CLIENT`).
    pub client: String,
    /// And believes it (`ZHUNSHENG_LOGIN_SECRET`).
    pub secret: Passphrase,
    /// Which claim holds the mobile number (`ZHUNSHENG_LOGIN_PHONE`).
    pub phone: String,
    /// Which claim says that the platform has verified it (`ZHUNSHENG_LOGIN_VERIFIED`); none: the county has it from the operator that the
    /// platform gives out verified numbers only (`none`).
    pub verified: Option<String>,
    /// What is asked for (`ZHUNSHENG_LOGIN_SCOPE`).
    pub scope: String,
    /// Where the platform sends browsers back: the county's public address and the page.
    pub back: String,
}

/// The page to which the platform sends people back.
pub const BACK: &str = "/me/unified/back";

/// From the environment; `public_url` is where browsers come back to.
pub(super) fn from_lookup(
    lookup: &impl Fn(&str) -> Option<String>,
    public_url: Option<&String>,
) -> Result<Option<UnifiedLogin>, ConfigFault> {
    let expected = "统一身份认证平台的网址，如 https://login.example.gov.cn/oauth2/authorize，不带 ? 和 #";
    let address = |name, expected| match address(lookup, name, expected)? {
        Some(url) if !is_protected(&url) => Err(ConfigFault::Hidden {
            name,
            expected: "https:// 开头的网址：密钥和手机号不能明文传送",
        }),
        found => Ok(found),
    };
    let Some(authorize) = address("ZHUNSHENG_LOGIN_URL", expected)? else { return Ok(None) };
    let needed = |name, expected| address(name, expected)?.ok_or(ConfigFault::Hidden { name, expected });
    let token = needed("ZHUNSHENG_LOGIN_TOKEN_URL", "换取令牌的网址")?;
    let person = needed("ZHUNSHENG_LOGIN_PERSON_URL", "取用户信息的网址")?;
    let text = |name: &'static str, expected| filled(lookup, name).ok_or(ConfigFault::Hidden { name, expected });
    let client = text("ZHUNSHENG_LOGIN_CLIENT", "平台发给本县的应用编号")?;
    let secret = Passphrase::new(text("ZHUNSHENG_LOGIN_SECRET", "平台发给本县的应用密钥")?);
    let back = public_url.ok_or(ConfigFault::Hidden {
        name: "ZHUNSHENG_PUBLIC_URL",
        expected: "群众打开本站的网址：接入统一身份认证时必须设置，登录后回到这里",
    })?;
    Ok(Some(UnifiedLogin {
        title: filled(lookup, "ZHUNSHENG_LOGIN_TITLE").unwrap_or_else(|| "统一身份认证".to_owned()),
        authorize,
        token,
        person,
        client,
        secret,
        phone: filled(lookup, "ZHUNSHENG_LOGIN_PHONE").unwrap_or_else(|| PHONE.to_owned()),
        verified: match filled(lookup, "ZHUNSHENG_LOGIN_VERIFIED") {
            Some(said) if said == "none" => None,
            said => Some(said.unwrap_or_else(|| VERIFIED.to_owned())),
        },
        scope: filled(lookup, "ZHUNSHENG_LOGIN_SCOPE").unwrap_or_else(|| "openid phone".to_owned()),
        back: format!("{back}{BACK}"),
    }))
}

/// Encrypted, or on this machine.
fn is_protected(url: &str) -> bool {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    host.is_none_or(|host| ["127.0.0.1", "localhost"].contains(&host))
}
