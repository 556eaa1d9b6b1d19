//! Verifying an export: every leaf, the tree, the signature, every file; the first thing that is wrong has a name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::note::{Checkpoint, LogKey, NoteError};
use zhunsheng_core::record::proof::{self, Node};
use zhunsheng_core::record::tile::{Tile, Tiler, WIDTH, subtree};
use zhunsheng_core::record::tree::{Frontier, leaf_hash};
use zhunsheng_core::record::{ActorEntry, Entry};

use super::layout::{CHECKPOINT, EntryLine, FORMAT, FilePart, KEY, LAW_INDEX, LawLine, MANIFEST, Manifest, bundle};

/// The first thing that is wrong with an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportWrong {
    /// A file cannot be read.
    #[error("读取 {path} 出错（{source}）")]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The manifest is not one.
    #[error("清单 manifest.json 无法理解：{0}")]
    Manifest(String),
    /// A file that the manifest lists is not there.
    #[error("导出不完整：缺少文件 {0}")]
    Missing(String),
    /// Entries are not there.
    #[error("导出不完整：缺少记录项 {first}（应有 {size} 项）")]
    Truncated {
        /// The first that is missing.
        first: u64,
        /// How many there should be.
        size: u64,
    },
    /// The checkpoint or the key is not accepted.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint covers more than is here.
    #[error("检查点来自将来：它签到 {signed} 项，这里只有 {size} 项")]
    Future {
        /// Signed.
        signed: u64,
        /// Here.
        size: u64,
    },
    /// The checkpoint covers less than is here.
    #[error("检查点只签到 {signed} 项，这里有 {size} 项：其后的没有签名可凭")]
    Uncovered {
        /// Signed.
        signed: u64,
        /// Here.
        size: u64,
    },
    /// An entry is not what its leaf says.
    #[error("记录项 {seq} 不符：{what}")]
    Entry {
        /// Its number.
        seq: u64,
        /// How.
        what: &'static str,
    },
    /// A tile does not follow from the leaves.
    #[error("树的文件 {0} 与叶子不一致")]
    Tile(String),
    /// The leaves lead to another root.
    #[error("{size} 项算出的树根与检查点不同：内容与检查点不属于同一棵树")]
    Root {
        /// Leaves.
        size: u64,
    },
    /// A file is not what the manifest says.
    #[error("文件 {0} 与清单不符，已损坏或被改动")]
    Different(String),
    /// A file that nothing covers.
    #[error("文件 {0} 不在清单中")]
    Surplus(String),
    /// The law that an entry names is not the law that is here.
    #[error("记录项 {seq} 所依据的法规定义与导出的不符")]
    Law {
        /// Its number.
        seq: u64,
    },
    /// A checkpoint kept elsewhere covers more.
    #[error("另存的检查点来自将来：它签到 {signed} 项，这里只有 {size} 项，导出较旧或者被截短")]
    KeptFuture {
        /// Signed.
        signed: u64,
        /// Here.
        size: u64,
    },
    /// A checkpoint kept elsewhere has another root for the same size.
    #[error("分叉：同为 {size} 项，另存的检查点树根不同，县里对外有两个版本")]
    Fork {
        /// Leaves.
        size: u64,
    },
    /// The record does not begin with what a checkpoint kept elsewhere says.
    #[error("前 {size} 项与另存的检查点不一致：此后记录被改写")]
    Rewritten {
        /// Leaves that were signed then.
        size: u64,
    },
}

/// What a verification found to be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// What the export says about itself.
    pub manifest: Manifest,
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The key that was used; the export's own if none was given.
    pub key: LogKey,
}

