//! Businesses and bots: one shop for each account, and a fixed list of bots (07 §5.4, §10 and §12.11).

use std::collections::BTreeMap;

use chasqui_proto::{ProtoMessage as _, VerifiedNameCertificate, verified_name_certificate::Details};
use chasqui_wire::{
    jid::{Jid, Server},
    node::Node,
};
use serde::{Deserialize, Serialize};

use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    prekeys::bytes,
    requests::{Answer, Refused},
    world::World,
};

/// Most products of a shop, and orders.
const MAX_PRODUCTS: usize = 1000;
const MAX_ORDERS: usize = 1000;
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What an account has as a business.
#[derive(Default)]
pub(crate) struct Shop {
    /// What it tells about itself, as its clients wrote it.
    profile: Vec<Node<'static>>,
    cover: Option<String>,
    products: BTreeMap<u64, Vec<Node<'static>>>,
    hidden: Vec<u64>,
    made: u64,
    collections: Vec<(String, Vec<u64>)>,
}

/// What somebody ordered.
struct Order {
    shop: AccountId,
    token: String,
    at: u64,
    items: Vec<(u64, u32)>,
}

/// All shops and orders.
#[derive(Default)]
pub(crate) struct Shops {
    list: BTreeMap<AccountId, Shop>,
    orders: BTreeMap<String, Order>,
}

/// What a test says about a shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ShopSetting {
    /// Whose it is.
    pub account: String,
    /// The name that the service has checked.
    pub verified_name: Option<String>,
    /// Collections of products, by the products' ids.
    pub collections: Option<Vec<ShopCollection>>,
}

/// A collection of products.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopCollection {
    /// What it is called.
    pub name: String,
    /// Ids of products.
    pub products: Vec<String>,
}

/// An order that a test makes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// Whose shop it is.
    pub account: String,
    /// How many of which.
    pub items: Vec<OrderItem>,
}

/// A part of an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderItem {
    /// The product's id.
    pub product: String,
    /// How many.
    pub quantity: u32,
}

/// By what an order is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderInfo {
    /// Its id.
    pub id: String,
    /// What entitles to see it.
    pub token: String,
}

fn text_of<'n>(node: &'n Node<'n>, tag: &str) -> Option<&'n str> {
    node.find(tag)?.content_str()
}

fn field<'n>(fields: &'n [Node<'static>], tag: &str) -> Option<&'n str> {
    fields.iter().find(|node| node.tag == tag)?.content_str()
}

impl Shop {
    fn product(&self, number: u64) -> Option<Node<'static>> {
        let fields = self.products.get(&number)?;
        let mut children = vec![bytes("id", number.to_string().as_bytes())];
        for tag in ["name", "description", "url", "retailer_id", "price", "currency"] {
            children.extend(field(fields, tag).map(|text| bytes(tag, text.as_bytes())));
        }
        let media = fields.iter().find(|node| node.tag == "media");
        let images = media.into_iter().flat_map(|media| media.all("image")).filter_map(|image| text_of(image, "url"));
        let images = images.map(|url| {
            Node::new("image").children([
                bytes("id", b"1"),
                bytes("request_image_url", url.as_bytes()),
                bytes("original_image_url", url.as_bytes()),
            ])
        });
        // Some clients look into it without asking whether it is there.
        let images: Vec<_> = images.collect();
        children.push(Node::new("media").children(if images.is_empty() { vec![Node::new("image")] } else { images }));
        let status = [bytes("status", b"APPROVED"), bytes("can_appeal", b"false")];
        children.push(Node::new("status_info").children(status));
        let hidden = if self.hidden.contains(&number) { "true" } else { "false" };
        Some(Node::new("product").attr("is_hidden", hidden).children(children))
    }

    fn put(&mut self, number: u64, product: &Node<'static>) {
        self.products.insert(number, product.nodes().to_vec());
        self.hidden.retain(|hidden| *hidden != number);
        if product.is("is_hidden", "true") {
            self.hidden.push(number);
        }
    }
}

