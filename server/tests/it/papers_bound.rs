//! Photographs, scans and other files bound in a volume: how they stand on the page is measured on what a reader of PDF draws.

use std::io::Write as _;
use std::process::Command;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use zhunsheng::app::paper::{self, Filed, PICTURES_BYTES_MAX, Part, Volume, picture};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::Digest;

use crate::casework::filed;
use crate::papers::{equipped, plain, printed, tempfile, text_of};
use crate::support::SmallCounty;

/// 32 × 16 dots, the upper half red, the lower one blue, taken at 09:31 on 26 October 2024 with a telephone held upright: seen, it is 16
/// wide and 32 high, and red is on the right.
const PHOTOGRAPH: &[u8] = b"\
    \xFF\xD8\xFF\xE0\x00\x10\x4A\x46\x49\x46\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xFF\xE1\x00\x54\
    \x45\x78\x69\x66\x00\x00\x4D\x4D\x00\x2A\x00\x00\x00\x08\x00\x02\x01\x12\x00\x03\x00\x00\x00\x01\
    \x00\x06\x00\x00\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x26\x00\x00\x00\x00\x00\x01\x90\x03\
    \x00\x02\x00\x00\x00\x14\x00\x00\x00\x38\x00\x00\x00\x00\x32\x30\x32\x34\x3A\x31\x30\x3A\x32\x36\
    \x20\x30\x39\x3A\x33\x31\x3A\x30\x37\x00\xFF\xDB\x00\x43\x00\x0D\x09\x0A\x0B\x0A\x08\x0D\x0B\x0A\
    \x0B\x0E\x0E\x0D\x0F\x13\x20\x15\x13\x12\x12\x13\x27\x1C\x1E\x17\x20\x2E\x29\x31\x30\x2E\x29\x2D\
    \x2C\x33\x3A\x4A\x3E\x33\x36\x46\x37\x2C\x2D\x40\x57\x41\x46\x4C\x4E\x52\x53\x52\x32\x3E\x5A\x61\
    \x5A\x50\x60\x4A\x51\x52\x4F\xFF\xDB\x00\x43\x01\x0E\x0E\x0E\x13\x11\x13\x26\x15\x15\x26\x4F\x35\
    \x2D\x35\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\
    \x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\x4F\
    \x4F\x4F\x4F\x4F\xFF\xC0\x00\x11\x08\x00\x10\x00\x20\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xFF\
    \xC4\x00\x15\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\xFF\xC4\
    \x00\x14\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xFF\xC4\x00\x17\
    \x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07\x05\x06\xFF\xC4\x00\
    \x14\x11\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xFF\xDA\x00\x0C\x03\
    \x01\x00\x02\x11\x03\x11\x00\x3F\x00\x82\xCC\x77\x20\x00\x02\x4A\x98\x9E\x80\x00\x0F\xFF\xD9";

/// A chunk of a PNG; readers of PDF do not see its checksum.
fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend([0; 4]);
}

