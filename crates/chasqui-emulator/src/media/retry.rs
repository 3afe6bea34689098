//! Phones that upload a file again: a companion's `<receipt type=server-error>` about a message goes to the phone of its
//! account, which knows the message and so its media key, and has the file (05-media §9).

use chasqui_media::{
    MediaKey,
    retry::{Sealed, open_request, seal_answer},
};
use chasqui_proto::{MediaRetryNotification, Message, ProtoMessage as _, media_retry_notification::ResultType};
use chasqui_wire::{jid::Jid, node::Node};
use compact_str::CompactString;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::faults::{Bend, Side};
use crate::{
    account::DeviceRef,
    prekeys::bytes,
    queue::{Entry, Kind},
    world::World,
};

/// How many wrappers a file may be in.
const MAX_DEPTH: usize = 8;

/// What a message says about its file.
struct FileOf {
    key: MediaKey,
    /// Token of what was uploaded.
    token: String,
    /// How its uploads are called.
    upload: &'static str,
}

impl FileOf {
    fn of(message: &Message) -> Option<Self> {
        Self::within(message, MAX_DEPTH)
    }

    fn within(message: &Message, depth: usize) -> Option<Self> {
        let found = |key: &Option<Vec<u8>>, hash: &Option<Vec<u8>>, upload| {
            let key = MediaKey::from_slice(key.as_deref()?).ok()?;
            Some(Self { key, token: URL_SAFE_NO_PAD.encode(hash.as_deref()?), upload })
        };
        if let Some(image) = message.image_message.as_deref() {
            return found(&image.media_key, &image.file_enc_sha256, "image");
        }
        if let Some(video) = message.video_message.as_deref().or(message.ptv_message.as_deref()) {
            return found(&video.media_key, &video.file_enc_sha256, "video");
        }
        if let Some(audio) = message.audio_message.as_deref() {
            let upload = if audio.ptt() { "ptt" } else { "audio" };
            return found(&audio.media_key, &audio.file_enc_sha256, upload);
        }
        if let Some(document) = message.document_message.as_deref() {
            return found(&document.media_key, &document.file_enc_sha256, "document");
        }
        if let Some(sticker) = message.sticker_message.as_deref() {
            return found(&sticker.media_key, &sticker.file_enc_sha256, "sticker");
        }
        if let Some(pack) = message.sticker_pack_message.as_deref() {
            return found(&pack.media_key, &pack.file_enc_sha256, "sticker-pack");
        }
        let wrappers = [
            &message.document_with_caption_message,
            &message.view_once_message,
            &message.view_once_message_v2,
            &message.view_once_message_v2_extension,
            &message.ephemeral_message,
            &message.edited_message,
            &message.lottie_sticker_message,
            &message.group_mentioned_message,
        ];
        let inner = wrappers.into_iter().find_map(|wrapper| wrapper.as_ref()?.message.as_deref())?;
        Self::within(inner, depth.checked_sub(1)?)
    }
}

/// What a phone answers.
enum Answer {
    Sealed(Sealed),
    /// It cannot even read the question.
    Error(ResultType),
}

impl World {
    /// A companion asks its phone for the file of a message again.
    pub fn on_media_retry(&mut self, from: DeviceRef, id: &CompactString, receipt: &Node<'static>) {
        let fault = self.media.faults.strike(Side::Retry, id).map(|fault| fault.what);
        if fault == Some(Bend::NoAnswer) {
            return;
        }
        let Some(rmr) = receipt.find("rmr") else { return };
        let mut answer = self.answer_media_retry(from, id, receipt, fault);
        if fault == Some(Bend::WrongTag)
            && let Answer::Sealed(Sealed { enc_p, .. }) = &mut answer
            && let Some(last) = enc_p.last_mut()
        {
            *last ^= 1;
        }
        let child = match answer {
            Answer::Sealed(Sealed { enc_p, enc_iv }) => {
                Node::new("encrypt").children([bytes("enc_p", &enc_p), bytes("enc_iv", &enc_iv)])
            }
            Answer::Error(result) => Node::new("error").attr("code", result as i32),
        };
        let by_lid = receipt.get_jid("to").as_ref().is_some_and(Jid::is_lid);
        let phone = DeviceRef { device: 0, ..from };
        let node = Node::new("notification")
            .attr("from", self.jid(phone, by_lid))
            .attr("type", "mediaretry")
            .attr("id", id.clone())
            .attr("t", self.clock.now().seconds())
            .children([rmr.clone(), child]);
        let entry = Entry {
            kind: Kind::Notification,
            id: id.clone(),
            author: None,
            own_copy: false,
            expires: None,
            node: node.into(),
        };
        self.deliver(from, entry);
    }

    fn answer_media_retry(
        &mut self,
        from: DeviceRef,
        id: &CompactString,
        receipt: &Node<'static>,
        fault: Option<Bend>,
    ) -> Answer {
        let Some(file) = self.file_of_message(from, id) else { return Answer::Error(ResultType::NotFound) };
        let content = |tag: &str| receipt.find("encrypt")?.find(tag)?.content_bytes();
        let (Some(enc_p), Some(enc_iv)) = (content("enc_p"), content("enc_iv")) else {
            return Answer::Error(ResultType::GeneralError);
        };
        match open_request(&file.key, id, enc_p, enc_iv) {
            Ok(request) if request.stanza_id() == id.as_str() => {}
            _ => return Answer::Error(ResultType::DecryptionError),
        }
        let placed = match fault {
            Some(Bend::NotFound) => None,
            _ => self.media.place(&file.token, file.upload, true, self.clock),
        };
        let result = if placed.is_some() { ResultType::Success } else { ResultType::NotFound };
        let answer = MediaRetryNotification {
            stanza_id: Some(id.to_string()),
            direct_path: placed.map(|info| info.direct_path),
            result: Some(result.into()),
            ..Default::default()
        };
        Answer::Sealed(seal_answer(&file.key, id, &answer))
    }

    /// The file of a message that the phone of an account got or sent.
    fn file_of_message(&self, of: DeviceRef, id: &CompactString) -> Option<FileOf> {
        let phone = &self.accounts.get(of.account).phone;
        let got = phone.archive.get(id).map(|archived| &archived.message);
        let message = got.or_else(|| phone.sent.get(id).map(|sent| &sent.message))?;
        FileOf::of(&Message::decode(message.as_slice()).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use chasqui_proto::message::{FutureProofMessage, ImageMessage};

    use super::*;

    fn wrapped(depth: usize) -> Message {
        let image =
            ImageMessage { media_key: Some(vec![7; 32]), file_enc_sha256: Some(vec![1; 32]), ..Default::default() };
        let mut message = Message { image_message: Some(Box::new(image)), ..Default::default() };
        for _ in 0..depth {
            let inner = FutureProofMessage { message: Some(Box::new(message)) };
            message = Message { ephemeral_message: Some(Box::new(inner)), ..Default::default() };
        }
        message
    }

    #[test]
    fn a_file_is_found_in_its_wrappers_to_a_depth() {
        for depth in [0, 1, MAX_DEPTH] {
            assert_eq!(FileOf::of(&wrapped(depth)).unwrap().upload, "image");
        }
        assert!(FileOf::of(&wrapped(MAX_DEPTH + 1)).is_none());
        assert!(FileOf::of(&Message::default()).is_none());
    }
}
