//! An instrument as an editable document for WPS and Word: the same layout, made of the fonts that offices have (only their names
//! are written). What is edited there is no instrument of the record any more; the short code at its foot leads to the one that is.

use std::io::{Cursor, Write as _};

use quick_xml::escape::escape;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::line::{is_drawn, is_wide};
use super::{Code, Printed};
use crate::app::instrument::Paragraph;

const BODY: &str = "仿宋_GB2312";
const TITLE: &str = "方正小标宋简体";
const HEADING: &str = "黑体";

/// Keeps a paragraph on the page of what follows.
const KEEP: &str = "<w:keepNext/>";

/// Half points of 3号, 2号, 五号.
const SIZE_BODY: u32 = 32;
const SIZE_TITLE: u32 = 44;
const SIZE_SMALL: u32 = 21;

/// English Metric Units in a millimetre.
const EMU_PER_MM: u32 = 36_000;
const CODE_MM: u32 = 24;

const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Makes the document. Errors: the archive cannot be written.
pub fn write(printed: &Printed) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8]| -> std::io::Result<()> {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(bytes)
    };
    put("[Content_Types].xml", CONTENT_TYPES.as_bytes())?;
    put("_rels/.rels", RELATIONS.as_bytes())?;
    let title = escape(printed.sheet.title.as_str());
    put("docProps/core.xml", format!("{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title><dc:language>zh-CN</dc:language></cp:coreProperties>").as_bytes())?;
    put("word/_rels/document.xml.rels", DOCUMENT_RELATIONS.as_bytes())?;
    put("word/styles.xml", styles().as_bytes())?;
    put("word/settings.xml", format!("{HEAD}<w:settings {NAMESPACES}><w:evenAndOddHeaders/><w:characterSpacingControl w:val=\"doNotCompress\"/></w:settings>").as_bytes())?;
    put("word/footer1.xml", footer("right").as_bytes())?;
    put("word/footer2.xml", footer("left").as_bytes())?;
    if let Some(code) = &printed.code {
        put("word/media/code.bmp", &bitmap(&code.squares))?;
    }
    put("word/document.xml", document(printed).as_bytes())?;
    Ok(zip.finish()?.into_inner())
}

const CONTENT_TYPES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"bmp\" ContentType=\"image/bmp\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    "<Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>",
    "<Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>",
    "<Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/word/footer2.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>",
    "</Types>"
);

const RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>",
    "</Relationships>"
);

const DOCUMENT_RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"styles\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>",
    "<Relationship Id=\"settings\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings\" Target=\"settings.xml\"/>",
    "<Relationship Id=\"odd\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/>",
    "<Relationship Id=\"even\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer2.xml\"/>",
    "<Relationship Id=\"code\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"media/code.bmp\"/>",
    "</Relationships>"
);

fn styles() -> String {
    format!(
        "{HEAD}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{}<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr>\
         </w:rPrDefault><w:pPrDefault><w:pPr><w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"579\" w:lineRule=\"exact\"/>\
         <w:jc w:val=\"both\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style></w:styles>",
        look(BODY, SIZE_BODY, "")
    )
}

/// `— 1 —`, odd pages right, even ones left (GB/T 9704 §7.5).
fn footer(side: &str) -> String {
    let run = look("宋体", 28, "");
    format!(
        "{HEAD}<w:ftr {NAMESPACES}><w:p><w:pPr><w:ind w:leftChars=\"100\" w:rightChars=\"100\"/><w:jc w:val=\"{side}\"/></w:pPr>\
         <w:r><w:rPr>{run}</w:rPr><w:t xml:space=\"preserve\">— </w:t></w:r>\
         <w:fldSimple w:instr=\"PAGE\"><w:r><w:rPr>{run}</w:rPr><w:t>1</w:t></w:r></w:fldSimple>\
         <w:r><w:rPr>{run}</w:rPr><w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>"
    )
}

fn look(font: &str, size: u32, colour: &str) -> String {
    let colour = if colour.is_empty() { String::new() } else { format!("<w:color w:val=\"{colour}\"/>") };
    format!(
        "<w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\" w:eastAsia=\"{font}\" w:cs=\"{font}\"/>{colour}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>"
    )
}

fn paragraph(properties: &str, run: &str, text: &str) -> String {
    format!(
        "<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
        escape(text.chars().filter(|c| is_drawn(*c)).collect::<String>())
    )
}

fn document(printed: &Printed) -> String {
    const INDENT: &str = "<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>";
    const CENTRE: &str = "<w:jc w:val=\"center\"/>";
    let body = look(BODY, SIZE_BODY, "");
    let mut all = String::new();
    if let Some(warning) = &printed.warning {
        all.push_str(&paragraph(CENTRE, &look(BODY, SIZE_SMALL, "808080"), warning));
    }
    for (n, one) in (1..).zip(&printed.sheet.paragraphs) {
        let made = match one {
            Paragraph::Title(text) => paragraph(
                &format!("<w:spacing w:after=\"290\" w:line=\"700\" w:lineRule=\"exact\"/>{CENTRE}"),
                &look(TITLE, SIZE_TITLE, ""),
                text,
            ),
            Paragraph::Number(text) => paragraph(
                &format!("<w:spacing w:after=\"290\" w:line=\"579\" w:lineRule=\"exact\"/>{CENTRE}"),
                &body,
                text,
            ),
            Paragraph::Heading(text) => paragraph(&format!("{KEEP}{INDENT}"), &look(HEADING, SIZE_BODY, ""), text),
            Paragraph::To(text) => paragraph("", &body, text),
            Paragraph::Text(text) | Paragraph::Close(text) => paragraph(INDENT, &body, text),
            Paragraph::Sign(text) => paragraph(
                &format!("<w:spacing w:before=\"290\" w:line=\"579\" w:lineRule=\"exact\"/>{INDENT}"),
                &body,
                text,
            ),
        };
        // 落款 never stands alone on a page: the end of the text goes with it.
        let last = n == printed.sheet.paragraphs.len() && !made.contains(KEEP);
        all.push_str(&if last { made.replacen("<w:pPr>", &format!("<w:pPr>{KEEP}"), 1) } else { made });
    }
    all.push_str(&close(&printed.sheet.close, &body));
    if let Some(code) = &printed.code {
        all.push_str(&foot(code));
    }
    format!(
        "{HEAD}<w:document {NAMESPACES}><w:body>{all}<w:sectPr><w:footerReference w:type=\"default\" r:id=\"odd\"/>\
         <w:footerReference w:type=\"even\" r:id=\"even\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1587\" w:header=\"851\" w:footer=\"1304\" w:gutter=\"0\"/>\
         </w:sectPr></w:body></w:document>"
    )
}

