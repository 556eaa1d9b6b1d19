//! Instruments as files: the text of a PDF read back with a tool that is not ours, its ink measured; DOCX opened as an archive;
//! what cannot be drawn is refused.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use zhunsheng::app::instrument::{Paragraph, Sheet};
use zhunsheng::app::paper::fonts::Fonts;
use zhunsheng::app::paper::{self, Code, Part, Printed, Unprintable, Volume, docx};
use zhunsheng_core::day::Day;

use crate::casework::filed;
use crate::support::SmallCounty;

/// Five respondents, one of them with characters that GB 2312 does not have, a very long name, marks in rows.
pub(crate) const RESPONDENTS: [&str; 5] = [
    "昌图县鴜鷺树镇堃玥种植专业合作社",
    "王昇婳",
    "辽宁省铁岭市昌图县昌图站街道办事处农业生产资料经营服务有限责任公司第三分公司（个人独资）",
    "旻祎粮食收储有限公司",
    "Smith & Sons <Trading> Co., Ltd.",
];

fn system() -> Fonts {
    Fonts::in_folders(vec![PathBuf::from("/usr/share/fonts")])
}

/// The system's fonts, if `test` can use them and the tools that read a PDF.
pub(crate) fn equipped(test: &str) -> Option<Fonts> {
    let tool = Command::new("pdftotext").arg("-v").stderr(Stdio::null()).status().is_ok();
    let sheet = printed("试", Vec::new());
    if !tool || paper::pdf(&system(), &sheet) == Err(Unprintable::NoFonts) {
        println!("\nSKIPPED {test}: pdftotext or fonts with Chinese characters are missing");
        return None;
    }
    Some(system())
}

pub(crate) fn printed(title: &str, texts: Vec<String>) -> Printed {
    let mut paragraphs = vec![
        Paragraph::Title(title.to_owned()),
        Paragraph::Number("昌农罚决字〔2024〕12号".to_owned()),
        Paragraph::To(format!("{}：", RESPONDENTS.join("、"))),
        Paragraph::Heading("事实".to_owned()),
    ];
    paragraphs.extend(texts.into_iter().map(Paragraph::Text));
    paragraphs.push(Paragraph::Sign("当事人（签名）：　　　　　　".to_owned()));
    Printed {
        sheet: Sheet {
            title: title.to_owned(),
            number: Some("昌农罚决字〔2024〕12号".to_owned()),
            day: Day::new(2024, 10, 26).unwrap(),
            paragraphs,
            close: vec!["昌图县农业农村局".to_owned(), "2024年10月26日".to_owned()],
            unknown: Vec::new(),
        },
        warning: Some("演示数据，与昌图县实际工作无关".to_owned()),
        code: Some(Code {
            written: "7K2M-94QX-1AB0".to_owned(),
            note: "扫码，或者打开 example.gov.cn/verify 输入核验码，可以核验这份文书的真伪。".to_owned(),
            squares: (0..25).map(|row| (0..25).map(|column| (row * column) % 3 == 0).collect()).collect(),
        }),
    }
}

/// Sentences with many marks, numbers and words, so that lines end everywhere.
pub(crate) fn facts(count: usize) -> Vec<String> {
    let one = |n: usize| {
        format!(
            "第{n}项：经查，当事人于2024年{}月1日在《农药管理条例》（以下简称“条例”）施行期间，经营Bacillus thuringiensis制剂{n}瓶，\
             货值{}.50元；未建立台账……以上事实，有现场检查笔录、照片（{n}张）、询问笔录等证据证实。",
            n % 12 + 1,
            n * 137
        )
    };
    (1..=count).map(one).collect()
}

/// What a reader of PDF makes of it, page by page, without spaces.
pub(crate) fn text_of(pdf: &[u8], layout: bool) -> Vec<String> {
    let mut command = Command::new("pdftotext");
    let mut child = command
        .args(if layout { &["-layout", "-enc", "UTF-8"][..] } else { &["-enc", "UTF-8"][..] })
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).unwrap();
    let pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
    pages[..pages.len() - 1].to_vec()
}

pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_character_of_an_instrument_can_be_read_from_its_pdf() {
    let Some(fonts) = equipped("every_character_of_an_instrument_can_be_read_from_its_pdf") else { return };
    let facts = facts(30);
    let pdf = paper::pdf(&fonts, &printed("行政处罚决定书", facts.clone())).unwrap();
    assert_eq!(pdf, paper::pdf(&fonts, &printed("行政处罚决定书", facts.clone())).unwrap(), "the same bytes each time");
    let pages = text_of(&pdf, false);
    assert!(pages.len() >= 4, "{} pages", pages.len());
    for (n, page) in (1..).zip(&pages) {
        assert!(plain(page).contains(&format!("—{n}—")), "page {n} has its number");
    }
    let whole: String =
        pages.iter().enumerate().map(|(n, page)| plain(page).replace(&format!("—{}—", n + 1), "")).collect();
    for name in RESPONDENTS {
        assert!(whole.contains(&plain(name)), "{name}");
    }
    for fact in facts {
        assert!(whole.contains(&plain(&fact)), "{fact}\n{whole}");
    }
    let last = plain(pages.last().unwrap());
    assert!(last.contains("昌图县农业农村局") && last.contains("7K2M-94QX-1AB0"), "{last}");
    assert!(last.contains("证据证实"), "the close does not stand alone on a page: {last}");
    assert!(pdf.len() < 400_000, "{} bytes: fonts are cut", pdf.len());
}

/// Each form of the law, with five respondents wherever something is filled in: set whole, nothing lost.
#[test]
fn every_form_of_the_law_is_set_with_long_names() {
    let Some(fonts) = equipped("every_form_of_the_law_is_set_with_long_names") else { return };
    let law = zhunsheng_core::law::load_adopted(&zhunsheng::app::ruling::embedded(), &[]).law;
    let filled = RESPONDENTS.join("、");
    let mut forms = 0;
    for procedure in law.procedures() {
        for form in &procedure.instruments {
            let text = zhunsheng_core::text::fill(&form.body, &|_| filled.clone());
            let lines: Vec<String> =
                text.lines().map(|line| line.trim_start_matches(['#', '>', ' ']).to_owned()).collect();
            let pdf = paper::pdf(&fonts, &printed(&form.title, lines.clone())).unwrap();
            let pages = text_of(&pdf, false);
            let whole: String =
                (1..).zip(&pages).map(|(n, page)| plain(page).replacen(&format!("—{n}—"), "", 1)).collect();
            for line in &lines {
                assert!(whole.contains(&plain(line)), "{}.{}: {line}\n{whole}", procedure.id, form.id);
            }
            forms += 1;
        }
    }
    assert!(forms > 120, "{forms} forms");
}

#[test]
fn no_line_begins_or_ends_where_it_must_not() {
    let Some(fonts) = equipped("no_line_begins_or_ends_where_it_must_not") else { return };
    let pdf = paper::pdf(&fonts, &printed("行政处罚决定书", facts(40))).unwrap();
    let mut lines = 0;
    for page in text_of(&pdf, true) {
        for line in page.lines().map(str::trim).filter(|line| line.chars().count() > 20) {
            lines += 1;
            assert!(!line.starts_with(['，', '。', '、', '；', '：', '）', '”', '》']), "{line}");
            assert!(!line.ends_with(['（', '“', '《']), "{line}");
            let units = line.split_whitespace().collect::<String>().chars().count();
            assert!(units <= 60, "{line}");
        }
    }
    assert!(lines > 60, "{lines} lines");
}

