//! What the phone is asked for: messages older than those that are known, and blobs that could not be had
//! (06-history-sync §4 and §6.1).

use std::{collections::HashMap, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{MediaKey, retry};
use chasqui_proto::message::{
    HistorySyncNotification, PeerDataOperationRequestMessage, PeerDataOperationRequestType,
    peer_data_operation_request_message::{HistorySyncChunkRetryRequest, HistorySyncOnDemandRequest},
};
use chasqui_wire::{Jid, Node};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    Reply,
    actor::{Actor, Fault},
    error, number, options,
};

/// Messages that are asked for unless the program says otherwise, and at most.
const COUNT: u32 = 50;
const MAX_COUNT: u32 = 500;
/// How long the phone may take unless the program says otherwise.
const PATIENCE: Duration = Duration::from_secs(60);
/// Requests that may wait for the phone at once.
const MAX_REQUESTS: usize = 64;
/// How often one blob is asked for again in one run.
const MAX_AGAIN: u32 = 3;
/// Blobs that are counted for that.
const MAX_COUNTED: usize = 1024;

/// What the program asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    chat: String,
    count: Option<u32>,
    before: Option<Before>,
    /// Milliseconds.
    timeout: Option<u64>,
}

/// The oldest message that it has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Before {
    id: String,
    from_me: bool,
    /// Milliseconds since the epoch.
    timestamp: u64,
}

/// Who waits for older messages, by id of the request.
#[derive(Default)]
pub(super) struct Requests(HashMap<String, (Reply, Option<Instant>)>);

impl Requests {
    pub fn next_deadline(&self) -> Option<Instant> {
        self.0.values().filter_map(|(_, deadline)| *deadline).min()
    }

    /// The phone has answered: what follows takes as long as it takes.
    pub fn answered(&mut self, request: Option<&str>) {
        self.wait(request, None);
    }

    /// Its answer could not be read, and it was asked for another.
    pub fn asked_again(&mut self, request: Option<&str>) {
        self.wait(request, Some(Instant::now() + PATIENCE));
    }

    fn wait(&mut self, request: Option<&str>, until: Option<Instant>) {
        if let Some((_, deadline)) = request.and_then(|request| self.0.get_mut(request)) {
            *deadline = until;
        }
    }
}

impl Actor {
    /// Asks the phone for older messages of a chat. Done with `{ request, messages, more }`, when they were told.
    pub(crate) async fn on_fetch_history(&mut self, reply: Reply, request: Value) -> Result<(), Fault> {
        let wanted = match read(request) {
            Ok(wanted) if self.is_open() => wanted,
            Ok(_) => {
                self.answer(reply, Err(error::not_connected()));
                return Ok(());
            }
            Err(refusal) => {
                self.answer(reply, Err(refusal));
                return Ok(());
            }
        };
        if self.history.requests.0.len() >= MAX_REQUESTS {
            let message = format!("{MAX_REQUESTS} requests wait for the phone already.");
            self.answer(reply, Err(PublicError::new(ErrorCode::QueueFull, message)));
            return Ok(());
        }
        let (chat, before, count, patience) = wanted;
        let chat = self.addressed(&chat).await?;
        let account_lid = self.creds.paired.as_ref().map(|paired| paired.lid.to_bare().to_string());
        let id = self.ask_phone(PeerDataOperationRequestMessage {
            peer_data_operation_request_type: Some(PeerDataOperationRequestType::HistorySyncOnDemand.into()),
            history_sync_on_demand_request: Some(Box::new(HistorySyncOnDemandRequest {
                chat_jid: Some(chat.to_string()),
                oldest_msg_id: before.as_ref().map(|before| before.id.clone()),
                oldest_msg_from_me: before.as_ref().map(|before| before.from_me),
                on_demand_msg_count: i32::try_from(count).ok(),
                // Seconds, in spite of the name: what phones expect.
                oldest_msg_timestamp_ms: before.and_then(|before| i64::try_from(before.timestamp / 1000).ok()),
                account_lid,
                ..Default::default()
            })),
            ..Default::default()
        });
        self.history.requests.0.insert(id, (reply, Some(Instant::now() + patience)));
        self.advance_jobs().await
    }

