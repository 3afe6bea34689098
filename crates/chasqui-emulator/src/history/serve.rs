//! A history's way to companions: what each gets after it was linked, what it asks for, and what it could not read.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_media::{MediaKey, retry::open_request};
use chasqui_proto::{
    Message,
    history_sync::HistorySyncType as Kind,
    message::{
        HistorySyncNotification, PeerDataOperationRequestMessage, PeerDataOperationRequestResponseMessage,
        PeerDataOperationRequestType as Request, ProtocolMessage,
        peer_data_operation_request_response_message::{
            PeerDataOperationResult, peer_data_operation_result::HistorySyncChunkRetryResponse,
        },
        protocol_message::Type,
    },
};
use chasqui_wire::node::Node;
use compact_str::CompactString;
use tokio::sync::mpsc;

use super::{
    Book, Part, PhoneHistory,
    blob::{self, What},
    book::Spoiled,
};
use crate::{
    account::DeviceRef,
    error::EmulatorError,
    greeting::protocol_message,
    media::{MediaOptions, put},
    world::{Command, World, ask},
};

/// Most messages that are given at once to who asks for older ones.
const MAX_ASKED: usize = 10_000;

/// A blob that a companion was told of: it may ask for it again.
#[derive(Clone)]
pub(crate) struct Told {
    part: Part,
    /// With what the file is encrypted; `None` where the blob stood in its notification.
    key: Option<MediaKey>,
}

/// What a blob's notification is made from.
struct Made {
    part: Part,
    notification: HistorySyncNotification,
    key: Option<MediaKey>,
}

impl World {
    /// What the phone of an account has, from now on.
    pub fn set_history(&mut self, account: &str, history: PhoneHistory) -> Result<usize, EmulatorError> {
        let book = Book::new(history)?;
        let messages = book.chats.iter().map(|chat| chat.len()).sum();
        let id = self.accounts.resolve(account);
        let id = id.unwrap_or_else(|| self.accounts.open(Some(account), self.clock.now().seconds()));
        self.accounts.get_mut(id).phone.book = Some(Arc::new(book));
        Ok(messages)
    }

    /// Gives a companion its history, if the phone has one. Says whether it has.
    pub fn begin_history(&mut self, at: DeviceRef) -> bool {
        let Some(book) = self.accounts.get(at.account).phone.book.clone() else { return false };
        let full = self.accounts.device(at).is_some_and(|device| device.full_history);
        self.serve(at, book.clone(), Part::all(&book, full), None);
        true
    }

