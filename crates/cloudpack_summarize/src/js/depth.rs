//! Refuses sources nested so deeply that a recursive parser, visitor or printer would overflow its stack and abort
//! the process. Counts brackets and operator runs in the raw bytes: an upper bound of the depth of the syntax tree,
//! good enough because real code stays two orders of magnitude below the limits.

use super::JsInput;
use cloudpack_base::Diagnostic;

/// Open brackets of any kind. Measured: 5 KB of stack a level in the parser; the threads that summarise have 256 MB.
const MAX_BRACKETS: u32 = 8_000;
/// Operators, `?`, `=>`, `.` and the like with no `;`, `,`, bracket or line of plain text between them.
const MAX_OPERATORS: u32 = 60_000;

pub(super) fn check_depth(input: &JsInput<'_>) -> Result<(), Diagnostic> {
    let bytes = input.source.as_bytes();
    if is_surely_flat(bytes) {
        return Ok(());
    }
    let (mut brackets, mut operators) = (0u32, 0u32);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                brackets += 1;
                if brackets > MAX_BRACKETS {
                    return Err(too_deep(input, at, "brackets", MAX_BRACKETS));
                }
            }
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            b';' | b',' | b'"' | b'\'' | b'`' => operators = 0,
            // `typeof typeof x`, `if (a) if (b)`: a space between two words may be a level too.
            b' ' if !(at > 0
                && bytes[at - 1].is_ascii_lowercase()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)) => {}
            b'!' | b'~' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'<' | b'=' | b'?' | b'.' | b':'
            | b' ' => {
                operators += 1;
                if operators > MAX_OPERATORS {
                    return Err(too_deep(input, at, "operators", MAX_OPERATORS));
                }
            }
            b'\n' => operators = operators.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// No file nests deeper than it has brackets, or runs longer than it has bytes. That settles nearly every file without
/// the walk below, which was 2.6 % of a cold build in a profile of 10,000 modules.
fn is_surely_flat(bytes: &[u8]) -> bool {
    if bytes.len() <= MAX_BRACKETS as usize {
        return true;
    }
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
    bytes.len() <= MAX_OPERATORS as usize && brackets <= MAX_BRACKETS as usize
}

fn too_deep(input: &JsInput<'_>, at: usize, what: &str, limit: u32) -> Diagnostic {
    Diagnostic::error("TOO_DEEP", format!("The source nests {what} more than {limit} levels deep"))
        .with_span(input.id, input.source, at as u32, at as u32 + 1)
        .with_hint("Generated code of this shape can usually be written as a list, or loaded as JSON or text (?raw)")
}
