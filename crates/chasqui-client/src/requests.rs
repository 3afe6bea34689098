//! Methods of `chasqui-requests` under way: each is a task beside the session's, and takes its wishes to it.

use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::{
    Session, Wish,
    session::{Me, Outcome, Reader},
};
use chasqui_wire::{Jid, Node};
use compact_str::CompactString;
use futures_util::FutureExt;
use serde_json::Value;
use tokio::task::AbortHandle;

use crate::{
    Reply,
    actor::{Actor, Fault, Input},
    channels, error,
    iq::{Request, Wait},
};

/// People of one result to whom their other address is added.
const MAX_COMPLETED: usize = 2048;

/// Methods under way.
#[derive(Default)]
pub(crate) struct Methods(HashMap<Reply, Running>);

/// A method under way.
struct Running {
    task: AbortHandle,
    /// Its result is given as it is: what people write in it are no fields of ours.
    as_it_is: bool,
}

/// A request of a method.
#[derive(Debug)]
pub(crate) struct Asking {
    node: Node<'static>,
    outcome: Told,
}

/// Who is told the answer.
#[derive(Debug)]
enum Told {
    Method(Outcome<Node<'static>>),
    Reader(Reader),
}

impl Asking {
    /// Whether it changes nothing, so that it may be made again.
    pub fn is_query(&self) -> bool {
        self.node.is("type", "get") && !self.is_abandoned()
    }

    /// The stanza with this id; `None` when nobody waits for the answer any more.
    pub fn request(&self, id: &str) -> Option<Node<'static>> {
        (!self.is_abandoned()).then(|| self.node.clone().attr("id", CompactString::from(id)))
    }

    /// What is asked for.
    pub fn node(&self) -> &Node<'static> {
        &self.node
    }

    /// Whether nobody waits any more.
    fn is_abandoned(&self) -> bool {
        match &self.outcome {
            Told::Method(outcome) => outcome.is_closed(),
            Told::Reader(reader) => reader.is_closed(),
        }
    }

    /// Tells the method.
    pub fn answer(self, answer: chasqui_requests::Result<&Node<'_>>) {
        match self.outcome {
            Told::Method(outcome) => drop(outcome.send(answer.map(|answer| answer.clone().into_owned()))),
            Told::Reader(reader) => reader.read(answer),
        }
    }
}

/// `TIMEOUT`
pub(crate) fn timeout() -> PublicError {
    PublicError::new(ErrorCode::Timeout, "The server did not answer the request in time.")
}

impl Actor {
    /// Who the session is, once it is paired.
    pub(crate) fn me(&self) -> Option<Me> {
        self.creds.paired.as_ref().map(|paired| Me { pn: paired.pn.clone(), lid: paired.lid.clone() })
    }

