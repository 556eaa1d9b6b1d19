//! How this process is to run: the only reader of the environment. Commands may override what their options name.
//!
//! Does not belong here: anything that is a fact of the county (those are settings in the database).

pub mod login;
pub mod portals;
pub mod ways;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use axum::http::uri::Authority;

use crate::store::{Address, AddressFault, Home};

/// The configuration of a process.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept (`ZHUNSHENG_DATA`, `--data`).
    pub data_dir: PathBuf,
    /// The PostgreSQL database beside it (`ZHUNSHENG_DATABASE`, `--database`); none: a SQLite file in the folder.
    pub database: Option<Address>,
    /// Which county, where a database holds several (`ZHUNSHENG_COUNTY`).
    pub county: Option<String>,
    /// Where to listen (`ZHUNSHENG_ADDRESS`); loopback unless said otherwise.
    pub address: IpAddr,
    /// Port (`ZHUNSHENG_PORT`, `--port`).
    pub port: u16,
    /// Where other processes of the county reach this one (`ZHUNSHENG_PEER_URL`, without a slash at its end), where several serve it on
    /// one database; left out: where it listens.
    pub peer_url: Option<String>,
    /// Visitors come by HTTPS, ended by a proxy in front (`ZHUNSHENG_HTTPS=1`): `__Host-` cookies and HSTS.
    pub https: bool,
    /// Where people find the site (`ZHUNSHENG_PUBLIC_URL`, without a slash at its end): what QR codes on paper hold. Left out:
    /// as the browser called it that prints.
    pub public_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed (`ZHUNSHENG_TRUSTED_PROXY`, comma separated, with or without /bits).
    pub trusted_proxy: Vec<Network>,
    /// Open connections at most (`ZHUNSHENG_CONNECTIONS`).
    pub connections_max: usize,
    /// Open connections of one address at most; trusted proxies are not counted.
    pub connections_per_address_max: usize,
    /// Which log lines (`ZHUNSHENG_LOG`), as tracing-subscriber reads it.
    pub log: String,
    /// Certificate authorities of services that are asked by HTTPS, PEM (`ZHUNSHENG_CA`).
    pub roots: PathBuf,
    /// Where the largest checkpoint deposited is kept beside the database (`ZHUNSHENG_DEPOSITED`); `keys/deposited` in the data
    /// folder unless said otherwise. On another disk it also shows an old copy of the whole folder.
    pub deposited: Option<PathBuf>,
    /// Why a record that is older than what was deposited is opened all the same (`--accept-rollback`).
    pub accept_rollback: Option<String>,
    /// What the credit platform has given the county to be known by (`ZHUNSHENG_CREDIT_TOKEN`).
    pub credit_token: Option<Passphrase>,
    /// The one host, with its port if it is not the usual one, that reports and that token may go to (`ZHUNSHENG_CREDIT_HOST`). None:
    /// nothing is handed over, whatever address is registered.
    pub credit_host: Option<Authority>,
    /// Passphrase of backups (`ZHUNSHENG_PASSPHRASE`), where no person can be asked.
    pub passphrase: Option<Passphrase>,
    /// The ways by which notices leave the house.
    pub ways: ways::Ways,
    /// The unified login through which citizens may come in beside the code by short message.
    pub login: Option<login::UnifiedLogin>,
    /// After so many days without coming in, a citizen shows anew what is theirs: the number may be somebody else's by then
    /// (`ZHUNSHENG_CITIZEN_DAYS`; 0: each time). How long carriers keep a number before they give it away is not known for certain.
    pub citizen_days: i64,
    /// Sites that may show our public pages in theirs.
    pub portals: Vec<String>,
}

/// Days after which a citizen shows anew what is theirs, unless said otherwise; and at most.
const CITIZEN_DAYS: i64 = 30;
const CITIZEN_DAYS_MAX: i64 = 90;

/// A host with or without a port; left out or empty: none.
fn host(name: &'static str, lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Authority>, ConfigFault> {
    let Some(value) = lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match value.parse::<Authority>() {
        // A port that is none would else pass for the usual one.
        Ok(host)
            if !value.contains('@')
                && !host.host().is_empty()
                && host.port_u16().is_some() == (host.as_str() != host.host()) =>
        {
            Ok(Some(host))
        }
        _ => Err(ConfigFault::Variable {
            name, value, expected: "主机名，可以带端口，如 credit.example.gov.cn"
        }),
    }
}

