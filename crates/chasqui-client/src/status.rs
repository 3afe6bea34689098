//! Status posts: one ciphertext for an audience that the program names, and our sender key for each of its devices.
//!
//! A post goes to `status@broadcast`, by LID, with the people named beside the devices. The audience is kept with the
//! message, so that only who was in it gets it again. Source: 03-messages §8.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde_json::Value;

use crate::{
    actor::{Actor, Fault},
    blocklist,
    devices::Query,
    error,
    groups::{MAX_MEMBERS, recipient_limit},
    outbox::Outgoing,
    send::{Step, Target, target},
};

/// The people that `recipients` of a content names: those who see a post, and nobody for any other message.
pub(crate) fn audience(to: &Target, content: &Value) -> Result<Vec<String>, PublicError> {
    let invalid = |why| Err(crate::options::invalid("recipients", why));
    let styled =
        ["background", "color", "font"].iter().find(|name| content.get(**name).is_some_and(|it| !it.is_null()));
    if let Some(name) = styled.filter(|_| *to != Target::Status) {
        return Err(crate::options::invalid(name, "is for messages to status@broadcast"));
    }
    let named = content.get("recipients").filter(|named| !named.is_null());
    let Some(named) = named else {
        return if *to == Target::Status { Err(recipient_limit(0)) } else { Ok(Vec::new()) };
    };
    if *to != Target::Status {
        return invalid("is for messages to status@broadcast");
    }
    let Some(named) = named.as_array() else { return invalid("must be a list of numbers or JIDs") };
    if !(1..=MAX_MEMBERS).contains(&named.len()) {
        return Err(recipient_limit(named.len() as u64));
    }
    let mut people = Vec::with_capacity(named.len());
    for person in named {
        match person.as_str().map(|person| (person, target(person))) {
            Some((person, Ok(Target::Jid(_) | Target::Number(_)))) => people.push(person.to_owned()),
            Some((_, Err(error))) => return Err(error),
            _ => return invalid("must name people"),
        }
    }
    Ok(people)
}

/// Which of the account's settings chose the audience, where a content says so.
pub(crate) fn setting(content: &Value) -> Option<String> {
    let named = content.get("statusSetting")?.as_str()?;
    ["allowlist", "denylist"].contains(&named).then(|| named.to_owned())
}

impl Actor {
    pub(crate) async fn advance_status(&mut self, seq: u64) -> Result<Step, Fault> {
        let Some((id, outgoing)) = self.outbox.get(seq).map(|entry| (entry.id.clone(), entry.outgoing.clone())) else {
            return Ok(Step::Done);
        };
        let Some(own) = self.own_in(true) else { return self.give_up(seq, error::not_connected()).await };
        let Some(people) = self.people(&outgoing.recipients).await? else { return Ok(Step::Blocked) };
        let Some(first) = people.first().cloned() else { return self.give_up(seq, recipient_limit(0)).await };
        // Nothing leaves for whom the account has blocked.
        let mut allowed = Vec::with_capacity(people.len());
        for user in people {
            match self.is_blocked(&user).await? {
                Some(true) => {}
                Some(false) => allowed.push(user),
                None => return Ok(Step::Blocked),
            }
        }
        let people = allowed;
        if people.is_empty() {
            return self.give_up(seq, blocklist::blocked(&first)).await;
        }
        let users: Vec<Jid> = people.into_iter().filter(|user| !user.same_user(&own)).chain([own.to_bare()]).collect();
        let Some(devices) = self.audience_devices(&users, &own).await? else { return Ok(Step::Blocked) };
        let Some(spread) = self.spread(&Jid::STATUS, &own, &devices, &outgoing.message).await? else {
            return Ok(Step::Blocked);
        };
        if spread.message.is_empty() {
            let error = PublicError::new(
                ErrorCode::RequestFailed,
                "The server gave no usable keys for any device of the audience.",
            );
            return self.give_up(seq, error).await;
        }
        let setting = outgoing.status_setting.clone().unwrap_or_else(|| "contacts".to_owned());
        let meta = is_post(&outgoing).then(|| Node::new("meta").attr("status_setting", setting));
        let named = users.iter().map(|user| Node::new("to").attr("jid", user)).collect();
        let children = spread.children(named, &outgoing, self.device_identity()).into_iter().chain(meta);
        self.send(outgoing.stanza(&id, &Jid::STATUS).children(children).into_owned());
        self.keep_sent(seq, &id, &Jid::STATUS, outgoing).await?;
        self.has_left(seq);
        Ok(Step::Done)
    }

