//! Verifying an export: every leaf, the tree, the signature, every file; the first thing that is wrong has a name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{Checkpoint, LogKey, NoteError, open_both};
use zhunsheng_core::record::proof::{self, Node};
use zhunsheng_core::record::tile::{Tile, Tiler, WIDTH, subtree, to_bytes};
use zhunsheng_core::record::tree::leaf_hashes;
use zhunsheng_core::record::{ActorEntry, Entry};

use super::layout::{
    CHECKPOINT, COSIGNED, EntryLine, FORMAT, FilePart, KEY, LAW_INDEX, LawLine, MANIFEST, Manifest, STAMPED, TOKEN,
    bundle, of_tree,
};
use crate::app::deposit::cosigned::{CosignWrong, Cosigned, judge};
use crate::app::deposit::stamp::Pinned;
use crate::app::deposit::stamped::{self, Stamped};
use crate::app::spread::spread;

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
    /// A cosigned checkpoint is not right, or one that was asked for is not there.
    #[error(transparent)]
    Cosign(#[from] CosignWrong),
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

/// What an export is held against: everything here comes from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// The county's keys as far as there are any; one is enough, for each checkpoint names both roots.
    pub keys: Both<Option<LogKey>>,
    /// A checkpoint that somebody kept.
    pub kept: Option<String>,
    /// Witnesses that must have signed.
    pub witnesses: Vec<WitnessKey>,
    /// Certificates under which a time stamp must hold.
    pub pinned: Vec<Pinned>,
    /// Seconds since 1970: cosignatures of later are not believed.
    pub now: u64,
}

/// What a verification found to be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// What the export says about itself.
    pub manifest: Manifest,
    /// Entries that were signed: all that are here.
    pub size: u64,
    /// What was signed.
    pub roots: Both<Digest>,
    /// The keys that were used; the export's own where none was given.
    pub keys: Both<LogKey>,
    /// Of each witness that was asked for, what it signed.
    pub cosigned: Vec<Cosigned>,
    /// Of each certificate that was asked for, what was stamped.
    pub stamped: Vec<Cosigned>,
}

/// Verifies an export against what is known from elsewhere; the export's own keys are used where none is.
pub fn verify(folder: &Path, asked: &Asked) -> Result<Checked, ExportWrong> {
    let export = Export::open(folder)?;
    let keys = Both::try_of(|suite| match asked.keys.get(suite) {
        Some(key) => Ok(key.clone()),
        None => LogKey::parse(&export.text(&of_tree(suite, KEY))?).map_err(ExportWrong::from),
    })?;
    let notes = Both::try_of(|suite| export.text(&of_tree(suite, CHECKPOINT)))?;
    let notes = Both { sm3: notes.sm3.as_str(), sha256: notes.sha256.as_str() };
    let (signed, roots) = open_both(&notes, &Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) })?;
    let size = export.manifest.size;
    match signed.cmp(&size) {
        std::cmp::Ordering::Greater => return Err(ExportWrong::Future { signed, size }),
        std::cmp::Ordering::Less => return Err(ExportWrong::Uncovered { signed, size }),
        std::cmp::Ordering::Equal => {}
    }
    let leaves = export.leaves()?;
    export.check_entries(&leaves, &roots)?;
    export.check_tiles(&leaves)?;
    export.check_files()?;
    if let Some(kept) = &asked.kept {
        check_kept(kept, &keys, &leaves)?;
    }
    let mut root = |size| leaves.root(Suite::Sha256, size);
    let cosigned = judge(&export.cosigned()?, &keys.sha256, &asked.witnesses, asked.now, &mut root)?;
    let stamped = stamped::judge(&export.stamped()?, &keys.sha256, &asked.pinned, asked.now, &mut root)?;
    Ok(Checked { manifest: export.manifest, size, roots, keys, cosigned, stamped })
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

/// A checkpoint that somebody kept, of either tree.
fn check_kept(kept: &str, keys: &Both<LogKey>, leaves: &Leaves) -> Result<(), ExportWrong> {
    let (suite, kept) = open_kept(kept, keys)?;
    let size = leaves.len();
    if kept.size > size {
        return Err(ExportWrong::KeptFuture { signed: kept.size, size });
    }
    match leaves.root(suite, kept.size) {
        Some(root) if root == kept.root => Ok(()),
        _ if kept.size == size => Err(ExportWrong::Fork { size }),
        _ => Err(ExportWrong::Rewritten { size: kept.size }),
    }
}

