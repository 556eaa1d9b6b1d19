//! Files that belong to acts: kept by content under `<data>/evidence/ab/cdef…`, durable before any row names them.
//!
//! What a file is, is read from its bytes; a name or a browser's word is never believed. Does not belong here: which
//! matter holds a file and who may see it (`store::matters`), receiving uploads (`web::upload`).

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::Sha256;
use sm3::Sm3;
use zhunsheng_core::id::Digest;

/// One file at most, in bytes: a scanned case file fits, a film does not.
pub const FILE_BYTES_MAX: u64 = 100 << 20;

/// A file that is sent on is read so far at a time: whoever downloads costs this much memory, however long the file is.
const PIECE_BYTES: u64 = 256 << 10;

/// What a file input should offer; the bytes decide.
pub const ACCEPT: &str = ".pdf,.ofd,.jpg,.jpeg,.png,.docx,.xlsx,.txt";

/// Both digests of bytes that stream by.
#[derive(Clone, Default)]
pub struct Digests {
    sha256: Sha256,
    sm3: Sm3,
    bytes: u64,
}

impl Digests {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        sha2::Digest::update(&mut self.sha256, bytes);
        sm3::Digest::update(&mut self.sm3, bytes);
        self.bytes += bytes.len() as u64;
    }

    /// What came.
    #[must_use]
    pub fn finish(self) -> Received {
        Received {
            digest: Digest(sha2::Digest::finalize(self.sha256).into()),
            sm3: Digest(sm3::Digest::finalize(self.sm3).into()),
            bytes: self.bytes,
        }
    }
}

/// Bytes that were received, by their digests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    /// SHA-256.
    pub digest: Digest,
    /// SM3 (GB/T 32905).
    pub sm3: Digest,
    /// Their number.
    pub bytes: u64,
}

impl Received {
    /// Of bytes in hand.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digests = Digests::default();
        digests.update(bytes);
        digests.finish()
    }
}

/// A file that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The SHA-256 of its bytes: its only name.
    pub digest: Digest,
    /// Their SM3.
    pub sm3: Digest,
    /// Its length.
    pub bytes: u64,
    /// Its media type, by content.
    pub media: &'static str,
}

/// Why a file is not kept.
#[derive(Debug)]
pub enum KeepError {
    /// It is empty.
    Empty,
    /// It is longer than [`FILE_BYTES_MAX`].
    TooLarge,
    /// Its bytes are of none of the kinds that are taken.
    Kind,
    /// The same, and it was put into quarantine under this digest.
    Quarantined(Digest),
    /// It came with an earlier try, so long ago that it was removed.
    Left,
    /// The disk failed.
    Io(std::io::Error),
}

impl KeepError {
    /// What the person is told behind the field's name.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Empty => "文件是空的".to_owned(),
            Self::TooLarge => format!("文件超过{}MB", FILE_BYTES_MAX >> 20),
            Self::Kind => {
                "不是可以上传的文件。请拍照，或者选照片（JPG、PNG）、PDF；电子文档也可以是OFD、DOCX、XLSX、TXT。\
                           苹果手机的HEIC照片传不了，请在“设置—相机—格式”里选“兼容性最佳”再拍"
                    .to_owned()
            }
            Self::Quarantined(digest) => {
                let short: String = digest.to_string().chars().take(8).collect();
                format!(
                    "不是可以接受的文件（PDF、OFD、JPG、PNG、DOCX、XLSX、UTF-8文本），没有附上，已经隔离保存，编号{short}。确需附上的，请系统管理员放行后再上传一次"
                )
            }
            Self::Left => "上次选的文件放得太久，已经清理，请重新选一次".to_owned(),
            Self::Io(_) => "文件没有保存成功".to_owned(),
        }
    }
}

impl From<std::io::Error> for KeepError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where a digest's bytes lie.
#[must_use]
pub fn path_of(data: &Path, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    let (folder, rest) = name.split_at_checked(2).unwrap_or(("", &name));
    data.join("evidence").join(folder).join(rest)
}

/// Where files wait until a form is accepted.
#[must_use]
pub fn incoming(data: &Path) -> PathBuf {
    data.join("incoming")
}

/// The media type of files that an administrator released as they are.
pub const RELEASED: &str = "application/octet-stream";

/// Moves a received file to its place: durable when this returns. A file that is there already stays. Blocking.
///
/// `source` lies in the same file system as `data` and holds what was received. `name` says only whether a plain text is
/// meant: text has no mark of its own, and a script is text, too. `released`: an administrator took these bytes as they are.
pub fn keep(data: &Path, source: &Path, name: &str, received: Received, released: bool) -> Result<Kept, KeepError> {
    let Received { digest, sm3, bytes } = received;
    if bytes == 0 {
        return Err(KeepError::Empty);
    }
    if bytes > FILE_BYTES_MAX {
        return Err(KeepError::TooLarge);
    }
    let known = media_of(source, name.to_lowercase().ends_with(".txt"))?;
    let media = known.or(released.then_some(RELEASED)).ok_or(KeepError::Kind)?;
    settle(source, &path_of(data, &digest))?;
    Ok(Kept { digest, sm3, bytes, media })
}

