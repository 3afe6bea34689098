//! Previews of links: what a text shows of the page that it links to (05-media §7.1).

use chasqui_error::PublicError;
use chasqui_proto::{
    ProtoMessage,
    message::{ExtendedTextMessage, extended_text_message::PreviewType},
};
use serde_json::{Map, Value};

use super::{
    parse::{invalid, limit},
    shown,
};
use crate::{
    media::file::{Bytes, File},
    message::LinkPreview,
};

const MAX_TITLE_CHARS: usize = 1024;
const MAX_DESCRIPTION_CHARS: usize = 4096;
const MAX_THUMBNAIL: usize = 64 << 10;

/// A preview to be sent.
#[derive(Debug, PartialEq)]
pub(crate) struct Preview {
    url: String,
    title: Option<String>,
    description: Option<String>,
    thumbnail: Option<Bytes>,
    large: Option<Box<File>>,
}

/// Reads `{ url, title?, description?, thumbnail?, large? }` for a text that has the URL; `false` is none.
pub(super) fn parse(value: Option<&Value>, text: &str) -> Result<Option<Preview>, PublicError> {
    let fields = match value {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(invalid("\"linkPreview\" must be true, false or { url, title }.")),
    };
    let url = said(fields, "url", 4096)?.filter(|url| !url.is_empty() && text.contains(url.as_str()));
    let url = url.ok_or_else(|| invalid("The \"url\" of the preview must stand in the text."))?;
    let thumbnail = match fields.get("thumbnail").filter(|bytes| !bytes.is_null()) {
        Some(bytes) => {
            let bytes = bytes.get("base64").unwrap_or(bytes);
            let bytes = serde_json::from_value::<Bytes>(bytes.clone()).ok().filter(|b| b.0.len() <= MAX_THUMBNAIL);
            let wrong =
                || limit(format!("The thumbnail must be a JPEG of at most {MAX_THUMBNAIL} bytes."), MAX_THUMBNAIL);
            Some(bytes.ok_or_else(wrong)?)
        }
        None => None,
    };
    let large = match fields.get("large").filter(|file| !file.is_null()) {
        Some(file) => {
            Some(serde_json::from_value(file.clone()).map_err(|_| invalid("\"large\" must be an uploaded file."))?)
        }
        None => None,
    };
    let title = said(fields, "title", MAX_TITLE_CHARS)?;
    let description = said(fields, "description", MAX_DESCRIPTION_CHARS)?;
    Ok(Some(Preview { url, title, description, thumbnail, large }))
}

fn said(fields: &Map<String, Value>, name: &str, most: usize) -> Result<Option<String>, PublicError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
        Some(_) => Err(limit(format!("\"{name}\" must be a text of at most {most} characters."), most)),
    }
}

impl Preview {
    /// The text with it, without `contextInfo`.
    pub fn into_message(self, text: String) -> Vec<u8> {
        let mut message = ExtendedTextMessage {
            text: Some(text),
            matched_text: Some(self.url),
            title: self.title,
            description: self.description,
            preview_type: Some(PreviewType::None.into()),
            jpeg_thumbnail: self.thumbnail.map(|bytes| bytes.0),
            ..Default::default()
        };
        if let Some(large) = self.large {
            message.thumbnail_direct_path = Some(large.direct_path);
            message.thumbnail_sha256 = Some(large.file_sha256.0);
            message.thumbnail_enc_sha256 = Some(large.file_enc_sha256.0);
            message.media_key = Some(large.media_key.0);
            message.media_key_timestamp = Some(large.media_key_timestamp);
            message.thumbnail_width = large.about.width;
            message.thumbnail_height = large.about.height;
        }
        message.encode_to_vec()
    }
}

/// The preview of a received text.
pub(super) fn shown(text: &ExtendedTextMessage) -> Option<Box<LinkPreview>> {
    let url = text.matched_text.clone().filter(|url| !url.trim().is_empty())?;
    Some(Box::new(LinkPreview {
        url,
        title: text.title.clone(),
        description: text.description.clone(),
        thumbnail: shown::thumbnail(text.jpeg_thumbnail.as_deref()),
        large: text.thumbnail_direct_path.is_some() && text.media_key.is_some(),
    }))
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_preview_is_of_a_link_in_the_text() {
        let text = "see https://shop.example/cakes now";
        for preview in [
            json!("https://shop.example/cakes"),
            json!({}),
            json!({ "url": "" }),
            json!({ "url": "https://evil.example/" }),
            json!({ "url": "https://shop.example/cakes", "title": 5 }),
            json!({ "url": "https://shop.example/cakes", "title": "x".repeat(MAX_TITLE_CHARS + 1) }),
            json!({ "url": "https://shop.example/cakes", "thumbnail": "?" }),
            json!({ "url": "https://shop.example/cakes", "large": {} }),
        ] {
            assert_eq!(parse(Some(&preview), text).expect_err(&preview.to_string()).code, ErrorCode::InvalidContent);
        }
        let none = [None, Some(json!(false)), Some(json!(null))];
        assert!(none.iter().all(|none| parse(none.as_ref(), text) == Ok(None)));
    }

    #[test]
    fn what_is_sent_is_what_the_other_side_is_shown() {
        let text = "see https://shop.example/cakes now";
        let given = json!({ "url": "https://shop.example/cakes", "title": "Cakes", "description": "Fine", "thumbnail": "/9j/" });
        let preview = parse(Some(&given), text).expect("taken").expect("a preview");
        let message = ExtendedTextMessage::decode(preview.into_message(text.to_owned()).as_slice()).expect("decodes");
        assert_eq!(serde_json::to_value(shown(&message)).expect("is plain"), given);
        assert_eq!(shown(&ExtendedTextMessage { text: Some(text.into()), ..Default::default() }), None);
    }
}
