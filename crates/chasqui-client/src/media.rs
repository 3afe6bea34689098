//! Media: files go to the service's media hosts and come from there, encrypted.
//!
//! | File | |
//! | --- | --- |
//! | `hosts` | where the files are (`media_conn`) |
//! | `http` | HTTPS to hosts, and to the web for URLs of the program |
//! | `transfer` | a task of its own for each file, and how it talks with the session and the program |
//! | `source` | where a file to upload comes from |
//! | `inspect` | what the recipient is shown of a file |
//! | `upload` | encrypts and uploads |
//! | `download` | downloads, verifies and decrypts |
//! | `playing`, `waveform`, `ffmpeg` | how long it plays, its first frame, how loud it is; voice notes |
//! | `cache` | files that were uploaded lately are not uploaded again |
//! | `avatar` | pictures of accounts and groups |
//! | `preview`, `page` | previews of links |
//! | `part` | a part of a file |
//! | `again` | asks the phone for what the hosts no longer have |
//! | `file` | what a message says about its file |
//!
//! A transfer is a task on threads of its own: neither the session's thread nor JavaScript's computes or waits for it.
//! Source: 05-media.

mod again;
mod avatar;
mod cache;
pub(crate) mod download;
mod ffmpeg;
pub(crate) mod file;
mod hosts;
mod http;
mod inspect;
mod page;
mod part;
mod playing;
mod preview;
mod source;
mod transfer;
pub(crate) mod upload;
mod waveform;

use std::collections::HashMap;

use chasqui_error::PublicError;
use serde_json::Value;

pub(crate) use file::Remote;
pub(crate) use hosts::request as hosts_request;
pub use source::Source;
pub(crate) use transfer::{News, Piece, aside};

use crate::{
    Reply,
    actor::{Actor, Fault, Input},
};

/// What the session knows about its media.
#[derive(Default)]
pub(crate) struct Media {
    known: hosts::Known,
    /// Made for the first transfer.
    client: Option<reqwest::Client>,
    transfers: HashMap<Reply, transfer::Handle>,
    asked: again::Asked,
    uploaded: cache::Uploaded,
}

impl Actor {
    /// Uploads a file.
    pub(crate) fn on_upload(&mut self, reply: Reply, source: Source, about: Value) {
        match self.start_upload(reply, source, about) {
            Ok(handle) => drop(self.media.transfers.insert(reply, handle)),
            Err(error) => self.answer(reply, Err(error)),
        }
    }

    fn start_upload(&mut self, reply: Reply, source: Source, about: Value) -> Result<transfer::Handle, PublicError> {
        let private = self.options.allow_private_urls;
        let web = match source {
            Source::Url(_) => Some(source::Web { client: http::web(&self.options, private)?, private }),
            _ => None,
        };
        let client = self.media_client()?;
        // Nothing is uploaded for the program there but, with what the page says, its picture.
        if let (Some("link"), Source::Url(url)) = (about.get("kind").and_then(Value::as_str), &source)
            && let Some(web) = web
        {
            let url = url.clone();
            return transfer::start(self.line(reply), |line| preview::run(url, web, upload::Hosts { client }, line));
        }
        if about.get("kind").and_then(Value::as_str) == Some("avatar") {
            let crop = about.get("crop") != Some(&Value::Bool(false));
            return transfer::start(self.line(reply), move |line| avatar::run(source, web, crop, line));
        }
        let job = upload::Job::new(source, about, client, web, self.options.ffmpeg.clone())?;
        transfer::start(self.line(reply), |line| upload::run(job, line))
    }

    /// Downloads the file of a message.
    pub(crate) fn on_download(&mut self, reply: Reply, request: &Value) {
        match self.start_download(reply, request) {
            Ok(handle) => drop(self.media.transfers.insert(reply, handle)),
            Err(error) => self.answer(reply, Err(error)),
        }
    }

    fn start_download(&mut self, reply: Reply, request: &Value) -> Result<transfer::Handle, PublicError> {
        let job = download::Job::read(request, self.media_client()?, &self.options)?;
        transfer::start(self.line(reply), |line| download::run(job, line))
    }

    fn media_client(&mut self) -> Result<reqwest::Client, PublicError> {
        if let Some(client) = &self.media.client {
            return Ok(client.clone());
        }
        let client = http::media(&self.options)?;
        Ok(self.media.client.insert(client).clone())
    }

    fn line(&self, reply: Reply) -> transfer::Line {
        transfer::Line::new(self.own_inputs.clone(), self.events.clone(), reply)
    }

    /// Fetches a small file that the session itself needs; none is fetched while no client can be made.
    pub(crate) fn fetcher(&mut self) -> Result<Fetcher, PublicError> {
        let client = self.media_client()?;
        let service = self.options.endpoint.url == crate::options::SERVICE_URL;
        Ok(Fetcher { client, service, inputs: self.own_inputs.clone() })
    }

    /// What a transfer says.
    pub(crate) async fn on_transfer(&mut self, reply: Reply, news: News) -> Result<(), Fault> {
        match news {
            News::Hosts { stale, answer } => self.on_hosts_wanted(stale.as_ref(), answer),
            News::Again { wanted, answer } => self.on_file_wanted(*wanted, answer).await?,
            News::Known { what, answer } => self.on_upload_known(&what, answer).await?,
            News::Uploaded { what, now } => self.keep_upload(what, now).await?,
            News::Done(result) => {
                self.media.transfers.remove(&reply);
                self.reply(reply, result.map(Some));
            }
        }
        Ok(())
    }

    /// The program gives the next piece of a file that it is the source of.
    pub(crate) fn on_piece(&mut self, reply: Reply, piece: Piece) {
        if let Some(transfer) = self.media.transfers.get(&reply) {
            transfer.give(piece);
        }
    }

    /// The program has taken a piece of a file.
    pub(crate) fn on_taken(&mut self, reply: Reply) {
        if let Some(transfer) = self.media.transfers.get(&reply) {
            transfer.taken();
        }
    }

    /// The caller gave up a call.
    pub(crate) fn abort_transfer(&mut self, reply: Reply) {
        // Dropping a handle ends its task.
        self.media.transfers.remove(&reply);
    }

    /// No connection will come: the transfers end.
    pub(crate) fn end_transfers(&mut self, reason: &PublicError) {
        for (reply, _) in std::mem::take(&mut self.media.transfers) {
            self.answer(reply, Err(reason.clone()));
        }
    }
}

/// What comes from the program or from a transfer, for the session's task.
pub(crate) type Inputs = tokio::sync::mpsc::WeakUnboundedSender<Input>;

/// Fetches small files for the session itself, beside it.
#[derive(Clone)]
pub(crate) struct Fetcher {
    client: reqwest::Client,
    service: bool,
    inputs: Inputs,
}

impl Fetcher {
    /// The verified file as it was on the hosts, still encrypted: a large one is on the disk until it is dropped.
    pub async fn fetch_sealed(&self, remote: Remote) -> Result<tempfile::SpooledTempFile, PublicError> {
        let line = transfer::Line::own(self.inputs.clone(), 0);
        transfer::aside(download::sealed(remote, self.client.clone(), self.service, line)).await
    }

    /// The decrypted and verified bytes.
    pub async fn fetch(&self, remote: Remote) -> Result<Vec<u8>, PublicError> {
        let line = transfer::Line::own(self.inputs.clone(), 0);
        transfer::aside(download::whole(remote, self.client.clone(), self.service, line)).await
    }
}
