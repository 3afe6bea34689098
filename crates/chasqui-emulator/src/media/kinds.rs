//! The names of files: what the library calls a kind, the path that clients upload it to, and the folder of its direct
//! path (05-media §4).

use chasqui_media::MediaKind;

/// Where uploads go.
pub(crate) const AREAS: [&str; 4] = ["/mms/", "/newsletter/", "/product/", "/pps/"];

/// Name for tests, kind, and the last part but one of the upload path.
const KINDS: &[(&str, MediaKind, &str)] = &[
    ("image", MediaKind::Image, "image"),
    ("sticker", MediaKind::Sticker, "sticker"),
    ("video", MediaKind::Video, "video"),
    ("gif", MediaKind::Gif, "gif"),
    ("ptv", MediaKind::Ptv, "video"),
    ("audio", MediaKind::Audio, "audio"),
    ("ptt", MediaKind::Ptt, "ptt"),
    ("document", MediaKind::Document, "document"),
    ("history", MediaKind::History, "md-msg-hist"),
    ("appState", MediaKind::AppState, "md-app-state"),
    ("linkThumbnail", MediaKind::LinkThumbnail, "thumbnail-link"),
    ("imageThumbnail", MediaKind::ImageThumbnail, "thumbnail-image"),
    ("videoThumbnail", MediaKind::VideoThumbnail, "thumbnail-video"),
    ("documentThumbnail", MediaKind::DocumentThumbnail, "thumbnail-document"),
    ("stickerPack", MediaKind::StickerPack, "sticker-pack"),
    ("stickerPackThumbnail", MediaKind::StickerPackThumbnail, "thumbnail-sticker-pack"),
    ("groupHistory", MediaKind::GroupHistory, "group-history"),
];

/// The kind of this name, and how its uploads are called.
pub(crate) fn named(name: &str) -> Option<(MediaKind, &'static str)> {
    let (_, kind, upload) = KINDS.iter().find(|(known, ..)| *known == name)?;
    Some((*kind, upload))
}

/// The folder in the direct paths of an upload.
pub(crate) fn folder(upload: &str) -> &'static str {
    match upload {
        "image" | "thumbnail-image" => "t62.7118-24",
        "video" | "gif" | "thumbnail-video" => "t62.7161-24",
        "audio" | "ptt" => "t62.7117-24",
        "document" | "thumbnail-document" => "t62.7119-24",
        "sticker" => "t62.15575-24",
        "thumbnail-link" => "t62.36144-24",
        _ => "t62.7114-24",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_encrypted_on_its_own_has_a_name() {
        let named: Vec<MediaKind> = KINDS.iter().map(|(_, kind, _)| *kind).collect();
        let same_as_others =
            [MediaKind::Product, MediaKind::BusinessCover, MediaKind::PaymentBackground, MediaKind::MessengerPreview];
        for kind in MediaKind::ALL {
            assert!(named.contains(kind) || same_as_others.contains(kind), "{kind:?}");
        }
    }
}
