//! Protobuf fields by number, on the bytes as received: what is handed on must not be re-encoded.

/// The content of the last length-delimited field with this number, or `None`.
pub(crate) fn field(mut bytes: &[u8], number: u64) -> Option<&[u8]> {
    let mut found = None;
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let content = match key & 7 {
            0 => {
                varint(&mut bytes)?;
                None
            }
            1 => {
                take(&mut bytes, 8)?;
                None
            }
            2 => {
                let len = usize::try_from(varint(&mut bytes)?).ok()?;
                Some(take(&mut bytes, len)?)
            }
            5 => {
                take(&mut bytes, 4)?;
                None
            }
            _ => return None,
        };
        if key >> 3 == number && content.is_some() {
            found = content;
        }
    }
    found
}

/// Appends a length-delimited field.
pub(crate) fn push_field(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    push_varint(out, number << 3 | 2);
    push_varint(out, content.len() as u64);
    out.extend_from_slice(content);
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

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
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
    }

    #[test]
    fn broken_bytes_give_nothing() {
        for bytes in [&[0xff][..], &[0x0a, 0x05, 0x01], &[0x0b], &[0xff; 11]] {
            assert_eq!(field(bytes, 1), None);
        }
    }
}