/// Whether a product has what every product has.
fn is_whole(product: &Node<'static>) -> bool {
    let price = text_of(product, "price").and_then(|price| price.parse::<u64>().ok());
    text_of(product, "name").is_some_and(|name| !name.is_empty())
        && price.is_some()
        && text_of(product, "currency").is_some_and(|currency| currency.len() == 3)
}

/// The certificate of a name that the service vouches for.
pub(crate) fn certificate(name: &str) -> Vec<u8> {
    let details = Details {
        serial: Some(1),
        issuer: Some("smb:wa".to_owned()),
        verified_name: Some(name.to_owned()),
        ..Default::default()
    };
    VerifiedNameCertificate { details: Some(details.encode_to_vec()), ..Default::default() }.encode_to_vec()
}

impl World {
    /// Requests about shops: `w:biz`, `w:biz:catalog` and orders.
    pub fn answer_business(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let Some(child) = iq.nodes().first() else { return Answer::BAD_REQUEST };
        let shop_of = |world: &Self, jid: Option<Jid>| jid.and_then(|jid| world.accounts.find(&jid));
        match (child.tag.as_str(), iq.is("type", "set")) {
            ("business_profile", false) => {
                let who = child.find("profile").and_then(|profile| profile.get_jid("jid"));
                let account = who.as_ref().and_then(|jid| self.accounts.find(jid));
                let shop = account.and_then(|account| self.shops.list.get(&account));
                let profile = shop.filter(|shop| !shop.profile.is_empty() || shop.cover.is_some()).map(|shop| {
                    let cover = shop.cover.as_ref().map(|id| Node::new("cover_photo").attr("id", id.clone()));
                    Node::new("profile").attr_opt("jid", who).children(shop.profile.iter().cloned().chain(cover))
                });
                let list = Node::new("business_profile").attr("v", "244");
                Answer::one(match profile {
                    Some(profile) => list.child(profile),
                    None => list,
                })
            }
            ("business_profile", true) => self.set_business_profile(at, child),
            ("product_catalog", false) => {
                let Some(account) = shop_of(self, child.get_jid("jid")) else { return Refused(404).into() };
                let limit = text_of(child, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(10usize);
                let after = text_of(child, "after").and_then(|after| after.parse().ok()).unwrap_or(0u64);
                let list = Node::new("product_catalog");
                let Some(shop) = self.shops.list.get(&account) else { return Answer::one(list.children([])) };
                let shown = |number: &&u64| account == at.account || !shop.hidden.contains(*number);
                let numbers: Vec<u64> = shop.products.keys().filter(shown).copied().filter(|it| *it > after).collect();
                let page: Vec<u64> = numbers.iter().copied().take(limit.clamp(1, 100)).collect();
                let next = page.last().filter(|_| page.len() < numbers.len());
                let next = next.map(|last| Node::new("paging").child(bytes("after", last.to_string().as_bytes())));
                let products = page.iter().filter_map(|number| shop.product(*number));
                Answer::one(list.children(products.chain(next)))
            }
            ("collections", false) => {
                let Some(account) = shop_of(self, child.get_jid("biz_jid")) else { return Refused(404).into() };
                let shop = self.shops.list.get(&account);
                let collections = shop.into_iter().flat_map(|shop| {
                    shop.collections.iter().enumerate().map(|(at, (name, products))| {
                        let head = [bytes("id", (at + 1).to_string().as_bytes()), bytes("name", name.as_bytes())];
                        let products = products.iter().filter_map(|number| shop.product(*number));
                        let status = [bytes("status", b"APPROVED"), bytes("can_appeal", b"false")];
                        let status = Node::new("status_info").children(status);
                        Node::new("collection").children(head.into_iter().chain(products).chain([status]))
                    })
                });
                let collections: Vec<_> = collections.collect();
                Answer::one(Node::new("collections").children(collections))
            }
            ("product_catalog_add" | "product_catalog_edit", true) => self.put_product(at, child),
            ("product_catalog_delete", true) => {
                let shop = self.shops.list.entry(at.account).or_default();
                let ids = child.all("product").filter_map(|product| text_of(product, "id")?.parse::<u64>().ok());
                let gone = ids.filter(|id| shop.products.remove(id).is_some()).count();
                Answer::one(Node::new("product_catalog_delete").attr("deleted_count", gone))
            }
            ("order", false) => self.tell_order(child),
            _ => Refused(501).into(),
        }
    }

    fn set_business_profile(&mut self, at: DeviceRef, change: &Node<'static>) -> Answer {
        let known = [
            "address",
            "email",
            "description",
            "website",
            "categories",
            "latitude",
            "longitude",
            "business_hours",
            "cover_photo",
        ];
        let wrong_day = |hours: &Node<'_>| {
            hours.all("business_hours_config").any(|day| !DAYS.iter().any(|name| day.is("day_of_week", name)))
        };
        let websites = change.all("website").count();
        if change.nodes().iter().any(|node| !known.contains(&node.tag.as_str()))
            || websites > 2
            || change.find("business_hours").is_some_and(wrong_day)
        {
            return Answer::BAD_REQUEST;
        }
        let shop = self.shops.list.entry(at.account).or_default();
        let written: Vec<&str> = change.nodes().iter().map(|node| node.tag.as_str()).collect();
        shop.profile.retain(|node| !written.contains(&node.tag.as_str()));
        for node in change.nodes() {
            if node.tag == "cover_photo" {
                let id = node.get_str("id").map(|id| id.into_owned());
                shop.cover = id.filter(|_| node.is("op", "update"));
            } else if node.content_str().is_none_or(|text| !text.is_empty()) && !node_is_empty(node) {
                shop.profile.push(node.clone());
            }
        }
        self.tell_of_business(at, Node::new("profile"));
        Answer::Result(Vec::new())
    }

