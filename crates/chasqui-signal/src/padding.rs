//! The service's padding of a serialised message: n bytes of value n, n from 1 to 16 (03-messages §1.9).
//!
//! It lies inside the padding of AES-CBC and hides the length a little.

use chasqui_wire::curve::random_bytes;

use crate::SignalError;

/// Appends 1 to 16 bytes, a random number of them.
pub fn pad(plaintext: &mut Vec<u8>) {
    let [random] = random_bytes();
    pad_with(plaintext, random);
}

/// Appends `(random & 15) + 1` bytes.
pub fn pad_with(plaintext: &mut Vec<u8>, random: u8) {
    let count = (random & 15) + 1;
    plaintext.resize(plaintext.len() + usize::from(count), count);
}

/// The message without its padding. Takes any n from 1 to 255 and insists that all n bytes have that value.
///
/// # Errors
/// [`SignalError::InvalidMessage`] when they do not.
pub fn unpad(padded: &[u8]) -> Result<&[u8], SignalError> {
    let count = *padded.last().ok_or(SignalError::InvalidMessage)?;
    let length = padded.len().checked_sub(usize::from(count)).ok_or(SignalError::InvalidMessage)?;
    match padded.split_at_checked(length) {
        Some((message, padding)) if count != 0 && padding.iter().all(|byte| *byte == count) => Ok(message),
        _ => Err(SignalError::InvalidMessage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_number_of_bytes_is_appended() {
        let mut message = b"\x0a\x05hello".to_vec();
        pad_with(&mut message, 0xf8);
        assert_eq!(message, b"\x0a\x05hello\x09\x09\x09\x09\x09\x09\x09\x09\x09");
    }

    #[test]
    fn random_padding_is_1_to_16_bytes_and_comes_off_again() {
        let mut seen = [false; 17];
        for _ in 0..2000 {
            let mut message = b"text".to_vec();
            pad(&mut message);
            assert_eq!(unpad(&message), Ok(&b"text"[..]));
            seen[message.len() - 4] = true;
        }
        assert!(!seen[0] && seen[1..].iter().all(|length| *length));
    }

    #[test]
    fn padding_that_is_not_n_times_n_is_refused() {
        let message = b"\x0a\x01A";
        for (padding, good) in [
            (&[5; 5][..], true),
            (&[16; 16], true),
            (&[1, 2, 3], false),
            (&[0], false),
            (&[0xff], false),
            (&[200; 200], true),
        ] {
            let padded = [message, padding].concat();
            assert_eq!(unpad(&padded).ok(), good.then_some(&message[..]), "{padding:?}");
        }
        assert_eq!(unpad(&[3, 3, 3]), Ok(&[][..]));
        assert_eq!(unpad(&[]), Err(SignalError::InvalidMessage));
    }
}