/// A checkpoint kept elsewhere, of whichever tree it is. Errors: neither key has signed it.
pub fn open_kept(note: &str, keys: &Both<LogKey>) -> Result<(Suite, Checkpoint), NoteError> {
    match Checkpoint::open(note, &keys.sm3) {
        Err(NoteError::OtherKey) => Ok((Suite::Sha256, Checkpoint::open(note, &keys.sha256)?)),
        other => Ok((Suite::Sm3, other?)),
    }
}

/// The leaf hashes of an export.
struct Leaves(Both<Vec<Digest>>);

impl Leaves {
    fn len(&self) -> u64 {
        self.0.sha256.len() as u64
    }

    fn at(&self, seq: u64) -> Option<Both<Digest>> {
        let at = usize::try_from(seq).ok()?;
        Some(Both { sm3: *self.0.sm3.get(at)?, sha256: *self.0.sha256.get(at)? })
    }

    fn push(&mut self, hashes: Both<Digest>) {
        self.0.sm3.push(hashes.sm3);
        self.0.sha256.push(hashes.sha256);
    }

    /// The root of the first `size`.
    fn root(&self, suite: Suite, size: u64) -> Option<Digest> {
        let node = |node: Node| {
            let start = usize::try_from(node.index << node.height).ok()?;
            subtree(suite, self.0.get(suite).get(start..start + (1 << node.height))?)
        };
        proof::root(suite, size, &mut |at| node(at).ok_or(())).ok()
    }

    fn have(&self, roots: &Both<Digest>) -> bool {
        Suite::ALL.iter().all(|suite| self.root(*suite, self.len()).as_ref() == Some(roots.get(*suite)))
    }
}

/// A file of entries: leaf hashes in order, and the first of them that is not what the tiles say.
struct Bundle {
    hashes: Vec<Both<Digest>>,
    other: Option<u64>,
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

    /// What witnesses signed, the smallest first.
    fn cosigned(&self) -> Result<Vec<String>, ExportWrong> {
        let count = self.listed.keys().filter(|path| path.starts_with(COSIGNED)).count();
        (1..=count).map(|n| self.text(&format!("{COSIGNED}{n}"))).collect()
    }

    /// What was stamped, the smallest first.
    fn stamped(&self) -> Result<Vec<Stamped>, ExportWrong> {
        let count = self.listed.keys().filter(|path| path.starts_with(STAMPED) && path.ends_with(TOKEN)).count();
        let one = |n: usize| {
            let (note, token) = (self.text(&format!("{STAMPED}{n}"))?, self.bytes(&format!("{STAMPED}{n}{TOKEN}"))?);
            Ok(Stamped { note, token })
        };
        (1..=count).map(one).collect()
    }

    /// The leaf hashes as the tiles of the lowest level have them.
    fn leaves(&self) -> Result<Leaves, ExportWrong> {
        let of = |suite| {
            let mut leaves = Vec::new();
            for (tile, width) in Tile::all(self.manifest.size).take_while(|(tile, _)| tile.level == 0) {
                let path = of_tree(suite, &tile.path(width));
                let bytes = self.bytes(&path)?;
                if bytes.len() as u64 != width * 32 {
                    return Err(ExportWrong::Different(path));
                }
                leaves.extend(bytes.chunks(32).filter_map(Digest::from_bytes));
            }
            Ok(leaves)
        };
        Both::try_of(of).map(Leaves)
    }

