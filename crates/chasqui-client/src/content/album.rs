//! Albums: a message that says how many files follow, and the files, each of which names it (03-messages §18).

use chasqui_error::PublicError;
use chasqui_proto::{
    Message, MessageAssociation, MessageContextInfo, MessageKey, ProtoMessage, message::AlbumMessage,
    message_association::AssociationType,
};
use serde_json::Value;

use super::{
    parse::{Action, invalid, whole_number},
    wrap,
};
use crate::raw;

/// Field number of `Message`.
pub(super) const ALBUM: u64 = 83;
/// Field number of `MessageContextInfo`.
const ASSOCIATION: u64 = 10;
/// Files of one album.
const MAX_FILES: u32 = 100;

/// Reads `{ images, videos }`: how many of each follow.
pub(super) fn parse(value: &Value) -> Result<Action, PublicError> {
    let fields = value.as_object().ok_or_else(|| invalid("An album must be a list of images and videos."))?;
    let count = |name: &str| Ok::<_, PublicError>(whole_number(fields, name, MAX_FILES)?.unwrap_or(0));
    let (images, videos) = (count("images")?, count("videos")?);
    if !(2..=MAX_FILES).contains(&(images + videos)) {
        return Err(invalid(format!("An album has 2 to {MAX_FILES} images and videos.")).with("limit", MAX_FILES));
    }
    Ok(Action::Album { images, videos })
}

/// The message that an album begins with, without `contextInfo`.
pub(super) fn beginning(images: u32, videos: u32) -> Vec<u8> {
    let album =
        AlbumMessage { expected_image_count: Some(images), expected_video_count: Some(videos), ..Default::default() };
    album.encode_to_vec()
}

/// Makes a message a part of an album.
pub(super) fn part_of(message: &[u8], album: Option<Box<MessageKey>>) -> Vec<u8> {
    let info = raw::field(message, wrap::CONTEXT_INFO).and_then(|info| MessageContextInfo::decode(info).ok());
    let association = MessageAssociation {
        association_type: Some(AssociationType::MediaAlbum.into()),
        parent_message_key: album,
        ..Default::default()
    };
    let info = MessageContextInfo { message_association: Some(Box::new(association)), ..info.unwrap_or_default() };
    let mut bytes = raw::without(message, wrap::CONTEXT_INFO);
    raw::push_field(&mut bytes, wrap::CONTEXT_INFO, &info.encode_to_vec());
    bytes
}

/// What a `MessageContextInfo` says of the message that its own belongs to.
pub(super) fn association(info: &[u8]) -> Option<&[u8]> {
    raw::field(info, ASSOCIATION)
}

/// The id of the album that a received message is a part of.
pub(super) fn of(bytes: &[u8], unwrapped: &Message) -> Option<String> {
    let outer = raw::field(bytes, wrap::CONTEXT_INFO).and_then(association);
    let outer = outer.and_then(|association| MessageAssociation::decode(association).ok());
    let inner = unwrapped.message_context_info.as_ref().and_then(|info| info.message_association.as_deref());
    let association = outer.as_ref().or(inner)?;
    let is_album = association.association_type == Some(AssociationType::MediaAlbum.into());
    let id = association.parent_message_key.as_ref().filter(|_| is_album)?.id.as_ref()?;
    Some(id.clone()).filter(|id| (1..=128).contains(&id.len()))
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn one_file_is_no_album_and_a_hundred_and_one_are_too_many() {
        for album in [
            json!([]),
            json!({}),
            json!({ "images": 1 }),
            json!({ "images": 60, "videos": 41 }),
            json!({ "images": -1 }),
        ] {
            assert_eq!(parse(&album).expect_err(&album.to_string()).code, ErrorCode::InvalidContent);
        }
        assert_eq!(parse(&json!({ "images": 1, "videos": 1 })), Ok(Action::Album { images: 1, videos: 1 }));
    }

    #[test]
    fn a_part_names_its_album_also_inside_a_wrapper_and_keeps_its_secret() {
        let secret = MessageContextInfo { message_secret: Some(vec![5; 32]), ..Default::default() };
        let message = [raw::one_field(3, b""), raw::one_field(wrap::CONTEXT_INFO, &secret.encode_to_vec())].concat();
        let key = MessageKey { id: Some("3EB0".into()), from_me: Some(true), ..Default::default() };
        let part = part_of(&message, Some(Box::new(key)));
        let decoded = Message::decode(part.as_slice()).expect("decodes");
        assert_eq!(of(&part, &decoded).as_deref(), Some("3EB0"));
        let wrapped = wrap::wrap(wrap::VIEW_ONCE, &part);
        assert_eq!(of(&wrapped, &Message::default()).as_deref(), Some("3EB0"));
        assert_eq!(decoded.message_context_info.and_then(|info| info.message_secret), Some(vec![5; 32]));
        assert_eq!(of(&message, &Message::decode(message.as_slice()).expect("decodes")), None);
    }
}