/// The ink of the first page lies in the core and fills its width; nothing is cut off.
#[test]
fn ink_keeps_to_the_core_of_the_page() {
    let Some(fonts) = equipped("ink_keeps_to_the_core_of_the_page") else { return };
    let mut printed = printed("行政处罚决定书", facts(30));
    printed.warning = None;
    let pdf = paper::pdf(&fonts, &printed).unwrap();
    let folder = tempfile();
    std::fs::write(folder.join("a.pdf"), &pdf).unwrap();
    // One grey byte for each of 50 dots an inch.
    let done = Command::new("pdftoppm")
        .args(["-gray", "-r", "50", "-f", "1", "-l", "1", "a.pdf", "a"])
        .current_dir(&folder)
        .status();
    assert!(done.unwrap().success());
    let drawn = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let drawn =
        std::fs::read(drawn.into_iter().find(|path| path.extension().is_some_and(|e| e == "pgm")).unwrap()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    // P5, width, height, 255.
    let header: Vec<usize> = drawn.split(|byte| byte.is_ascii_whitespace()).skip(1).take(2).map(number).collect();
    let (width, height) = (header[0], header[1]);
    let pixels = &drawn[drawn.len() - width * height..];
    let mm = |at: usize| at as f64 * 25.4 / 50.0;
    let dark: Vec<(f64, f64)> =
        (0..pixels.len()).filter(|at| pixels[*at] < 128).map(|at| (mm(at % width), mm(at / width))).collect();
    let (left, right) = dark.iter().fold((300.0, 0.0), |(l, r), (x, _)| (f64::min(l, *x), f64::max(r, *x)));
    let top = dark.iter().map(|(_, y)| *y).fold(300.0, f64::min);
    assert!((27.0..=30.0).contains(&left), "from {left} mm");
    assert!((181.0..=185.0).contains(&right), "to {right} mm");
    assert!((37.0..=45.0).contains(&top), "from {top} mm");
    let below = dark.iter().filter(|(_, y)| *y > 263.0);
    assert!(
        below.clone().count() > 5 && below.clone().all(|(x, _)| *x > 150.0),
        "only the number of an odd page, right"
    );
}

fn number(digits: &[u8]) -> usize {
    std::str::from_utf8(digits).unwrap().parse().unwrap()
}

pub(crate) fn tempfile() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("zhunsheng-papers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_volume_says_on_which_page_each_instrument_begins() {
    let Some(fonts) = equipped("a_volume_says_on_which_page_each_instrument_begins") else { return };
    let titles: Vec<String> = (1..=40).map(|n| format!("第{n}份文书")).collect();
    let parts = titles.iter().enumerate().map(|(n, title)| Part::Paper(printed(title, facts(n % 9)))).collect();
    let volume = Volume { cover: vec!["行政处罚卷宗".to_owned(), "正卷".to_owned()], parts };
    let pages = text_of(&paper::volume(&fonts, &volume, Day::new(2024, 10, 26).unwrap(), &|_| None).unwrap(), true);
    assert!(plain(&pages[0]).contains("行政处罚卷宗"));
    let front = pages.iter().position(|page| plain(page).ends_with("—1—")).unwrap();
    assert!(front >= 3, "a cover and two pages of catalogue");
    let catalogue: String = pages[1..front].concat();
    for (n, title) in titles.iter().enumerate() {
        let line = catalogue.lines().find(|line| line.split_whitespace().nth(1) == Some(title.as_str()));
        let line = line.unwrap_or_else(|| panic!("{title} is not in\n{catalogue}"));
        let span = plain(line.split_once("2024-10-26").unwrap().1);
        let listed: usize = span.split('—').next().unwrap().parse().unwrap();
        let begins = pages[front..].iter().position(|page| page.lines().any(|line| plain(line) == *title)).unwrap();
        assert_eq!(listed, begins + 1, "{} {title}", n + 1);
    }
}

/// People paste from web pages and from Word: what has no ink is left out, and the rest is kept.
#[test]
fn marks_without_ink_are_left_out() {
    let pasted = "一\u{200b}二\u{feff}三\u{b}四\u{7}五";
    let document = docx::write(&printed("决定书", vec![pasted.to_owned()])).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&document)).unwrap();
    let mut xml = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    assert!(xml.contains("一二三四五") && !xml.chars().any(|c| c.is_control() && c != '\n'), "what XML forbids");
    let Some(fonts) = equipped("marks_without_ink_are_left_out") else { return };
    let pdf = paper::pdf(&fonts, &printed("决定书", vec![pasted.to_owned()])).unwrap();
    assert!(text_of(&pdf, false).iter().any(|page| plain(page).contains("一二三四五")));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let nowhere = Fonts::in_folders(vec![PathBuf::from("/nowhere")]);
    assert_eq!(paper::pdf(&nowhere, &printed("决定书", facts(1))), Err(Unprintable::NoFonts));
    let Some(fonts) = equipped("what_cannot_be_drawn_is_refused") else { return };
    // No font has a character for private use.
    let why =
        paper::pdf(&fonts, &printed("决定书", vec!["王\u{e000}某\u{e001}、王\u{e000}某".to_owned()])).unwrap_err();
    assert_eq!(why, Unprintable::Characters(vec!['\u{e000}', '\u{e001}']));
    assert!(why.sentence().contains("U+E000"), "{}", why.sentence());
}