    /// What the phone was asked for was told.
    pub(super) fn finish_request(&mut self, request: Option<&str>, messages: u64, more: bool) {
        let Some(id) = request else { return };
        if let Some((reply, _)) = self.history.requests.0.remove(id) {
            self.reply(reply, Ok(Some(json!({ "request": id, "messages": messages, "more": more }))));
        }
    }

    /// What the phone was asked for cannot be told.
    pub(super) fn fail_request(&mut self, request: Option<&str>, error: &PublicError) {
        if let Some((reply, _)) = request.and_then(|id| self.history.requests.0.remove(id)) {
            self.reply(reply, Err(error.clone()));
        }
    }

    /// Requests that the phone has not answered in time.
    pub(crate) fn expire_history_requests(&mut self, now: Instant) {
        let late = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        let expired: Vec<_> = self.history.requests.0.extract_if(|_, (_, deadline)| late(*deadline)).collect();
        for (_, (reply, _)) in expired {
            let message = "The phone did not answer: it may be offline, or not have the chat.";
            self.answer(reply, Err(PublicError::new(ErrorCode::Timeout, message)));
        }
    }

    /// No answer will come.
    pub(crate) fn end_history_requests(&mut self, reason: &PublicError) {
        for (_, (reply, _)) in std::mem::take(&mut self.history.requests.0) {
            self.answer(reply, Err(reason.clone()));
        }
    }

    /// Asks the phone for a blob again, not too often. Says whether it was asked.
    pub(super) fn ask_for_blob(&mut self, id: &str, notification: &HistorySyncNotification) -> bool {
        let own = self.creds.paired.as_ref().map(|paired| paired.pn.to_bare()).filter(|_| self.is_open());
        let Some(own) = own else { return false };
        let blob = (notification.sync_type.unwrap_or(0), notification.chunk_order.unwrap_or(0));
        let again = &mut self.history.again;
        if again.len() >= MAX_COUNTED && !again.contains_key(&blob) {
            return false;
        }
        let count = again.entry(blob).or_insert(0);
        if *count >= MAX_AGAIN {
            return false;
        }
        *count += 1;
        let key = notification.media_key.as_deref().and_then(|key| MediaKey::from_slice(key).ok());
        match key {
            Some(key) => {
                let sealed = retry::seal_request(&key, id);
                let encrypt = Node::new("encrypt").children([
                    Node::new("enc_p").bytes(sealed.enc_p),
                    Node::new("enc_iv").bytes(sealed.enc_iv.to_vec()),
                ]);
                let receipt = Node::new("receipt")
                    .attr("id", id.to_owned())
                    .attr("to", own)
                    .attr("type", "server-error")
                    .attr("category", "peer");
                self.send(receipt.child(encrypt));
            }
            // It stood in its notification: there is nothing to be uploaded.
            None => {
                self.history.asked = true;
                self.ask_phone(PeerDataOperationRequestMessage {
                    peer_data_operation_request_type: Some(PeerDataOperationRequestType::HistorySyncChunkRetry.into()),
                    history_sync_chunk_retry_request: Some(Box::new(HistorySyncChunkRetryRequest {
                        sync_type: notification.sync_type,
                        chunk_order: notification.chunk_order,
                        chunk_notification_id: Some(id.to_owned()),
                        regenerate_chunk: Some(true),
                    })),
                    ..Default::default()
                });
            }
        }
        true
    }
}

type Read = (Jid, Option<Before>, u32, Duration);

fn read(request: Value) -> Result<Read, PublicError> {
    let shape = || options::invalid("before", "must be a message, or { id, fromMe, timestamp }");
    let wanted: Wanted = serde_json::from_value(request).map_err(|_| shape())?;
    let chat = match number::digits(&wanted.chat) {
        Some(number) => Jid::pn(number),
        None => wanted.chat.parse().map_err(|_| options::invalid("chat", "must be a number, a JID or a message"))?,
    };
    let count = wanted.count.unwrap_or(COUNT);
    if !(1..=MAX_COUNT).contains(&count) {
        return Err(options::invalid("count", &format!("must be from 1 to {MAX_COUNT}")));
    }
    if wanted.before.as_ref().is_some_and(|before| before.id.is_empty() || before.id.len() > 128) {
        return Err(shape());
    }
    let patience = wanted.timeout.map_or(PATIENCE, Duration::from_millis);
    Ok((chat.to_bare(), wanted.before, count, patience))
}
