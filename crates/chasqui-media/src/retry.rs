//! Asking for a file that the hosts no longer have: the request to its sender's phone, and the answer with a new path.
//!
//! ```text
//! retryKey = HKDF(mediaKey, "WhatsApp Media Retry Notification", 32)
//! enc_p    = AES-256-GCM(retryKey, enc_iv, aad = message id, protobuf) || tag
//! ```
//!
//! The request is a `ServerErrorReceipt`, the answer a `MediaRetryNotification`. Source: 05-media §9.1.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use chasqui_proto::{MediaRetryNotification, ProtoMessage, ServerErrorReceipt};
use zeroize::Zeroizing;

use crate::{MediaKey, keys::expand};

/// Length of `enc_iv` in bytes.
pub const IV_LEN: usize = 12;

const INFO: &[u8] = b"WhatsApp Media Retry Notification";

/// Why what came as request or answer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetryError {
    /// `enc_iv` does not have 12 bytes.
    #[error("the IV of a media retry has 12 bytes; this one has {0}")]
    IvLength(usize),
    /// It is not encrypted under this media key for this message, or it was altered.
    #[error("the media retry is not for this message and key")]
    NotAuthentic,
    /// It is authentic and not the protobuf that it should be.
    #[error("the media retry is malformed")]
    Malformed,
}

/// The content of `<encrypt>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// `<enc_p>`: ciphertext and tag.
    pub enc_p: Vec<u8>,
    /// `<enc_iv>`.
    pub enc_iv: [u8; IV_LEN],
}

/// Makes the request for the file of a message.
pub fn seal_request(key: &MediaKey, message_id: &str) -> Sealed {
    let receipt = ServerErrorReceipt { stanza_id: Some(message_id.to_owned()) };
    seal(key, message_id, new_iv(), &receipt.encode_to_vec())
}

/// Reads a request, as the phone does that is asked. That it names the message again is left to the caller.
pub fn open_request(
    key: &MediaKey,
    message_id: &str,
    enc_p: &[u8],
    enc_iv: &[u8],
) -> Result<ServerErrorReceipt, RetryError> {
    let plain = open(key, message_id, enc_p, enc_iv)?;
    ServerErrorReceipt::decode(plain.as_slice()).map_err(|_| RetryError::Malformed)
}

/// Makes the answer to a request, as the phone does that was asked.
pub fn seal_answer(key: &MediaKey, message_id: &str, answer: &MediaRetryNotification) -> Sealed {
    seal(key, message_id, new_iv(), &answer.encode_to_vec())
}

/// Reads the answer: its `result`, and on success the new `directPath`.
pub fn open_answer(
    key: &MediaKey,
    message_id: &str,
    enc_p: &[u8],
    enc_iv: &[u8],
) -> Result<MediaRetryNotification, RetryError> {
    let plain = open(key, message_id, enc_p, enc_iv)?;
    MediaRetryNotification::decode(plain.as_slice()).map_err(|_| RetryError::Malformed)
}

fn new_iv() -> [u8; IV_LEN] {
    let mut iv = [0; IV_LEN];
    getrandom::fill(&mut iv).expect("the operating system gives random bytes");
    iv
}

fn cipher(key: &MediaKey) -> Aes256Gcm {
    let mut retry_key = Zeroizing::new([0; 32]);
    expand(key, INFO, &mut *retry_key);
    Aes256Gcm::new((&*retry_key).into())
}

fn seal(key: &MediaKey, message_id: &str, enc_iv: [u8; IV_LEN], plain: &[u8]) -> Sealed {
    let payload = Payload { msg: plain, aad: message_id.as_bytes() };
    let enc_p = cipher(key).encrypt(&enc_iv.into(), payload).expect("a payload below 64 GB");
    Sealed { enc_p, enc_iv }
}

