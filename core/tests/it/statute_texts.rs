//! Every text of a folder is read without a problem. The folder is named by `ZHUNSHENG_STATUTES`; the repository holds
//! no statute, so without it the test says that it looked at nothing.

use zhunsheng_core::statute::text::{ArticleText, Text, edition_in_file_name};

#[test]
fn every_text_of_the_folder_is_read() {
    let Some(folder) = std::env::var_os("ZHUNSHENG_STATUTES") else {
        eprintln!("skipped: ZHUNSHENG_STATUTES names no folder");
        return;
    };
    let (mut texts, mut articles, mut wrong) = (0, 0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if edition_in_file_name(&name).is_ok_and(|named| named.is_none()) {
            continue;
        }
        match Text::parse(&std::fs::read_to_string(&path).unwrap()) {
            Err(problems) => wrong.extend(problems.iter().map(|problem| format!("{name} {problem}"))),
            Ok(text) => {
                texts += 1;
                articles += text.articles.len();
                assert!(!text.title.is_empty(), "{name}");
                for article in &text.articles {
                    let again = ArticleText::from_plain(article.article, article.line, &article.plain_text());
                    assert_eq!(again.plain_text(), article.plain_text(), "{name} {}", article.article);
                }
            }
        }
    }
    eprintln!("{texts} texts, {articles} articles");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(texts > 0, "the folder holds no text");
}