#[test]
fn a_document_to_edit_holds_the_same_text() {
    let printed = printed("行政处罚决定书", facts(3));
    let bytes = docx::write(&printed).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    for name in ["[Content_Types].xml", "_rels/.rels", "word/styles.xml", "word/settings.xml", "word/footer1.xml"] {
        read_xml(&String::from_utf8(part(name)).unwrap());
    }
    let text = read_xml(&String::from_utf8(part("word/document.xml")).unwrap());
    for name in RESPONDENTS {
        assert!(text.contains(name), "{name} is not in {text}");
    }
    facts(3).iter().for_each(|fact| assert!(text.contains(fact.as_str()), "{fact}"));
    assert!(text.contains("昌图县农业农村局") && text.contains("7K2M-94QX-1AB0") && text.contains("演示数据"));
    let picture = part("word/media/code.bmp");
    assert_eq!(&picture[..2], b"BM");
    let size = u32::from_le_bytes(picture[2..6].try_into().unwrap());
    assert_eq!(usize::try_from(size).unwrap(), picture.len(), "a bitmap says how long it is");
}

/// The text of a part, which must be well formed.
fn read_xml(xml: &str) -> String {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(part) => text.push(match &*part.xml10_content() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                other => panic!("&{other};"),
            }),
            Event::Eof => return text,
            _ => {}
        }
    }
}

#[tokio::test]
async fn instruments_are_taken_away_as_files_by_whoever_sees_the_matter() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, matter) = filed(&county).await;
    let page = officer.get(&format!("{matter}/instruments/2")).await;
    assert!(page.body.contains("/instruments/2/docx"));
    assert!(page.text("main").contains("格式版本：2021-07-15"), "{}", page.text("main"));
    let source = officer.get(&format!("{matter}/instruments/1")).await.text("main");
    assert!(source.contains("案件来源登记表"), "{source}");
    let file = head.get(&format!("{matter}/instruments/2/docx")).await;
    assert_eq!((file.status, &file.bytes[..2]), (200, &b"PK"[..]));
    assert!(file.header("content-disposition").contains("filename*=UTF-8''"), "{}", file.header("content-disposition"));
    assert_eq!(file.header("cache-control"), "private, no-store");
    for wrong in ["instruments/9/pdf", "instruments/0/docx", "volume/other", "volume/main"] {
        assert_eq!(officer.get(&format!("{matter}/{wrong}")).await.status, 404, "{wrong}");
    }
    let mut stranger = county.clerk("起草甲").await;
    for hidden in ["instruments/2/pdf", "instruments/2/docx", "volume/inner"] {
        assert_eq!(stranger.get(&format!("{matter}/{hidden}")).await.status, 404, "{hidden}");
    }
    if equipped("instruments_are_taken_away_as_files_by_whoever_sees_the_matter").is_some() {
        let page = officer.get(&matter).await;
        assert!(page.body.contains("/volume/inner") && !page.body.contains("/volume/main"));
        for (path, words) in [("instruments/2/pdf", "立案审批表"), ("volume/inner", "卷内目录")] {
            let file = officer.get(&format!("{matter}/{path}")).await;
            assert_eq!(file.header("content-type"), "application/pdf", "{}", file.body);
            let text: String = text_of(&file.bytes, false).iter().map(|page| plain(page)).collect();
            assert!(text.contains(words), "{text}");
        }
    }
}

/// What was decided stands before what led to it and before receipts, whenever each came about (law/review/penalty.toml).
#[tokio::test]
async fn a_file_is_bound_in_the_order_of_its_score_sheet() {
    if equipped("a_file_is_bound_in_the_order_of_its_score_sheet").is_none() {
        return;
    }
    let county = SmallCounty::new().await;
    let case = crate::fines::served(&county).await;
    let mut officer = county.clerk("队员甲").await;
    let file = officer.get(&format!("{case}/volume/main")).await;
    let catalogue =
        text_of(&file.bytes, false).into_iter().map(|page| plain(&page)).find(|page| page.contains("卷内目录"));
    let catalogue = catalogue.unwrap();
    let at = |title: &str| catalogue.find(title).unwrap_or_else(|| panic!("{title} is not in {catalogue}"));
    assert!(at("行政处罚决定书") < at("行政处罚事先告知书"), "{catalogue}");
    let inner = officer.get(&format!("{case}/volume/inner")).await;
    let inner: String = text_of(&inner.bytes, false)
        .into_iter()
        .map(|page| plain(&page))
        .find(|page| page.contains("卷内目录"))
        .unwrap();
    let at = |title: &str| inner.find(title).unwrap_or_else(|| panic!("{title} is not in {inner}"));
    assert!(at("立案审批表") < at("案件调查终结报告") && at("案件调查终结报告") < at("送达回证"), "{inner}");
    assert!(at("送达回证") < at("现场检查（勘验）笔录"), "receipts, then records: {inner}");
}
