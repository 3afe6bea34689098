//! GraphQL: what clients ask of channels and change about them, under every number that a query is known by. What concerns
//! groups is answered in `group/graph.rs`.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::{jid::Jid, node::Node};
use serde_json::{Value, json};

use super::{Channel, Follower, Role};
use crate::{
    account::{AccountId, DeviceRef},
    prekeys::bytes,
    requests::Answer,
    world::World,
};

const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 2048;
const MAX_PICTURE: usize = 1 << 20;
const MAX_VARIABLES: usize = 2 << 20;
/// Seconds for which an invitation to be an admin stands.
const INVITED_FOR: u64 = 7 * 86_400;

/// What a query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Create,
    Metadata,
    Subscribed,
    Follow,
    Unfollow,
    Mute,
    Unmute,
    Update,
    Subscribers,
    Followers,
    Admins,
    Owner,
    Demote,
    Delete,
    Invite,
    Accept,
    Revoke,
    Recommended,
    TimeLock,
    GroupProperty,
}

fn operation(id: &str) -> Option<Operation> {
    use Operation as O;
    Some(match id {
        "8823471724422422" | "6234210096708695" | "27527996220149684" | "25149874324715067" => O::Create,
        "6563316087068696" | "9779843322044422" | "27456920720571478" | "7272540469429201" | "26944199458535748" => {
            O::Metadata
        }
        "6388546374527196" | "8621797084555037" | "25399611239711790" => O::Subscribed,
        "24404358912487870" | "9926858900719341" => O::Follow,
        "9767147403369991" | "6392786840836363" | "8782612271820087" => O::Unfollow,
        "29766401636284406" | "6274038279359549" | "5971669009605755" => O::Mute,
        "9864994326891137" | "6068417879924485" | "6104029483058502" => O::Unmute,
        "24250201037901610" | "7150902998257522" | "7839742399440946" => O::Update,
        "9783111038412085" | "9800646650009898" | "25403502652570342" => O::Subscribers,
        "27472091235714801" => O::Followers,
        "7130823597031706" | "26278439461859188" | "9801384413216421" => O::Admins,
        "7341777602580933" | "9546742745432473" => O::Owner,
        "6551828931592903" | "9880997548630971" => O::Demote,
        "30062808666639665" => O::Delete,
        "9387141988078609" => O::Invite,
        "9580828702035549" => O::Accept,
        "9656078347839416" => O::Revoke,
        "7263823273662354" | "27256776790637714" | "25806748772361516" => O::Recommended,
        "23983697327930364" => O::TimeLock,
        "9418211574894172" => O::GroupProperty,
        _ => return None,
    })
}