/// A passphrase that never shows in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(String);

impl Passphrase {
    /// As typed.
    #[must_use]
    pub fn new(typed: String) -> Self {
        Self(typed)
    }
    /// Its text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// A setting that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// A variable.
    #[error("环境变量 {name} 的值“{value}”无法理解，应为{expected}。")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What was expected, in Chinese.
        expected: &'static str,
    },
    /// A variable that may hold a secret: what it holds is not repeated, neither here nor in the log of a start.
    #[error("环境变量 {name} 的值无法理解，应为{expected}。值里可能有密码，这里不显示。")]
    Hidden {
        /// The variable.
        name: &'static str,
        /// What was expected, in Chinese.
        expected: &'static str,
    },
    /// The address of the database, which is not repeated: it may hold a password.
    #[error("环境变量 ZHUNSHENG_DATABASE：{0}")]
    Database(#[from] AddressFault),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            database: None,
            county: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8826,
            peer_url: None,
            https: false,
            public_url: None,
            trusted_proxy: Vec::new(),
            connections_max: 2_048,
            connections_per_address_max: 128,
            log: "info".to_owned(),
            roots: PathBuf::from("/etc/ssl/certs/ca-certificates.crt"),
            deposited: None,
            accept_rollback: None,
            credit_token: None,
            credit_host: None,
            passphrase: None,
            ways: ways::Ways::default(),
            login: None,
            citizen_days: CITIZEN_DAYS,
            portals: Vec::new(),
        }
    }
}

impl Config {
    /// The defaults, overridden by the environment.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_environment() -> Result<Self, ConfigFault> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The defaults, overridden by what `lookup` knows.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigFault> {
        let mut config = Self::default();
        if let Some(dir) = lookup("ZHUNSHENG_DATA") {
            config.data_dir = PathBuf::from(dir);
        }
        if let Some(address) = lookup("ZHUNSHENG_DATABASE").filter(|address| !address.is_empty()) {
            config.database = Some(address.parse()?);
        }
        config.county = lookup("ZHUNSHENG_COUNTY").filter(|code| !code.is_empty());
        if let Some(roots) = lookup("ZHUNSHENG_CA") {
            config.roots = PathBuf::from(roots);
        }
        config.deposited = lookup("ZHUNSHENG_DEPOSITED").map(PathBuf::from);
        if let Some(log) = lookup("ZHUNSHENG_LOG") {
            config.log = log;
        }
        config.credit_token = lookup("ZHUNSHENG_CREDIT_TOKEN").filter(|typed| !typed.is_empty()).map(Passphrase::new);
        config.credit_host = host("ZHUNSHENG_CREDIT_HOST", &lookup)?;
        config.passphrase = lookup("ZHUNSHENG_PASSPHRASE").filter(|typed| !typed.is_empty()).map(Passphrase::new);
        config.ways = ways::Ways::from_lookup(&lookup)?;
        let read = |name: &'static str| lookup(name).map(|value| (name, value.trim().to_owned()));
        if let Some((name, value)) = read("ZHUNSHENG_ADDRESS") {
            config.address =
                value
                    .parse()
                    .map_err(|_| ConfigFault::Variable { name, value, expected: "IP 地址，如 127.0.0.1" })?;
        }
        if let Some((name, value)) = read("ZHUNSHENG_PORT") {
            config.port =
                value
                    .parse()
                    .map_err(|_| ConfigFault::Variable { name, value, expected: "0 至 65535 的端口号" })?;
        }
        if let Some((name, value)) = read("ZHUNSHENG_CONNECTIONS") {
            config.connections_max =
                value.parse().map_err(|_| ConfigFault::Variable { name, value, expected: "正整数" })?;
        }
        if let Some((name, value)) = read("ZHUNSHENG_HTTPS") {
            config.https = match value.as_str() {
                "1" => true,
                "0" | "" => false,
                _ => {
                    return Err(ConfigFault::Variable { name, value, expected: "1 或 0" });
                }
            };
        }
        if let Some((name, value)) = read("ZHUNSHENG_CITIZEN_DAYS") {
            let days = value.parse().ok().filter(|days| (0..=CITIZEN_DAYS_MAX).contains(days));
            config.citizen_days = days.ok_or(ConfigFault::Variable { name, value, expected: "0 至 90 的天数" })?;
        }
        config.public_url = web_address("ZHUNSHENG_PUBLIC_URL", read, "网址，如 https://fz.example.gov.cn")?;
        config.portals = portals::from_lookup(&lookup)?;
        config.login = login::from_lookup(&lookup, config.public_url.as_ref())?;
        config.peer_url = web_address("ZHUNSHENG_PEER_URL", read, "网址，如 http://10.0.0.7:8826")?;
        if config.peer_url.as_ref().is_some_and(|url| !url.starts_with("http://")) {
            return Err(ConfigFault::Variable {
                name: "ZHUNSHENG_PEER_URL",
                value: config.peer_url.unwrap_or_default(),
                expected: "http:// 开头的网址：进程之间走内部网络，不加密",
            });
        }
        if let Some((name, value)) = read("ZHUNSHENG_TRUSTED_PROXY") {
            let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
            config.trusted_proxy = parts.map(Network::parse).collect::<Option<_>>().ok_or(ConfigFault::Variable {
                name,
                value,
                expected: "逗号分隔的 IP 地址或网段，如 10.0.0.0/8",
            })?;
        }
        Ok(config)
    }

    /// The name by which this process is told from others that serve the same county; the same after a restart.
    #[must_use]
    pub fn process_name(&self) -> String {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        // A port that the system chooses tells nobody apart.
        let pid = if self.port == 0 { format!("，进程号 {}", std::process::id()) } else { String::new() };
        format!("{} {}:{}{pid}", host.trim(), self.address, self.port)
    }

    /// Where the county lives.
    #[must_use]
    pub fn home(&self) -> Home {
        Home { data: self.data_dir.clone(), database: self.database.clone(), county: self.county.clone() }
    }

    /// Whether X-Forwarded-For from this peer is believed.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxy.iter().any(|network| network.contains(peer))
    }
}

