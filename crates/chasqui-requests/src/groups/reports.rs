//! Messages that members report to the admins of a group (07 §2.14).

use chasqui_wire::Node;
use serde::{Deserialize, Serialize};

use super::{
    One,
    metadata::{bounded, millis},
    query,
};
use crate::{Result, Session, answer, args, person::Person};

/// Most reports that are told, and most people of one of them.
const MAX_REPORTS: usize = 10_000;
const MAX_REPORTERS: usize = 1024;
/// Longest id of a message.
const MAX_ID: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    group: String,
    message: String,
}

/// Reports a message to the admins.
pub(super) async fn report(session: &Session, New { group, message }: New) -> Result<()> {
    let group = args::group(&group)?;
    if message.is_empty() {
        return Err(args::invalid("message", "has no id"));
    }
    args::short("message", &message, MAX_ID)?;
    let report = Node::new("report").attr("message_id", message);
    query(session, &group, "set", Node::new("reports").child(report)).await?;
    Ok(())
}

/// Who has reported a message.
#[derive(Debug, Serialize)]
struct Reporter {
    #[serde(flatten)]
    person: Person,
    /// When, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
}

/// A message that was reported.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    id: String,
    reporters: Vec<Reporter>,
}

/// What was reported, for admins.
pub(super) async fn list(session: &Session, One { group }: One) -> Result<Vec<Report>> {
    let group = args::group(&group)?;
    let answer = query(session, &group, "get", Node::new("reports")).await?;
    let list = answer.find("reports").ok_or_else(|| answer::lacks("list of reports"))?;
    let reporter =
        |node: &Node<'_>| Some(Reporter { person: Person::participant(node)?, timestamp: millis(node, "timestamp") });
    let report = |node: &Node<'_>| {
        let id = bounded(&node.get_str("message_id")?, MAX_ID);
        let reporters = node.all("reporter").filter_map(reporter).take(MAX_REPORTERS).collect();
        Some(Report { id, reporters })
    };
    Ok(list.all("report").filter_map(report).take(MAX_REPORTS).collect())
}
