//! A walk over the fields of one protobuf message that copies nothing.
//!
//! Snapshots and patches hold tens of thousands of small nested messages, and the bytes of an action's value must be kept
//! as they are: decoding them into structures would cost six allocations per record and lose what the schema does not
//! know.

use crate::error::Fault;

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes; no message here has such fields.
    Fixed,
}

/// One field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    pub(crate) value: Value<'a>,
    /// The field as it stands, tag included.
    pub(crate) raw: &'a [u8],
}

impl<'a> Field<'a> {
    pub(crate) fn bytes(&self, what: &'static str) -> Result<&'a [u8], Fault> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(Fault::Malformed(what)),
        }
    }

    pub(crate) fn varint(&self, what: &'static str) -> Result<u64, Fault> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(Fault::Malformed(what)),
        }
    }
}

/// The fields of a message in their order, up to the first error.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// `what` names the message in errors.
    pub(crate) fn new(message: &'a [u8], what: &'static str) -> Self {
        Self { rest: message, what }
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<Field<'a>> {
        let start = self.rest;
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| *number != 0)?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        let raw = start.get(..start.len() - self.rest.len())?;
        Some(Field { number, value, raw })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field.ok_or(Fault::Malformed(self.what)))
    }
}

/// The last value of a bytes field, as protobuf has it, or `None`.
pub(crate) fn bytes<'a>(message: &'a [u8], number: u32, what: &'static str) -> Result<Option<&'a [u8]>, Fault> {
    let mut found = None;
    for field in Fields::new(message, what) {
        let field = field?;
        if field.number == number {
            found = Some(field.bytes(what)?);
        }
    }
    Ok(found)
}

/// The last value of a number field, or `None`.
pub(crate) fn varint(message: &[u8], number: u32, what: &'static str) -> Result<Option<u64>, Fault> {
    let mut found = None;
    for field in Fields::new(message, what) {
        let field = field?;
        if field.number == number {
            found = Some(field.varint(what)?);
        }
    }
    Ok(found)
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_number(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number) << 3);
    put_varint(out, value);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(out, u64::from(number) << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_given_in_order_with_their_raw_bytes() {
        let mut message = Vec::new();
        put_number(&mut message, 1, 300);
        put_bytes(&mut message, 2, b"ab");
        let fields: Vec<_> = Fields::new(&message, "test").collect::<Result<_, _>>().expect("fields");
        assert_eq!(fields[0], Field { number: 1, value: Value::Varint(300), raw: &[0x08, 0xac, 0x02] });
        assert_eq!(fields[1], Field { number: 2, value: Value::Bytes(b"ab"), raw: &[0x12, 2, b'a', b'b'] });
    }

    #[test]
    fn what_is_cut_or_has_no_known_wire_type_is_an_error_and_ends_the_walk() {
        for message in [&[0x0a, 2, 1][..], &[0x08], &[0x0b], &[0x00, 0], &[0xff; 12], &[0x0d, 1, 2, 3]] {
            let fields: Vec<_> = Fields::new(message, "test").collect();
            assert_eq!(fields, [Err(Fault::Malformed("test"))], "{message:02x?}");
        }
    }
}
