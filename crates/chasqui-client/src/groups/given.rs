//! What a program of the Baileys door says of a chat before it writes there: who is in a group, which spares a query where
//! nothing is known of it, and that what is known is to be asked for.

use chasqui_requests::signal::{KnownGroup, Member, Preparation};
use chasqui_wire::Jid;
use prost::bytes::Bytes;

use super::{Group, LIFE, MAX_MEMBERS};
use crate::{
    actor::{Actor, Fault},
    connection::unix_now,
};

impl Actor {
    pub(crate) async fn prepare_chat(&mut self, chat: &Jid, preparation: Preparation) -> Result<(), Fault> {
        if preparation.doubt_group {
            self.doubt_group(chat).await?;
        } else if let Some(given) = preparation.group.filter(|_| chat.is_group()) {
            self.take_given(chat, &given).await?;
        }
        if preparation.doubt_devices {
            let members = match self.group(chat).await? {
                Some(group) => group.members().collect(),
                None if chat.is_user() => vec![chat.clone()],
                None => Vec::new(),
            };
            for member in members {
                self.forget_devices(&member).await?;
            }
            // The next look must not find in the store what is forgotten here.
            self.flush();
        }
        Ok(())
    }

    /// Takes over who is in a group of which nothing is known. Of a group that was asked for long ago, a list that says the
    /// same says that nothing was missed; otherwise, and where the service has said that lists are out of date, it is asked.
    async fn take_given(&mut self, chat: &Jid, given: &KnownGroup) -> Result<(), Fault> {
        let known = self.group(chat).await?;
        let is_old = |known: &Group| known.fetched > 0 && known.fetched.saturating_add(LIFE) <= unix_now();
        if known.as_ref().is_some_and(|known| !is_old(known) || self.groups.doubts(known)) {
            return Ok(());
        }
        let by_lid = given.lids.unwrap_or_else(|| mostly_lids(&given.members));
        let Some(own) = self.own_in(by_lid) else { return Ok(()) };
        let mut users: Vec<Bytes> = Vec::with_capacity(given.members.len());
        for member in &given.members {
            let Some(jid) = self.member_in(member, by_lid).await? else { return Ok(()) };
            let user = Bytes::copy_from_slice(jid.user.as_bytes());
            if !users.contains(&user) {
                users.push(user);
            }
        }
        let group = match known {
            Some(known) => {
                let same = known.by_lid == by_lid && known.users.len() == users.len();
                if !same || !users.iter().all(|user| known.users.contains(user)) {
                    return Ok(());
                }
                Group { fetched: unix_now(), ..(*known).clone() }
            }
            None => {
                let size = users.len() as u64;
                Group { by_lid, users, size, fetched: unix_now(), ..Group::default() }
            }
        };
        // A list without the account itself is no list of this group as it is now.
        if group.size <= MAX_MEMBERS as u64 && group.has(&own) {
            self.keep_group(chat, group);
        }
        Ok(())
    }

    /// Somebody in the form by which members are addressed.
    async fn member_in(&mut self, member: &Member, by_lid: bool) -> Result<Option<Jid>, Fault> {
        let named = std::iter::once(&member.id).chain(&member.others);
        let named: Vec<Jid> = named.filter_map(|jid| jid.parse().ok()).filter(Jid::is_user).collect();
        if let Some(jid) = named.iter().find(|jid| jid.is_lid() == by_lid) {
            return Ok(Some(jid.to_bare()));
        }
        match named.first() {
            Some(jid) => Ok(self.counterpart(jid).await?.filter(|other| other.is_lid() == by_lid)),
            None => Ok(None),
        }
    }
}

fn mostly_lids(members: &[Member]) -> bool {
    let lids = members.iter().filter(|member| member.id.ends_with("@lid")).count();
    2 * lids > members.len()
}

#[cfg(test)]
mod tests {
    use chasqui_requests::groups::metadata::read_as;
    use chasqui_wire::{Node, Server};
    use serde_json::json;

