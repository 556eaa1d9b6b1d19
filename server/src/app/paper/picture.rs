//! Photographs and scans as a PDF can hold them: a JPEG goes in as it is (`DCTDecode`), a PNG as its packed rows are, unless it is
//! transparent: then row by row over white.
//!
//! Only what the header says is believed, and only as far as the bytes are there. Does not belong here: where a picture stands
//! (`page.rs`), who may see it (`web/`).

use std::io::{Read, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// No side is longer: a scanner of A0 at 600 dots an inch stays below.
const SIDE_MAX: u32 = 30_000;
/// No picture has more dots: a few megabytes of PNG can unpack to thousands of them, and every PDF waits meanwhile.
const DOTS_MAX: u64 = 60_000_000;

/// What a picture is.
#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    /// Dots across, as they are stored.
    pub width: u32,
    /// Dots down, as they are stored.
    pub height: u32,
    /// How it must be turned to stand upright: 1 to 8, as EXIF counts.
    pub orientation: u16,
    /// When it was taken, as the file itself says: `2024-10-26 09:31`.
    pub taken: Option<String>,
    coding: Coding,
}

/// How its dots are kept.
#[derive(Clone, PartialEq, Debug)]
enum Coding {
    /// With so many components; of four the ones of Adobe are inverted.
    Jpeg {
        components: u8,
        inverted: bool,
    },
    Png {
        depth: u8,
        colour: Colour,
    },
}

/// The colour types of PNG.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Colour {
    Grey,
    Rgb,
    Palette,
    GreyAlpha,
    RgbAlpha,
}

impl Colour {
    fn of(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Grey,
            2 => Self::Rgb,
            3 => Self::Palette,
            4 => Self::GreyAlpha,
            6 => Self::RgbAlpha,
            _ => return None,
        })
    }

    fn channels(self) -> usize {
        match self {
            Self::Grey | Self::Palette => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::RgbAlpha => 4,
        }
    }

    fn is_transparent(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::RgbAlpha)
    }
}

/// A picture as an image of a PDF.
pub(super) struct Image {
    pub(super) data: Vec<u8>,
    pub(super) packing: Packing,
    pub(super) bits: u8,
    pub(super) space: Space,
    pub(super) inverted: bool,
}

/// What unpacks the dots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packing {
    Dct,
    Flate,
    /// With the predictors of PNG, for so many colours.
    Rows(u8),
}

/// The colours of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Space {
    Grey,
    Rgb,
    Cmyk,
    /// Of a table of three bytes each.
    Table(Vec<u8>),
}

/// Reads what a picture is; none if a PDF cannot show it as it is.
#[must_use]
pub fn look(bytes: &[u8]) -> Option<Shape> {
    let shape = if bytes.starts_with(&[0xFF, 0xD8]) { jpeg(bytes) } else { png(bytes) }?;
    let sane = |side: u32| (1..=SIDE_MAX).contains(&side);
    let dots = u64::from(shape.width) * u64::from(shape.height);
    (sane(shape.width) && sane(shape.height) && dots <= DOTS_MAX).then_some(shape)
}

