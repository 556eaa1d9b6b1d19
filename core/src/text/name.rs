//! Family names 复姓: where the family name ends and the given name begins.

/// Family names of two characters. Left out are those whose first character is a common family name and whose second is as common
/// in given names (左丘, 谷梁, 段干, 单于): taken for one they would show a given name.
const COMPOUND: [&str; 44] = [
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊",
    "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文",
    "司徒", "鲜于", "司空", "闾丘", "亓官", "司寇", "子车", "颛孙", "公西", "漆雕", "壤驷", "呼延", "令狐", "轩辕",
    "拓跋", "完颜",
];

/// The family name of a person's name: one character, or two where it is a compound one and a given name follows.
pub fn family_name(name: &str) -> String {
    let compound = name.chars().count() > 2 && COMPOUND.iter().any(|family| name.starts_with(family));
    name.chars().take(if compound { 2 } else { 1 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_family_name_is_kept_whole() {
        for (name, family) in [
            ("欧阳小明", "欧阳"),
            ("司马光", "司马"),
            ("东方", "东"),
            ("王小明", "王"),
            ("上官", "上"),
            ("阿依古丽·买买提", "阿"),
            ("", ""),
        ] {
            assert_eq!(family_name(name), family);
        }
    }

    #[test]
    fn each_stands_once_and_has_two_characters() {
        let once: std::collections::BTreeSet<&str> = COMPOUND.into();
        assert_eq!(once.len(), COMPOUND.len());
        assert!(COMPOUND.iter().all(|family| family.chars().count() == 2));
    }
}