/// Puts a file at its place for good: its bytes are on the disk before its name is, and nobody writes to it any more. One that
/// is there already stays. Blocking.
pub fn settle(source: &Path, target: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // What has come again counts as just come: it is not removed as left over meanwhile (`left.rs`).
    if hold(target, fs::metadata(source)?.modified()?)? {
        return Ok(());
    }
    let folder = target.parent().unwrap_or(target);
    make_folders(folder)?;
    let file = File::open(source)?;
    file.set_permissions(fs::Permissions::from_mode(0o400))?;
    file.sync_all()?;
    fs::rename(source, target)?;
    File::open(folder)?.sync_all()
}

/// Whether a file is there and can be held: it counts as having come at this moment. One that somebody else put there (a copied
/// folder) keeps its day and is not held: its bytes have to come again. Blocking.
pub fn hold(path: &Path, at: SystemTime) -> std::io::Result<bool> {
    let held = File::open(path).and_then(|file| file.set_modified(at));
    match held {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(false),
        Err(error) => Err(error),
        // It may have been taken away between the two.
        Ok(()) => Ok(path.exists()),
    }
}

/// The bytes of a digest, checked against it. `None` if the file is missing. Blocking.
pub fn load(data: &Path, digest: &Digest) -> std::io::Result<Option<Vec<u8>>> {
    let bytes = match fs::read(path_of(data, digest)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if Digest::of(&bytes) == *digest { Ok(Some(bytes)) } else { Err(unlike(digest)) }
}

/// A kept file as it is read: a piece at a time, the last of which comes only if all of them are what the digest says. Blocking.
pub struct Pieces {
    file: File,
    digest: Digest,
    bytes: u64,
    left: u64,
    seen: Sha256,
}

/// Begins to read a file. `None` if it is missing. Blocking.
pub fn open(data: &Path, digest: &Digest) -> std::io::Result<Option<Pieces>> {
    let file = match File::open(path_of(data, digest)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let bytes = file.metadata()?.len();
    if bytes == 0 {
        return Err(unlike(digest));
    }
    Ok(Some(Pieces { file, digest: *digest, bytes, left: bytes, seen: Sha256::default() }))
}

impl Pieces {
    /// How long the file is.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next piece and what is left; `None` behind the last.
    ///
    /// # Errors
    /// The disk's; what does not match the digest, in place of the last piece.
    pub fn next(mut self) -> std::io::Result<Option<(Vec<u8>, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut piece = Vec::new();
        Read::by_ref(&mut self.file).take(PIECE_BYTES.min(self.left)).read_to_end(&mut piece)?;
        let read = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        sha2::Digest::update(&mut self.seen, &piece);
        self.left = if read == 0 { 0 } else { self.left.saturating_sub(read) };
        if self.left == 0 && Digest(sha2::Digest::finalize(self.seen.clone()).into()) != self.digest {
            return Err(unlike(&self.digest));
        }
        Ok(Some((piece, self)))
    }
}

fn unlike(digest: &Digest) -> std::io::Error {
    std::io::Error::new(ErrorKind::InvalidData, format!("evidence {digest} does not match its digest"))
}

/// Makes a folder and those above it; each is on the disk before anything lies in it.
fn make_folders(folder: &Path) -> std::io::Result<()> {
    let Some(above) = folder.parent().filter(|_| !folder.exists()) else { return Ok(()) };
    make_folders(above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => File::open(above)?.sync_all(),
    }
}

/// The media type by content; `None` for everything that is not taken.
fn media_of(path: &Path, text: bool) -> std::io::Result<Option<&'static str>> {
    let mut head = Vec::with_capacity(8);
    File::open(path)?.take(8).read_to_end(&mut head)?;
    Ok(match head.as_slice() {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        b"\x89PNG\r\n\x1a\n" => Some("image/png"),
        [b'P', b'K', 3, 4, ..] => packed_media(path)?,
        _ if text && is_plain_text(path)? => Some("text/plain; charset=utf-8"),
        _ => None,
    })
}

/// OFD (GB/T 33190) and the Office formats are zip archives told apart by one entry each.
fn packed_media(path: &Path) -> std::io::Result<Option<&'static str>> {
    let Ok(archive) = zip::ZipArchive::new(File::open(path)?) else { return Ok(None) };
    let has = |name: &str| archive.index_for_name(name).is_some();
    Ok(if has("OFD.xml") {
        Some("application/ofd")
    } else if has("word/document.xml") {
        Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    } else if has("xl/workbook.xml") {
        Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    } else {
        None
    })
}