/// An address of a site, without a slash at its end.
fn web_address(
    name: &'static str,
    read: impl Fn(&'static str) -> Option<(&'static str, String)>,
    expected: &'static str,
) -> Result<Option<String>, ConfigFault> {
    let Some((name, value)) = read(name).filter(|(_, value)| !value.is_empty()) else { return Ok(None) };
    let is_address = value.starts_with("https://") || value.starts_with("http://");
    if !is_address || value.chars().any(char::is_whitespace) || value.len() > 100 {
        return Err(ConfigFault::Variable { name, value, expected });
    }
    Ok(Some(value.trim_end_matches('/').to_owned()))
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    bits: u32,
}

impl Network {
    /// `10.0.0.0/8`, `::1`, `192.168.1.4`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        (bits <= width).then(|| Self { base: number(address), bits: bits + 128 - width })
    }

    /// Whether the address lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = 128 - self.bits;
        let cut = |number: u128| number.checked_shr(shift).unwrap_or(0);
        cut(number(address)) == cut(self.base)
    }
}

/// IPv4 is compared as the IPv6 address it maps to.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Network};

    #[test]
    fn networks_contain_their_addresses() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.200.3.4", "11.0.0.1"),
            ("192.168.1.4", "192.168.1.4", "192.168.1.5"),
            ("::1", "::1", "::2"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
        ] {
            let parsed = Network::parse(network).unwrap();
            assert!(parsed.contains(inside.parse().unwrap()), "{network} {inside}");
            assert!(!parsed.contains(outside.parse().unwrap()), "{network} {outside}");
        }
        assert!(Network::parse("10.0.0.0/33").is_none());
        assert!(Network::parse("nowhere").is_none());
    }

    #[test]
    fn a_wrong_variable_is_one_sentence() {
        let fault = Config::from_lookup(|name| (name == "ZHUNSHENG_PORT").then(|| "八千".to_owned())).unwrap_err();
        assert_eq!(fault.to_string(), "环境变量 ZHUNSHENG_PORT 的值“八千”无法理解，应为0 至 65535 的端口号。");
    }

    #[test]
    fn a_host_is_no_address() {
        let read =
            |value: &str| Config::from_lookup(|name| (name == "ZHUNSHENG_CREDIT_HOST").then(|| value.to_owned()));
        assert_eq!(read("credit.example.gov.cn:8443").unwrap().credit_host.unwrap().port_u16(), Some(8443));
        assert!(read(" ").unwrap().credit_host.is_none() && Config::default().credit_host.is_none());
        for wrong in
            ["https://credit.example.gov.cn", "credit.example.gov.cn/in", "a@credit.example.gov.cn", "h:99999", "两 台"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
