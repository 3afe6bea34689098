//! The end of a connection and what follows it: another attempt, a stop, `disconnect()`, `logout()`.
//!
//! Source: 01-connection §9 and §10.

use std::{sync::atomic::Ordering, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::Holder;
use chasqui_wire::{Node, curve};
use tokio::time::{Instant, timeout};

use crate::{
    Reply,
    actor::{Actor, Fault, Link},
    creds::Creds,
    error,
    event::{ConnectionEvent, Event, State},
    iq::{self, Wait},
    question::VERSION_TIME,
    reason::{self, End, Next},
};

/// A connection that stood this long resets the back-off.
const STABLE: Duration = Duration::from_secs(30);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
const LOGGED_OUT: &str = "The session was logged out.";

impl Actor {
    /// The connection ended: what follows is decided by its reason.
    pub(crate) async fn on_end(&mut self, end: End) {
        let unanswered = self.forget_requests();
        // The server may end the stream of an unlinked device before its answer is read.
        if let Some(reply) = self.abandon(unanswered, &end.reason) {
            return Box::pin(self.finish_logout(reply)).await;
        }
        let was_up = match self.take_link(Link::Down) {
            Link::Up(up) => {
                if up.since.elapsed() >= STABLE {
                    self.attempts = 0;
                }
                true
            }
            _ => false,
        };
        tracing::info!(session = %self.name, "connection ended: {}", end.reason.message);
        self.outbox.connection_ended();
        self.retries.connection_ended();
        self.uploads.connection_ended();
        self.app_state.connection_ended();
        if end.reason.code == ErrorCode::ClientOutdated
            && self.options.refresh_version
            && !std::mem::replace(&mut self.refreshed_version, true)
        {
            self.retry_in(VERSION_TIME, end.reason.clone());
            self.ask_for_version(end);
            self.flush();
            return;
        }
        if end.next == Next::Unlinked && end.reason.code == ErrorCode::LoggedOut && self.options.wipe_on_logout {
            return Box::pin(self.wipe_unlinked(&end.reason)).await;
        }
        let retry = self.has_store()
            && match end.next {
                Next::Now => true,
                Next::Backoff | Next::SlowBackoff | Next::After(_) => self.options.reconnect,
                Next::Stop | Next::Unlinked => false,
            };
        let pause = retry.then(|| match end.next {
            Next::Now => Duration::ZERO,
            Next::After(delay) => delay,
            Next::SlowBackoff => reason::backoff(self.attempts + 5, u16::from_be_bytes(curve::random_bytes())),
            _ => reason::backoff(self.attempts, u16::from_be_bytes(curve::random_bytes())),
        });
        self.attempts += u32::from(end.next != Next::Now);
        // The restart after pairing belongs to the protocol.
        if self.options.ask_reconnect && self.has_store() && end.next != Next::Now {
            self.set_state(State::Reconnecting);
            self.ask_how_to_go_on(end, was_up, pause);
            self.flush();
            return;
        }
        self.go_on(&end, was_up, pause);
    }

    /// After the end of a connection: another attempt after a pause, or none.
    pub(crate) fn go_on(&mut self, end: &End, was_up: bool, pause: Option<Duration>) {
        let Some(pause) = pause else { return self.stop(&end.reason) };
        self.shared.reconnects.fetch_add(u64::from(was_up), Ordering::Relaxed);
        if matches!(end.next, Next::After(_)) {
            // That is long: who waits for the connection is told so.
            self.fail_waiting(&end.reason);
        }
        self.retry_in(pause, end.reason.clone());
        self.link = Link::Waiting(Instant::now() + pause);
    }

    /// No answer comes any more: what was asked for, or put off, is asked for again by whoever needs it.
    fn forget_requests(&mut self) -> Vec<Wait> {
        self.asking_users.clear();
        self.asking_numbers.clear();
        self.asking_bundles.clear();
        self.groups.connection_ended();
        self.tokens.connection_ended();
        self.hosts_unanswered();
        self.requests.drain()
    }

    fn retry_in(&self, delay: Duration, reason: PublicError) {
        self.set_state(State::Reconnecting);
        self.events.emit(Event::Connection(ConnectionEvent {
            reason: Some(reason),
            will_retry: Some(true),
            retry_in: Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
            ..ConnectionEvent::of(State::Reconnecting)
        }));
    }

    pub(crate) fn fail_waiting(&mut self, reason: &PublicError) {
        for reply in self.waiting_connect.drain(..).chain(self.waiting_open.drain(..)).collect::<Vec<_>>() {
            self.answer(reply, Err(reason.clone()));
        }
    }

    /// Unlinked, and told to keep nothing then.
    async fn wipe_unlinked(&mut self, reason: &PublicError) {
        self.settle().await;
        if let Ok(store) = self.store()
            && let Err(failure) = store.wipe().await
        {
            tracing::error!(session = %self.name, "the unlinked session was not wiped: {failure}");
        }
        self.creds = Creds::generate();
        self.close_inbox();
        self.stop(reason);
        self.outbox = Default::default();
        self.close_store().await;
        self.shared.set_user(None);
    }

    /// No way back: everything that waits is told so. The store stays open until `disconnect()`, so that nobody takes
    /// the session unasked.
    pub(crate) fn stop(&mut self, reason: &PublicError) {
        self.set_state(State::Closed);
        self.fail_waiting(reason);
        self.fail_sends(reason);
        self.end_history_requests(reason);
        self.end_methods(reason);
        self.events.emit(Event::Connection(ConnectionEvent {
            reason: Some(reason.clone()),
            will_retry: Some(false),
            ..ConnectionEvent::of(State::Closed)
        }));
    }

    /// Keeps the session: what was submitted becomes durable, the lease is freed.
    pub(crate) async fn disconnect(&mut self) -> Result<(), Fault> {
        if self.leave(&error::disconnected(), GOODBYE).await {
            self.change(State::Closed, None);
        }
        Ok(())
    }

    /// Ends the connection and frees the session. The program has `time` to take what it was given. Says whether there
    /// was a connection, or one on its way.
    pub(crate) async fn leave(&mut self, reason: &PublicError, time: Duration) -> bool {
        self.settle().await;
        self.await_acks(GOODBYE).await;
        let link = self.take_link(Link::Down);
        let was_down = matches!(link, Link::Down | Link::Opening(_));
        if let Link::Up(up) = link {
            up.connection.close(GOODBYE).await;
        }
        let unanswered = self.forget_requests();
        if let Some(reply) = self.abandon(unanswered, reason) {
            self.answer(reply, Err(reason.clone()));
        }
        self.fail_waiting(reason);
        self.fail_sends(reason);
        self.end_history_requests(reason);
        self.end_methods(reason);
        if self.has_store() {
            self.drain_inbox(time).await;
            self.settle().await;
            self.close_store().await;
        }
        self.close_inbox();
        !was_down
    }

    /// What has left has a moment to be acknowledged, for the calls that wait for that.
    async fn await_acks(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while self.is_open() && self.outbox.awaits_ack() {
            let Link::Up(up) = &mut self.link else { return };
            let Ok(Ok(())) = tokio::time::timeout_at(until, up.connection.io()).await else { return };
            if self.on_received().await.is_err() {
                return;
            }
            self.settle().await;
        }
    }

    /// Asks the server to unlink the device; the store is wiped when it has answered, or cannot.
    pub(crate) async fn logout(&mut self, reply: Reply) -> Result<(), Fault> {
        let own = self.creds.paired.as_ref().map(|paired| paired.pn.clone());
        match own.filter(|_| self.is_open()) {
            Some(own) => {
                let id = self.requests.id();
                let remove = Node::new("remove-companion-device").attr("jid", own).attr("reason", "user_initiated");
                let node = iq::request(&id, "set", "md").child(remove);
                self.request(id, node, Wait::Logout(reply));
                Ok(())
            }
            None => {
                self.finish_logout(reply).await;
                Ok(())
            }
        }
    }

    pub(crate) async fn finish_logout(&mut self, reply: Reply) {
        if !self.has_store() {
            match self.options.store.open(&self.name, Holder::current()).await {
                Ok(store) => self.hold_store(store),
                Err(failure) => return self.answer(reply, Err(error::store(failure))),
            }
        }
        self.settle().await;
        let was_down = matches!(self.link, Link::Down);
        if let Link::Up(up) = self.take_link(Link::Down) {
            up.connection.close(GOODBYE).await;
        }
        let unanswered = self.forget_requests();
        let other = self.abandon(unanswered, &PublicError::new(ErrorCode::LoggedOut, LOGGED_OUT));
        let wiped = match self.store() {
            Ok(store) => store.wipe().await.map_err(Fault::Store),
            Err(fault) => Err(fault),
        };
        self.creds = Creds::generate();
        self.close_inbox();
        if !was_down {
            self.stop(&PublicError::new(ErrorCode::LoggedOut, LOGGED_OUT));
        }
        self.outbox = Default::default();
        self.close_store().await;
        self.shared.set_user(None);
        let outcome = match wiped {
            Ok(()) => Ok(None),
            Err(Fault::Store(failure)) => Err(error::store(failure)),
            Err(Fault::End(end)) => Err(end.reason),
        };
        for reply in [Some(reply), other].into_iter().flatten() {
            self.answer(reply, outcome.clone());
        }
    }

    /// Ends the calls among requests that will have no answer; gives the one that unlinks.
    fn abandon(&self, unanswered: Vec<Wait>, reason: &PublicError) -> Option<Reply> {
        let mut unlinking = None;
        for wait in unanswered {
            match wait {
                Wait::Logout(reply) => unlinking = Some(reply),
                Wait::PairingHello(reply, _) | Wait::Resolve(reply, _) | Wait::GroupTimer(reply, ..) => {
                    self.answer(reply, Err(reason.clone()))
                }
                Wait::Method(asking) => asking.answer(Err(reason.clone())),
                _ => {}
            }
        }
        unlinking
    }

    /// Waits a little for the program to take what it was given, so that it is not given again.
    pub(crate) async fn drain_inbox(&mut self, limit: Duration) {
        let _ = timeout(limit, async {
            self.confirm_inbox();
            while self.inbox.awaits_confirmation() {
                tokio::select! {
                    () = self.events.freed() => {}
                    () = self.events.gone() => return,
                }
                self.confirm_inbox();
            }
        })
        .await;
    }
}