/// Why something is not done: number and words.
pub(crate) type Refusal = (u16, &'static str);
pub(crate) type Told = Result<Value, Refusal>;

const FORBIDDEN: Refusal = (403, "forbidden");
const GONE: Refusal = (404, "not found");
const WRONG: Refusal = (400, "bad request");

impl World {
    /// Answers a query; what goes wrong stands in its JSON.
    pub fn answer_graph(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let Some(query) = iq.find("query") else { return Answer::BAD_REQUEST };
        let json = query.content_bytes().filter(|bytes| bytes.len() <= MAX_VARIABLES);
        let asked: Option<Value> = json.and_then(|json| serde_json::from_slice(json).ok());
        let id = query.get_str("query_id").unwrap_or_default();
        let (Some(asked), Some(operation)) = (asked, operation(&id)) else {
            return Answer::Error(501, "feature-not-implemented");
        };
        let variables = asked.get("variables").cloned().unwrap_or_default();
        let told = match self.graph(at, operation, &variables) {
            Ok(data) => json!({ "data": data }),
            Err((code, message)) => {
                let extensions = json!({ "error_code": code, "is_retryable": false, "severity": "CRITICAL" });
                json!({ "data": null, "errors": [{ "message": message, "path": [], "extensions": extensions }] })
            }
        };
        Answer::one(bytes("result", told.to_string().as_bytes()))
    }

    fn graph(&mut self, at: DeviceRef, operation: Operation, variables: &Value) -> Told {
        use Operation as O;
        let me = at.account;
        let now = self.clock.now().seconds();
        let done = |key: &str, channel: &Channel| json!({ key: { "id": channel.jid().to_string() } });
        match operation {
            O::Create => self.create_channel(at, variables),
            O::Metadata => Ok(json!({ "xwa2_newsletter": self.look_at(me, variables) })),
            O::Subscribed => {
                let followed = self.channels.list.values().filter(|channel| channel.followers.contains_key(&me));
                let list: Vec<Value> = followed.map(|channel| channel.object(me)).collect();
                Ok(json!({ "xwa2_newsletter_subscribed": list }))
            }
            O::Recommended => {
                let list: Vec<Value> = self.channels.list.values().take(50).map(|channel| channel.object(me)).collect();
                Ok(json!({ "xwa2_newsletters_recommended": { "result": list, "page_info": {} } }))
            }
            O::TimeLock => {
                let lock = json!({ "is_active": false, "time_enforcement_ends": "0", "enforcement_type": "DEFAULT" });
                Ok(json!({ "xwa2_fetch_account_reachout_timelock": lock }))
            }
            O::GroupProperty => self.set_group_property(at, variables),
            O::Follow => {
                let channel = self.named_channel(variables)?;
                let follower = Follower { role: Role::Subscriber, muted: false, since: now };
                channel.followers.entry(me).or_insert(follower);
                let (object, told) = (channel.object(me), done("xwa2_newsletter_join_v2", channel));
                self.tell_own(at, "NotificationNewsletterJoin", "xwa2_notify_newsletter_on_join", &object);
                Ok(told)
            }
            O::Unfollow => {
                let channel = self.named_channel(variables)?;
                match channel.role(me) {
                    // Somebody has to keep it.
                    Some(Role::Owner) => return Err(FORBIDDEN),
                    None => return Err((409, "not a follower")),
                    _ => channel.followers.remove(&me),
                };
                channel.live.retain(|device, _| device.account != me);
                let told = done("xwa2_newsletter_leave_v2", channel);
                let left = json!({ "id": channel.jid().to_string(), "role": "GUEST" });
                self.tell_own(at, "NotificationNewsletterLeave", "xwa2_notify_newsletter_on_leave", &left);
                Ok(told)
            }
            O::Mute | O::Unmute => {
                let channel = self.named_channel(variables)?;
                let follower = channel.followers.get_mut(&me).ok_or((409, "not a follower"))?;
                follower.muted = operation == O::Mute;
                let mute = if follower.muted { "ON" } else { "OFF" };
                let key = if operation == O::Mute { "xwa2_newsletter_mute_v2" } else { "xwa2_newsletter_unmute_v2" };
                let told = done(key, channel);
                let changed = json!({ "id": channel.jid().to_string(), "mute": mute });
                let key = "xwa2_notify_newsletter_on_mute_change";
                self.tell_own(at, "NotificationNewsletterUserSettingChange", key, &changed);
                Ok(told)
            }
            O::Update => self.update_channel(at, variables),
            O::Subscribers => {
                let channel = self.named_channel(variables)?;
                if !channel.keeps(me) {
                    return Err(FORBIDDEN);
                }
                let object = channel.object(me);
                let count = object.pointer("/thread_metadata/subscribers_count").cloned().unwrap_or_default();
                Ok(json!({ "xwa2_newsletter_subscribers": { "subscribers": [], "subscribers_count": count } }))
            }
            O::Followers => self.list_followers(me, variables),
            O::Admins => {
                let channel = self.named_channel(variables)?;
                let count = channel.followers.values().filter(|follower| follower.role >= Role::Admin).count();
                Ok(json!({ "xwa2_newsletter_admin": { "admin_count": count } }))
            }
            O::Owner => {
                let heir = self.person_in(variables)?;
                let channel = self.named_channel(variables)?;
                if channel.role(me) != Some(Role::Owner) {
                    return Err(FORBIDDEN);
                }
                let promoted = channel.followers.get_mut(&heir).filter(|heir| heir.role == Role::Admin);
                promoted.ok_or((406, "only an admin becomes the owner"))?.role = Role::Owner;
                if let Some(former) = channel.followers.get_mut(&me) {
                    former.role = Role::Admin;
                }
                Ok(done("xwa2_newsletter_change_owner", channel))
            }
            O::Demote => {
                let admin = self.person_in(variables)?;
                let channel = self.named_channel(variables)?;
                if channel.role(me) != Some(Role::Owner) && admin != me {
                    return Err(FORBIDDEN);
                }
                let demoted = channel.followers.get_mut(&admin).filter(|admin| admin.role == Role::Admin);
                demoted.ok_or((404, "not an admin"))?.role = Role::Subscriber;
                let id = json!({ "id": channel.jid().to_string() });
                Ok(json!({ "xwa2_newsletter_demote": id, "xwa2_newsletter_admin_demote": id }))
            }
            O::Delete => {
                let channel = self.named_channel(variables)?;
                if channel.role(me) != Some(Role::Owner) {
                    return Err(FORBIDDEN);
                }
                let id = channel.id.clone();
                let told = json!({ "xwa2_newsletter_delete_v2": { "id": channel.jid().to_string(), "state": { "type": "DELETED" } } });
                let gone =
                    json!({ "id": channel.jid().to_string(), "is_requestor": false, "state": { "type": "DELETED" } });
                let followers: Vec<_> = channel.followers.keys().copied().collect();
                self.channels.list.remove(&id);
                self.tell_accounts(
                    at,
                    &followers,
                    "NotificationNewsletterStateChange",
                    "xwa2_notify_newsletter_on_state_change",
                    &gone,
                );
                Ok(told)
            }
            O::Invite | O::Revoke => {
                let person = self.person_in(variables)?;
                let channel = self.named_channel(variables)?;
                if channel.role(me) != Some(Role::Owner) {
                    return Err(FORBIDDEN);
                }
                let id = channel.jid().to_string();
                if operation == O::Revoke {
                    channel.invited.remove(&person).ok_or((404, "not invited"))?;
                    let gone = json!({ "id": id });
                    let key = "xwa2_notify_newsletter_on_admin_invite_revoke";
                    self.tell_accounts(at, &[person], "NotificationNewsletterAdminInviteRevoke", key, &gone);
                    return Ok(json!({ "xwa2_newsletter_admin_invite_revoke": { "id": id } }));
                }
                if channel.keeps(person) {
                    return Err((409, "an admin already"));
                }
                let expires = now + INVITED_FOR;
                channel.invited.insert(person, expires);
                let expires = expires.to_string();
                Ok(json!({ "xwa2_newsletter_admin_invite_create": { "id": id, "invite_expiration_time": expires } }))
            }
            O::Accept => {
                let lid = self.accounts.get(me).jid(true).to_string();
                let channel = self.named_channel(variables)?;
                channel.invited.remove(&me).filter(|expires| *expires > now).ok_or((410, "not invited"))?;
                let follower = Follower { role: Role::Subscriber, muted: false, since: now };
                channel.followers.entry(me).or_insert(follower).role = Role::Admin;
                let id = channel.jid().to_string();
                let admins: Vec<_> =
                    channel.followers.iter().filter(|(_, one)| one.role >= Role::Admin).map(|(who, _)| *who).collect();
                let update = json!({ "operation": "NotificationNewsletterAdminPromote", "updates": [{ "jid": id, "user": lid }] });
                self.push_graph(at, &admins, Node::new("mex"), &update);
                Ok(json!({ "xwa2_newsletter_admin_invite_accept": { "id": id } }))
            }
        }
    }

    fn named_channel(&mut self, variables: &Value) -> Result<&mut Channel, Refusal> {
        let id = variables.get("newsletter_id").or_else(|| variables.pointer("/input/newsletter_id"));
        let jid: Jid = id.and_then(Value::as_str).and_then(|id| id.parse().ok()).ok_or(WRONG)?;
        self.channels.find(&jid).ok_or(GONE)
    }

    fn person_in(&self, variables: &Value) -> Result<AccountId, Refusal> {
        let jid = variables.get("user_id").and_then(Value::as_str).and_then(|jid| jid.parse::<Jid>().ok());
        self.accounts.find(&jid.filter(Jid::is_lid).ok_or(WRONG)?).ok_or(GONE)
    }

    fn look_at(&self, me: AccountId, variables: &Value) -> Value {
        let input = variables.get("input").unwrap_or(variables);
        let key = input.get("key").and_then(Value::as_str).unwrap_or_default();
        let invite = input.get("type").and_then(Value::as_str) == Some("INVITE");
        let is = |channel: &&Channel| if invite { channel.invite == key } else { channel.jid().to_string() == key };
        self.channels.list.values().find(is).map_or(Value::Null, |channel| channel.object(me))
    }

    fn create_channel(&mut self, at: DeviceRef, variables: &Value) -> Told {
        let input = variables.get("input").or_else(|| variables.get("newsletter_input")).unwrap_or(variables);
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (name, description) = (text("name"), text("description"));
        if name.trim().is_empty() || name.chars().count() > MAX_NAME || description.chars().count() > MAX_DESCRIPTION {
            return Err(WRONG);
        }
        let picture = self.channel_picture(input.get("picture"))?;
        let now = self.clock.now().seconds();
        let channel = self.channels.make(name, description, at.account, now).ok_or((419, "resource limit"))?;
        if let Some(path) = picture.filter(|path| !path.is_empty()) {
            channel.picture = (1, path);
        }
        let object = channel.object(at.account);
        self.tell_own(at, "NotificationNewsletterJoin", "xwa2_notify_newsletter_on_join", &object);
        Ok(json!({ "xwa2_newsletter_create": object }))
    }

    /// Where a picture is from now on; nothing where none is named, an empty path where it is taken away.
    fn channel_picture(&mut self, given: Option<&Value>) -> Result<Option<String>, Refusal> {
        let Some(given) = given.filter(|given| !given.is_null()) else { return Ok(None) };
        let base64 = given.as_str().ok_or(WRONG)?;
        if base64.is_empty() {
            return Ok(Some(String::new()));
        }
        let bytes = BASE64.decode(base64).map_err(|_| WRONG)?;
        if bytes.len() > MAX_PICTURE || !bytes.starts_with(&[0xff, 0xd8]) {
            return Err((406, "not acceptable"));
        }
        self.put_plain("image", &bytes).map(Some).ok_or((500, "internal server error"))
    }

    fn update_channel(&mut self, at: DeviceRef, variables: &Value) -> Told {
        let updates = variables.get("updates").cloned().unwrap_or_default();
        let text = |name: &str| updates.get(name).and_then(Value::as_str).map(str::to_owned);
        let (name, description) = (text("name"), text("description"));
        let too_long =
            |text: &Option<String>, most: usize| text.as_ref().is_some_and(|text| text.chars().count() > most);
        if too_long(&name, MAX_NAME) || too_long(&description, MAX_DESCRIPTION) || name.as_deref() == Some("") {
            return Err(WRONG);
        }
        let reactions = updates.pointer("/settings/reaction_codes/value").and_then(Value::as_str);
        if reactions.is_some_and(|value| !matches!(value, "ALL" | "BASIC" | "NONE" | "BLOCKLIST")) {
            return Err(WRONG);
        }
        if !self.named_channel(variables)?.keeps(at.account) {
            return Err(FORBIDDEN);
        }
        let picture = self.channel_picture(updates.get("picture"))?;
        let now = self.clock.now().seconds();
        let channel = self.named_channel(variables)?;
        let mut settings = serde_json::Map::new();
        if let Some(name) = name {
            settings.insert("name".into(), json!(name));
            channel.name = (name, now);
        }
        if let Some(description) = description {
            settings.insert("description".into(), json!(description));
            channel.description = (description, now);
        }
        if let Some(path) = picture {
            channel.picture = (channel.picture.0 + 1, path);
        }
        if let Some(reactions) = reactions {
            reactions.clone_into(&mut channel.reactions);
        }
        let object = channel.object(at.account);
        let followers: Vec<_> = channel.followers.keys().copied().collect();
        let id = channel.jid().to_string();
        if settings.is_empty() {
            let key = "xwa2_notify_newsletter_on_metadata_update";
            let mut told = object.clone();
            if let Some(told) = told.as_object_mut() {
                told.remove("viewer_metadata");
            }
            self.tell_accounts(at, &followers, "NotificationNewsletterUpdate", key, &told);
        } else {
            let update = json!({ "operation": "NotificationNewsletterUpdate", "updates": [{ "jid": id, "settings": settings }] });
            self.push_graph(at, &followers, Node::new("mex"), &update);
        }
        Ok(json!({ "xwa2_newsletter_update": object }))
    }

    fn list_followers(&mut self, me: AccountId, variables: &Value) -> Told {
        let count = variables.pointer("/input/count").and_then(Value::as_u64).unwrap_or(100);
        let channel = self.named_channel(variables)?;
        if !channel.keeps(me) {
            return Err(FORBIDDEN);
        }
        let who: Vec<_> = channel.followers.iter().map(|(who, one)| (*who, one.role, one.since)).collect();
        let edges = who.into_iter().take(usize::try_from(count).unwrap_or(100)).map(|(who, role, since)| {
            let account = self.accounts.get(who);
            let node = json!({ "id": account.jid(true).to_string(), "pn": account.jid(false).to_string(),
                "display_name": account.push_name, "username_info": null });
            json!({ "role": role.name(), "follow_time": since.to_string(), "node": node })
        });
        let edges: Vec<Value> = edges.collect();
        Ok(json!({ "xwa2_newsletter_followers": { "followers": { "edges": edges } } }))
    }

    /// Tells the account's other devices.
    fn tell_own(&mut self, at: DeviceRef, name: &'static str, key: &str, data: &Value) {
        self.tell_accounts(at, &[at.account], name, key, data);
    }

    /// Tells the devices of these accounts, but for the one that did it.
    fn tell_accounts(&mut self, at: DeviceRef, who: &[AccountId], name: &'static str, key: &str, data: &Value) {
        let update = Node::new("update").attr("op_name", name);
        self.push_graph(at, who, update, &json!({ "data": { key: data } }));
    }

    fn push_graph(&mut self, at: DeviceRef, who: &[AccountId], child: Node<'static>, json: &Value) {
        let child = child.bytes(json.to_string().into_bytes());
        for account in who {
            let devices: Vec<u16> = self.accounts.get(*account).devices.keys().copied().collect();
            for device in devices {
                let to = DeviceRef { account: *account, device };
                if to != at {
                    self.notify(to, "mex", Jid::SERVER, child.clone());
                }
            }
        }
    }
}
