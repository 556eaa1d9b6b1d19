//! The data folder: private, and held by one process.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::store::fault::StoreFault;

pub(super) fn make_private_folder(data: &Path) -> Result<(), StoreFault> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(|source| StoreFault::Io {
        doing: "建立数据目录",
        path: data.to_owned(),
        source,
    })
}

/// Only the owner reads the database; a failure to tighten is the operating system's choice, not a fault.
pub(super) fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}

/// The folder, held until this is dropped.
pub(super) struct Hold(File);

impl Drop for Hold {
    /// Closing alone would not do: a program that another thread is just starting has a copy of the descriptor until its exec.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Holds the folder. `shared`: other processes of the same county, which a lease on their server keeps in order, may hold it too.
pub(super) fn lock_folder(data: &Path, shared: bool) -> Result<Hold, StoreFault> {
    let path = data.join("lock");
    let io = |doing| {
        let path = path.clone();
        move |source| StoreFault::Io { doing, path, source }
    };
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io("打开锁文件"))?;
    match if shared { file.try_lock_shared() } else { file.try_lock() } {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(StoreFault::InUse { data: data.to_owned(), holder: holder.trim().to_owned() });
        }
        Err(TryLockError::Error(source)) => return Err(io("锁定数据目录")(source)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "进程号 {}", std::process::id()))
        .map_err(io("写锁文件"))?;
    Ok(Hold(file))
}