/// A PNG of a colour type, its rows filtered already.
fn png((width, height): (u32, u32), colour: u8, table: &[u8], rows: &[u8]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend([8, colour, 0, 0, 0]);
    chunk(&mut png, b"IHDR", &head);
    if !table.is_empty() {
        chunk(&mut png, b"PLTE", table);
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(rows).unwrap();
    let packed = packed.finish().unwrap();
    // In two parts, as many programs write it.
    let (one, two) = packed.split_at(packed.len() / 2);
    chunk(&mut png, b"IDAT", one);
    chunk(&mut png, b"IDAT", two);
    chunk(&mut png, b"IEND", &[]);
    png
}

/// Eight dots square: rows of a dot, then filters that add it to what stands beside it and above.
fn square(dot: &[u8]) -> Vec<u8> {
    let plain = dot.repeat(8);
    let mut rows = [&[0][..], plain.as_slice()].concat();
    // Sub, Up, Average, Paeth: the same dot each time.
    rows.extend([&[1][..], dot, vec![0; dot.len() * 7].as_slice()].concat());
    rows.extend([&[2][..], vec![0; dot.len() * 8].as_slice()].concat());
    let half: Vec<u8> = dot.iter().map(|byte| byte - byte / 2).collect();
    rows.extend([&[3][..], half.as_slice(), vec![0; dot.len() * 7].as_slice()].concat());
    rows.extend([&[4][..], vec![0; dot.len() * 8].as_slice()].concat());
    for _ in 5..8 {
        rows.extend([&[0][..], plain.as_slice()].concat());
    }
    rows
}

fn file(name: &str, bytes: &[u8], only_named: Option<&'static str>) -> Filed {
    Filed {
        kind: "物证（照片）".to_owned(),
        name: name.to_owned(),
        number: "材料第3号".to_owned(),
        day: Day::new(2024, 10, 26).unwrap(),
        said: vec!["录入：2024年10月26日 10:02　队员甲（昌图县农业农村局）".to_owned()],
        digest: Digest::of(bytes),
        bytes: bytes.len() as u64,
        only_named,
    }
}

/// A page as dots of three bytes, fifty to an inch.
struct Drawn {
    width: usize,
    dots: Vec<[u8; 3]>,
}

impl Drawn {
    fn page(pdf: &[u8], page: usize) -> Self {
        let folder = tempfile().join(format!("bound-{page}-{}", pdf.len()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.pdf"), pdf).unwrap();
        let page = (page + 1).to_string();
        let args = ["-r", "50", "-f", &page, "-l", &page, "-singlefile", "a.pdf", "a"];
        let done = Command::new("pdftoppm").args(args).current_dir(&folder).output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
        let drawn = std::fs::read(folder.join("a.ppm")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let header: Vec<String> = drawn
            .split(|byte| byte.is_ascii_whitespace())
            .take(3)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let (width, height): (usize, usize) = (header[1].parse().unwrap(), header[2].parse().unwrap());
        let dots = drawn[drawn.len() - width * height * 3..].chunks_exact(3).map(|dot| [dot[0], dot[1], dot[2]]);
        Self { width, dots: dots.collect() }
    }

    /// Left, top, right and bottom of what has a colour, in dots.
    fn coloured(&self, is: impl Fn([u8; 3]) -> bool) -> (usize, usize, usize, usize) {
        let found: Vec<(usize, usize)> =
            (0..self.dots.len()).filter(|at| is(self.dots[*at])).map(|at| (at % self.width, at / self.width)).collect();
        assert!(!found.is_empty(), "nothing has that colour");
        let fold = |of: fn(&(usize, usize)) -> usize| {
            (found.iter().map(of).min().unwrap(), found.iter().map(of).max().unwrap())
        };
        let ((left, right), (top, bottom)) = (fold(|dot| dot.0), fold(|dot| dot.1));
        (left, top, right, bottom)
    }
}

fn near(dot: [u8; 3], colour: [u8; 3]) -> bool {
    dot.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 60)
}

const RED: [u8; 3] = [220, 20, 20];
const BLUE: [u8; 3] = [20, 20, 220];

#[test]
fn photographs_stand_upright_between_papers_and_pages_are_counted() {
    let Some(fonts) = equipped("photographs_stand_upright_between_papers_and_pages_are_counted") else { return };
    let paper = |title: &str| Part::Paper(printed(title, Vec::new()));
    let half_seen = png((8, 8), 6, &[], &square(&[220, 20, 20, 255]));
    let table = png((8, 8), 3, &[20, 20, 220, 220, 20, 20], &[0, 1, 1, 1, 1, 1, 1, 1, 1].repeat(8));
    let text = "笔录".as_bytes();
    // Bytes that no reader unpacks, and a name with a character that no font has.
    let broken = &PHOTOGRAPH[..200];
    let files = [
        ("院墙.jpg", PHOTOGRAPH, None),
        ("截屏.png", half_seen.as_slice(), None),
        ("签名.png", table.as_slice(), None),
        ("录音.txt", text, Some("不是图片，没有装入本卷。")),
        ("坏\u{e000}.jpg", broken, None),
    ];
    let mut parts = vec![paper("立案审批表")];
    parts.extend(files.iter().map(|(name, bytes, why)| Part::File(file(name, bytes, *why))));
    parts.push(paper("结案审批表"));
    let volume = Volume { cover: vec!["行政处罚卷宗".to_owned()], parts };
    let load = |digest: &Digest| {
        let found = files.iter().find(|(_, bytes, _)| Digest::of(bytes) == *digest);
        found.map(|(_, bytes, _)| bytes.to_vec())
    };
    let pdf = paper::volume(&fonts, &volume, Day::new(2024, 10, 26).unwrap(), &load).unwrap();
    let pages: Vec<String> = text_of(&pdf, false).iter().map(|page| plain(page)).collect();
    let front = pages.iter().position(|page| page.ends_with("—1—")).unwrap();
    let page_of = |words: &str| pages.iter().skip(front).position(|page| page.contains(words)).unwrap();
    let catalogue = pages[1..front].concat();
    for (n, name) in ["院墙.jpg", "截屏.png", "签名.png", "录音.txt", "坏〓.jpg"].iter().enumerate() {
        let at = page_of(&format!("文件名：{name}"));
        assert_eq!(at, page_of("文件名：院墙.jpg") + n, "a page each, in order");
        // Its row ends with its page; the next one begins with its own number.
        let row = format!("物证（照片）：{name}材料第3号2024-10-26{}{}", at + 1, n + 3);
        assert!(catalogue.contains(&row), "{row} is not in {catalogue}");
        assert!(pages[front + at].contains(&format!("—{}—", at + 1)), "{}", pages[front + at]);
    }
    let photograph = front + page_of("院墙.jpg");
    assert!(pages[photograph].contains("拍摄时间：2024-10-2609:31"), "{}", pages[photograph]);
    assert!(pages[photograph].contains("材料第3号物证（照片）"), "{}", pages[photograph]);
    assert!(pages[front + page_of("录音.txt")].contains("没有装入本卷"));
    assert!(pages[front + page_of("坏〓.jpg")].contains("编码不能装入"));

    let drawn = Drawn::page(&pdf, photograph);
    let (red, blue) = (drawn.coloured(|dot| near(dot, RED)), drawn.coloured(|dot| near(dot, BLUE)));
    assert!(blue.2 <= red.0 + 1, "blue {blue:?} left of red {red:?}");
    let (wide, high) = (red.2 - blue.0, red.3 - red.1);
    assert!(high > wide * 17 / 10 && high < wide * 23 / 10, "upright, {wide} × {high}");
    let mm = |at: usize| at as f64 * 25.4 / 50.0;
    assert!(mm(blue.0) > 28.0 && mm(red.2) < 184.0 && mm(red.1) > 37.0 && mm(red.3) < 262.0, "in the core");
    let drawn = Drawn::page(&pdf, front + page_of("截屏.png"));
    let (left, top, right, bottom) = drawn.coloured(|dot| near(dot, RED));
    let inside = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
    let outside = inside.filter(|(x, y)| !near(drawn.dots[y * drawn.width + x], RED)).count();
    assert!(right - left >= 3 && outside == 0, "all eight rows are red: {outside} dots are not");
    Drawn::page(&pdf, front + page_of("签名.png")).coloured(|dot| near(dot, RED));

    // A photograph goes in as it is.
    assert!(pdf.windows(PHOTOGRAPH.len()).any(|part| part == PHOTOGRAPH), "byte for byte");
}

/// The eight ways of EXIF to hold a camera: red is where it says.
#[test]
fn a_picture_is_turned_the_way_its_camera_was_held() {
    let Some(fonts) = equipped("a_picture_is_turned_the_way_its_camera_was_held") else { return };
    // Where the tag's value stands in the bytes above: behind number, type and count of its entry.
    let at = PHOTOGRAPH.windows(4).position(|bytes| bytes == [0x01, 0x12, 0x00, 0x03]).unwrap() + 9;
    let mut seen = Vec::new();
    for way in 1..=8u8 {
        let mut bytes = PHOTOGRAPH.to_vec();
        bytes[at] = way;
        let shape = picture::look(&bytes).unwrap();
        assert_eq!((shape.orientation, shape.upright() == (32, 16)), (u16::from(way), way < 5));
        let part = Part::File(file("a.jpg", &bytes, None));
        let volume = Volume { cover: vec!["卷".to_owned()], parts: vec![part] };
        let pdf = paper::volume(&fonts, &volume, Day::new(2024, 10, 26).unwrap(), &|_| Some(bytes.clone())).unwrap();
        let drawn = Drawn::page(&pdf, 2);
        let (red, blue) = (drawn.coloured(|dot| near(dot, RED)), drawn.coloured(|dot| near(dot, BLUE)));
        seen.push(if red.3 <= blue.1 + 1 {
            "above"
        } else if blue.3 <= red.1 + 1 {
            "below"
        } else if red.2 <= blue.0 + 1 {
            "left"
        } else {
            "right"
        });
    }
    assert_eq!(seen, ["above", "above", "below", "below", "left", "right", "right", "left"]);
}

#[test]
fn pictures_of_a_volume_take_so_much_memory_at_most() {
    let Some(fonts) = equipped("pictures_of_a_volume_take_so_much_memory_at_most") else { return };
    // The camera wrote a great deal in front of the frame.
    let filler = [&[0xFF, 0xFE, 0xFF, 0xFF][..], &[0; 0xFFFD]].concat();
    let count = usize::try_from(PICTURES_BYTES_MAX / 3).unwrap() / filler.len();
    let large = [&PHOTOGRAPH[..2], filler.repeat(count).as_slice(), &PHOTOGRAPH[2..]].concat();
    let parts: Vec<Part> = (1..=5).map(|n| Part::File(file(&format!("{n}.jpg"), &large, None))).collect();
    let volume = Volume { cover: vec!["卷".to_owned()], parts };
    let pdf = paper::volume(&fonts, &volume, Day::new(2024, 10, 26).unwrap(), &|_| Some(large.clone())).unwrap();
    let limit = usize::try_from(PICTURES_BYTES_MAX).unwrap();
    assert!(pdf.len() > limit / 2 && pdf.len() < limit + 1_000_000, "{}", pdf.len());
    let pages = text_of(&pdf, false);
    let named = pages.iter().filter(|page| plain(page).contains("图片较大")).count();
    assert_eq!(named, 2, "what is left is named");
    // Headers that lie are believed as far as they go.
    for end in 0..PHOTOGRAPH.len() {
        assert!(picture::look(&PHOTOGRAPH[..end]).is_none(), "cut at {end}");
    }
    // A few bytes can say that they unpack to gigabytes.
    assert!(picture::look(&png_that_says(3_000)).is_some());
    assert!(picture::look(&png_that_says(30_000)).is_none());
}

/// The head and the end of a PNG of so many dots across and down.
fn png_that_says(side: u32) -> Vec<u8> {
    let head = [side.to_be_bytes().as_slice(), &side.to_be_bytes(), &[16, 6, 0, 0, 0]].concat();
    let chunk = |kind: &[u8], data: &[u8]| [&(data.len() as u32).to_be_bytes(), kind, data, &[0; 4]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IEND", &[])].concat()
}

#[tokio::test]
async fn photographs_of_a_case_are_bound_in_its_inner_volume() {
    let county = SmallCounty::new().await;
    let (mut officer, _, matter) = filed(&county).await;
    let attach = format!("{matter}/steps/_attach");
    officer.get(&attach).await;
    let files =
        [("evidence.physical", "院墙.jpg", PHOTOGRAPH), ("evidence.electronic_data", "说明.txt", "笔录".as_bytes())];
    let page = officer.post_files(&attach, &[], &files).await;
    assert_eq!(page.status, 303, "{}", page.body);
    // The same once more is bound once.
    officer.get(&attach).await;
    assert_eq!(officer.post_files(&attach, &[], &[("evidence.physical", "重拍.jpg", PHOTOGRAPH)]).await.status, 303);
    assert_eq!(county.clerk("起草甲").await.get(&format!("{matter}/volume/inner")).await.status, 404);
    if equipped("photographs_of_a_case_are_bound_in_its_inner_volume").is_none() {
        return;
    }
    let inner = officer.get(&format!("{matter}/volume/inner")).await;
    assert_eq!(inner.status, 200, "{}", inner.body);
    let pages: Vec<String> = text_of(&inner.bytes, false).iter().map(|page| plain(page)).collect();
    let whole = pages.concat();
    let digest: String = Digest::of(PHOTOGRAPH).to_string().chars().take(16).collect();
    for words in ["物证（照片）：重拍.jpg", "电子数据：说明.txt", "不是图片", digest.as_str(), "队员甲"]
    {
        assert!(whole.contains(words), "{words} is not in {whole}");
    }
    assert_eq!(inner.bytes.windows(PHOTOGRAPH.len()).filter(|part| *part == PHOTOGRAPH).count(), 1);
    let at = |words: &str| pages.iter().rposition(|page| page.contains(words)).unwrap();
    assert!(at("立案审批表") < at("重拍.jpg") && at("重拍.jpg") < at("说明.txt"), "as the sheet orders");
    // What goes out to parties holds none of it.
    let main = officer.get(&format!("{matter}/volume/main")).await;
    assert!(main.status == 404 || !main.bytes.windows(PHOTOGRAPH.len()).any(|part| part == PHOTOGRAPH));
}
