//! The first page that somebody opens brings its stylesheet and scripts along: over a slow line one way there and back is saved, and that is
//! most of what a page takes. The pages after it find both in the browser.
//!
//! Does not belong here: the files themselves and their addresses (`assets.rs`), who is new (`visitor.rs`).

use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use zhunsheng_core::id::Digest;

use super::assets;

/// Stands in a page for somebody who was never here; nothing that anybody typed can look like it.
pub const MARK: &str = "<!--first-->";

/// A page that grows beyond this keeps its links.
const BYTES_MAX: usize = 59_500;

/// What a page brings along: how it asks for it otherwise, what it is, and the digest by which the browser takes it.
struct Brought {
    link: String,
    text: String,
    digest: String,
}

impl Brought {
    fn new(link: impl Fn(&str) -> String, name: &str, text: String) -> Self {
        let digest = format!("'sha256-{}'", Base64::encode_string(&Digest::of(text.as_bytes()).0));
        Self { link: link(&assets::url(name)), text, digest }
    }
}

/// What most pages need, and everything.
static STYLES: LazyLock<[Brought; 2]> = LazyLock::new(|| {
    let link = |url: &str| format!("<link rel=\"stylesheet\" href=\"{url}\">");
    let whole = without_comments(&assets::text("zhunsheng.css"));
    [needed(&whole), whole].map(|text| Brought::new(link, "zhunsheng.css", text))
});

/// In the order in which they run.
static SCRIPTS: LazyLock<[Brought; 2]> = LazyLock::new(|| {
    let link = |url: &str| format!("<script defer src=\"{url}\"></script>");
    ["zhunsheng.js", "send.js"].map(|name| Brought::new(link, name, without_lines_of_comment(&assets::text(name))))
});

/// What the policy of our pages lets in besides our files: `(styles, scripts)`.
pub fn digests() -> (String, String) {
    let scripts: Vec<&str> = SCRIPTS.iter().map(|script| script.digest.as_str()).collect();
    let styles: Vec<&str> = STYLES.iter().map(|style| style.digest.as_str()).collect();
    (styles.join(" "), scripts.join(" "))
}

/// Beginnings of classes that stand on few pages that people come to first: papers, work of staff, maps. A page that has one brings everything.
const LATER: [&str; 19] = [
    "act-",
    "chart",
    "cited",
    "clock",
    "contents",
    "filters",
    "htmx-",
    "ins-",
    "instrument",
    "late-entry",
    "map",
    "pad",
    "persona",
    "picks",
    "sheet",
    "side",
    "timeline",
    "top-search",
    "tour",
];

/// A page as it is sent: for somebody new with what it needs, unless that makes it too large; then the scripts stay links, at last all do.
pub fn bring(html: String) -> String {
    if !html.contains(MARK) {
        return html;
    }
    let [most, whole] = &*STYLES;
    let style = if stands_later(&html) { whole } else { most };
    let asked: Vec<&Brought> = SCRIPTS.iter().filter(|script| html.contains(&script.link)).collect();
    let with_style = html.len() + style.text.len();
    let with_all = with_style + asked.iter().map(|script| script.text.len()).sum::<usize>();
    let mut page = html.replacen(MARK, "", 1);
    if with_style > BYTES_MAX {
        return page;
    }
    page = page.replacen(&style.link, &format!("<style>{}</style>", style.text), 1);
    let mut end = String::new();
    if with_all <= BYTES_MAX {
        for script in asked {
            page = page.replacen(&script.link, "", 1);
            end.push_str(&format!("<script>{}</script>", script.text));
        }
    }
    // For paper, so that nothing waits for it; the pages to come find it there.
    let paper = style.link.replacen("<link ", "<link media=\"print\" ", 1);
    page.replacen("</body>", &format!("{end}{paper}</body>"), 1)
}

/// Whether something stands in a page whose rules are not among the needed ones.
fn stands_later(html: &str) -> bool {
    LATER.iter().any(|later| [" ", "\""].iter().any(|before| html.contains(&format!("{before}{later}"))))
}

/// A stylesheet without its comments and what indents it.
fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    let bare = parts.fold(first, |all, part| all + part.split_once("*/").map_or("", |(_, rest)| rest));
    lines(&bare, |_| true)
}

/// The rules that a page needs that somebody comes to first: not those of paper, nor those in [`LATER`].
fn needed(css: &str) -> String {
    let is_later = |selector: &str| {
        let mut classes = selector.split('.').skip(1);
        classes.any(|class| LATER.iter().any(|later| class.starts_with(later)))
    };
    let keeps = |rule: &&str| {
        let head = rule.split('{').next().unwrap_or_default().trim();
        let paper = head.starts_with("@page") || head.starts_with("@media print");
        !paper && (head.starts_with('@') || !head.split(',').all(is_later))
    };
    rules(css).into_iter().filter(keeps).collect()
}

/// The rules of a stylesheet, a block of several (`@media`) as one.
fn rules(css: &str) -> Vec<&str> {
    let (mut depth, mut from) = (0_usize, 0);
    let mut found = Vec::new();
    for (at, byte) in css.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.extend(css.get(from..=at));
                    from = at + 1;
                }
            }
            _ => {}
        }
    }
    found
}

/// A script without lines that are nothing but comment, and without what indents it.
fn without_lines_of_comment(js: &str) -> String {
    lines(js, |line| !line.starts_with("//"))
}

fn lines(text: &str, keep: impl Fn(&str) -> bool) -> String {
    let kept = text.lines().map(str::trim).filter(|line| !line.is_empty() && keep(line));
    kept.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, MARK, SCRIPTS, STYLES, bring, needed, without_comments};

    fn page(words: usize) -> String {
        let scripts: String = SCRIPTS.iter().map(|script| script.link.clone()).collect();
        format!("<html>{MARK}{}{scripts}<body>{}</body></html>", STYLES[0].link, "字".repeat(words))
    }

    #[test]
    fn a_page_brings_what_fits() {
        let [most, whole] = &*STYLES;
        let sent = bring(page(100));
        assert!(sent.contains("<style>:root{") && sent.matches("<script>").count() == 2 && !sent.contains("defer"));
        assert!(!sent.contains(&most.link) && sent.contains("<link media=\"print\" rel=\"stylesheet\""));
        assert!(most.text.len() < whole.text.len());
        let map = page(100).replace("<body>", "<body><div class=\"card map-grid\"></div>");
        assert!(bring(map).contains(&whole.text), "a page that needs more brings everything");
        let long = bring(page((BYTES_MAX - most.text.len()) / 3 - 200));
        assert!(long.contains("<style>") && long.contains("<script defer") && long.len() <= BYTES_MAX + 200);
        let longest = bring(page(BYTES_MAX / 3));
        assert!(!longest.contains("<style>") && !longest.contains(MARK) && longest.matches(&most.link).count() == 1);
        let known = page(100).replace(MARK, "");
        assert_eq!(bring(known.clone()), known, "who was here before has it");
    }

    #[test]
    fn rules_of_paper_and_of_staff_come_later() {
        let css = "/* a{} */a{b:c}.ins-x,.timeline li{d:e}.card,.ins-y{f:g}@media print{p{q:r}}@media screen{s{t:u}}@page x{v:w}";
        assert_eq!(needed(&without_comments(css)), "a{b:c}.card,.ins-y{f:g}@media screen{s{t:u}}");
    }
}
