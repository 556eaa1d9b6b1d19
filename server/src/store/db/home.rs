//! Where a county lives: its data folder, and its database if that is not a file in the folder.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};

/// A data folder and, if one is set, the PostgreSQL database beside it.
#[derive(Clone, Debug)]
pub struct Home {
    /// Keys, evidence files and, without an address, the SQLite file.
    pub data: PathBuf,
    /// The database server.
    pub database: Option<Address>,
    /// Which county, where a database holds several.
    pub county: Option<String>,
}

impl Home {
    /// The SQLite file of the folder, whether or not it is used.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        super::Db::file_in(&self.data)
    }
}

/// A folder alone, with its SQLite file.
impl From<&Path> for Home {
    fn from(data: &Path) -> Self {
        Self { data: data.to_owned(), database: None, county: None }
    }
}

impl From<&PathBuf> for Home {
    fn from(data: &PathBuf) -> Self {
        data.as_path().into()
    }
}

impl From<&Home> for Home {
    fn from(home: &Home) -> Self {
        home.clone()
    }
}

impl std::fmt::Display for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.database {
            None => write!(f, "{}", self.data.display()),
            Some(address) => write!(f, "{}（数据库 {address}）", self.data.display()),
        }
    }
}

/// The address of a PostgreSQL database. Shown without its password.
#[derive(Clone)]
pub struct Address {
    config: Config,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Not the address of a PostgreSQL database.
    #[error("数据库地址无法理解，应如 postgres://zhunsheng@/zhunsheng?host=/run/postgresql。")]
    Unreadable,
    /// No database is named.
    #[error("数据库地址没有写明库名，应如 postgres://zhunsheng@/zhunsheng?host=/run/postgresql。")]
    NoDatabase,
    /// It would cross a network in the clear.
    #[error(
        "数据库 {host} 不在本机，而本程序与数据库之间不加密。请用本机的 Unix 套接字或回环地址，或者在两端之间架设加密通道；\
         如果这段网络另有保护，在地址末尾写明 sslmode=disable。"
    )]
    InTheClear {
        /// Where it would go.
        host: String,
    },
    /// It asks for TLS.
    #[error("本程序不直接与数据库建立 TLS 连接（sslmode=require）。请经本机的加密通道连接，并写明 sslmode=disable。")]
    NoTls,
}

impl FromStr for Address {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(AddressFault::Unreadable);
        }
        let mut config: Config = text.parse().map_err(|_| AddressFault::Unreadable)?;
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(AddressFault::NoDatabase);
        }
        match config.get_ssl_mode() {
            SslMode::Disable => {}
            SslMode::Prefer => {
                if let Some(host) = config.get_hosts().iter().find_map(far) {
                    return Err(AddressFault::InTheClear { host });
                }
            }
            _ => return Err(AddressFault::NoTls),
        }
        config.ssl_mode(SslMode::Disable).application_name("zhunsheng");
        // No decision reads from a replica: it may see commits in another order.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(5));
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(std::time::Duration::from_secs(15));
        }
        Ok(Self { config })
    }
}

/// The name of a host that is reached over a network.
fn far(host: &Host) -> Option<String> {
    match host {
        Host::Unix(_) => None,
        Host::Tcp(name) => {
            let loopback =
                name.parse::<std::net::IpAddr>().map_or(name == "localhost", |address| address.is_loopback());
            (!loopback).then(|| name.clone())
        }
    }
}

impl Address {
    pub(super) fn config(&self) -> &Config {
        &self.config
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            })
            .collect();
        write!(f, "{}@{}", self.config.get_dbname().unwrap_or_default(), hosts.join(","))
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressFault};

    #[test]
    fn an_address_never_crosses_a_network_in_the_clear_unasked() {
        for (text, wanted) in [
            ("postgres://u@/county?host=/run/postgresql", Ok("county@/run/postgresql")),
            ("postgres://u:secret@127.0.0.1:5433/county", Ok("county@127.0.0.1")),
            ("postgres://u:secret@localhost/county", Ok("county@localhost")),
            ("postgres://u@10.0.0.7,10.0.0.8/county?sslmode=disable", Ok("county@10.0.0.7,10.0.0.8")),
            ("postgres://u@10.0.0.7/county", Err(AddressFault::InTheClear { host: "10.0.0.7".to_owned() })),
            ("postgres://u@127.0.0.1/county?sslmode=require", Err(AddressFault::NoTls)),
            ("postgres://u@127.0.0.1/", Err(AddressFault::NoDatabase)),
            ("mysql://u@127.0.0.1/county", Err(AddressFault::Unreadable)),
            ("county", Err(AddressFault::Unreadable)),
        ] {
            let found = text.parse::<Address>().map(|address| format!("{address}"));
            assert_eq!(found.as_deref().map_err(Clone::clone), wanted, "{text}");
        }
    }
}
