//! Fonts of the machine: found once, read for each file, never kept in memory (three of them are 70 MB).
//!
//! Licensed fonts that offices have (仿宋_GB2312, 方正小标宋) come first, free ones after them. Every chain ends in fonts with many rare
//! characters, so that 鴜鷺树镇 and 堃 are drawn; what none can draw is refused, not printed as a box.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use ttf_parser::{Face, GlyphId, fonts_in_collection, name_id};

use super::Unprintable;

/// What a font is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// 正文: 仿宋.
    Body,
    /// 标题: 小标宋.
    Title,
    /// 小标题: 黑体.
    Heading,
}

impl Role {
    const ALL: [Self; 3] = [Self::Body, Self::Title, Self::Heading];

    /// Families that suit, best first; and whether the bold one is meant.
    fn wanted(self) -> &'static [(&'static str, bool)] {
        match self {
            Self::Body => &[
                ("仿宋_GB2312", false),
                ("FangSong_GB2312", false),
                ("仿宋", false),
                ("FangSong", false),
                ("华文仿宋", false),
                ("STFangsong", false),
                ("FandolFang R", false),
                ("FandolFang", false),
                ("朱雀仿宋", false),
                ("Zhuque Fangsong (technical preview)", false),
                ("Noto Serif CJK SC", false),
                ("Noto Serif SC", false),
                ("Source Han Serif SC", false),
                ("LXGW WenKai", false),
                ("Noto Sans CJK SC", false),
                ("Noto Sans SC", false),
                ("WenQuanYi Zen Hei", false),
            ],
            Self::Title => &[
                ("方正小标宋简体", false),
                ("FZXiaoBiaoSong-B05S", false),
                ("方正小标宋_GBK", false),
                ("FZXiaoBiaoSong-B05", false),
                ("Noto Serif CJK SC", true),
                ("Noto Serif SC", true),
                ("Source Han Serif SC", true),
                ("FandolSong", true),
                ("宋体", false),
                ("SimSun", false),
            ],
            Self::Heading => &[
                ("黑体", false),
                ("SimHei", false),
                ("FandolHei", false),
                ("Noto Sans CJK SC", false),
                ("Noto Sans SC", false),
                ("Source Han Sans SC", false),
                ("WenQuanYi Zen Hei", false),
            ],
        }
    }
}

/// After those of its own, every role may draw a character with any of these.
const RARE: [(&str, bool); 6] = [
    ("LXGW WenKai", false),
    ("Noto Serif CJK SC", false),
    ("Noto Sans CJK SC", false),
    ("Source Han Serif SC", false),
    ("SimSun-ExtB", false),
    ("Noto Serif CJK SC", true),
];

/// A face of a font file.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Found {
    path: PathBuf,
    index: u32,
    families: Vec<String>,
    bold: bool,
}

/// The fonts of this machine, looked for when they are first needed.
#[derive(Debug)]
pub struct Fonts {
    folders: Vec<PathBuf>,
    found: OnceLock<Vec<Found>>,
    /// One file is made at a time: the fonts of several would fill the memory.
    turn: Mutex<()>,
}

impl Fonts {
    /// Those in the data folder's `fonts`, and those of the system.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        let system = ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from);
        Self::in_folders(std::iter::once(data.join("fonts")).chain(system).collect())
    }

    /// Those in these folders and below.
    #[must_use]
    pub fn in_folders(folders: Vec<PathBuf>) -> Self {
        Self { folders, found: OnceLock::new(), turn: Mutex::new(()) }
    }

    fn found(&self) -> &[Found] {
        self.found.get_or_init(|| {
            let mut found = Vec::new();
            self.folders.iter().for_each(|folder| search(folder, 0, &mut found));
            found
        })
    }

    /// Nobody else makes a file until the guard is gone.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the files that the roles need. Errors: [`Unprintable::NoFonts`], [`Unprintable::Font`].
    pub(super) fn load(&self) -> Result<Loaded, Unprintable> {
        let found = self.found();
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        let mut faces: Vec<(usize, u32)> = Vec::new();
        let mut place = |one: &Found| -> Result<usize, Unprintable> {
            let file = match files.iter().position(|(path, _)| *path == one.path) {
                Some(file) => file,
                None => {
                    let bytes = std::fs::read(&one.path)
                        .map_err(|error| Unprintable::Font(format!("{}：{error}", one.path.display())))?;
                    files.push((one.path.clone(), bytes));
                    files.len() - 1
                }
            };
            Ok(faces.iter().position(|face| *face == (file, one.index)).unwrap_or_else(|| {
                faces.push((file, one.index));
                faces.len() - 1
            }))
        };
        let mut chains = Vec::new();
        for role in Role::ALL {
            let best = |wanted: &[(&str, bool)]| -> Vec<&Found> {
                wanted.iter().filter_map(|(family, bold)| find(found, family, *bold)).collect()
            };
            let own = best(role.wanted());
            // One of its own is enough, the rare ones follow.
            let chain: Vec<usize> =
                own.into_iter().take(1).chain(best(&RARE)).map(&mut place).collect::<Result<_, _>>()?;
            chains.push(chain);
        }
        if chains.iter().any(Vec::is_empty) {
            return Err(Unprintable::NoFonts);
        }
        Ok(Loaded { files, faces, chains })
    }
}