/// Verifies an export, under a key from elsewhere if there is one, and against a checkpoint kept elsewhere if there is one.
pub fn verify(folder: &Path, key: Option<&LogKey>, kept: Option<&str>) -> Result<Checked, ExportWrong> {
    let export = Export::open(folder)?;
    let key = match key {
        Some(key) => key.clone(),
        None => LogKey::parse(&export.text(KEY)?)?,
    };
    let checkpoint = Checkpoint::open(&export.text(CHECKPOINT)?, &key)?;
    let size = export.manifest.size;
    match checkpoint.size.cmp(&size) {
        std::cmp::Ordering::Greater => return Err(ExportWrong::Future { signed: checkpoint.size, size }),
        std::cmp::Ordering::Less => return Err(ExportWrong::Uncovered { signed: checkpoint.size, size }),
        std::cmp::Ordering::Equal => {}
    }
    let leaves = export.leaves()?;
    let signed = leaves.frontier_root() == checkpoint.root;
    let law = export.law()?;
    let mut frontier = Frontier::default();
    let mut first_other = None;
    export.each_entry(|seq, line| {
        let (leaf, entry) = read_entry(seq, line)?;
        if export.manifest.from == 0 {
            frontier.append(&leaf);
        }
        if Some(&leaf_hash(&leaf)) != leaves.at(seq) {
            let other = ExportWrong::Entry { seq, what: "内容与其叶子不一致" };
            if signed {
                return Err(other);
            }
            first_other.get_or_insert(other);
        }
        if entry.law.iter().any(|digest| Some(digest) != law_at(&law, seq)) {
            return Err(ExportWrong::Law { seq });
        }
        Ok(())
    })?;
    if !signed {
        // The entries themselves may still be what was signed; then only the files of the tree are wrong.
        let whole = export.manifest.from == 0 && frontier.root() == checkpoint.root;
        return Err(match first_other {
            Some(ExportWrong::Entry { seq, .. }) if whole => {
                let tile = Tile { level: 0, index: seq / WIDTH };
                ExportWrong::Tile(tile.path(tile.width(size)))
            }
            Some(other) => other,
            None => ExportWrong::Root { size },
        });
    }
    export.check_tiles(&leaves)?;
    export.check_files()?;
    if let Some(kept) = kept {
        check_kept(&Checkpoint::open(kept, &key)?, &checkpoint, &leaves)?;
    }
    Ok(Checked { manifest: export.manifest, checkpoint, key })
}

fn read_entry(seq: u64, line: &EntryLine) -> Result<(zhunsheng_core::record::Leaf, Entry), ExportWrong> {
    let wrong = |what| ExportWrong::Entry { seq, what };
    let opening = line.opening().ok_or(wrong("不是 Base64"))?;
    let entry = Entry::from_bytes(&opening.entry).map_err(|_| wrong("字节不是规范格式"))?;
    if entry.sealed.len() != opening.sealed.len() {
        return Err(wrong("密封内容与记录不一致"));
    }
    if (entry.actor == ActorEntry::Founder) != (seq == 0) {
        return Err(wrong("只有第 0 项、也必须是第 0 项由设立者作出"));
    }
    Ok((opening.leaf(), entry))
}

fn check_kept(kept: &Checkpoint, here: &Checkpoint, leaves: &Leaves) -> Result<(), ExportWrong> {
    if kept.size > here.size {
        return Err(ExportWrong::KeptFuture { signed: kept.size, size: here.size });
    }
    if kept.size == here.size {
        return if kept.root == here.root { Ok(()) } else { Err(ExportWrong::Fork { size: kept.size }) };
    }
    let root = leaves.root(kept.size);
    if root == Some(kept.root) { Ok(()) } else { Err(ExportWrong::Rewritten { size: kept.size }) }
}

/// The leaf hashes of an export.
struct Leaves(Vec<Digest>);

impl Leaves {
    fn at(&self, seq: u64) -> Option<&Digest> {
        self.0.get(usize::try_from(seq).ok()?)
    }

    fn frontier_root(&self) -> Digest {
        self.root(self.0.len() as u64).unwrap_or_else(|| Digest::of(&[]))
    }

    /// The root of the first `size`.
    fn root(&self, size: u64) -> Option<Digest> {
        let node = |node: Node| {
            let start = usize::try_from(node.index << node.height).ok()?;
            subtree(self.0.get(start..start + (1 << node.height))?)
        };
        proof::root(size, &mut |at| node(at).ok_or(())).ok()
    }
}

/// An export on disk.
struct Export {
    folder: PathBuf,
    manifest: Manifest,
    listed: BTreeMap<String, FilePart>,
}

