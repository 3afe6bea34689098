//! Phone numbers as people write them.

use compact_str::CompactString;

/// The digits of an international number: 7 to 15 of them, with an optional `+`, spaces, hyphens, dots and brackets in
/// between. `None` for anything else.
pub fn digits(text: &str) -> Option<CompactString> {
    let number = text.trim();
    let rest = number.strip_prefix('+').unwrap_or(number);
    let others = rest.chars().all(|c| c.is_ascii_digit() || " -().".contains(c));
    let digits: CompactString = rest.chars().filter(char::is_ascii_digit).collect();
    (others && (7..=15).contains(&digits.len()) && !digits.starts_with('0')).then_some(digits)
}
