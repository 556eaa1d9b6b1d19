//! Instruments as files: set on A4 pages as official documents are (GB/T 9704-2012: 22 lines of 28 characters, 156 × 225 mm), for
//! PDF; and as an editable DOCX.
//!
//! Nothing here reads the county: a [`Printed`] holds all that stands on the paper, so the same instrument gives the same bytes.
//! Does not belong here: what an instrument says (`instrument.rs`), who may have it (`web/`).

pub mod docx;
pub mod fonts;
mod line;
mod page;
mod pdf;
pub mod picture;
mod volume;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::Digest;

use super::instrument::Sheet;
use fonts::Fonts;
use picture::Shape;

/// An instrument with everything that its paper bears.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The instrument.
    pub sheet: Sheet,
    /// Said above it, where it is none: a demonstration.
    pub warning: Option<String>,
    /// How it can be checked.
    pub code: Option<Code>,
}

/// What stands at the foot of an instrument, so that it can be checked.
#[derive(Clone, Debug)]
pub struct Code {
    /// The short code, in groups.
    pub written: String,
    /// Where to type it, and what for.
    pub note: String,
    /// Rows of a QR code, dark or light, without a quiet zone.
    pub squares: Vec<Vec<bool>>,
}

/// Several instruments bound together, in order, behind a cover with their catalogue.
#[derive(Clone, Debug)]
pub struct Volume {
    /// What the cover says, largest first: county, title, number, …
    pub cover: Vec<String>,
    /// What is bound.
    pub parts: Vec<Part>,
}

/// A part of a volume.
#[derive(Clone, Debug)]
pub enum Part {
    /// An instrument.
    Paper(Printed),
    /// A file that came with an act.
    File(Filed),
}

/// A file that came with an act, as it is bound.
#[derive(Clone, Debug)]
pub struct Filed {
    /// What it is: 现场照片.
    pub kind: String,
    /// Its name; may be empty.
    pub name: String,
    /// Its number in the list of files.
    pub number: String,
    /// When it came.
    pub day: Day,
    /// What is said of it: who took it in, when, its digests; a line each.
    pub said: Vec<String>,
    /// Its digest.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
    /// Why it is named only; without it a picture, if it can be shown.
    pub only_named: Option<&'static str>,
}

/// Pictures of a volume take so many bytes at most: they stand in memory as long as it is made. What is left is named.
pub const PICTURES_BYTES_MAX: u64 = 64 << 20;

/// How a part is shown.
enum Shown {
    Picture(Shape),
    /// Named only, and why.
    Sheet(&'static str),
}

/// Where the bytes of files are; none where they are missing or not what they were.
pub type Loading<'a> = &'a dyn Fn(&Digest) -> Option<Vec<u8>>;

/// Why a PDF cannot be made, in a sentence for the person who asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unprintable {
    /// No font with Chinese characters was found.
    NoFonts,
    /// Characters that none of the fonts found can draw. A box in a name would be a wrong name.
    Characters(Vec<char>),
    /// A font that cannot be read or cut.
    Font(String),
}

impl Unprintable {
    /// What to do about it.
    pub const NEXT: &str = "先下载 DOCX，或者用浏览器打印。请管理员安装字数多的中文字体（如 fonts-noto-cjk、fonts-lxgw-wenkai），\
                            或者把字体文件放进数据目录的 fonts，然后重新启动。";

    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFonts => "no_fonts",
            Self::Characters(_) => "characters_without_font",
            Self::Font(_) => "font_unusable",
        }
    }

    /// Why, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NoFonts => "本机没有可用的中文字体，不能生成 PDF。".to_owned(),
            Self::Characters(missing) => {
                let named = missing.iter().map(|c| format!("“{c}”（U+{:04X}）", u32::from(*c)));
                let named = named.collect::<Vec<_>>().join("、");
                format!("本机的字体里没有{named}，印出来会缺字，不能生成 PDF。")
            }
            Self::Font(detail) => format!("字体文件不能使用（{detail}），不能生成 PDF。"),
        }
    }
}

/// An instrument as a PDF.
pub fn pdf(fonts: &Fonts, printed: &Printed) -> Result<Vec<u8>, Unprintable> {
    let _turn = fonts.turn();
    let loaded = fonts.load()?;
    let faces = loaded.faces()?;
    let pages = page::set(&faces, printed)?;
    pdf::write(
        &faces,
        &pages,
        &About { title: &printed.sheet.title, day: printed.sheet.day, marks: &[], picture: &|_| None },
    )
}

/// A volume as one PDF. Files are read one at a time, and twice: for their size, and to be written.
pub fn volume(fonts: &Fonts, volume: &Volume, day: Day, load: Loading<'_>) -> Result<Vec<u8>, Unprintable> {
    let _turn = fonts.turn();
    let loaded = fonts.load()?;
    let faces = loaded.faces()?;
    let shown = shown(volume, load);
    let (pages, marks) = volume::bind(&faces, volume, &shown)?;
    let title = volume.cover.first().map(String::as_str).unwrap_or_default();
    let picture = |part: usize| {
        let (Part::File(file), Shown::Picture(shape)) = (volume.parts.get(part)?, shown.get(part)?) else {
            return None;
        };
        Some((shape, shape.image(load(&file.digest)?)?))
    };
    pdf::write(&faces, &pages, &About { title, day, marks: &marks, picture: &picture })
}

/// What can be shown of each part, in order, as far as memory goes.
fn shown(volume: &Volume, load: Loading<'_>) -> Vec<Shown> {
    let mut left = PICTURES_BYTES_MAX;
    let one = |part: &Part| {
        let Part::File(file) = part else { return Shown::Sheet("") };
        if let Some(why) = file.only_named {
            return Shown::Sheet(why);
        }
        if file.bytes > left {
            return Shown::Sheet("图片较大，没有装入本卷，另附原件，按摘要核对。");
        }
        let Some(bytes) = load(&file.digest) else {
            return Shown::Sheet("文件缺失或者与登记的摘要不符，请系统管理员核对。");
        };
        let Some(shape) = picture::look(&bytes).filter(|shape| shape.image(bytes).is_some()) else {
            return Shown::Sheet("图片的编码不能装入，另附原件，按摘要核对。");
        };
        left -= file.bytes;
        Shown::Picture(shape)
    };
    volume.parts.iter().map(one).collect()
}

/// The title of a part with the page, from 0, on which it begins.
type Bookmark = (String, usize);

/// What a file says about itself.
struct About<'a> {
    title: &'a str,
    day: Day,
    marks: &'a [Bookmark],
    /// The picture of a part.
    picture: &'a dyn Fn(usize) -> Option<(&'a Shape, picture::Image)>,
}
