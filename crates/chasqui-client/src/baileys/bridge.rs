//! Asks the program's own store of keys.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use chasqui_baileys::names::Kind;
use chasqui_store::StoreError;
use tokio::sync::oneshot;

use super::folder::failed;
use crate::lock;

/// What carries a question and its number to the program; `false` when there is none any more.
type Carry = Box<dyn Fn(u64, String) -> bool + Send + Sync>;

/// Questions to the program, and their answers.
///
/// ```text
/// {"get":{"type":"session","ids":["…"]}}            answered by {"<id>":"<JSON>" or null}
/// {"set":{"session":{"<id>":<value> or null}}}      answered when it is stored
/// ```
pub struct Bridge {
    carry: Carry,
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Result<String, String>>>>,
}

impl Bridge {
    /// A bridge to a program.
    pub fn new(carry: impl Fn(u64, String) -> bool + Send + Sync + 'static) -> Self {
        Self { carry: Box::new(carry), last: AtomicU64::new(0), waiting: Mutex::default() }
    }

    /// The program's answer, or why there is none.
    pub fn answer(&self, number: u64, answer: Result<String, String>) {
        if let Some(waiting) = lock(&self.waiting).remove(&number) {
            // Whoever asked may be gone.
            let _ = waiting.send(answer);
        }
    }

    /// The program takes no more questions.
    pub fn end(&self) {
        lock(&self.waiting).clear();
    }

    async fn ask(&self, question: String) -> Result<String, StoreError> {
        let gone = || failed("the program that keeps the keys is gone");
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, answer) = oneshot::channel();
        lock(&self.waiting).insert(number, sender);
        if !(self.carry)(number, question) {
            lock(&self.waiting).remove(&number);
            return Err(gone());
        }
        answer.await.map_err(|_| gone())?.map_err(failed)
    }

    /// Values in JSON; what there is not is left out.
    pub(super) async fn get(&self, kind: Kind, ids: &[String]) -> Result<HashMap<String, String>, StoreError> {
        let question = serde_json::json!({ "get": { "type": kind.as_str(), "ids": ids } }).to_string();
        let answer = self.ask(question).await?;
        let found: HashMap<String, Option<String>> = serde_json::from_str(&answer)
            .map_err(|cause| failed(format_args!("keys.get() gave what is no value: {cause}")))?;
        Ok(found.into_iter().filter_map(|(id, json)| Some((id, json?))).collect())
    }

    /// Writes values, all of them together.
    pub(super) async fn set(&self, values: &BTreeMap<(Kind, String), Option<String>>) -> Result<(), StoreError> {
        let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for ((kind, id), json) in values {
            let id = serde_json::Value::from(id.as_str());
            kinds.entry(kind.as_str()).or_default().push(format!("{id}:{}", json.as_deref().unwrap_or("null")));
        }
        let kinds: Vec<_> = kinds.iter().map(|(kind, values)| format!("\"{kind}\":{{{}}}", values.join(","))).collect();
        self.ask(format!("{{\"set\":{{{}}}}}", kinds.join(","))).await.map(drop)
    }
}
