//! What a message says about its file: as the program gives and gets it, and as it stands in the protobuf
//! (05-media §2 to §6, 03-messages §18).

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{Encrypted, Expected, MediaKey, MediaKind};
use chasqui_proto::{Message, ProtoMessage, message as m};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::content;

/// Longest file that is taken unless the program says otherwise: what the service's clients send at most.
pub(crate) const MAX_FILE: u64 = 2 << 30;
/// Longest thumbnail, waveform or sidecar that the program gives.
const MAX_EXTRA: usize = 256 << 10;

/// Names of the kinds of file, as contents have them.
const KINDS: [(&str, MediaKind); 9] = [
    ("image", MediaKind::Image),
    ("video", MediaKind::Video),
    ("gif", MediaKind::Gif),
    ("note", MediaKind::Ptv),
    ("audio", MediaKind::Audio),
    ("voice", MediaKind::Ptt),
    ("document", MediaKind::Document),
    ("sticker", MediaKind::Sticker),
    ("preview", MediaKind::LinkThumbnail),
];

/// The kind of that name.
pub(crate) fn kind_of(name: &str) -> Result<MediaKind, PublicError> {
    KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind).ok_or_else(|| {
        let names = KINDS.map(|(name, _)| name).join(", ");
        PublicError::new(ErrorCode::InvalidContent, format!("There is no kind of file \"{name}\"; there are {names}."))
    })
}

pub(crate) fn name_of(kind: MediaKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("document", |(name, _)| name)
}

/// What a file that is not encrypted is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    /// Channels.
    Channel,
    /// Products of a shop.
    Product,
    /// The top of a business's profile.
    Cover,
}

impl Area {
    /// As the program says it; nothing for what is encrypted.
    pub fn of(about: &serde_json::Value) -> Option<Self> {
        match about.get("area").and_then(serde_json::Value::as_str) {
            Some("product") => Some(Self::Product),
            Some("cover") => Some(Self::Cover),
            _ => (about.get("channel") == Some(&serde_json::Value::Bool(true))).then_some(Self::Channel),
        }
    }
}

/// Where files of this kind are uploaded to (05-media §4).
pub(crate) fn upload_path(kind: MediaKind, area: Option<Area>) -> &'static str {
    if let Some(area) = area {
        return match kind {
            _ if area == Area::Product => "/product/image",
            _ if area == Area::Cover => "/pps/biz-cover-photo",
            MediaKind::Image | MediaKind::Sticker => "/newsletter/newsletter-image",
            MediaKind::Video | MediaKind::Ptv => "/newsletter/newsletter-video",
            MediaKind::Gif => "/newsletter/newsletter-gif",
            MediaKind::Audio => "/newsletter/newsletter-audio",
            MediaKind::Ptt => "/newsletter/newsletter-ptt",
            MediaKind::LinkThumbnail => "/newsletter/newsletter-thumbnail-link",
            _ => "/newsletter/newsletter-document",
        };
    }
    match kind {
        MediaKind::Image | MediaKind::Sticker => "/mms/image",
        MediaKind::Video | MediaKind::Gif | MediaKind::Ptv => "/mms/video",
        MediaKind::Audio | MediaKind::Ptt => "/mms/audio",
        MediaKind::LinkThumbnail => "/mms/thumbnail-link",
        _ => "/mms/document",
    }
}

/// What the hosts call files of this kind in the query of a download.
pub(crate) fn mms_type(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image | MediaKind::Sticker => "image",
        MediaKind::Video | MediaKind::Gif | MediaKind::Ptv => "video",
        MediaKind::Audio | MediaKind::Ptt => "audio",
        MediaKind::LinkThumbnail => "thumbnail-link",
        MediaKind::History => "md-msg-hist",
        MediaKind::AppState => "md-app-state",
        _ => "document",
    }
}

/// Bytes that are base64 in JSON.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    /// It may be a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() <= MAX_EXTRA);
        bytes.map(Self).ok_or_else(|| de::Error::custom("must be base64, and not too long"))
    }
}

/// An uploaded file, as the program holds it and as a content names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    /// A name of [`KINDS`].
    pub kind: String,
    pub url: String,
    pub direct_path: String,
    pub media_key: Bytes,
    /// Seconds since the epoch.
    pub media_key_timestamp: i64,
    pub file_sha256: Bytes,
    pub file_enc_sha256: Bytes,
    /// Bytes of the plaintext.
    pub size: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sidecar: Option<Bytes>,
    /// Of a file for channels: what the hosts call it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handle: Option<String>,
    /// Of the cover of a business: by what its profile names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cover: Option<CoverPlace>,
    #[serde(flatten)]
    pub about: About,
}

/// What the recipient is shown of a file before it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mimetype: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thumbnail: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waveform: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub animated: Option<bool>,
    /// Of an animated sticker: where its first frame ends, and the MAC over it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_frame_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_frame_sidecar: Option<Bytes>,
}