    use super::*;
    use crate::{creds::Paired, groups::Lookup};

    const OWN: &str = "100000000000001@lid";

    fn chat() -> Jid {
        Jid::new("120363000000000001", Server::Group)
    }

    async fn actor() -> Actor {
        let mut actor = Actor::for_tests().await;
        actor.creds.paired = Some(Paired {
            pn: Jid::pn("15550001111").with_device(3),
            lid: Jid::lid("100000000000001").with_device(3),
            account: Vec::new(),
            platform: String::new(),
            lid_migrated: true,
        });
        actor
    }

    async fn prepare(actor: &mut Actor, rest: serde_json::Value) {
        let mut preparation = json!({ "chat": chat().to_string() });
        preparation.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        let preparation = serde_json::from_value(preparation).expect("a preparation");
        actor.prepare_chat(&chat(), preparation).await.expect("taken");
    }

    async fn known(actor: &mut Actor) -> Option<Vec<String>> {
        match actor.group_to_send(&chat()).await.expect("looked up") {
            Lookup::Known(group) => Some(group.members().map(|jid| jid.to_string()).collect()),
            _ => None,
        }
    }

    fn group(members: &[&str]) -> serde_json::Value {
        let members: Vec<_> = members.iter().map(|id| json!({ "id": id })).collect();
        json!({ "group": { "members": members } })
    }

    #[tokio::test]
    async fn a_list_of_the_program_serves_where_nothing_is_known() {
        let mut actor = actor().await;
        let number = json!({ "id": "15550002222@s.whatsapp.net", "others": ["100000000000002@lid"] });
        prepare(&mut actor, json!({ "group": { "lids": true, "members": [{ "id": OWN }, number] } })).await;
        assert_eq!(known(&mut actor).await, Some(vec![OWN.to_owned(), "100000000000002@lid".to_owned()]));
        // What the session knows is kept current: it stays.
        prepare(&mut actor, group(&[OWN])).await;
        assert_eq!(known(&mut actor).await.map(|members| members.len()), Some(2));
        // It is not everything about the group.
        assert!(actor.known_group(&chat()).await.expect("looked up").is_none());
    }

    #[tokio::test]
    async fn what_is_no_list_of_the_group_is_not_taken() {
        for members in [
            &["100000000000002@lid"][..],
            &[OWN, "nobody"],
            &[OWN, "15550002222@s.whatsapp.net", "100000000000003@lid"],
            &[],
        ] {
            let mut actor = actor().await;
            prepare(&mut actor, group(members)).await;
            assert_eq!(known(&mut actor).await, None, "{members:?}");
        }
    }

    #[tokio::test]
    async fn what_is_doubted_is_asked_for_whatever_the_program_has() {
        let mut actor = actor().await;
        let own = Node::new("participant").attr("jid", OWN.parse::<Jid>().expect("a JID"));
        let told = Node::new("group").attr("addressing_mode", "lid").child(own);
        actor.keep_group(&chat(), Group::of(&read_as(chat(), &told, MAX_MEMBERS), String::new()));
        assert_eq!(known(&mut actor).await, Some(vec![OWN.to_owned()]));
        prepare(&mut actor, json!({ "doubtGroup": true, "group": group(&[OWN])["group"] })).await;
        assert_eq!(known(&mut actor).await, None);
        prepare(&mut actor, group(&[OWN])).await;
        assert_eq!(known(&mut actor).await, None);
        let now = actor.group(&chat()).await.expect("read").expect("known");
        actor.keep_group(&chat(), Group { fetched: unix_now() - LIFE - 1, ..(*now).clone() });
        assert_eq!(known(&mut actor).await, None, "it is old");
        prepare(&mut actor, group(&[OWN, "100000000000002@lid"])).await;
        assert_eq!(known(&mut actor).await, None, "they do not agree");
        prepare(&mut actor, group(&[OWN])).await;
        assert_eq!(known(&mut actor).await, Some(vec![OWN.to_owned()]));
    }
}