impl Shape {
    /// Across and down as it is seen.
    #[must_use]
    pub fn upright(&self) -> (u32, u32) {
        if self.orientation >= 5 { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// The picture for a PDF; none if its bytes end too early.
    pub(super) fn image(&self, bytes: Vec<u8>) -> Option<Image> {
        match self.coding {
            Coding::Jpeg { components, inverted } => Some(Image {
                data: bytes,
                packing: Packing::Dct,
                bits: 8,
                space: match components {
                    1 => Space::Grey,
                    4 => Space::Cmyk,
                    _ => Space::Rgb,
                },
                inverted,
            }),
            Coding::Png { colour, .. } if colour.is_transparent() => self.over_white(&bytes, colour),
            Coding::Png { depth, colour } => {
                let space = match colour {
                    Colour::Palette => Space::Table(chunks(&bytes).find(|(kind, _)| kind == b"PLTE")?.1.to_vec()),
                    Colour::Rgb => Space::Rgb,
                    _ => Space::Grey,
                };
                let colours = if colour == Colour::Rgb { 3 } else { 1 };
                let data = Packed::of(&bytes).parts.into_iter().rev().flatten().copied().collect();
                Some(Image { data, packing: Packing::Rows(colours), bits: depth, space, inverted: false })
            }
        }
    }

    /// Takes rows out of their packing one by one, so that only two of them lie open in memory.
    fn over_white(&self, bytes: &[u8], colour: Colour) -> Option<Image> {
        let Coding::Png { depth, .. } = self.coding else { return None };
        let (wide, channels) = (usize::from(depth / 8), colour.channels());
        let dot = wide * channels;
        let length = usize::try_from(self.width).ok()? * dot;
        let mut rows = ZlibDecoder::new(Packed::of(bytes));
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        let (mut above, mut row, mut plain) = (vec![0u8; length], vec![0u8; length], Vec::new());
        for _ in 0..self.height {
            let mut filter = [0u8];
            rows.read_exact(&mut filter).ok()?;
            rows.read_exact(&mut row).ok()?;
            unfilter(filter[0], &mut row, &above, dot)?;
            plain.clear();
            for dot in row.chunks_exact(dot) {
                // The first byte of each channel: the higher one, where there are two.
                let value = |channel: usize| u16::from(dot.get(channel * wide).copied().unwrap_or(255));
                let alpha = value(channels - 1);
                let over = |channel: usize| (value(channel) * alpha + 255 * (255 - alpha)) / 255;
                plain.extend((0..channels - 1).map(|channel| u8::try_from(over(channel)).unwrap_or(255)));
            }
            packed.write_all(&plain).ok()?;
            std::mem::swap(&mut above, &mut row);
        }
        let space = if colour == Colour::GreyAlpha { Space::Grey } else { Space::Rgb };
        Some(Image { data: packed.finish().ok()?, packing: Packing::Flate, bits: 8, space, inverted: false })
    }
}

/// Undoes the filter of a row of PNG (§9.2); none where there is no such filter.
fn unfilter(filter: u8, row: &mut [u8], above: &[u8], dot: usize) -> Option<()> {
    if filter > 4 {
        return None;
    }
    for at in 0..row.len() {
        let before = |line: &[u8]| at.checked_sub(dot).and_then(|at| line.get(at)).copied().unwrap_or(0);
        let (left, up, corner) = (before(row), above.get(at).copied().unwrap_or(0), before(above));
        let add = match filter {
            1 => left,
            2 => up,
            3 => u8::try_from(u16::midpoint(u16::from(left), u16::from(up))).unwrap_or(0),
            4 => nearest(left, up, corner),
            _ => 0,
        };
        if let Some(byte) = row.get_mut(at) {
            *byte = byte.wrapping_add(add);
        }
    }
    Some(())
}

/// Paeth's predictor.
fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let away = |value: u8| (guess - i16::from(value)).abs();
    if away(left) <= away(up) && away(left) <= away(corner) {
        left
    } else if away(up) <= away(corner) {
        up
    } else {
        corner
    }
}

fn png(bytes: &[u8]) -> Option<Shape> {
    let head = chunks(bytes).next().filter(|(kind, _)| kind == b"IHDR")?.1;
    let colour = Colour::of(*head.get(9)?)?;
    let depth = *head.get(8)?;
    let deep = match colour {
        Colour::Grey => [1, 2, 4, 8, 16].contains(&depth),
        Colour::Palette => [1, 2, 4, 8].contains(&depth),
        _ => [8, 16].contains(&depth),
    };
    // Rows that are stored in seven passes are not those of a PDF.
    let plain = head.get(10..13)? == [0, 0, 0];
    if !deep || !plain || !chunks(bytes).any(|(kind, _)| kind == b"IEND") {
        return None;
    }
    let (width, height) = (number(head, 0, true)?, number(head, 4, true)?);
    Some(Shape { width, height, orientation: 1, taken: None, coding: Coding::Png { depth, colour } })
}

/// The chunks of a PNG, as far as they are whole.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = usize::try_from(number(rest, 0, true)?).ok()?;
        let (kind, data) = (rest.get(4..8)?, rest.get(8..)?.get(..length)?);
        rest = rest.get(length.checked_add(12)?..)?;
        Some((kind, data))
    })
}