    /// Calls a method.
    pub(crate) fn on_request(&mut self, reply: Reply, method: String, args: Value, limit: Option<u64>) {
        let Some(me) = self.me().filter(|_| self.is_open()) else {
            return self.answer(reply, Err(error::not_connected()));
        };
        let inputs = self.own_inputs.clone();
        let wishes = inputs.clone();
        let session =
            Session::new(me, move |wish| wishes.upgrade().is_some_and(|inputs| inputs.send(Input::Wish(wish)).is_ok()));
        // A stanza stays as it came, and so does everything for programs that want that.
        let as_it_is = self.options.wire || method.starts_with("node.");
        let task = async move {
            let call = AssertUnwindSafe(chasqui_requests::call(&session, &method, args)).catch_unwind();
            let limit = limit.map_or(Duration::from_secs(365 * 86_400), Duration::from_millis);
            let result = match tokio::time::timeout(limit, call).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(PublicError::new(ErrorCode::Internal, format!("A fault in chasqui ended {method}."))),
                Err(_) => Err(timeout()),
            };
            if let Some(inputs) = inputs.upgrade() {
                let _ = inputs.send(Input::Called(reply, result));
            }
        };
        self.methods.0.insert(reply, Running { task: tokio::spawn(task).abort_handle(), as_it_is });
    }

    /// Carries out what a method wants.
    pub(crate) async fn on_wish(&mut self, wish: Wish) -> Result<(), Fault> {
        match wish {
            Wish::Query(_, outcome) if !self.is_open() => drop(outcome.send(Err(error::not_connected()))),
            Wish::Query(node, outcome) => self.ask_for(node, Told::Method(outcome)),
            Wish::Read(_, reader) if !self.is_open() => reader.read(Err(error::not_connected())),
            Wish::Read(node, reader) => self.ask_for(node, Told::Reader(reader)),
            Wish::Send(_, outcome) if !self.is_open() => drop(outcome.send(Err(error::not_connected()))),
            Wish::Send(node, outcome) => {
                self.send(node);
                let _ = outcome.send(Ok(()));
            }
            Wish::Counterparts(people, outcome) => {
                self.look_up(people.iter()).await?;
                let mut others = Vec::with_capacity(people.len());
                for jid in &people {
                    others.push(self.counterpart(jid).await?);
                }
                let _ = outcome.send(Ok(others));
            }
            Wish::Group(group, outcome) => self.know_group(group, outcome).await?,
            Wish::Describe(messages, outcome) => drop(outcome.send(Ok(channels::describe(&messages)))),
            Wish::Live(channel, duration, outcome) => self.want_live(channel, duration, outcome),
            Wish::Learn(pairs) => self.learn_all(pairs).await?,
            Wish::Tokens(people, outcome) => {
                let mut tokens = Vec::with_capacity(people.len());
                for jid in &people {
                    tokens.push(self.usable_token(jid).await?);
                }
                let _ = outcome.send(Ok(tokens));
            }
            Wish::Available(_, outcome) | Wish::Subscribe(_, _, outcome) if !self.is_open() => {
                drop(outcome.send(Err(error::not_connected())));
            }
            Wish::Available(available, outcome) => {
                self.set_available(available);
                let _ = outcome.send(Ok(()));
            }
            Wish::Subscribe(to, wanted, outcome) => {
                self.subscribe(&to, wanted).await?;
                let _ = outcome.send(Ok(()));
            }
            Wish::Blocklist(answer, outcome) => {
                self.on_blocklist(Some(&answer)).await?;
                let _ = outcome.send(Ok(()));
            }
            Wish::Privacy(answer, outcome) => {
                self.on_privacy(&answer);
                let _ = outcome.send(Ok(()));
            }
            Wish::Seal(devices, message, outcome) => self.on_seal(devices, message, outcome).await?,
            Wish::Open(device, prekey, bytes, outcome) => self.on_open(&device, prekey, &bytes, outcome).await?,
            Wish::Key(what, chat, device, bytes, outcome) => {
                let done = self.on_key(what, &chat, device, &bytes).await?;
                let _ = outcome.send(done);
            }
            Wish::Inject(device, keys, outcome) => {
                let done = self.on_inject(device, &keys).await?;
                let _ = outcome.send(done);
            }
            Wish::Sessions(devices, forget, outcome) => {
                let known = self.on_sessions(&devices, forget).await?;
                let _ = outcome.send(Ok(known));
            }
            Wish::Devices(chat, ask, outcome) => {
                let listed = self.listed(&chat, ask).await?;
                let _ = outcome.send(Ok(listed));
            }
            Wish::Give(gift, outcome) => self.on_give(*gift, outcome).await?,
            Wish::AskAgain(_, outcome) if !self.is_open() => drop(outcome.send(Err(error::not_connected()))),
            Wish::AskAgain(unread, outcome) => {
                let asked = self.ask_again_for(*unread).await?;
                let _ = outcome.send(Ok(asked));
            }
            Wish::Prepare(chat, preparation, outcome) => {
                self.prepare_chat(&chat, *preparation).await?;
                let _ = outcome.send(Ok(()));
            }
            Wish::Upload(_, outcome) | Wish::Rotate(outcome) | Wish::Refresh(_, outcome) if !self.is_open() => {
                drop(outcome.send(Err(error::not_connected())));
            }
            Wish::Upload(count, outcome) => self.want_upload(count, outcome),
            Wish::Rotate(outcome) => self.want_rotation(outcome).await?,
            Wish::Refresh(collections, outcome) => self.refresh_collections(&collections, outcome).await?,
            Wish::ToPhone(message, outcome) => self.on_to_phone(message, outcome).await?,
            Wish::Contacts(anyway, outcome) => self.on_contacts(anyway, outcome).await?,
            Wish::Props(outcome) => drop(outcome.send(Ok(self.props.values().clone()))),
        }
        Ok(())
    }

    fn ask_for(&mut self, node: Node<'static>, outcome: Told) {
        self.make_query(Request { wait: Wait::Method(Box::new(Asking { node, outcome })), refusals: 0 });
    }

    /// A method has ended.
    pub(crate) async fn on_called(&mut self, reply: Reply, result: chasqui_requests::Result) -> Result<(), Fault> {
        let Some(Running { as_it_is, .. }) = self.methods.0.remove(&reply) else { return Ok(()) };
        let result = match result {
            Ok(mut value) => {
                if !as_it_is {
                    self.complete(&mut value).await?;
                }
                Ok(Some(value).filter(|value| !value.is_null()))
            }
            Err(error) => Err(error),
        };
        self.reply(reply, result);
        Ok(())
    }

    /// Nobody waits for a method any more.
    pub(crate) fn abort_method(&mut self, reply: Reply) {
        if let Some(Running { task, .. }) = self.methods.0.remove(&reply) {
            task.abort();
        }
    }

    /// The session ends, and with it everything that runs beside it.
    pub(crate) fn end_methods(&mut self, reason: &PublicError) {
        for (reply, Running { task, .. }) in std::mem::take(&mut self.methods.0) {
            task.abort();
            self.answer(reply, Err(reason.clone()));
        }
    }

    /// Adds the addresses that are known to the people of a plain value: objects with the `jid` of a person.
    pub(crate) async fn complete(&mut self, value: &mut Value) -> Result<(), Fault> {
        let mut people = Vec::new();
        visit_people(value, &mut |jid, _| people.push(jid.clone()), &mut MAX_COMPLETED.clone());
        if people.is_empty() {
            return Ok(());
        }
        self.look_up(people.iter()).await?;
        let mut others = HashMap::with_capacity(people.len());
        for jid in people {
            if let Some(other) = self.counterpart(&jid).await? {
                others.insert(jid, other);
            }
        }
        let add = &mut |jid: &Jid, person: &mut serde_json::Map<String, Value>| {
            for address in [Some(jid), others.get(jid)].into_iter().flatten() {
                let form = if address.is_lid() { "lid" } else { "pn" };
                person.entry(form).or_insert_with(|| address.to_string().into());
            }
            // The form that programs see is the phone number where it is known.
            if let Some(pn) = person.get("pn").cloned() {
                person.insert("jid".into(), pn);
            }
        };
        visit_people(value, add, &mut MAX_COMPLETED.clone());
        Ok(())
    }
}

/// Visits the people of a plain value, as many as `room` allows.
fn visit_people(
    value: &mut Value,
    visit: &mut impl FnMut(&Jid, &mut serde_json::Map<String, Value>),
    room: &mut usize,
) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| visit_people(value, visit, room)),
        Value::Object(fields) => {
            let jid =
                fields.get("jid").filter(|_| *room > 0).and_then(Value::as_str).and_then(|jid| jid.parse::<Jid>().ok());
            if let Some(jid) = jid.filter(Jid::is_user) {
                *room -= 1;
                visit(&jid.to_bare(), fields);
            }
            fields.values_mut().for_each(|value| visit_people(value, visit, room));
        }
        _ => {}
    }
}
