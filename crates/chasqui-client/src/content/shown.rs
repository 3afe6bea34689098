//! What a program sees of files, cards and places.

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_proto::{
    Message,
    message::{ContactMessage, GroupInviteMessage, LocationMessage},
};

use super::describe::{Described, once, with_details};
use crate::message::{ContactCard, Details, Invitation, Media, Place};

/// Thumbnails and the like that are longer are left out; they still are in `raw`.
const MAX_THUMBNAIL: usize = 64 << 10;
const WAVEFORM: usize = 64;
const MAX_CARDS: usize = 257;

/// A message with a file.
pub(super) fn media(message: &Message) -> Option<Described> {
    if let Some(image) = &message.image_message {
        let media = Media {
            width: image.width,
            height: image.height,
            thumbnail: thumbnail(image.jpeg_thumbnail.as_deref()),
            ..of(image.mimetype.as_deref(), image.file_length, image.file_sha256.as_deref())
        };
        return Some(once(file("image", image.caption.as_ref(), media), image.view_once));
    }
    if let Some(video) = message.video_message.as_ref().or(message.ptv_message.as_ref()) {
        let media = Media {
            width: video.width,
            height: video.height,
            seconds: video.seconds,
            thumbnail: thumbnail(video.jpeg_thumbnail.as_deref()),
            gif: video.gif_playback == Some(true),
            note: message.video_message.is_none(),
            ..of(video.mimetype.as_deref(), video.file_length, video.file_sha256.as_deref())
        };
        return Some(once(file("video", video.caption.as_ref(), media), video.view_once));
    }
    if let Some(audio) = &message.audio_message {
        let kind = if audio.ptt == Some(true) { "voice" } else { "audio" };
        let media = Media {
            seconds: audio.seconds,
            waveform: audio.waveform.clone().filter(|waveform| waveform.len() <= WAVEFORM),
            ..of(audio.mimetype.as_deref(), audio.file_length, audio.file_sha256.as_deref())
        };
        return Some(once(file(kind, None, media), audio.view_once));
    }
    if let Some(document) = &message.document_message {
        let media = Media {
            file_name: document.file_name.clone().or_else(|| document.title.clone()),
            page_count: document.page_count,
            thumbnail: thumbnail(document.jpeg_thumbnail.as_deref()),
            ..of(document.mimetype.as_deref(), document.file_length, document.file_sha256.as_deref())
        };
        return Some(file("document", document.caption.as_ref(), media));
    }
    let sticker = message.sticker_message.as_ref()?;
    let media = Media {
        width: sticker.width,
        height: sticker.height,
        animated: sticker.is_animated == Some(true),
        ..of(sticker.mimetype.as_deref(), sticker.file_length, sticker.file_sha256.as_deref())
    };
    Some(file("sticker", None, media))
}

fn of(mimetype: Option<&str>, size: Option<u64>, sha256: Option<&[u8]>) -> Media {
    Media {
        mimetype: mimetype.unwrap_or("application/octet-stream").to_owned(),
        size,
        sha256: sha256.filter(|hash| hash.len() == 32).map(|hash| BASE64_STANDARD.encode(hash)),
        ..Media::default()
    }
}

pub(super) fn thumbnail(bytes: Option<&[u8]>) -> Option<String> {
    bytes.filter(|bytes| (1..=MAX_THUMBNAIL).contains(&bytes.len())).map(|bytes| BASE64_STANDARD.encode(bytes))
}

fn file(kind: &'static str, caption: Option<&String>, media: Media) -> Described {
    let details = Details { media: Some(Box::new(media)), ..Details::default() };
    Described { details, ..Described::with_text(kind, caption) }
}

/// An invitation to a group; one without code or group is none.
fn invitation(invite: &GroupInviteMessage) -> Option<Described> {
    let expires = invite.invite_expiration.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
    let invitation = Invitation {
        group: invite.group_jid.clone().filter(|group| !group.is_empty())?,
        code: invite.invite_code.clone().filter(|code| !code.is_empty())?,
        expires_at: expires.saturating_mul(1000),
        subject: invite.group_name.clone(),
    };
    let details = Details { invitation: Some(Box::new(invitation)), ..Details::default() };
    Some(Described { details, ..Described::with_text("invitation", invite.caption.as_ref()) })
}

/// Cards of people, places, and invitations to groups.
pub(super) fn card_or_place(message: &Message) -> Option<Described> {
    if let Some(invite) = message.group_invite_message.as_deref() {
        return invitation(invite);
    }
    let cards = |contacts: &[ContactMessage]| {
        let card = |contact: &ContactMessage| ContactCard {
            name: contact.display_name.clone().unwrap_or_default(),
            vcard: contact.vcard.clone().unwrap_or_default(),
        };
        let contacts = contacts.iter().take(MAX_CARDS).map(card).collect();
        with_details("contact", Details { contacts, ..Details::default() })
    };
    if let Some(contact) = &message.contact_message {
        return Some(cards(std::slice::from_ref(contact)));
    }
    if let Some(contacts) = &message.contacts_array_message {
        return Some(cards(&contacts.contacts));
    }
    if let Some(found) = message.location_message.as_deref() {
        return Some(location(place(found), found.comment.as_ref()));
    }
    let found = message.live_location_message.as_deref()?;
    let shown = Place {
        latitude: found.degrees_latitude.unwrap_or_default(),
        longitude: found.degrees_longitude.unwrap_or_default(),
        accuracy: found.accuracy_in_meters,
        speed: found.speed_in_mps,
        heading: found.degrees_clockwise_from_magnetic_north,
        live: true,
        sequence: found.sequence_number,
        offset: found.time_offset,
        ..Place::default()
    };
    Some(location(shown, found.caption.as_ref()))
}

/// A place as a program sees it.
pub(super) fn place(place: &LocationMessage) -> Place {
    Place {
        latitude: place.degrees_latitude.unwrap_or_default(),
        longitude: place.degrees_longitude.unwrap_or_default(),
        name: place.name.clone(),
        address: place.address.clone(),
        url: place.url.clone(),
        accuracy: place.accuracy_in_meters,
        speed: place.speed_in_mps,
        heading: place.degrees_clockwise_from_magnetic_north,
        live: place.is_live == Some(true),
        ..Place::default()
    }
}

fn location(place: Place, caption: Option<&String>) -> Described {
    let details = Details { location: Some(Box::new(place)), ..Details::default() };
    Described { details, ..Described::with_text("location", caption) }
}
