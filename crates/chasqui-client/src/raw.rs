//! Protobuf fields by number, on the bytes as received: what is handed on must not be re-encoded.

/// One field as it stands in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub number: u64,
    /// Key, length and content.
    pub whole: &'a [u8],
    /// The content, if it is length-delimited.
    pub content: Option<&'a [u8]>,
}

/// The fields of a message, in their order; ends early at bytes that are none.
pub(crate) fn fields(bytes: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || next_field(&mut rest))
}

/// The content of the last length-delimited field with this number, or `None`, also when the bytes are malformed.
pub(crate) fn field(bytes: &[u8], number: u64) -> Option<&[u8]> {
    let (mut found, mut seen) = (None, 0);
    for field in fields(bytes) {
        seen += field.whole.len();
        if field.number == number && field.content.is_some() {
            found = field.content;
        }
    }
    found.filter(|_| seen == bytes.len())
}

/// The message without the fields of this number.
pub(crate) fn without(bytes: &[u8], number: u64) -> Vec<u8> {
    fields(bytes).filter(|field| field.number != number).flat_map(|field| field.whole).copied().collect()
}

/// Appends a length-delimited field.
pub(crate) fn push_field(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    push_varint(out, number << 3 | 2);
    push_varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// A message of one length-delimited field.
pub(crate) fn one_field(number: u64, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 8);
    push_field(&mut out, number, content);
    out
}

fn next_field<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    if rest.is_empty() {
        return None;
    }
    let start = *rest;
    let key = varint(rest)?;
    let content = match key & 7 {
        0 => {
            varint(rest)?;
            None
        }
        1 => {
            take(rest, 8)?;
            None
        }
        2 => {
            let len = usize::try_from(varint(rest)?).ok()?;
            Some(take(rest, len)?)
        }
        5 => {
            take(rest, 4)?;
            None
        }
        _ => return None,
    };
    let whole = start.get(..start.len() - rest.len())?;
    Some(Field { number: key >> 3, whole, content })
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(len)?;
    *bytes = tail;
    Some(head)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Appends a number.
pub(crate) fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_among_all_wire_types() {
        let mut bytes = vec![0x08, 0x96, 0x01, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x1d, 0, 0, 0, 0];
        push_field(&mut bytes, 31, b"first");
        push_field(&mut bytes, 31, b"last");
        assert_eq!(field(&bytes, 31), Some(&b"last"[..]));
        assert_eq!(field(&bytes, 1), None);
        assert_eq!(without(&bytes, 31), bytes[..17]);
        assert_eq!(without(&bytes, 99), bytes);
    }

    #[test]
    fn broken_bytes_give_nothing() {
        for bytes in [&[0xff][..], &[0x0a, 0x05, 0x01], &[0x0b], &[0xff; 11]] {
            assert_eq!(field(bytes, 1), None);
            assert_eq!(without(bytes, 1), b"");
        }
        assert_eq!(field(b"\x0a\x01x\xff", 1), None, "also behind a good field");
    }
}
