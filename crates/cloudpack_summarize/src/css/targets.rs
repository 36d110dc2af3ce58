//! `es2020`, `chrome100`, `safari15.4` -> what lightningcss must support.

use lightningcss::targets::Browsers;

/// The oldest version of each browser named. `None` when no browser is: language levels and runtimes say nothing
/// about style sheets.
pub(crate) fn browsers_of(targets: &[String]) -> Option<Browsers> {
    let mut browsers = Browsers::default();
    for target in targets.iter().flat_map(|target| target.split([',', ' '])) {
        let digits = target.find(|character: char| character.is_ascii_digit()).unwrap_or(target.len());
        let (name, version) = target.split_at(digits);
        let Some(version) = parse_version(version) else { continue };
        let slot = match name.to_ascii_lowercase().as_str() {
            "android" => &mut browsers.android,
            "chrome" => &mut browsers.chrome,
            "edge" => &mut browsers.edge,
            "firefox" => &mut browsers.firefox,
            "ie" => &mut browsers.ie,
            "ios" | "ios_saf" => &mut browsers.ios_saf,
            "opera" => &mut browsers.opera,
            "safari" => &mut browsers.safari,
            "samsung" => &mut browsers.samsung,
            _ => continue,
        };
        *slot = Some(slot.map_or(version, |known| known.min(version)));
    }
    (browsers != Browsers::default()).then_some(browsers)
}

/// One byte for each of major, minor and patch.
fn parse_version(text: &str) -> Option<u32> {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().ok().map(|number| number.min(255)));
    let major = parts.next()??;
    let minor = parts.next().flatten().unwrap_or(0);
    let patch = parts.next().flatten().unwrap_or(0);
    Some(major << 16 | minor << 8 | patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_count_and_language_levels_do_not() {
        let list =
            |targets: &[&str]| browsers_of(&targets.iter().map(|target| (*target).to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&[]), None);
        assert_eq!(list(&["es2020", "node18", "esnext", "chrome", "", "é1"]), None);
        let found = list(&["es2020", "chrome100", "Safari15.4", "ios14.5.1", "chrome87"]).unwrap();
        assert_eq!(found.chrome, Some(87 << 16));
        assert_eq!(found.safari, Some(15 << 16 | 4 << 8));
        assert_eq!(found.ios_saf, Some(14 << 16 | 5 << 8 | 1));
        assert_eq!(found.edge, None);
    }
}
