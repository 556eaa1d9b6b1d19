//! What can fail beneath a use case. A refusal is not a fault: the law's "no" is a value of its own.

use zhunsheng_core::day::Moment;

pub use crate::store::fault::{StoreFault, chain};

/// A fault of a use case.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error("存储出错")]
    Store(#[from] StoreFault),
    /// The data folder has no county yet.
    #[error(
        "数据目录（或者所指的数据库）里还没有县域数据。请先运行 zhunsheng init --county 区划代码，或者 zhunsheng demo 建立演示县。"
    )]
    NoCounty,
    /// The data folder has one already.
    #[error("数据目录里已有县域数据（区划代码 {code}），没有改动。请用 --data 另指一个空目录。")]
    AlreadyFounded {
        /// Its code.
        code: String,
    },
    /// A setting is missing or cannot be understood.
    #[error("设置项 {name} 缺失或无法理解")]
    Setting {
        /// Which.
        name: &'static str,
    },
    /// A password could not be hashed.
    #[error("口令运算失败：{detail}")]
    Password {
        /// The library's answer, which never holds the password.
        detail: String,
    },
    /// The law files cannot run.
    #[error("法规定义不能运行，共 {} 处问题：\n{}", problems.len(), problems.join("\n"))]
    UnsoundLaw {
        /// One line each.
        problems: Vec<String>,
    },
    /// A file could not be read or written.
    #[error("读写文件 {path} 出错")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The key with which checkpoints are signed cannot be used.
    #[error("签署检查点的密钥 {path} {wrong}。请从备份恢复，不要另造一把：别人手中的公钥会对不上。")]
    SigningKey {
        /// Its file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// The record does not continue what was signed.
    #[error("记录与已签的检查点（{size} 项）不一致：记录被截短或者改写，不再签署。请保留现场，用 record verify 查明。")]
    Forked {
        /// Entries that the earlier checkpoint covers.
        size: u64,
    },
    /// An entry is not what its leaf says, or is missing.
    #[error("记录项 {seq} 缺失或与其叶子不一致，没有导出。请用 record verify 查明。")]
    WrongEntry {
        /// Its number.
        seq: u64,
    },
    /// What arrived in the other database is not what was sent.
    #[error("搬迁后核对不符：{wrong}。目标数据库没有保存任何改动，原数据库原样未动。")]
    MovedWrong {
        /// What differs.
        wrong: String,
    },
    /// The computer's clock contradicts the record, or itself.
    #[error(
        "系统时间 {now} 不可信（{wrong}），暂停记录，以免留下错误的日期。请核对系统时间；校正后自动恢复，时间无误的，请重新启动程序。"
    )]
    Clock {
        /// What the clock says.
        now: Moment,
        /// What it contradicts.
        wrong: &'static str,
    },
    /// There is no checkpoint yet.
    #[error("记录还没有签署过检查点，这里也没有密钥。请先启动一次（zhunsheng serve）。")]
    Unsigned,
    /// The module that holds a signing key did not sign.
    #[error("签名模块没有签出检查点，稍后自动再试")]
    Signing,
    /// The stored checkpoint is not one of this county.
    #[error("存储的检查点不能使用：{wrong}")]
    StoredCheckpoint {
        /// Why.
        wrong: zhunsheng_core::record::note::NoteError,
    },
    /// A background task died.
    #[error("后台任务异常中止")]
    Task,
}