fn find<'f>(found: &'f [Found], family: &str, bold: bool) -> Option<&'f Found> {
    found.iter().find(|one| one.bold == bold && one.families.iter().any(|name| name == family))
}

/// Folders below folders at most: a loop of links ends.
const DEPTH_MAX: u32 = 6;

fn search(folder: &Path, depth: u32, found: &mut Vec<Found>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth < DEPTH_MAX {
                search(&path, depth + 1, found);
            }
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if ["ttf", "otf", "ttc", "otc"].contains(&ending.as_str())
            && let Ok(bytes) = std::fs::read(&path)
        {
            look(&path, &bytes, found);
        }
    }
}

fn look(path: &Path, bytes: &[u8], found: &mut Vec<Found>) {
    for index in 0..fonts_in_collection(bytes).unwrap_or(1) {
        let Ok(face) = Face::parse(bytes, index) else { continue };
        // Without Chinese it serves nothing here.
        if face.glyph_index('县').is_none() {
            continue;
        }
        let named = |id: u16| id == name_id::FAMILY || id == name_id::TYPOGRAPHIC_FAMILY;
        let families: BTreeSet<String> =
            face.names().into_iter().filter(|name| named(name.name_id)).filter_map(|name| name.to_string()).collect();
        found.push(Found {
            path: path.to_owned(),
            index,
            families: families.into_iter().collect(),
            bold: face.is_bold(),
        });
    }
}

/// Font files in memory, for as long as one file is made.
pub(super) struct Loaded {
    files: Vec<(PathBuf, Vec<u8>)>,
    faces: Vec<(usize, u32)>,
    chains: Vec<Vec<usize>>,
}

impl Loaded {
    pub(super) fn faces(&self) -> Result<Faces<'_>, Unprintable> {
        let mut faces = Vec::new();
        for (file, index) in &self.faces {
            let Some((path, bytes)) = self.files.get(*file) else { continue };
            let face = Face::parse(bytes, *index)
                .map_err(|error| Unprintable::Font(format!("{}：{error}", path.display())))?;
            faces.push(Type { bytes, index: *index, face });
        }
        Ok(Faces { faces, chains: &self.chains })
    }
}

/// One face, ready to measure with and to cut from.
pub(super) struct Type<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) index: u32,
    pub(super) face: Face<'a>,
}

/// The faces of a file in the making.
pub(super) struct Faces<'a> {
    pub(super) faces: Vec<Type<'a>>,
    chains: &'a [Vec<usize>],
}

/// A character as one face draws it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Glyph {
    /// Which face.
    pub(super) face: usize,
    /// Its glyph there.
    pub(super) id: u16,
    /// Its advance at one point of size.
    pub(super) advance: f32,
}

impl Faces<'_> {
    /// The first face of a role's chain that has the character.
    pub(super) fn glyph(&self, role: Role, c: char) -> Option<Glyph> {
        self.chains.get(role as usize)?.iter().find_map(|place| {
            let face = &self.faces.get(*place)?.face;
            let GlyphId(id) = face.glyph_index(c)?;
            let units = f32::from(face.units_per_em());
            let advance = face.glyph_hor_advance(GlyphId(id)).map_or(1.0, |advance| f32::from(advance) / units);
            Some(Glyph { face: *place, id, advance })
        })
    }
}
