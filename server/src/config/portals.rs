//! Superior portals that show our public pages in their own (`ZHUNSHENG_PORTALS`): their sites, nothing else may.
//!
//! Does not belong here: which pages (`web/security.rs`).

use super::ConfigFault;

/// The variable.
const NAME: &str = "ZHUNSHENG_PORTALS";
/// Sites at most: the list stands in a header of every page.
const SITES_MAX: usize = 12;

/// Sites, as browsers write them: `https://www.example.gov.cn`.
pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, ConfigFault> {
    let value = lookup(NAME).unwrap_or_default();
    let sites: Vec<String> = value
        .split(',')
        .map(|site| site.trim().trim_end_matches('/').to_ascii_lowercase())
        .filter(|site| !site.is_empty())
        .collect();
    if sites.len() > SITES_MAX || !sites.iter().all(|site| is_site(site)) {
        let expected = "逗号分隔的网址，不带路径，如 https://www.example.gov.cn；最多十二个";
        return Err(ConfigFault::Variable { name: NAME, value, expected });
    }
    Ok(sites)
}

/// A host under https: nothing that could end the header, and no star.
fn is_site(site: &str) -> bool {
    let Some(host) = site.strip_prefix("https://") else { return false };
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name.contains('.') && name.split('.').all(label) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sites_under_https() {
        let read = |value: &'static str| from_lookup(|_| Some(value.to_owned()));
        assert_eq!(
            read(" https://www.CT.gov.cn/, https://zwfw.example.gov.cn:8443 ").unwrap(),
            ["https://www.ct.gov.cn", "https://zwfw.example.gov.cn:8443"]
        );
        assert!(read("").unwrap().is_empty());
        for wrong in [
            "http://www.ct.gov.cn",
            "https://*",
            "https://*.gov.cn",
            "https://www.ct.gov.cn/path",
            "https://www.ct.gov.cn; script-src *",
            "https://localhost",
            "https://www.ct.gov.cn:0",
        ] {
            assert!(read(wrong).unwrap_err().to_string().contains(NAME), "{wrong}");
        }
    }
}