/// UTF-8 without control characters; long texts are documents and come as such.
fn is_plain_text(path: &Path) -> std::io::Result<bool> {
    const TEXT_BYTES_MAX: u64 = 4 << 20;
    let mut bytes = Vec::new();
    File::open(path)?.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let short = u64::try_from(bytes.len()).is_ok_and(|length| length <= TEXT_BYTES_MAX);
    let plain = |text: &str| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
    Ok(short && std::str::from_utf8(&bytes).is_ok_and(plain))
}

/// The ending that a download's name needs.
#[must_use]
pub fn ending_of(media: &str) -> &'static str {
    match media {
        "application/pdf" => "pdf",
        "application/ofd" => "ofd",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        RELEASED => "bin",
        _ => "txt",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;

    use super::*;

    #[test]
    fn what_belongs_to_somebody_else_is_not_held() {
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            assert!(!hold(Path::new("/proc/version"), SystemTime::UNIX_EPOCH).unwrap());
            return;
        }
        // For root everything is its own: the same once more as nobody.
        let name = "app::evidence::tests::what_belongs_to_somebody_else_is_not_held";
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        match again.args(["--exact", name]).uid(65_534).gid(65_534).current_dir("/").output() {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied, "nobody reaches this program"),
        }
    }

    #[test]
    fn a_long_file_is_read_in_pieces_and_its_last_comes_only_if_all_are_right() {
        let folder = std::env::temp_dir().join(format!("zhunsheng-pieces-{}", std::process::id()));
        let long: Vec<u8> = (0..2 * PIECE_BYTES + 7).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let digest = Digest::of(&long);
        let path = path_of(&folder, &digest);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let read = || {
            let (mut pieces, mut all) = (open(&folder, &digest).unwrap().unwrap(), Vec::new());
            while let Some((piece, rest)) = pieces.next()? {
                assert!(piece.len() as u64 <= PIECE_BYTES);
                all.push(piece);
                pieces = rest;
            }
            Ok::<_, std::io::Error>(all)
        };
        fs::write(&path, &long).unwrap();
        let pieces = read().unwrap();
        assert_eq!((pieces.len(), pieces.concat() == long), (3, true));
        let mut changed = long.clone();
        changed[9] = !changed[9];
        fs::write(&path, &changed).unwrap();
        assert_eq!(read().unwrap_err().kind(), ErrorKind::InvalidData);
        fs::write(&path, &long[..long.len() - 1]).unwrap();
        assert!(read().is_err(), "shorter");
        fs::write(&path, [&long[..], b"x"].concat()).unwrap();
        assert!(read().is_err(), "longer");
        fs::write(&path, b"").unwrap();
        assert!(open(&folder, &digest).is_err(), "empty");
        fs::remove_file(&path).unwrap();
        assert!(open(&folder, &digest).unwrap().is_none());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn bytes_decide_what_a_file_is() {
        let folder = std::env::temp_dir().join(format!("zhunsheng-evidence-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let keep_bytes = |name: &str, bytes: &[u8]| {
            let source = folder.join("incoming");
            fs::write(&source, bytes).unwrap();
            keep(&folder, &source, name, Received::of(bytes), false)
        };
        let kept = keep_bytes("决定书.pdf", b"%PDF-1.7\n").unwrap();
        assert_eq!(kept.media, "application/pdf");
        assert_eq!(load(&folder, &kept.digest).unwrap().unwrap(), b"%PDF-1.7\n");
        assert_eq!(keep_bytes("笔录.TXT", "笔录".as_bytes()).unwrap().media, "text/plain; charset=utf-8");
        assert!(matches!(keep_bytes("a.pdf", b""), Err(KeepError::Empty)));
        for wrong in [&b"MZ\x90\x00"[..], b"PK\x03\x04 broken", b"\x00\x01", b"#!/bin/sh"] {
            assert!(matches!(keep_bytes("a.pdf", wrong), Err(KeepError::Kind)));
        }
        // GB/T 32905 appendix A.1.
        assert_eq!(
            Received::of(b"abc").sm3.to_string(),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        let path = path_of(&folder, &kept.digest);
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o400, "nobody writes to what is kept");
        let source = folder.join("incoming");
        fs::write(&source, b"MZ\x90\x00").unwrap();
        let released = keep(&folder, &source, "a.exe", Received::of(b"MZ\x90\x00"), true).unwrap();
        assert_eq!(released.media, RELEASED);
        fs::remove_file(&path).unwrap();
        fs::write(&path, b"%PDF-other").unwrap();
        assert!(load(&folder, &kept.digest).is_err());
        assert!(open(&folder, &kept.digest).unwrap().unwrap().next().is_err(), "short ones break off at once");
        fs::remove_dir_all(&folder).unwrap();
    }
}
