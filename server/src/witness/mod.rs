//! The witness 存证单位: a program of its own in the same binary. It follows the records of one or more counties and cosigns each
//! checkpoint that continues what it signed before (C2SP tlog-witness); it never sees an entry.
//!
//! Does not belong here: the rule of when to sign (`zhunsheng_core::record::witness`), counties, databases.

pub mod folder;
pub mod http;

use std::path::PathBuf;

use zhunsheng_core::record::witness::Declined;

/// What can fail at a witness.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// A file could not be read or written.
    #[error("读写文件 {path} 出错")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// There is no witness in the folder.
    #[error("目录 {path} 里没有存证单位的密钥。请先运行 zhunsheng witness init --name 名称，或用 --data 另指目录。")]
    NoWitness {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds something already.
    #[error("目录 {path} 里{what}，没有改动。请用 --data 另指一个空目录。")]
    Taken {
        /// The folder.
        path: PathBuf,
        /// What.
        what: &'static str,
    },
    /// A name that cannot stand in a signature line.
    #[error("名称“{name}”不能使用：不能为空，不能有空格和加号，不超过二百字节。")]
    Name {
        /// As typed.
        name: String,
    },
    /// A file of the witness is not what it should be.
    #[error("{path} {wrong}。不要重新设立，也不要用旧备份覆盖：可能对同一记录签出两个版本。请查明原因。")]
    Broken {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        wrong: &'static str,
    },
    /// The computer's clock stands before the time of the last cosignature.
    #[error("本机时间早于上次共签的时间，不签。请校准时间。")]
    Clock,
}

/// Why no cosignature was given.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// The witness may not.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// The witness cannot.
    #[error(transparent)]
    Fault(#[from] WitnessFault),
}
