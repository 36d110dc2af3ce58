//! How long the member accesses behind an object are in printed text: `.a`, `?.a`, `["a-b"]`, `?.["a-b"]`. The printer puts
//! neither spaces nor comments between them.

/// Bytes of the first `count` accesses that `text` begins with; `None` if it begins with fewer. Cost: those bytes.
pub fn members_len(text: &str, count: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for _ in 0..count {
        let is_optional = bytes.get(at..)?.starts_with(b"?.");
        if is_optional {
            at += 2;
        }
        if bytes.get(at) == Some(&b'[') {
            at = string_end(bytes, at + 1)?;
            if bytes.get(at) != Some(&b']') {
                return None;
            }
            at += 1;
            continue;
        }
        if !is_optional {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || **byte >= 0x80;
        let name = bytes.get(at..)?.iter().take_while(is_part).count();
        if name == 0 {
            return None;
        }
        at += name;
    }
    Some(at)
}

/// Behind the closing quote of the string that begins at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = *bytes.get(at).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let mut end = at + 1;
    loop {
        match *bytes.get(end)? {
            b'\\' => end += 2,
            byte if byte == quote => return Some(end + 1),
            _ => end += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::members_len;

    #[test]
    fn accesses_of_all_forms_are_measured() {
        assert_eq!(members_len(".a.bc(1)", 2), Some(5));
        assert_eq!(members_len("?.a?.b.c", 2), Some(6));
        assert_eq!(members_len("[\"a-b\"].c", 1), Some(7));
        assert_eq!(members_len("?.['a\\']'].c;", 2), Some(12));
        assert_eq!(members_len(".größe;", 1), Some(".größe".len()));
        assert_eq!(members_len(".a;", 0), Some(0));
    }

    #[test]
    fn anything_else_is_none() {
        assert_eq!(members_len(".a", 2), None);
        assert_eq!(members_len("[0]", 1), None);
        assert_eq!(members_len("[\"a", 1), None);
        assert_eq!(members_len("?.", 1), None);
    }
}