    /// Makes blobs beside the world, and tells the companion of one after the other.
    fn serve(&self, at: DeviceRef, book: Arc<Book>, parts: Vec<Part>, original: Option<String>) {
        let Some(world) = self.commands.upgrade() else { return };
        let account = self.accounts.get(at.account);
        let own = vec![(account.jid(false).to_string(), account.jid(true).to_string())];
        tokio::spawn(async move {
            for part in parts {
                let made = make(&world, book.clone(), part, own.clone(), original.clone()).await;
                let told = match made {
                    Ok(made) => ask(&world, move |world| world.tell_of_blob(at, made)).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = told {
                    return tracing::warn!("a phone could not give its history: {error}");
                }
            }
        });
    }

    fn tell_of_blob(&mut self, at: DeviceRef, made: Made) {
        let Made { part, notification, key } = made;
        if self.accounts.device(at).is_none() {
            return;
        }
        let message = protocol_message(
            Type::HistorySyncNotification,
            ProtocolMessage { history_sync_notification: Some(Box::new(notification)), ..Default::default() },
        );
        if let Some(id) = self.send_peer_message(at, &message) {
            self.accounts.get_mut(at.account).phone.told_blobs.insert(id.into(), Told { part, key });
        }
    }

    /// A companion asks for older messages of a chat, or for a blob again.
    pub fn on_history_request(&mut self, from: DeviceRef, id: &str, request: &PeerDataOperationRequestMessage) {
        let Some(book) = self.accounts.get(from.account).phone.book.clone() else { return };
        match request.peer_data_operation_request_type() {
            Request::HistorySyncOnDemand => {
                let Some(asked) = &request.history_sync_on_demand_request else { return };
                // A phone that does not know the chat is silent.
                let Some(chat) = book.chat(asked.chat_jid.as_deref().unwrap_or_default()) else { return };
                let Some(of) = book.chats.get(chat) else { return };
                let oldest = asked.oldest_msg_id.as_deref().and_then(|id| of.find(id));
                let from_message = oldest.map_or(0, |at| at + 1).min(of.len());
                let count = usize::try_from(asked.on_demand_msg_count.unwrap_or(50)).unwrap_or(0).min(MAX_ASKED);
                let what = What::Chat { chat, from: from_message, to: (from_message + count).min(of.len()) };
                let part =
                    Part { kind: Kind::OnDemand, order: 0, progress: Some(100), what, request: Some(id.to_owned()) };
                self.serve(from, book, vec![part], None);
            }
            Request::HistorySyncChunkRetry => {
                let Some(asked) = &request.history_sync_chunk_retry_request else { return };
                let notification = asked.chunk_notification_id.clone().unwrap_or_default();
                let known = self.accounts.get(from.account).phone.told_blobs.get(&CompactString::from(&*notification));
                let known = known.map(|told| told.part.clone());
                let response = HistorySyncChunkRetryResponse {
                    sync_type: asked.sync_type,
                    chunk_order: asked.chunk_order,
                    request_id: Some(id.to_owned()),
                    // GENERATION_ERROR, or none.
                    response_code: known.is_none().then_some(1),
                    can_recover: Some(known.is_some()),
                };
                self.answer_peer_request(
                    from,
                    id,
                    Request::HistorySyncChunkRetry,
                    PeerDataOperationResult {
                        history_sync_chunk_retry_response: Some(Box::new(response)),
                        ..Default::default()
                    },
                );
                if let Some(part) = known {
                    self.serve(from, book, vec![part], Some(notification));
                }
            }
            _ => {}
        }
    }

    fn answer_peer_request(&mut self, to: DeviceRef, id: &str, kind: Request, result: PeerDataOperationResult) {
        let response = PeerDataOperationRequestResponseMessage {
            peer_data_operation_request_type: Some(kind.into()),
            stanza_id: Some(id.to_owned()),
            peer_data_operation_result: vec![result],
        };
        let content = ProtocolMessage {
            peer_data_operation_request_response_message: Some(Box::new(response)),
            ..Default::default()
        };
        let message = protocol_message(Type::PeerDataOperationRequestResponseMessage, content);
        self.send_peer_message(to, &message);
    }

    /// `<receipt type=server-error category=peer>`: a companion could not have a blob. It is uploaded again.
    pub fn on_blob_lost(&mut self, from: DeviceRef, id: &CompactString, receipt: &Node<'static>) {
        let phone = &self.accounts.get(from.account).phone;
        let (Some(book), Some(told)) = (phone.book.clone(), phone.told_blobs.get(id).cloned()) else { return };
        let content = |tag: &str| receipt.find("encrypt")?.find(tag)?.content_bytes();
        let sealed = content("enc_p").zip(content("enc_iv"));
        let (Some(key), Some((enc_p, enc_iv))) = (&told.key, sealed) else { return };
        match open_request(key, id, enc_p, enc_iv) {
            Ok(request) if request.stanza_id() == id.as_str() => {
                self.serve(from, book, vec![told.part], Some(id.to_string()));
            }
            _ => tracing::warn!("a companion asks for a blob in a way that does not decrypt"),
        }
    }
}

/// Whether a registration wants the whole history.
pub(crate) fn wants_full(device_props: &[u8]) -> bool {
    use chasqui_proto::{DeviceProps, ProtoMessage as _};
    DeviceProps::decode(device_props).is_ok_and(|props| props.require_full_sync())
}

/// Whether a message of a companion asks about history.
pub(crate) fn history_request(message: &Message) -> Option<&PeerDataOperationRequestMessage> {
    let wrapped = message.device_sent_message.as_ref().and_then(|sent| sent.message.as_deref());
    let protocol = wrapped.unwrap_or(message).protocol_message.as_deref()?;
    let request = protocol.peer_data_operation_request_message.as_deref()?;
    let kinds = [Request::HistorySyncOnDemand, Request::HistorySyncChunkRetry];
    kinds.contains(&request.peer_data_operation_request_type()).then_some(request)
}

async fn make(
    world: &mpsc::Sender<Command>,
    book: Arc<Book>,
    part: Part,
    own: Vec<(String, String)>,
    original: Option<String>,
) -> Result<Made, EmulatorError> {
    let failed = |error: &dyn std::fmt::Display| EmulatorError::Failed(error.to_string());
    let spoiled = book.spoil(part.kind.into(), part.order);
    let inline = book.inline;
    let of = part.clone();
    let encode = move || blob::encode(&book, &of, &own, spoiled);
    let bytes = tokio::task::spawn_blocking(encode).await.map_err(|error| failed(&error))?;
    let mut notification = HistorySyncNotification {
        sync_type: Some(part.kind.into()),
        chunk_order: Some(part.order),
        progress: part.progress,
        original_message_id: original,
        peer_data_request_session_id: part.request.clone(),
        ..Default::default()
    };
    if inline {
        notification.initial_hist_bootstrap_inline_payload = Some(bytes);
        return Ok(Made { part, notification, key: None });
    }
    let stored = put(world, "history", bytes, MediaOptions::default()).await?;
    if spoiled == Some(Spoiled::Missing) {
        let path = stored.direct_path.clone();
        ask(world, move |world| world.media.remove(&path, true)).await?;
    }
    let decoded = |text: &str| BASE64.decode(text).map_err(|error| failed(&error));
    let key = stored.media_key.as_deref().map(decoded).transpose()?.unwrap_or_default();
    notification.file_sha256 = Some(decoded(&stored.file_sha256)?);
    notification.file_enc_sha256 = stored.file_enc_sha256.as_deref().map(decoded).transpose()?;
    notification.file_length = Some(stored.file_length);
    notification.media_key = Some(key.clone());
    notification.direct_path = Some(stored.direct_path);
    notification.enc_handle = Some(String::new());
    let key = MediaKey::from_slice(&key).map_err(|error| failed(&error))?;
    Ok(Made { part, notification, key: Some(key) })
}
