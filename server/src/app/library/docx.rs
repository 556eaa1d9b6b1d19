//! The words of a DOCX file, one paragraph to a line: what the national database of laws offers for download.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

/// A document unpacked at most; the longest code has half a megabyte.
const BYTES_MAX: u64 = 64 << 20;

/// The paragraphs of a document as lines.
///
/// # Errors
/// One Chinese clause: not a ZIP, no document in it, broken XML.
pub fn plain_text(bytes: &[u8]) -> Result<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| "不是 DOCX 文件".to_owned())?;
    let part = archive.by_name("word/document.xml").map_err(|_| "不是 DOCX 文件：没有正文".to_owned())?;
    let mut xml = String::new();
    part.take(BYTES_MAX).read_to_string(&mut xml).map_err(|_| "DOCX 正文已损坏".to_owned())?;
    let mut reader = Reader::from_str(&xml);
    let (mut text, mut within) = (String::new(), false);
    loop {
        match reader
            .read_event()
            .map_err(|error| format!("DOCX 正文第{}字节处已损坏：{error}", reader.buffer_position()))?
        {
            Event::Eof => return Ok(text),
            // Only w:t is text: w:delText was deleted, w:instrText is an instruction.
            Event::Start(tag) if tag.local_name().as_ref() == "t" => within = true,
            Event::End(tag) if tag.local_name().as_ref() == "t" => within = false,
            Event::End(tag) if tag.local_name().as_ref() == "p" => text.push('\n'),
            Event::Empty(tag) if tag.local_name().as_ref() == "p" => text.push('\n'),
            Event::Empty(tag) if tag.local_name().as_ref() == "br" => text.push('\n'),
            Event::Empty(tag) if tag.local_name().as_ref() == "tab" => text.push('\u{3000}'),
            Event::Text(words) if within => {
                text.push_str(&words.xml10_content());
            }
            Event::GeneralRef(name) if within => text.push_str(&named(&name)?),
            _ => {}
        }
    }
}

/// `&lt;` and `&#8212;`.
fn named(name: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    let broken = || "DOCX 正文有不认识的字符引用".to_owned();
    if let Some(letter) = name.resolve_char_ref().map_err(|_| broken())? {
        return Ok(letter.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned).ok_or_else(broken)
}