    fn put_product(&mut self, at: DeviceRef, change: &Node<'static>) -> Answer {
        let Some(product) = change.find("product").filter(|product| is_whole(product)) else {
            return Answer::BAD_REQUEST;
        };
        let shop = self.shops.list.entry(at.account).or_default();
        let number = if change.tag == "product_catalog_edit" {
            let id = text_of(product, "id").and_then(|id| id.parse::<u64>().ok());
            match id.filter(|id| shop.products.contains_key(id)) {
                Some(id) => id,
                None => return Refused(404).into(),
            }
        } else if shop.products.len() >= MAX_PRODUCTS {
            return Refused(419).into();
        } else {
            shop.made += 1;
            shop.made
        };
        shop.put(number, product);
        let answer = shop.product(number).map(|product| Node::new(change.tag.clone()).child(product));
        let told = Node::new("product").child(bytes("id", number.to_string().as_bytes()));
        self.tell_of_business(at, Node::new("product_catalog").child(told));
        answer.map_or(Answer::BAD_REQUEST, Answer::one)
    }

    /// Who knows the account's devices, and its own others, hear of a change.
    fn tell_of_business(&mut self, at: DeviceRef, child: Node<'static>) {
        let account = self.accounts.get(at.account);
        let (from, watchers) =
            (account.jid(false), account.watchers.iter().copied().chain([at.account]).collect::<Vec<_>>());
        for account in watchers {
            let devices: Vec<u16> = self.accounts.get(account).devices.keys().copied().collect();
            for device in devices.into_iter().map(|device| DeviceRef { account, device }).filter(|to| *to != at) {
                self.notify(device, "business", from.clone(), child.clone().attr("jid", from.clone()));
            }
        }
    }