/// Where a file was put.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    pub url: String,
    pub direct_path: String,
    #[serde(default)]
    pub handle: Option<String>,
    #[serde(flatten)]
    pub cover: Option<CoverPlace>,
}

/// What the hosts tell of the cover of a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CoverPlace {
    #[serde(rename(serialize = "id"), alias = "fbid", deserialize_with = "text_or_number")]
    pub id: String,
    #[serde(rename(serialize = "token"), alias = "meta_hmac")]
    pub token: String,
    #[serde(deserialize_with = "text_or_number")]
    pub ts: String,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) if text.len() <= 256 => Ok(text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        _ => Err(de::Error::custom("must be a text or a number")),
    }
}

impl File {
    /// What was encrypted and uploaded.
    pub fn new(kind: MediaKind, key: &MediaKey, encrypted: Encrypted, place: Place, now: u64, about: About) -> Self {
        let first_frame_sidecar = encrypted.first_frame_sidecar.map(|mac| Bytes(mac.to_vec()));
        Self {
            kind: name_of(kind).to_owned(),
            url: place.url,
            direct_path: place.direct_path,
            media_key: Bytes(key.as_bytes().to_vec()),
            media_key_timestamp: i64::try_from(now).unwrap_or(0),
            file_sha256: Bytes(encrypted.file_sha256.to_vec()),
            file_enc_sha256: Bytes(encrypted.file_enc_sha256.to_vec()),
            size: encrypted.file_length,
            sidecar: encrypted.streaming_sidecar.map(Bytes),
            handle: None,
            cover: None,
            about: About { first_frame_sidecar, ..about },
        }
    }

    /// What was uploaded as it is, for channels.
    pub fn plain(kind: MediaKind, sealed: Encrypted, place: Place, about: About) -> Self {
        let handle = place.handle.clone().filter(|handle| handle.len() <= 256);
        let cover = place.cover.clone();
        let file = Self::new(kind, &MediaKey::generate(), sealed, place, 0, about);
        Self { media_key: Bytes(Vec::new()), file_enc_sha256: Bytes(Vec::new()), handle, cover, ..file }
    }

    /// The message of this file: the number of its field in `Message`, and its bytes without `contextInfo`.
    pub fn into_message(self, caption: Option<String>, view_once: bool) -> Result<(u64, Vec<u8>), PublicError> {
        let kind = kind_of(&self.kind)?;
        let Self { url, direct_path, media_key, media_key_timestamp, file_sha256, file_enc_sha256, size, .. } = self;
        let About { mimetype, file_name, width, height, seconds, page_count, thumbnail, waveform, animated, .. } =
            self.about;
        // A file for channels has no key.
        let sealed = |bytes: Bytes| Some(bytes.0).filter(|bytes| !bytes.is_empty());
        let (url, direct_path, media_key) = (Some(url), Some(direct_path), sealed(media_key));
        let (file_sha256, file_enc_sha256) = (Some(file_sha256.0), sealed(file_enc_sha256));
        let media_key_timestamp = media_key.as_ref().map(|_| media_key_timestamp);
        let file_length = Some(size);
        let jpeg_thumbnail = thumbnail.map(|bytes| bytes.0);
        let streaming_sidecar = self.sidecar.map(|bytes| bytes.0);
        let view_once = view_once.then_some(true);
        Ok(match kind {
            MediaKind::Image => {
                let mimetype = Some(mimetype.unwrap_or_else(|| "image/jpeg".to_owned()));
                let image = m::ImageMessage {
                    url,
                    mimetype,
                    caption,
                    file_sha256,
                    file_length,
                    height,
                    width,
                    media_key,
                    file_enc_sha256,
                    direct_path,
                    media_key_timestamp,
                    jpeg_thumbnail,
                    view_once,
                    ..Default::default()
                };
                (3, image.encode_to_vec())
            }
            MediaKind::Video | MediaKind::Gif | MediaKind::Ptv => {
                let video = m::VideoMessage {
                    url,
                    mimetype: Some(mimetype.unwrap_or_else(|| "video/mp4".to_owned())),
                    file_sha256,
                    file_length,
                    seconds,
                    media_key,
                    caption,
                    gif_playback: (kind == MediaKind::Gif).then_some(true),
                    height,
                    width,
                    file_enc_sha256,
                    direct_path,
                    media_key_timestamp,
                    jpeg_thumbnail,
                    streaming_sidecar,
                    view_once,
                    ..Default::default()
                };
                (if kind == MediaKind::Ptv { 66 } else { 9 }, video.encode_to_vec())
            }
            MediaKind::Audio | MediaKind::Ptt => {
                let voice = kind == MediaKind::Ptt;
                let usual = if voice { "audio/ogg; codecs=opus" } else { "audio/mpeg" };
                let audio = m::AudioMessage {
                    url,
                    mimetype: Some(mimetype.unwrap_or_else(|| usual.to_owned())),
                    file_sha256,
                    file_length,
                    seconds,
                    ptt: voice.then_some(true),
                    media_key,
                    file_enc_sha256,
                    direct_path,
                    media_key_timestamp,
                    streaming_sidecar,
                    waveform: waveform.map(|bytes| bytes.0),
                    view_once,
                    ..Default::default()
                };
                (8, audio.encode_to_vec())
            }
            MediaKind::Sticker => {
                let sticker = m::StickerMessage {
                    url,
                    file_sha256,
                    file_enc_sha256,
                    media_key,
                    mimetype: Some(mimetype.unwrap_or_else(|| "image/webp".to_owned())),
                    height,
                    width,
                    direct_path,
                    file_length,
                    media_key_timestamp,
                    first_frame_length: self.about.first_frame_length,
                    first_frame_sidecar: self.about.first_frame_sidecar.map(|bytes| bytes.0),
                    is_animated: animated.filter(|animated| *animated),
                    ..Default::default()
                };
                (26, sticker.encode_to_vec())
            }
            MediaKind::Document => {
                let document = m::DocumentMessage {
                    url,
                    mimetype: Some(mimetype.unwrap_or_else(|| "application/octet-stream".to_owned())),
                    title: file_name.clone(),
                    file_sha256,
                    file_length,
                    page_count,
                    media_key,
                    file_name,
                    file_enc_sha256,
                    direct_path,
                    media_key_timestamp,
                    thumbnail_height: jpeg_thumbnail.as_ref().and(height),
                    thumbnail_width: jpeg_thumbnail.as_ref().and(width),
                    jpeg_thumbnail,
                    caption,
                    ..Default::default()
                };
                (7, document.encode_to_vec())
            }
            _ => {
                return Err(PublicError::new(ErrorCode::InvalidContent, "This kind of file is no message of its own."));
            }
        })
    }
}