fn open(key: &MediaKey, message_id: &str, enc_p: &[u8], enc_iv: &[u8]) -> Result<Zeroizing<Vec<u8>>, RetryError> {
    let iv: &[u8; IV_LEN] = enc_iv.try_into().map_err(|_| RetryError::IvLength(enc_iv.len()))?;
    let payload = Payload { msg: enc_p, aad: message_id.as_bytes() };
    cipher(key).decrypt(iv.into(), payload).map(Zeroizing::new).map_err(|_| RetryError::NotAuthentic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::{media_key, unhex};
    use chasqui_proto::media_retry_notification::ResultType;

    const ID: &str = "3EB0A1B2C3D4E5F60718";
    const IV: &str = "000102030405060708090a0b";
    const REQUEST: &str = "e6f0fd85c79a53db94283916bc637b7bc66669c48d66e5dcfa8488d2517c130cd3a74640ef3b";
    const ANSWER: &str = "e6f0fd85c79a53db94283916bc637b7bc66669c48d665b3ea281b451393bb6ef7fc3ff97f00408a1f70d34e8eb956ceebb28de3b1f9502db4deb87007c7b253fc1b24ec58ed9abf586b499423449a9f19866e3bc2799223e9320b1cc22ac584f313eecde";

    fn iv() -> [u8; IV_LEN] {
        unhex(IV).try_into().unwrap()
    }

    fn answer() -> MediaRetryNotification {
        MediaRetryNotification {
            stanza_id: Some(ID.to_owned()),
            direct_path: Some("/v/t62.7118-24/new_n.enc?ccb=11-4&oh=x&oe=y&_nc_sid=5e03e0".to_owned()),
            result: Some(ResultType::Success as i32),
            message_secret: None,
        }
    }

    #[test]
    fn request_and_answer_are_those_of_the_document() {
        let mut key = [0; 32];
        expand(&media_key(), INFO, &mut key);
        assert_eq!(key.to_vec(), unhex("108a1f1427b5f9c90ac7378a7d8a913420dab89c1124ec400f2ccfe5b28c172e"));

        let request = ServerErrorReceipt { stanza_id: Some(ID.to_owned()) };
        assert_eq!(request.encode_to_vec(), unhex("0a143345423041314232433344344535463630373138"));
        assert_eq!(seal(&media_key(), ID, iv(), &request.encode_to_vec()).enc_p, unhex(REQUEST));
        assert_eq!(open_request(&media_key(), ID, &unhex(REQUEST), &iv()), Ok(request));

        assert_eq!(seal(&media_key(), ID, iv(), &answer().encode_to_vec()).enc_p, unhex(ANSWER));
        assert_eq!(open_answer(&media_key(), ID, &unhex(ANSWER), &iv()), Ok(answer()));
    }

    #[test]
    fn what_one_side_makes_the_other_reads() {
        let key = MediaKey::generate();
        let request = seal_request(&key, ID);
        let read = open_request(&key, ID, &request.enc_p, &request.enc_iv).unwrap();
        assert_eq!(read.stanza_id.as_deref(), Some(ID));
        let sealed = seal_answer(&key, ID, &answer());
        assert_ne!(sealed.enc_iv, request.enc_iv);
        assert_eq!(open_answer(&key, ID, &sealed.enc_p, &sealed.enc_iv), Ok(answer()));
    }

    #[test]
    fn what_was_altered_or_meant_for_another_message_is_refused() {
        let (key, good) = (media_key(), unhex(ANSWER));
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(open_answer(&key, ID, &bad, &iv()), Err(RetryError::NotAuthentic));
        }
        assert_eq!(open_answer(&key, "3EB0A1B2C3D4E5F60719", &good, &iv()), Err(RetryError::NotAuthentic));
        assert_eq!(open_answer(&MediaKey::new([1; 32]), ID, &good, &iv()), Err(RetryError::NotAuthentic));
        assert_eq!(open_answer(&key, ID, &good[..15], &iv()), Err(RetryError::NotAuthentic));
        assert_eq!(open_answer(&key, ID, &good, &iv()[..11]), Err(RetryError::IvLength(11)));
        let text = seal(&key, ID, iv(), b"\xff\xff not a protobuf");
        assert_eq!(open_answer(&key, ID, &text.enc_p, &text.enc_iv), Err(RetryError::Malformed));
    }
}