    fn tell_order(&self, asked: &Node<'static>) -> Answer {
        let id = asked.get_str("id").unwrap_or_default();
        let Some(order) = self.shops.orders.get(&*id) else { return Refused(404).into() };
        if text_of(asked, "token") != Some(&*order.token) {
            return Refused(403).into();
        }
        let Some(shop) = self.shops.list.get(&order.shop) else { return Refused(404).into() };
        let mut total = 0u64;
        let mut currency = String::new();
        let mut children = Vec::new();
        for (number, quantity) in &order.items {
            let Some(fields) = shop.products.get(number) else { continue };
            let price = field(fields, "price").and_then(|price| price.parse::<u64>().ok()).unwrap_or(0);
            total += price * u64::from(*quantity);
            field(fields, "currency").unwrap_or_default().clone_into(&mut currency);
            let media = fields.iter().find(|node| node.tag == "media").and_then(|media| media.find("image"));
            let url = media.and_then(|image| text_of(image, "url")).unwrap_or_default();
            children.push(Node::new("product").children([
                bytes("id", number.to_string().as_bytes()),
                bytes("name", field(fields, "name").unwrap_or_default().as_bytes()),
                Node::new("image").children([bytes("id", b"1"), bytes("url", url.as_bytes())]),
                bytes("price", price.to_string().as_bytes()),
                bytes("currency", currency.as_bytes()),
                bytes("quantity", quantity.to_string().as_bytes()),
            ]));
        }
        let total = total.to_string();
        children.push(Node::new("price").children([
            bytes("subtotal", total.as_bytes()),
            bytes("total", total.as_bytes()),
            bytes("currency", currency.as_bytes()),
            bytes("price_status", b"confirmed"),
        ]));
        Answer::one(Node::new("order").attr("id", id.into_owned()).attr("creation_ts", order.at).children(children))
    }

    /// A test sets what clients cannot.
    pub fn set_shop(&mut self, setting: &ShopSetting) -> Result<(), EmulatorError> {
        let unknown = || EmulatorError::NotFound(format!("account {}", setting.account));
        let account = self.accounts.resolve(&setting.account).ok_or_else(unknown)?;
        if let Some(name) = &setting.verified_name {
            self.accounts.get_mut(account).social.verified = Some(certificate(name));
        }
        let shop = self.shops.list.entry(account).or_default();
        if let Some(collections) = &setting.collections {
            let number = |id: &String| id.parse::<u64>().map_err(|_| EmulatorError::option("products", "must be ids"));
            let read = |one: &ShopCollection| {
                Ok((one.name.clone(), one.products.iter().map(number).collect::<Result<Vec<_>, _>>()?))
            };
            shop.collections = collections.iter().map(read).collect::<Result<_, EmulatorError>>()?;
        }
        Ok(())
    }

    /// Somebody orders something.
    pub fn make_order(&mut self, new: &NewOrder) -> Result<OrderInfo, EmulatorError> {
        let unknown = || EmulatorError::NotFound(format!("account {}", new.account));
        let shop = self.accounts.resolve(&new.account).ok_or_else(unknown)?;
        let known = self.shops.list.get(&shop);
        let item = |item: &OrderItem| {
            let number = item.product.parse::<u64>().ok();
            let number = number.filter(|number| known.is_some_and(|shop| shop.products.contains_key(number)));
            let number = number.ok_or_else(|| EmulatorError::NotFound(format!("product {}", item.product)))?;
            Ok((number, item.quantity))
        };
        let items = new.items.iter().map(item).collect::<Result<_, EmulatorError>>()?;
        if self.shops.orders.len() >= MAX_ORDERS {
            return Err(EmulatorError::option("items", "belong to one order too many"));
        }
        let id = (1_000_000 + self.shops.orders.len()).to_string();
        let token = crate::group::invite_code().to_string();
        let order = Order { shop, token: token.clone(), at: self.clock.now().seconds(), items };
        self.shops.orders.insert(id.clone(), order);
        Ok(OrderInfo { id, token })
    }

    /// Answers who asks for the bots.
    pub fn answer_bots() -> Answer {
        let bot = |tag: &'static str, user: &'static str, persona: &'static str| {
            Node::new(tag).attr("jid", Jid::new(user, Server::Bot)).attr("persona_id", persona)
        };
        let (first, second) =
            (bot("bot", "867051314767696", "867051314767696$1"), bot("bot", "867051314767697", "867051314767697$2"));
        let section =
            |kind: &'static str, name: &'static str| Node::new("section").attr("type", kind).attr("name", name);
        Answer::one(Node::new("bot").attr("v", "2").children([
            bot("default", "867051314767696", "867051314767696$1"),
            section("all", "All").children([first, second.clone()]),
            section("featured", "Featured").child(second),
        ]))
    }
}

/// Whether a change only takes something away.
fn node_is_empty(node: &Node<'_>) -> bool {
    node.nodes().is_empty() && node.content_bytes().is_none_or(<[u8]>::is_empty)
}
