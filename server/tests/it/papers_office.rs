//! Instruments in an office program that is not ours: LibreOffice opens the DOCX of every form, and what it makes of it is read and
//! measured. Run by `./check --full`.

use std::path::Path;
use std::process::{Command, Stdio};

use zhunsheng::app::instrument;
use zhunsheng::app::paper::{self, Printed, docx};

use crate::papers::{RESPONDENTS, equipped, facts, plain, printed, tempfile, text_of};

/// A form of the law, filled in with five respondents wherever something is.
struct Form {
    name: String,
    printed: Printed,
}

fn forms() -> Vec<Form> {
    let law = zhunsheng_core::law::load_adopted(&zhunsheng::app::ruling::embedded(), &[]).law;
    let filled = RESPONDENTS.join("、");
    let mut forms = Vec::new();
    for procedure in law.procedures() {
        for form in &procedure.instruments {
            let text = zhunsheng_core::text::fill(&form.body, &|place| {
                // What stands in the close is a name and a day.
                match place {
                    "organ" => "辽宁省铁岭市昌图县昌图站街道办事处".to_owned(),
                    "day" | "today" => "2024年10月26日".to_owned(),
                    _ => filled.clone(),
                }
            });
            let mut one = printed(&form.title, Vec::new());
            (one.sheet.paragraphs, one.sheet.close) = instrument::paragraphs(&text);
            forms.push(Form { name: format!("{}-{}", procedure.id, form.id), printed: one });
        }
    }
    forms.push(Form { name: "long".to_owned(), printed: printed("行政处罚决定书", facts(40)) });
    forms
}

fn convert(folder: &Path, names: &[&str]) {
    // A profile of its own: another LibreOffice of the same person may be open.
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let done = Command::new("soffice")
        .args([profile.as_str(), "--headless", "--norestore", "--convert-to", "pdf", "--outdir", "."])
        .args(names)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Ink of a page in millimetres: left, top, right, bottom.
fn ink(folder: &Path, pdf: &str, pages: usize) -> Vec<(f64, f64, f64, f64)> {
    let stem = pdf.trim_end_matches(".pdf");
    let done = Command::new("pdftoppm").args(["-gray", "-r", "50", pdf, stem]).current_dir(folder).status().unwrap();
    assert!(done.success());
    let width = pages.to_string().len();
    (1..=pages).map(|n| measured(&folder.join(format!("{stem}-{n:0width$}.pgm")))).collect()
}

fn measured(drawn: &Path) -> (f64, f64, f64, f64) {
    let bytes = std::fs::read(drawn).unwrap();
    let header: Vec<usize> = bytes
        .split(|byte| byte.is_ascii_whitespace())
        .skip(1)
        .take(2)
        .map(|word| std::str::from_utf8(word).unwrap().parse().unwrap())
        .collect();
    let (width, height) = (header[0], header[1]);
    let pixels = &bytes[bytes.len() - width * height..];
    let mm = |at: usize| at as f64 * 25.4 / 50.0;
    let dark = (0..pixels.len()).filter(|at| pixels[*at] < 160).map(|at| (mm(at % width), mm(at / width)));
    dark.fold((300.0, 300.0, 0.0, 0.0), |(l, t, r, b), (x, y)| {
        (f64::min(l, x), f64::min(t, y), f64::max(r, x), f64::max(b, y))
    })
}

#[test]
#[ignore = "a minute, and LibreOffice: ./check --full"]
fn libreoffice_opens_every_form_whole() {
    let name = "libreoffice_opens_every_form_whole";
    if Command::new("soffice").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("\nSKIPPED {name}: LibreOffice (soffice) is missing");
        return;
    }
    let Some(fonts) = equipped(name) else { return };
    let folder = tempfile().join("office");
    std::fs::create_dir_all(&folder).unwrap();
    let forms = forms();
    assert!(forms.len() > 120, "{} forms", forms.len());
    let names: Vec<String> = forms.iter().map(|form| format!("{}.docx", form.name)).collect();
    for (form, name) in forms.iter().zip(&names) {
        std::fs::write(folder.join(name), docx::write(&form.printed).unwrap()).unwrap();
    }
    convert(&folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
    for form in &forms {
        let file = format!("{}.pdf", form.name);
        let theirs = std::fs::read(folder.join(&file)).unwrap_or_else(|_| panic!("{file} was not made"));
        let pages = text_of(&theirs, false);
        compared(form, &pages);
        let ours = text_of(&paper::pdf(&fonts, &form.printed).unwrap(), false).len();
        assert!(pages.len().abs_diff(ours) <= 1, "{}: {} pages, ours has {ours}", form.name, pages.len());
        for (n, (left, top, right, bottom)) in (1..).zip(ink(&folder, &file, pages.len())) {
            // Margins of 28 and 26 mm, into which a mark may hang by half its width (2.8 mm).
            let inside = left > 25.0 && right < 187.0 && top > 35.0 && bottom < 282.0;
            assert!(inside, "{} page {n}: ink {left:.0}–{right:.0} across, {top:.0}–{bottom:.0} down", form.name);
        }
    }
    if std::env::var_os("ZHUNSHENG_KEEP").is_none() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

/// Without marks: at the end of a line they hang in the margin, where a reader of PDF finds them out of their order.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Each paragraph is there whole, with the close, the code and the number of each page.
fn compared(form: &Form, pages: &[String]) {
    let mut whole = String::new();
    for (n, page) in (1..).zip(pages) {
        let (page, number) = (plain(page), format!("—{n}—"));
        assert!(page.contains(&number), "{} page {n} has no number: {page}", form.name);
        whole.push_str(&page.replacen(&number, "", 1));
    }
    use instrument::Paragraph::{Close, Heading, Number, Sign, Text, Title, To};
    let texts = form.printed.sheet.paragraphs.iter().map(|paragraph| match paragraph {
        Title(text) | Number(text) | Heading(text) | To(text) | Text(text) | Close(text) | Sign(text) => text,
    });
    for text in texts.chain(&form.printed.sheet.close) {
        assert!(words(&whole).contains(&words(text)), "{}: {text}\nis not in\n{whole}", form.name);
    }
    assert!(whole.contains("7K2M-94QX-1AB0"), "{}: the code", form.name);
}