/// The file of a received message.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub kind: MediaKind,
    /// `None` for a file that is not encrypted.
    pub key: Option<MediaKey>,
    pub direct_path: Option<String>,
    pub url: Option<String>,
    pub expected: Expected,
}

impl Remote {
    /// What a message says about its file; `None` when it has none.
    pub fn of_message(bytes: &[u8]) -> Option<Self> {
        let decoded = Message::decode(bytes).ok()?;
        let unwrapped = content::unwrapped(bytes, decoded);
        macro_rules! remote {
            ($kind:expr, $file:expr) => {{
                let file = $file;
                let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(|bytes| bytes.try_into().ok());
                Some(Self {
                    kind: $kind,
                    key: file.media_key.as_deref().and_then(|key| MediaKey::from_slice(key).ok()),
                    direct_path: file.direct_path.clone().filter(|path| path.starts_with('/')),
                    url: file.url.clone().filter(|url| !url.is_empty()),
                    expected: Expected {
                        file_sha256: hash(&file.file_sha256),
                        file_enc_sha256: hash(&file.file_enc_sha256),
                        file_length: file.file_length,
                        max_length: MAX_FILE,
                    },
                })
            }};
        }
        let message = &unwrapped;
        if let Some(image) = &message.image_message {
            return remote!(MediaKind::Image, image);
        }
        if let Some(video) = message.video_message.as_ref().or(message.ptv_message.as_ref()) {
            return remote!(MediaKind::Video, video);
        }
        if let Some(audio) = &message.audio_message {
            let kind = if audio.ptt == Some(true) { MediaKind::Ptt } else { MediaKind::Audio };
            return remote!(kind, audio);
        }
        if let Some(document) = &message.document_message {
            return remote!(MediaKind::Document, document);
        }
        if let Some(sticker) = &message.sticker_message {
            return remote!(MediaKind::Sticker, sticker);
        }
        message.extended_text_message.as_deref().and_then(Self::of_preview)
    }

    /// The picture of a link's preview.
    fn of_preview(text: &m::ExtendedTextMessage) -> Option<Self> {
        let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(|bytes| bytes.try_into().ok());
        Some(Self {
            kind: MediaKind::LinkThumbnail,
            key: Some(MediaKey::from_slice(text.media_key.as_deref()?).ok()?),
            direct_path: Some(text.thumbnail_direct_path.clone().filter(|path| path.starts_with('/'))?),
            url: None,
            expected: Expected {
                file_sha256: hash(&text.thumbnail_sha256),
                file_enc_sha256: hash(&text.thumbnail_enc_sha256),
                file_length: None,
                max_length: MAX_FILE,
            },
        })
    }
}

/// By what parts of a message's file can be verified.
pub(crate) fn sidecar(bytes: &[u8]) -> Option<Vec<u8>> {
    let message = content::unwrapped(bytes, Message::decode(bytes).ok()?);
    let video = message.video_message.or(message.ptv_message);
    let sidecar = match video {
        Some(video) => video.streaming_sidecar,
        None => message.audio_message?.streaming_sidecar,
    };
    sidecar.filter(|sidecar| !sidecar.is_empty())
}