/// The packed rows, which may lie in many chunks: read without being joined first.
struct Packed<'a> {
    parts: Vec<&'a [u8]>,
}

impl<'a> Packed<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let mut parts: Vec<&[u8]> = chunks(bytes).filter(|(kind, _)| kind == b"IDAT").map(|(_, data)| data).collect();
        parts.reverse();
        Self { parts }
    }
}

impl Read for Packed<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        while let Some(part) = self.parts.last_mut() {
            let read = part.read(to)?;
            if read > 0 || to.is_empty() {
                return Ok(read);
            }
            self.parts.pop();
        }
        Ok(0)
    }
}

fn jpeg(bytes: &[u8]) -> Option<Shape> {
    let (mut orientation, mut taken, mut adobe) = (1, None, false);
    let mut rest = bytes.get(2..)?;
    loop {
        let [0xFF, marker] = *rest.get(..2)? else { return None };
        if marker == 0xFF {
            // Bytes that only fill.
            rest = rest.get(1..)?;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        let segment = rest.get(4..length.checked_add(2)?)?;
        match marker {
            // Baseline, extended, progressive: what every reader of PDF unpacks.
            0xC0..=0xC2 => {
                let [8, h1, h0, w1, w0, components @ (1 | 3 | 4), ..] = *segment else { return None };
                let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
                // It ends as a picture ends; some cameras write a little behind it.
                if !bytes.windows(2).rev().take(4096).any(|end| end == [0xFF, 0xD9]) {
                    return None;
                }
                let coding = Coding::Jpeg { components, inverted: components == 4 && adobe };
                return Some(Shape { width: width.into(), height: height.into(), orientation, taken, coding });
            }
            // Without loss, in steps of arithmetic, or data where a frame should have come first.
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xD9 | 0xDA => return None,
            0xE1 => {
                if let Some(exif) = segment.strip_prefix(b"Exif\0\0") {
                    (orientation, taken) = (turned(exif), moment(exif));
                }
            }
            0xEE => adobe |= segment.starts_with(b"Adobe"),
            _ => {}
        }
        rest = rest.get(length.checked_add(2)?..)?;
    }
}

/// Which way is up, as EXIF says.
fn turned(exif: &[u8]) -> u16 {
    let field = || {
        let big = exif.starts_with(b"MM");
        let entry = entry(exif, number(exif, 4, big)?, 0x0112, big)?;
        short(entry, 8, big)
    };
    field().filter(|turn| (1..=8).contains(turn)).unwrap_or(1)
}

/// When it was taken, to the minute.
fn moment(exif: &[u8]) -> Option<String> {
    let big = exif.starts_with(b"MM");
    let below = number(entry(exif, number(exif, 4, big)?, 0x8769, big)?, 8, big)?;
    let at = usize::try_from(number(entry(exif, below, 0x9003, big)?, 8, big)?).ok()?;
    let written = std::str::from_utf8(exif.get(at..at.checked_add(16)?)?).ok()?;
    let (day, time) = written.split_once(' ')?;
    let parts: Vec<&str> = day.split(':').chain(time.split(':')).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let [year, month, day, hour, minute] = *parts.as_slice() else { return None };
    (parts.iter().all(digits) && year != "0000").then(|| format!("{year}-{month}-{day} {hour}:{minute}"))
}

/// An entry of a directory of TIFF: twelve bytes.
fn entry(tiff: &[u8], directory: u32, tag: u16, big: bool) -> Option<&[u8]> {
    let directory = tiff.get(usize::try_from(directory).ok()?..)?;
    let count = usize::from(short(directory, 0, big)?);
    directory.get(2..)?.chunks_exact(12).take(count).find(|entry| short(entry, 0, big) == Some(tag))
}

fn short(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    let two = [*bytes.get(at)?, *bytes.get(at + 1)?];
    Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
}

fn number(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
}