    /// Every entry gives its leaf and names the law of its time; the leaves lead to the roots that were signed.
    fn check_entries(&self, leaves: &Leaves, roots: &Both<Digest>) -> Result<(), ExportWrong> {
        let (signed, law) = (leaves.have(roots), self.law()?);
        let Manifest { size, from, .. } = self.manifest;
        let (mut first, mut first_other) = (from, None);
        let mut own = Leaves(Both::default());
        spread(
            || {
                let at = first;
                first = (first / WIDTH + 1) * WIDTH;
                Ok((at < size).then_some(at))
            },
            |at| self.check_bundle(at, leaves, &law),
            |bundle| {
                let Bundle { hashes, other } = bundle?;
                if let Some(seq) = other.filter(|_| signed) {
                    return Err(ExportWrong::Entry { seq, what: "内容与其叶子不一致" });
                }
                first_other = first_other.or(other);
                if !signed {
                    hashes.into_iter().for_each(|hashes| own.push(hashes));
                }
                Ok(())
            },
        )?;
        match first_other {
            _ if signed => Ok(()),
            // The entries themselves may still be what was signed; then only the files of the tree are wrong.
            Some(seq) if from == 0 && own.have(roots) => {
                let tile = Tile { level: 0, index: seq / WIDTH };
                let suite = Suite::ALL.into_iter().find(|suite| leaves.root(*suite, size) != own.root(*suite, size));
                Err(ExportWrong::Tile(of_tree(suite.unwrap_or(Suite::Sha256), &tile.path(tile.width(size)))))
            }
            Some(seq) => Err(ExportWrong::Entry { seq, what: "内容与其叶子不一致" }),
            None => Err(ExportWrong::Root { size }),
        }
    }

    /// The entries from one on, to the end of its file.
    fn check_bundle(&self, first: u64, leaves: &Leaves, law: &[(u64, Digest)]) -> Result<Bundle, ExportWrong> {
        let size = self.manifest.size;
        let end = size.min((first / WIDTH + 1) * WIDTH);
        let truncated = |first| ExportWrong::Truncated { first, size };
        let text = self.text(&bundle(first)).map_err(|wrong| match wrong {
            ExportWrong::Missing(_) => truncated(first),
            other => other,
        })?;
        let mut found = Bundle { hashes: Vec::new(), other: None };
        let mut lines = text.lines();
        for seq in first..end {
            let line = lines.next().ok_or(truncated(seq))?;
            let wrong = |what| ExportWrong::Entry { seq, what };
            let line: EntryLine = serde_json::from_str(line).map_err(|_| wrong("这一行无法理解"))?;
            match line.seq.cmp(&seq) {
                std::cmp::Ordering::Greater => return Err(truncated(seq)),
                std::cmp::Ordering::Less => return Err(wrong("序号重复")),
                std::cmp::Ordering::Equal => {}
            }
            let (leaf, entry) = read_entry(seq, &line)?;
            let hashes = leaf_hashes(&leaf);
            if leaves.at(seq) != Some(hashes) {
                found.other.get_or_insert(seq);
            }
            if entry.law.iter().any(|digest| Some(digest) != law_at(law, seq)) {
                return Err(ExportWrong::Law { seq });
            }
            found.hashes.push(hashes);
        }
        match lines.next() {
            None => Ok(found),
            Some(_) => Err(ExportWrong::Different(bundle(first))),
        }
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
        let compare = |tile: Tile, hashes: &Both<Vec<Digest>>| {
            Suite::ALL.into_iter().try_for_each(|suite| {
                let path = of_tree(suite, &tile.path(hashes.get(suite).len() as u64));
                let right = self.bytes(&path)? == to_bytes(hashes.get(suite));
                if right { Ok(()) } else { Err(ExportWrong::Tile(path)) }
            })
        };
        for at in 0..leaves.len() {
            let hashes = leaves.at(at).ok_or(ExportWrong::Root { size: leaves.len() })?;
            tiler.push(hashes, &mut |tile, made| compare(tile, made.hashes()))?;
        }
        tiler.edge().try_for_each(|(tile, hashes)| compare(tile, hashes))
    }

    /// Every listed file is here and unchanged, and no other file is.
    fn check_files(&self) -> Result<(), ExportWrong> {
        for file in &self.manifest.files {
            let bytes = self.bytes(&file.path)?;
            let digests = Both::hash(&[&bytes]);
            let same = (&digests.sm3.to_string(), &digests.sha256.to_string()) == (&file.sm3, &file.sha256);
            if bytes.len() as u64 != file.bytes || !same {
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