    /// The LIDs of people; who has no account, or none that is known, is left out. `None` while the server is asked.
    async fn people(&mut self, named: &[String]) -> Result<Option<Vec<Jid>>, Fault> {
        let mut people: Vec<Jid> = Vec::with_capacity(named.len());
        let mut query = Query::default();
        for person in named {
            let jid = match target(person) {
                Ok(Target::Jid(jid)) => jid,
                Ok(Target::Number(number)) => match self.number(&number) {
                    Some(Some(jid)) => jid,
                    Some(None) => continue,
                    None => {
                        query.numbers.push(number);
                        continue;
                    }
                },
                _ => continue,
            };
            match if jid.is_lid() { Some(jid.clone()) } else { self.counterpart(&jid).await? } {
                Some(lid) if !people.contains(&lid) => people.push(lid),
                Some(_) => {}
                // The answer about the devices tells the LID, too.
                None if self.device_list(&jid).await?.is_none() => query.users.push(jid),
                None => tracing::warn!(session = %self.name, "{jid} has no LID and is left out"),
            }
        }
        if query == Query::default() {
            return Ok(Some(people));
        }
        self.ask_devices(query);
        Ok(None)
    }

    /// Whether somebody was in the audience of a post.
    pub(crate) async fn was_in_audience(&mut self, device: &Jid, outgoing: &Outgoing) -> Result<bool, Fault> {
        let other = self.counterpart(device).await?;
        let is = |jid: &Jid| jid.same_user(device) || other.as_ref().is_some_and(|other| jid.same_user(other));
        Ok(outgoing.recipients.iter().any(|person| match target(person) {
            Ok(Target::Jid(jid)) => is(&jid),
            Ok(Target::Number(number)) => is(&Jid::pn(number)),
            _ => false,
        }))
    }
}

/// Whether it is something to be seen, and not a change of such.
fn is_post(outgoing: &Outgoing) -> bool {
    outgoing.edit.is_none() && outgoing.kind != "reaction"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_post_has_an_audience_and_nothing_else_has() {
        let code = |to: &Target, content: Value| audience(to, &content).map_err(|error| error.code);
        let people = json!({ "recipients": ["+57 300 555 0100", "100000000000001@lid"] });
        assert_eq!(code(&Target::Status, people.clone()).map(|people| people.len()), Ok(2));
        assert_eq!(code(&Target::Status, json!({})), Err(ErrorCode::RecipientLimit));
        assert_eq!(code(&Target::Status, json!({ "recipients": [] })), Err(ErrorCode::RecipientLimit));
        let crowd = json!({ "recipients": vec!["100000000000001@lid"; MAX_MEMBERS + 1] });
        assert_eq!(code(&Target::Status, crowd), Err(ErrorCode::RecipientLimit));
        assert_eq!(code(&Target::Status, json!({ "recipients": ["nobody"] })), Err(ErrorCode::InvalidRecipient));
        for wrong in [json!("+573005550100"), json!([5]), json!(["120363000000000001@g.us"])] {
            assert_eq!(code(&Target::Status, json!({ "recipients": wrong })), Err(ErrorCode::InvalidOption));
        }
        let person = Target::Jid(Jid::pn("573005550100"));
        assert_eq!(code(&person, people), Err(ErrorCode::InvalidOption));
        assert_eq!(code(&person, json!({ "text": "x" })), Ok(Vec::new()));
    }
}
