//! Short names as numbers: 0 is `e`, 1 is `t`, 53 is `$`, 54 is `ee`. The order of letters is that of oxc's mangler,
//! which names nested scopes, so that top-level names continue where those end.

const LETTERS: &[u8; 64] = b"etnriaoscludfpmhg_vybxSCwTEDOkAjMNPFILRzBVHUWGKqJYXZQ$1024368579";
/// The first letter is no digit.
const FIRST: u32 = 54;
const REST: u32 = 64;

/// Where a byte stands in `LETTERS`; 255 if it does not.
const POSITIONS: [u8; 256] = {
    let mut positions = [255; 256];
    let mut at = 0;
    while at < 64 {
        positions[LETTERS[at] as usize] = at as u8;
        at += 1;
    }
    positions
};

/// Appends the name of this number.
pub fn push_short_name(out: &mut String, number: u32) {
    out.push(char::from(LETTERS[(number % FIRST) as usize]));
    let mut rest = number / FIRST;
    while rest > 0 {
        rest -= 1;
        out.push(char::from(LETTERS[(rest % REST) as usize]));
        rest /= REST;
    }
}

/// The number of a name of at most four letters; longer names never meet a short one in practice (the numbers below
/// `54 * 64^3` are 14 million top-level symbols of one chunk).
pub fn short_name_number(name: &str) -> Option<u32> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > 4 {
        return None;
    }
    let position = |byte: u8| match POSITIONS[byte as usize] {
        255 => None,
        position => Some(u32::from(position)),
    };
    let mut number = 0;
    for byte in bytes[1..].iter().rev() {
        number = number * REST + position(*byte)? + 1;
    }
    let first = position(bytes[0])?;
    (first < FIRST).then_some(number * FIRST + first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_and_its_number_lead_to_each_other() {
        let mut before = std::collections::HashSet::new();
        for number in (0..20_000).chain(54 * 64 * 64..54 * 64 * 64 + 5_000) {
            let mut name = String::new();
            push_short_name(&mut name, number);
            assert_eq!(short_name_number(&name), Some(number), "{name}");
            assert!(before.insert(name));
        }
        assert_eq!(short_name_number("1a"), None);
        assert_eq!(short_name_number("hello"), None);
        assert_eq!(short_name_number("é"), None);
    }
}
