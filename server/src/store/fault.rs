//! What can go wrong below the store: a fault is ours or the machine's, never the law's (that is a refusal).
//!
//! The sentences are for the operator and stand in the log; a visitor sees a reference number only. A source is
//! reached through [`std::error::Error::source`] and never repeated inside `Display`. No parameter value is ever
//! part of a fault, so no personal data reaches the log through it.

use std::path::PathBuf;

/// The error underneath, of whatever engine.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// Another process holds `<data>/lock`.
    #[error(
        "数据目录 {data} 正由另一个准绳进程使用（{holder}）。同一数据目录同时只能有一个进程；\
         请先停止那个进程，或者用 --data 另指一个目录。没有改动任何数据。"
    )]
    InUse {
        /// The data folder.
        data: PathBuf,
        /// What the lock file says about the holder.
        holder: String,
    },
    /// Another process writes the county, and this one may not.
    #[error(
        "这个县正由另一个准绳进程办理写入（{holder}）。请先停止那个进程；它已经不在的，约十五秒后再试。没有改动任何数据。"
    )]
    Held {
        /// Its name: host and address.
        holder: String,
    },
    /// Another process writes the county now.
    #[error("这个县现在由另一个准绳进程办理写入，本次没有保存；请重试。")]
    Elsewhere,
    /// A file or folder could not be made, opened or read.
    #[error("{doing}失败：{path}")]
    Io {
        /// What was being done, in Chinese.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// The operating system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The engine has the WAL-reset defect (SQLite 3.7.0 to 3.51.2) that can lose committed data.
    #[error("内置 SQLite 版本 {found} 低于 3.51.3，该版本可能丢失已提交的数据，拒绝启动。请使用正式构建的程序。")]
    EngineTooOld {
        /// The version found.
        found: String,
    },
    /// The file is a database, but of another program.
    #[error(
        "{place} 里是另一个程序的数据，不是准绳建立的，拒绝打开。没有改动任何数据；请检查 --data 和 --database 所指的位置。"
    )]
    NotOurs {
        /// The database file, or the address.
        place: String,
    },
    /// The file is not a readable database.
    #[error(
        "数据库文件 {path} 已损坏或不是数据库（{detail}），拒绝打开。文件原样保留，没有改动；\
         请先整体复制数据目录留存，再用 zhunsheng restore 从最近的备份恢复到新目录。"
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The database was written by a newer program.
    #[error(
        "数据库的结构版本是 {found}，本程序只认识到 {known}：它由更新的版本写过。没有改动任何数据；\
         请换用不低于原来版本的程序，或者从升级前的备份恢复。"
    )]
    Newer {
        /// Highest migration in the database.
        found: i64,
        /// Highest migration in this program.
        known: i64,
    },
    /// The database has to be brought up to date first, which only a process that writes may do.
    #[error(
        "数据库结构较旧（缺第 {missing} 号结构变更），只读命令不会改动它。请先用本程序启动一次（zhunsheng serve 或 \
         zhunsheng demo），由其完成升级；升级前请先备份。"
    )]
    Older {
        /// The first migration that is missing.
        missing: i64,
    },
    /// A migration already applied differs from the one in this program.
    #[error(
        "数据库第 {version} 号结构变更（{name}）与本程序内的不一致，说明程序或数据库被改过，拒绝打开。\
         没有改动任何数据；请使用建立该数据库的正式版本。"
    )]
    MigrationChanged {
        /// Which migration.
        version: i64,
        /// Its name in this program.
        name: String,
    },
    /// A record from before the first release, with other leaves.
    #[error(
        "这个县由发布之前的版本建立，记录项的叶子在发布前改过一次（加入国密），不能沿用。演示县请删除数据目录后重新运行 \
         zhunsheng demo；其他数据请用建立它的版本导出留存，再重新设立。"
    )]
    Preliminary,
    /// A migration failed and was rolled back.
    #[error("第 {version} 号结构变更（{name}）执行失败，已整体撤回，数据库保持变更之前的样子。")]
    Migration {
        /// Which migration.
        version: i64,
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: Box<StoreFault>,
    },
    /// The database could not be opened or set up.
    #[error("打开数据库失败（{doing}）")]
    Open {
        /// At which step.
        doing: &'static str,
        /// The engine's answer.
        #[source]
        source: Cause,
    },
    /// A statement failed.
    #[error("数据库语句失败：{sql}")]
    Statement {
        /// The statement, without its values.
        sql: String,
        /// The engine's answer.
        #[source]
        source: Cause,
    },
    /// A unique key is already taken. The caller may know what that means.
    #[error("唯一键重复：{sql}")]
    Conflict {
        /// The statement, without its values.
        sql: String,
        /// The engine's answer.
        #[source]
        source: Cause,
    },
    /// A column does not hold what the code expects.
    #[error("第 {index} 列的内容不符合预期")]
    Column {
        /// Zero-based index of the column.
        index: usize,
        /// The engine's answer.
        #[source]
        source: Cause,
    },
    /// A stored value is outside what the code can understand.
    #[error("库中的值无法理解：{what}")]
    Value {
        /// Which value, without its content.
        what: String,
    },
    /// No space left; nothing of the group was written. Reads go on, and writes resume when there is space.
    #[error("磁盘空间不足，本次写入没有保存；清出空间后可以重试，不必重启。")]
    DiskFull,
    /// The database server cannot be reached, or the connection was lost before anything was saved.
    #[error("连接不上数据库服务器，本次没有保存任何改动；请稍后重试。恢复连接后不必重启。")]
    Unreachable {
        /// What was said last.
        #[source]
        source: Cause,
    },
    /// The connection was lost while a commit was on its way: it may have been carried out.
    #[error(
        "提交时与数据库服务器的连接中断，不知道本次写入是否已经保存。请先核对，再决定是否重办；带请求编号的可以原样重发。"
    )]
    Unknown,
    /// Somebody else wrote the same rows at the same time.
    #[error("与同时进行的另一次写入冲突，本次没有保存；请重试。")]
    Contended {
        /// The engine's answer.
        #[source]
        source: Cause,
    },
    /// Another job of the same group failed after it had written; the whole group was undone.
    #[error("同时办理的另一项出了故障，本次没有保存；请重试。")]
    Undone,
    /// A making or moving of the county was broken off.
    #[error("数据库里的县域数据没有做完（{doing}中断），不能使用。请换一个空的数据库重做，或者删除它之后重做。")]
    Unfinished {
        /// What was being done.
        doing: String,
    },
    /// Several counties live in the database, and none was asked for.
    #[error("这个数据库里有几个县（{codes}）。请用环境变量 ZHUNSHENG_COUNTY 写明区划代码。")]
    WhichCounty {
        /// Their names and codes.
        codes: String,
    },
    /// The store stopped writing after a failed commit or fsync, for the rest of this process's life.
    #[error("存储已停止写入：{reason}。请检查磁盘后重启程序；已确认的数据不受影响。")]
    Failed {
        /// The first failure.
        reason: String,
    },
    /// A reader holds an old view, so the WAL could not be emptied.
    #[error("还有读取没有结束，日志未能清空；稍后再试。")]
    Busy,
    /// A job panicked; its changes were rolled back.
    #[error("写入任务异常中止，其改动已全部撤回")]
    Panicked,
    /// The store is closing.
    #[error("存储正在关闭")]
    Closed,
    /// A test asked for this failure ([`crate::store::Db::fail_at`]).
    #[error("测试注入的故障")]
    Injected,
}

impl StoreFault {
    /// Whether a unique key was already taken.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

/// The whole chain of an error in one line, for the log.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(" ← ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