impl Export {
    fn open(folder: &Path) -> Result<Self, ExportWrong> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|source| ExportWrong::Io { path, source })?;
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|error| ExportWrong::Manifest(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(ExportWrong::Manifest(format!("格式 {} 不认识", manifest.format)));
        }
        let stays = |path: &str| !path.split('/').any(|step| step.is_empty() || step == "." || step == "..");
        if let Some(bad) = manifest.files.iter().find(|file| !stays(&file.path)) {
            return Err(ExportWrong::Manifest(format!("路径 {} 不可用", bad.path)));
        }
        let listed = manifest.files.iter().map(|file| (file.path.clone(), file.clone())).collect();
        Ok(Self { folder: folder.to_owned(), manifest, listed })
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, ExportWrong> {
        let file = self.folder.join(path);
        match std::fs::read(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ExportWrong::Missing(path.to_owned())),
            other => other.map_err(|source| ExportWrong::Io { path: file, source }),
        }
    }

    fn text(&self, path: &str) -> Result<String, ExportWrong> {
        String::from_utf8(self.bytes(path)?).map_err(|_| ExportWrong::Different(path.to_owned()))
    }

    /// The leaf hashes as the tiles of the lowest level have them.
    fn leaves(&self) -> Result<Leaves, ExportWrong> {
        let mut leaves = Vec::new();
        for (tile, width) in Tile::all(self.manifest.size).take_while(|(tile, _)| tile.level == 0) {
            let path = tile.path(width);
            let bytes = self.bytes(&path)?;
            if bytes.len() as u64 != width * 32 {
                return Err(ExportWrong::Different(path));
            }
            leaves.extend(bytes.chunks(32).filter_map(Digest::from_bytes));
        }
        Ok(Leaves(leaves))
    }

    /// Every entry in order, beginning with the first that is here in full.
    fn each_entry(&self, mut take: impl FnMut(u64, &EntryLine) -> Result<(), ExportWrong>) -> Result<(), ExportWrong> {
        let Manifest { size, from, .. } = self.manifest;
        let truncated = |first| ExportWrong::Truncated { first, size };
        let mut next = from;
        while next < size {
            let path = bundle(next);
            let text = self.text(&path).map_err(|wrong| match wrong {
                ExportWrong::Missing(_) => truncated(next),
                other => other,
            })?;
            for line in text.lines() {
                let wrong = ExportWrong::Entry { seq: next, what: "这一行无法理解" };
                let line: EntryLine = serde_json::from_str(line).map_err(|_| wrong)?;
                if line.seq != next {
                    return Err(if line.seq > next {
                        truncated(next)
                    } else {
                        ExportWrong::Entry { seq: next, what: "序号重复" }
                    });
                }
                take(next, &line)?;
                next += 1;
            }
            if next < size && bundle(next) == path {
                return Err(truncated(next));
            }
        }
        Ok(())
    }

    /// The law in force from each adopting entry on.
    fn law(&self) -> Result<Vec<(u64, Digest)>, ExportWrong> {
        let mut adopted: BTreeMap<u64, Vec<LawLine>> = BTreeMap::new();
        for line in self.text(LAW_INDEX)?.lines() {
            let line: LawLine = serde_json::from_str(line).map_err(|_| ExportWrong::Different(LAW_INDEX.to_owned()))?;
            adopted.entry(line.seq).or_default().push(line);
        }
        let mut newest = BTreeMap::new();
        let mut law = Vec::new();
        for (seq, lines) in adopted {
            for line in lines {
                let path = format!("law/{}", line.sha256);
                if Digest::of(&self.bytes(&path)?).to_string() != line.sha256 {
                    return Err(ExportWrong::Different(path));
                }
                newest.insert(line.path, line.sha256);
            }
            let text: String = newest.iter().map(|(path, digest)| format!("{digest} {path}\n")).collect();
            law.push((seq, Digest::of(text.as_bytes())));
        }
        Ok(law)
    }

    /// Every tile must follow from the leaves.
    fn check_tiles(&self, leaves: &Leaves) -> Result<(), ExportWrong> {
        let mut tiler = Tiler::default();
        let compare = |tile: Tile, hashes: &[Digest]| {
            let path = tile.path(hashes.len() as u64);
            let right: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
            if self.bytes(&path)? == right { Ok(()) } else { Err(ExportWrong::Tile(path)) }
        };
        for leaf in &leaves.0 {
            tiler.push(*leaf, &mut |tile, hashes| compare(tile, hashes))?;
        }
        tiler.edge().try_for_each(|(tile, hashes)| compare(tile, hashes))
    }

    /// Every listed file is here and unchanged, and no other file is.
    fn check_files(&self) -> Result<(), ExportWrong> {
        for file in &self.manifest.files {
            let bytes = self.bytes(&file.path)?;
            if bytes.len() as u64 != file.bytes || Digest::of(&bytes).to_string() != file.sha256 {
                return Err(ExportWrong::Different(file.path.clone()));
            }
        }
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            let io = |source| ExportWrong::Io { path: folder.clone(), source };
            for entry in std::fs::read_dir(&folder).map_err(io)? {
                let path = entry.map_err(io)?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(&self.folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                if name != MANIFEST && !self.listed.contains_key(&name) {
                    return Err(ExportWrong::Surplus(name));
                }
            }
        }
        Ok(())
    }
}

/// The law under which an entry was made.
fn law_at(law: &[(u64, Digest)], seq: u64) -> Option<&Digest> {
    law.iter().rev().find(|(from, _)| *from <= seq).map(|(_, digest)| digest)
}
