//! Add-ons: votes, responses, reactions, comments and edits that are encrypted with the secret of the message they are
//! about (03-messages §12).

use std::fmt;

use chasqui_wire::curve::random_bytes;
use hkdf::Hkdf;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What `messageContextInfo.messageSecret` holds.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub(crate) struct MessageSecret([u8; 32]);

impl MessageSecret {
    /// A new one.
    pub fn generate() -> Self {
        Self(random_bytes())
    }

    /// `None` unless there are exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MessageSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageSecret(..)")
    }
}

/// What an add-on is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseCase {
    PollVote,
    EventResponse,
    Reaction,
    Comment,
    MessageEdit,
    EventEdit,
    PollEdit,
    PollAddOption,
}

impl UseCase {
    fn label(self) -> &'static str {
        match self {
            Self::PollVote => "Poll Vote",
            Self::EventResponse => "Event Response",
            Self::Reaction => "Enc Reaction",
            Self::Comment => "Enc Comment",
            Self::MessageEdit => "Message Edit",
            Self::EventEdit => "Event Edit",
            Self::PollEdit => "Poll Edit",
            Self::PollAddOption => "Poll Add Option",
        }
    }

    fn is_bound_to_sender(self) -> bool {
        matches!(self, Self::PollVote | Self::EventResponse)
    }
}

/// What an add-on's key is made for. The JIDs are bare, as text, in the form in which its sender wrote them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub use_case: UseCase,
    pub target_id: &'a str,
    /// Who wrote the target.
    pub target_sender: &'a str,
    /// Who writes the add-on.
    pub sender: &'a str,
}