/// Half characters that a text takes.
fn halves(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// The date ends four characters from the edge, the organ stands centred above it.
fn close(lines: &[String], body: &str) -> String {
    let day = lines.last().map_or(0, |line| halves(line));
    let mut all = String::new();
    for (n, line) in lines.iter().enumerate() {
        // Hundredths of a character.
        let right = (400 + day * 25).saturating_sub(halves(line) * 25);
        let before = if n == 0 { "<w:spacing w:before=\"1158\" w:line=\"579\" w:lineRule=\"exact\"/>" } else { "" };
        let properties = format!(
            "{KEEP}{before}<w:ind w:rightChars=\"{right}\" w:right=\"{}\"/><w:jc w:val=\"right\"/>",
            right * 32 / 10
        );
        all.push_str(&paragraph(&properties, body, line));
    }
    all
}

fn foot(code: &Code) -> String {
    let small = look(BODY, SIZE_SMALL, "");
    let single = "<w:spacing w:line=\"320\" w:lineRule=\"exact\"/>";
    let side = CODE_MM * EMU_PER_MM;
    let picture = if code.squares.is_empty() {
        String::new()
    } else {
        format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{side}\" cy=\"{side}\"/>\
             <wp:docPr id=\"1\" name=\"code\" descr=\"核验二维码\"/><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <pic:pic><pic:nvPicPr><pic:cNvPr id=\"1\" name=\"code.bmp\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"code\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{side}\" cy=\"{side}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr>\
             </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )
    };
    let cell = |width: u32, content: &str| {
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>{content}</w:tc>"
        )
    };
    let left = cell(
        1_560,
        &format!(
            "<w:p><w:pPr><w:spacing w:before=\"80\" w:line=\"240\" w:lineRule=\"auto\"/><w:jc w:val=\"left\"/></w:pPr>{picture}</w:p>"
        ),
    );
    let written = paragraph(single, &look(BODY, 28, ""), &format!("核验码 {}", code.written));
    let right = cell(7_285, &format!("{written}{}", paragraph(single, &small, &code.note)));
    format!(
        "{}<w:tbl><w:tblPr><w:tblW w:w=\"8845\" w:type=\"dxa\"/><w:tblBorders><w:top w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/></w:tblBorders>\
         <w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid><w:gridCol w:w=\"1560\"/><w:gridCol w:w=\"7285\"/></w:tblGrid>\
         <w:tr><w:trPr><w:cantSplit/></w:trPr>{left}{right}</w:tr></w:tbl>{}",
        paragraph("", &small, ""),
        // A document does not end in a table.
        paragraph("<w:spacing w:line=\"20\" w:lineRule=\"exact\"/>", &small, ""),
    )
}

/// A bitmap of one bit a pixel, bottom row first: every office program reads it.
fn bitmap(squares: &[Vec<bool>]) -> Vec<u8> {
    const SCALE: usize = 8;
    const QUIET: usize = 2;
    let side = (squares.len() + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let at = |pixel: usize| (pixel / SCALE).checked_sub(QUIET);
        let row = at(y).and_then(|row| squares.get(row));
        row.and_then(|row| row.get(at(x)?)).copied().unwrap_or(false)
    };
    let stride = side.div_ceil(32) * 4;
    let size = |n: usize| u32::try_from(n).unwrap_or(0).to_le_bytes();
    let mut bytes = Vec::with_capacity(62 + stride * side);
    bytes.extend(b"BM");
    bytes.extend(size(62 + stride * side));
    bytes.extend([0; 4]);
    bytes.extend(62u32.to_le_bytes());
    bytes.extend(40u32.to_le_bytes());
    bytes.extend(size(side));
    bytes.extend(size(side));
    // One plane, one bit, not compressed.
    bytes.extend([1, 0, 1, 0]);
    bytes.extend([0; 4]);
    bytes.extend(size(stride * side));
    // 300 dots an inch; two colours: white, black.
    bytes.extend([0x13, 0x2E, 0, 0, 0x13, 0x2E, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
    bytes.extend([255, 255, 255, 0, 0, 0, 0, 0]);
    for y in (0..side).rev() {
        let mut row = vec![0u8; stride];
        for x in (0..side).filter(|x| dark(*x, y)) {
            if let Some(byte) = row.get_mut(x / 8) {
                *byte |= 0x80 >> (x % 8);
            }
        }
        bytes.extend(row);
    }
    bytes
}
