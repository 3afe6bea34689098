//! Media keys: 32 random bytes per file, from which HKDF makes an IV, a cipher key and a MAC key of 112 bytes together.
//!
//! The info string of HKDF names the kind of the file, so the same media key gives other keys for the thumbnail of a
//! picture than for the picture. Source: 05-media §2.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::MediaError;

/// What a file is. It decides the keys, and whether a streaming sidecar belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A sticker, static or animated.
    Sticker,
    /// A picture of a product.
    Product,
    /// The cover photo of a business.
    BusinessCover,
    /// A video.
    Video,
    /// A video that plays as a GIF.
    Gif,
    /// A video note.
    Ptv,
    /// A piece of audio.
    Audio,
    /// A voice note.
    Ptt,
    /// Any other file.
    Document,
    /// A blob of message history.
    History,
    /// A blob of app state.
    AppState,
    /// The large picture of a link preview.
    LinkThumbnail,
    /// The separate thumbnail of a picture.
    ImageThumbnail,
    /// The separate thumbnail of a video.
    VideoThumbnail,
    /// The separate thumbnail of a document.
    DocumentThumbnail,
    /// The zip of a sticker pack.
    StickerPack,
    /// The thumbnail of a sticker pack.
    StickerPackThumbnail,
    /// The background of a payment.
    PaymentBackground,
    /// A bundle of the history of a group.
    GroupHistory,
    /// A preview that comes from Messenger.
    MessengerPreview,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Image,
        Self::Sticker,
        Self::Product,
        Self::BusinessCover,
        Self::Video,
        Self::Gif,
        Self::Ptv,
        Self::Audio,
        Self::Ptt,
        Self::Document,
        Self::History,
        Self::AppState,
        Self::LinkThumbnail,
        Self::ImageThumbnail,
        Self::VideoThumbnail,
        Self::DocumentThumbnail,
        Self::StickerPack,
        Self::StickerPackThumbnail,
        Self::PaymentBackground,
        Self::GroupHistory,
        Self::MessengerPreview,
    ];

    /// The info string of HKDF.
    pub const fn info(self) -> &'static str {
        match self {
            Self::Image | Self::Sticker | Self::Product | Self::BusinessCover => "WhatsApp Image Keys",
            Self::Video | Self::Gif | Self::Ptv => "WhatsApp Video Keys",
            Self::Audio | Self::Ptt => "WhatsApp Audio Keys",
            Self::Document => "WhatsApp Document Keys",
            Self::History => "WhatsApp History Keys",
            Self::AppState => "WhatsApp App State Keys",
            Self::LinkThumbnail => "WhatsApp Link Thumbnail Keys",
            Self::ImageThumbnail => "WhatsApp Image Thumbnail Keys",
            Self::VideoThumbnail => "WhatsApp Video Thumbnail Keys",
            Self::DocumentThumbnail => "WhatsApp Document Thumbnail Keys",
            Self::StickerPack => "WhatsApp Sticker Pack Keys",
            Self::StickerPackThumbnail => "WhatsApp Sticker Pack Thumbnail Keys",
            Self::PaymentBackground => "WhatsApp Payment Background Keys",
            Self::GroupHistory => "Group History",
            Self::MessengerPreview => "Messenger Preview Keys",
        }
    }

    /// Whether its message carries a streaming sidecar (§3.3).
    pub const fn has_sidecar(self) -> bool {
        matches!(self, Self::Video | Self::Gif | Self::Ptv | Self::Audio | Self::Ptt)
    }

    /// The kind of the separate thumbnail that is encrypted under the media key of this kind.
    pub const fn thumbnail(self) -> Option<Self> {
        match self {
            Self::Image => Some(Self::ImageThumbnail),
            Self::Video | Self::Gif | Self::Ptv => Some(Self::VideoThumbnail),
            Self::Document => Some(Self::DocumentThumbnail),
            Self::StickerPack => Some(Self::StickerPackThumbnail),
            _ => None,
        }
    }
}

/// The 32 bytes that a message carries to open its file. Never printed, zeroized on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MediaKey([u8; 32]);

impl MediaKey {
    /// Takes the bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Takes exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, MediaError> {
        bytes.try_into().map(Self).map_err(|_| MediaError::KeyLength(bytes.len()))
    }

    /// A new one. Every file has its own; only its thumbnail shares it.
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// The bytes, as they go into the message.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The keys of a file of this kind.
    pub fn derive(&self, kind: MediaKind) -> MediaKeys {
        MediaKeys::derive(self, kind)
    }
}

impl fmt::Debug for MediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MediaKey(…)")
    }
}

/// Fills `out`, which is never longer than the 8160 bytes that HKDF can give.
pub(crate) fn expand(key: &MediaKey, info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(None, key.as_bytes()).expand(info, out).expect("a short output");
}

/// What a file is encrypted and authenticated with. Never printed, zeroized on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MediaKeys {
    pub(crate) iv: [u8; 16],
    pub(crate) cipher_key: [u8; 32],
    pub(crate) mac_key: [u8; 32],
    ref_key: [u8; 32],
}

impl MediaKeys {
    /// Derives them for one kind of file.
    pub fn derive(key: &MediaKey, kind: MediaKind) -> Self {
        let mut bytes = Zeroizing::new([0; 112]);
        expand(key, kind.info().as_bytes(), &mut *bytes);
        let mut keys = Self { iv: [0; 16], cipher_key: [0; 32], mac_key: [0; 32], ref_key: [0; 32] };
        keys.iv.copy_from_slice(&bytes[..16]);
        keys.cipher_key.copy_from_slice(&bytes[16..48]);
        keys.mac_key.copy_from_slice(&bytes[48..80]);
        keys.ref_key.copy_from_slice(&bytes[80..]);
        keys
    }

    /// The initialisation vector. It is never stored with the file.
    pub const fn iv(&self) -> &[u8; 16] {
        &self.iv
    }

    /// The key of AES-256-CBC.
    pub const fn cipher_key(&self) -> &[u8; 32] {
        &self.cipher_key
    }

    /// The key of the file's MAC and of the sidecars.
    pub const fn mac_key(&self) -> &[u8; 32] {
        &self.mac_key
    }

    /// The last 32 bytes of the derivation; files do not use them.
    pub const fn ref_key(&self) -> &[u8; 32] {
        &self.ref_key
    }
}

impl fmt::Debug for MediaKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MediaKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_length_is_refused() {
        for length in [0, 31, 33, 64] {
            assert!(matches!(MediaKey::from_slice(&vec![1; length]), Err(MediaError::KeyLength(n)) if n == length));
        }
        assert_eq!(MediaKey::from_slice(&[1; 32]).unwrap().as_bytes(), &[1; 32]);
    }

    #[test]
    fn keys_do_not_show_themselves() {
        let key = MediaKey::new([0xab; 32]);
        let shown = format!("{key:?} {:?}", key.derive(MediaKind::Image));
        assert_eq!(shown, "MediaKey(…) MediaKeys(…)");
    }

    #[test]
    fn two_new_keys_differ() {
        assert_ne!(MediaKey::generate().as_bytes(), MediaKey::generate().as_bytes());
    }
}