impl Binding<'_> {
    fn key(&self, secret: &MessageSecret) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let info = [self.target_id, self.target_sender, self.sender, self.use_case.label()].map(str::as_bytes);
        Hkdf::<Sha256>::new(None, &secret.0).expand_multi_info(&info, key.as_mut()).expect("a short output");
        key
    }

    fn aad(&self) -> Vec<u8> {
        if self.use_case.is_bound_to_sender() {
            [self.target_id.as_bytes(), &[0], self.sender.as_bytes()].concat()
        } else {
            Vec::new()
        }
    }

    /// Encrypts an add-on: payload and iv.
    pub fn seal(&self, secret: &MessageSecret, plaintext: &[u8]) -> (Vec<u8>, [u8; 12]) {
        let iv = random_bytes();
        (self.seal_with(secret, plaintext, iv), iv)
    }

    fn seal_with(&self, secret: &MessageSecret, plaintext: &[u8], iv: [u8; 12]) -> Vec<u8> {
        let mut payload = plaintext.to_vec();
        cipher(&self.key(secret))
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::from(self.aad()), &mut payload)
            .expect("an add-on is far shorter than what AES-GCM takes");
        payload
    }

    /// Decrypts an add-on; `None` when secret, addresses or payload do not fit.
    pub fn open(&self, secret: &MessageSecret, payload: &[u8], iv: &[u8]) -> Option<Vec<u8>> {
        let mut plaintext = payload.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
        let len = cipher(&self.key(secret)).open_in_place(nonce, Aad::from(self.aad()), &mut plaintext).ok()?.len();
        plaintext.truncate(len);
        Some(plaintext)
    }
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3EB0AABBCCDDEEFF001122";
    const CREATOR: &str = "15550001111@s.whatsapp.net";
    const OTHER: &str = "15550002222@s.whatsapp.net";

    fn binding(use_case: UseCase) -> Binding<'static> {
        Binding { use_case, target_id: ID, target_sender: CREATOR, sender: OTHER }
    }

    fn secret() -> MessageSecret {
        MessageSecret([0x5a; 32])
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    #[test]
    fn keys_are_those_of_the_vectors() {
        let vectors = [
            (UseCase::PollVote, "e8e310ee236f1c254f44fdda087c54145ac8d98b82f2c544a1d996c6411cf659"),
            (UseCase::EventResponse, "753c9cac60e598cfce04cd0b8333a9bf80d02ef7db0b295ee86c50880ed6dfc3"),
            (UseCase::Reaction, "662dcaa9a86ed6483c0676c928fa93fedd95d27d5f0a7ba9f4246c5e7963fd77"),
            (UseCase::Comment, "43ec4bd621d1b1f647e1d8a5354a1b480796aab867e18fb860f9ea509e4060f7"),
            (UseCase::MessageEdit, "048051daf155f7376675e327da47f7de98e3f331cd222474dd7286c3927f3d00"),
            (UseCase::EventEdit, "eb0e55bbb3d2888c12d3e178b2f301edcc98027a0889fe877be0b9f719e6852a"),
            (UseCase::PollEdit, "64e291797f8cbe982cfd395fb58c9136bed191c1fd75c6482283428996e423c5"),
            (UseCase::PollAddOption, "aa7c349e0a7461b00ae7185eecd8865cda6c24375d667a4d450af07dba10edf0"),
        ];
        for (use_case, expected) in vectors {
            assert_eq!(hex(binding(use_case).key(&secret()).as_ref()), expected, "{use_case:?}");
        }
        let by_lid = Binding {
            target_sender: "100000000000001@lid",
            sender: "200000000000002@lid",
            ..binding(UseCase::PollVote)
        };
        assert_eq!(
            hex(by_lid.key(&secret()).as_ref()),
            "605795cb78f67a88143d24b60a623f84ef4f573d44561f10d5f555bf77e8d18c"
        );
    }

    #[test]
    fn payloads_are_those_of_the_vectors_both_ways() {
        let vectors = [
            (
                UseCase::PollVote,
                "0a2085a39ab345d672ff8ca9b9c6876f3adcacf45ee7c1e2dbd2408fd338bd55e07e",
                "7b7a9c6735a090fcbf0479a1894449d663ba4adca9a0b0faf7fd2b244e1d151d584cfe5cc0fb881dca7431aa0d9a7be5061d",
            ),
            (
                UseCase::EventResponse,
                "08011080d095ffbc311800",
                "44114bf6ad0200777ab919395d82ee49999e4b4e885a439284b84f",
            ),
            (
                UseCase::Reaction,
                "1204f09f918d2080d095ffbc31",
                "f9cbf4f850e2050b36e170a8efa86c7eb568921d1f39c57338e8a026be",
            ),
        ];
        let iv = [0x0b; 12];
        for (use_case, plaintext, payload) in vectors {
            let binding = binding(use_case);
            assert_eq!(hex(&binding.seal_with(&secret(), &unhex(plaintext), iv)), payload, "{use_case:?}");
            assert_eq!(binding.open(&secret(), &unhex(payload), &iv), Some(unhex(plaintext)), "{use_case:?}");
        }
    }

    #[test]
    fn what_was_made_for_others_does_not_open() {
        let binding = binding(UseCase::PollVote);
        let (payload, iv) = binding.seal(&secret(), b"vote");
        assert_eq!(binding.open(&secret(), &payload, &iv).as_deref(), Some(&b"vote"[..]));
        let mut flipped = payload.clone();
        flipped[0] ^= 1;
        assert_eq!(binding.open(&secret(), &flipped, &iv), None);
        assert_eq!(binding.open(&MessageSecret([1; 32]), &payload, &iv), None);
        assert_eq!(Binding { sender: CREATOR, ..binding }.open(&secret(), &payload, &iv), None);
        assert_eq!(Binding { use_case: UseCase::Reaction, ..binding }.open(&secret(), &payload, &iv), None);
        for (payload, iv) in [(&payload[..3], &iv[..]), (&[], &iv), (&payload, &iv[..11])] {
            assert_eq!(binding.open(&secret(), payload, iv), None);
        }
    }
}
