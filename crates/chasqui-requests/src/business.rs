//! Businesses: what they tell about themselves, what they sell, and orders. One account has one shop (07 §5.4 and §10).

use std::collections::BTreeMap;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::{ProtoMessage, VerifiedNameCertificate, verified_name_certificate::Details};
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use crate::{Result, Session, answer, args, methods, session::iq};

/// Most of anything that one answer gives.
const MAX_LIST: usize = 1000;
/// Most characters of a text.
const MAX_TEXT: usize = 5000;
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/// Pictures of products are asked for in this size.
const EDGE: &str = "100";
/// The service's prices are thousandths.
const THOUSAND: f64 = 1000.0;

methods! {
    "profile" => profile,
    "setProfile" => set_profile,
    "verifiedName" => verified_name,
    "catalog" => catalog,
    "collections" => collections,
    "createProduct" => create_product,
    "editProduct" => edit_product,
    "deleteProducts" => delete_products,
    "order" => order,
}

fn leaf(tag: &'static str, text: impl Into<String>) -> Node<'static> {
    Node::new(tag).bytes(text.into().into_bytes())
}

/// The text in a child, bounded.
fn text(node: &Node<'_>, tag: &str) -> Option<String> {
    let text = node.find(tag)?.content_str().filter(|text| !text.is_empty())?;
    Some(text.chars().take(MAX_TEXT).collect())
}

fn number(node: &Node<'_>, tag: &str) -> Option<f64> {
    text(node, tag)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn price(node: &Node<'_>, tag: &str) -> Option<f64> {
    number(node, tag).map(|thousandths| thousandths / THOUSAND)
}

/// The person of a shop, by phone number where it is known; the own account without one.
async fn shop(session: &Session, person: Option<&str>) -> Result<Jid> {
    let Some(person) = person else { return Ok(session.me().pn.to_bare()) };
    let jid = args::person(person)?;
    if !jid.is_lid() {
        return Ok(jid);
    }
    let known = session.counterparts(vec![jid.clone()]).await?.into_iter().next().flatten();
    Ok(known.filter(Jid::is_pn).unwrap_or(jid))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    person: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Day {
    /// `sun` … `sat`
    day: String,
    /// `open`, `hours` or `appointment`
    mode: String,
    /// Minutes from midnight.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    opens: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    closes: Option<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    timezone: String,
    days: Vec<Day>,
}

#[derive(Debug, Serialize)]
struct Category {
    id: String,
    name: String,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    websites: Vec<String>,
    categories: Vec<Category>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<Hours>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    options: BTreeMap<String, String>,
}

async fn profile(session: &Session, Of { person }: Of) -> Result<Option<Profile>> {
    let jid = shop(session, person.as_deref()).await?;
    let asked = Node::new("business_profile").attr("v", "244").child(Node::new("profile").attr("jid", &jid));
    let answer = session.query(iq("get", "w:biz").child(asked.into_owned())).await?;
    let profile = answer.find("business_profile").and_then(|profiles| profiles.find("profile"));
    Ok(profile.map(|profile| read_profile(profile, &jid)))
}

fn read_profile(node: &Node<'_>, asked: &Jid) -> Profile {
    let texts = |tag: &'static str| {
        node.all(tag).take(MAX_LIST).filter_map(|node| {
            let text = node.content_str().filter(|text| !text.is_empty())?;
            Some((node, text.chars().take(MAX_TEXT).collect::<String>()))
        })
    };
    let categories = node.find("categories").into_iter().flat_map(|list| list.all("category")).take(MAX_LIST);
    let hours = node.find("business_hours").map(|hours| {
        let days = hours.all("business_hours_config").take(64).map(|day| {
            let word = |name: &str| day.get_str(name).unwrap_or_default().chars().take(32).collect::<String>();
            let minutes = |name: &str| day.get_u64(name).and_then(|minutes| u16::try_from(minutes).ok());
            let mode = match &*word("mode") {
                "open_24h" => "open".to_owned(),
                "specific_hours" => "hours".to_owned(),
                "appointment_only" => "appointment".to_owned(),
                other => other.to_owned(),
            };
            Day { day: word("day_of_week"), mode, opens: minutes("open_time"), closes: minutes("close_time") }
        });
        let timezone = hours.get_str("timezone").unwrap_or_default().chars().take(64).collect();
        Hours { timezone, days: days.collect() }
    });
    let options = node.find("profile_options").map(Node::nodes).unwrap_or_default().iter().take(64);
    Profile {
        jid: node.get_jid("jid").filter(Jid::is_user).unwrap_or_else(|| asked.clone()).to_bare().to_string(),
        address: text(node, "address"),
        description: text(node, "description"),
        email: text(node, "email"),
        websites: texts("website").map(|(_, text)| text).collect(),
        categories: categories
            .filter_map(|category| {
                let name = category.content_str()?.chars().take(256).collect();
                Some(Category { id: category.get_str("id").unwrap_or_default().into_owned(), name })
            })
            .collect(),
        latitude: number(node, "latitude"),
        longitude: number(node, "longitude"),
        hours,
        cover: node.find("cover_photo").and_then(|cover| cover.get_str("id")).map(|id| id.into_owned()),
        options: options
            .filter_map(|option| {
                Some((option.tag.as_str().to_owned(), option.content_str()?.chars().take(MAX_TEXT).collect()))
            })
            .collect(),
    }
}

/// An uploaded cover, or the end of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cover {
    id: String,
    token: Option<String>,
    ts: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetProfile {
    address: Option<String>,
    description: Option<String>,
    email: Option<String>,
    websites: Option<Vec<String>>,
    categories: Option<Vec<String>>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    hours: Option<Hours>,
    cover: Option<Cover>,
}

async fn set_profile(session: &Session, set: SetProfile) -> Result<()> {
    let mut children = Vec::new();
    for (tag, value) in [("address", set.address), ("email", set.email), ("description", set.description)] {
        if let Some(value) = value {
            args::short(tag, &value, 512)?;
            children.push(leaf(tag, value));
        }
    }
    if let Some(websites) = set.websites {
        if websites.len() > 2 {
            return Err(args::invalid("websites", "has more than 2 entries").with("limit", 2));
        }
        // An empty one takes them away.
        let websites = if websites.is_empty() { vec![String::new()] } else { websites };
        for website in websites {
            args::short("websites", &website, 256)?;
            children.push(leaf("website", website));
        }
    }
    if let Some(categories) = set.categories {
        let list = categories.into_iter().take(8).map(|id| Node::new("category").attr("id", id));
        children.push(Node::new("categories").children(list.collect::<Vec<_>>()));
    }
    for (tag, value) in [("latitude", set.latitude), ("longitude", set.longitude)] {
        children.extend(value.map(|degrees| leaf(tag, degrees.to_string())));
    }
    if let Some(hours) = set.hours {
        children.push(hours_node(&hours)?);
    }
    if let Some(cover) = set.cover {
        let node = Node::new("cover_photo").attr("id", cover.id);
        children.push(match (cover.token, cover.ts) {
            (Some(token), Some(ts)) => node.attr("op", "update").attr("token", token).attr("ts", ts),
            _ => node.attr("op", "delete"),
        });
    }
    if children.is_empty() {
        return Err(args::invalid("what", "names nothing to be changed"));
    }
    let change = Node::new("business_profile").attr("v", "3").attr("mutation_type", "delta").children(children);
    session.query(iq("set", "w:biz").child(change)).await.map(drop)
}

fn hours_node(Hours { timezone, days }: &Hours) -> Result<Node<'static>> {
    args::short("hours", timezone, 64)?;
    let mut configs = Vec::new();
    for Day { day, mode, opens, closes } in days.iter().take(64) {
        if !DAYS.contains(&&**day) {
            return Err(args::invalid("hours", "names its days \"sun\" to \"sat\""));
        }
        let config = Node::new("business_hours_config").attr("day_of_week", day.clone());
        configs.push(match (&**mode, opens, closes) {
            ("open", ..) => config.attr("mode", "open_24h"),
            ("appointment", ..) => config.attr("mode", "appointment_only"),
            ("hours", Some(opens), Some(closes)) if *opens <= 1440 && *closes <= 1440 => {
                config.attr("mode", "specific_hours").attr("open_time", *opens).attr("close_time", *closes)
            }
            _ => {
                return Err(args::invalid(
                    "hours",
                    "needs a mode for each day, and minutes from midnight for \"hours\"",
                ));
            }
        });
    }
    Ok(Node::new("business_hours").attr("timezone", timezone.clone()).children(configs))
}

/// A name that the service has checked.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// Reads `<verified_name>`.
pub(crate) fn read_verified(node: &Node<'_>) -> Option<Verified> {
    let certificate = VerifiedNameCertificate::decode(node.content_bytes()?).ok()?;
    let details = Details::decode(certificate.details?.as_slice()).ok()?;
    let name: String = details.verified_name?.chars().take(256).collect();
    let level = node.get_str("verified_level").map(|level| level.chars().take(32).collect());
    let issuer = details.issuer.map(|issuer| issuer.chars().take(64).collect());
    (!name.is_empty()).then_some(Verified { name, level, issuer })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Somebody {
    person: String,
}

async fn verified_name(session: &Session, Somebody { person }: Somebody) -> Result<Option<Verified>> {
    let jid = args::person(&person)?;
    let query = Node::new("query").child(Node::new("business").child(Node::new("verified_name")));
    let usync = Node::new("usync")
        .attr("sid", format!("business-{}", jid.user))
        .attr("index", "0")
        .attr("last", "true")
        .attr("mode", "query")
        .attr("context", "interactive")
        .child(query)
        .child(Node::new("list").child(Node::new("user").attr("jid", &jid)));
    let answer = session.query(iq("get", "usync").child(usync.into_owned())).await?;
    let list = answer.find("usync").and_then(|usync| usync.find("list")).ok_or_else(|| answer::lacks("list"))?;
    let name = list.find("user").and_then(|user| user.find("business")).and_then(|one| one.find("verified_name"));
    Ok(name.and_then(read_verified))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retailer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    images: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    hidden: bool,
}

#[derive(Debug, Serialize)]
struct Image {
    #[serde(skip_serializing_if = "Option::is_none")]
    small: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<String>,
}

fn read_product(node: &Node<'_>) -> Option<Product> {
    let images = node.find("media").into_iter().flat_map(|media| media.all("image")).take(MAX_LIST);
    let images = images
        .map(|image| Image { small: text(image, "request_image_url"), original: text(image, "original_image_url") });
    Some(Product {
        id: text(node, "id")?,
        name: text(node, "name"),
        description: text(node, "description"),
        url: text(node, "url"),
        retailer_id: text(node, "retailer_id"),
        price: price(node, "price"),
        currency: text(node, "currency"),
        images: images.collect(),
        status: node.find("status_info").and_then(|info| text(info, "status")).map(|status| status.to_lowercase()),
        hidden: node.is("is_hidden", "true"),
    })
}

fn products(node: &Node<'_>) -> Vec<Product> {
    node.all("product").take(MAX_LIST).filter_map(read_product).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    person: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize)]
struct Products {
    products: Vec<Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

async fn catalog(session: &Session, Catalog { person, limit, cursor }: Catalog) -> Result<Products> {
    let jid = shop(session, person.as_deref()).await?;
    let limit = limit.unwrap_or(10).clamp(1, 100).to_string();
    let mut wanted = vec![leaf("limit", limit), leaf("width", EDGE), leaf("height", EDGE)];
    wanted.extend(cursor.map(|cursor| leaf("after", cursor)));
    let asked = Node::new("product_catalog").attr("jid", &jid).attr("allow_shop_source", "true").children(wanted);
    let answer = session.query(iq("get", "w:biz:catalog").child(asked.into_owned())).await?;
    let list = answer.find("product_catalog").ok_or_else(|| answer::lacks("catalogue"))?;
    let cursor = list.find("paging").and_then(|paging| text(paging, "after"));
    Ok(Products { products: products(list), cursor })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Collections {
    person: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Collection {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    products: Vec<Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

async fn collections(session: &Session, Collections { person, limit }: Collections) -> Result<Vec<Collection>> {
    let jid = shop(session, person.as_deref()).await?;
    let limit = limit.unwrap_or(51).clamp(1, 100).to_string();
    let asked = Node::new("collections").attr("biz_jid", &jid).children([
        leaf("collection_limit", limit.clone()),
        leaf("item_limit", limit),
        leaf("width", EDGE),
        leaf("height", EDGE),
    ]);
    let request = iq("get", "w:biz:catalog").attr("smax_id", "35").child(asked.into_owned());
    let answer = session.query(request).await?;
    let list = answer.find("collections").ok_or_else(|| answer::lacks("collections"))?;
    let one = |node: &Node<'_>| {
        let status = node.find("status_info").and_then(|info| text(info, "status"));
        Some(Collection {
            id: text(node, "id")?,
            name: text(node, "name"),
            products: products(node),
            status: status.map(|status| status.to_lowercase()),
        })
    };
    Ok(list.all("collection").take(MAX_LIST).filter_map(one).collect())
}

/// What a product is to be. Of an edit all of it is given, as the service replaces the product.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewProduct {
    id: Option<String>,
    name: String,
    #[serde(default)]
    description: String,
    url: Option<String>,
    retailer_id: Option<String>,
    price: f64,
    currency: String,
    /// URLs of uploaded pictures.
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    hidden: bool,
    /// Two letters; without it the product is exempt from telling where it comes from.
    origin_country: Option<String>,
}

fn product_node(product: NewProduct) -> Result<Node<'static>> {
    if product.name.trim().is_empty() {
        return Err(args::invalid("name", "must not be empty"));
    }
    args::short("name", &product.name, 150)?;
    args::short("description", &product.description, MAX_TEXT)?;
    if !(0.0..1e12).contains(&product.price) {
        return Err(args::invalid("price", "must be a number that is not negative"));
    }
    if product.currency.len() != 3 || !product.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(args::invalid("currency", "must have three letters, such as \"COP\""));
    }
    if product.images.len() > 10 {
        return Err(args::invalid("images", "has more than 10 entries").with("limit", 10));
    }
    let mut children = Vec::new();
    children.extend(product.id.map(|id| leaf("id", id)));
    children.push(leaf("name", product.name));
    children.push(leaf("description", product.description));
    children.extend(product.url.map(|url| leaf("url", url)));
    children.extend(product.retailer_id.map(|id| leaf("retailer_id", id)));
    if !product.images.is_empty() {
        let images = product.images.into_iter().map(|url| Node::new("image").child(leaf("url", url)));
        children.push(Node::new("media").children(images.collect::<Vec<_>>()));
    }
    children.push(leaf("price", format!("{:.0}", product.price * THOUSAND)));
    children.push(leaf("currency", product.currency));
    let mut node = Node::new("product");
    match product.origin_country {
        Some(country) => {
            let origin = leaf("country_code_origin", country);
            children.push(Node::new("compliance_info").child(origin));
        }
        None => node = node.attr("compliance_category", "COUNTRY_ORIGIN_EXEMPT"),
    }
    Ok(node.attr("is_hidden", if product.hidden { "true" } else { "false" }).children(children))
}

async fn put_product(session: &Session, tag: &'static str, product: NewProduct) -> Result<Product> {
    let children = [product_node(product)?, leaf("width", EDGE), leaf("height", EDGE)];
    let answer =
        session.query(iq("set", "w:biz:catalog").child(Node::new(tag).attr("v", "1").children(children))).await?;
    let product = answer.find(tag).and_then(|put| put.find("product")).and_then(read_product);
    product.ok_or_else(|| answer::lacks("product"))
}

async fn create_product(session: &Session, product: NewProduct) -> Result<Product> {
    put_product(session, "product_catalog_add", NewProduct { id: None, ..product }).await
}

async fn edit_product(session: &Session, product: NewProduct) -> Result<Product> {
    if product.id.as_deref().unwrap_or_default().is_empty() {
        return Err(args::invalid("id", "must be that of a product"));
    }
    put_product(session, "product_catalog_edit", product).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    ids: Vec<String>,
}

/// How many are gone.
async fn delete_products(session: &Session, Delete { ids }: Delete) -> Result<u64> {
    if !(1..=100).contains(&ids.len()) {
        return Err(args::invalid("ids", "must be 1 to 100 products").with("limit", 100));
    }
    let products: Vec<_> = ids.into_iter().map(|id| Node::new("product").child(leaf("id", id))).collect();
    let gone = Node::new("product_catalog_delete").attr("v", "1").children(products);
    let answer = session.query(iq("set", "w:biz:catalog").child(gone)).await?;
    Ok(answer.find("product_catalog_delete").and_then(|gone| gone.get_u64("deleted_count")).unwrap_or(0))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedOrder {
    id: String,
    token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ordered {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    quantity: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<u64>,
    products: Vec<Ordered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtotal: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

async fn order(session: &Session, AskedOrder { id, token }: AskedOrder) -> Result<Order> {
    if id.is_empty() || token.is_empty() {
        return Err(PublicError::new(ErrorCode::InvalidArgument, "An order is named by its id and its token."));
    }
    let size = Node::new("image_dimensions").children([leaf("width", EDGE), leaf("height", EDGE)]);
    let asked = Node::new("order").attr("op", "get").attr("id", id.clone()).children([size, leaf("token", token)]);
    let answer = session.query(iq("get", "fb:thrift_iq").attr("smax_id", "5").child(asked)).await?;
    let order = answer.find("order").ok_or_else(|| answer::lacks("order"))?;
    let products = order.all("product").take(MAX_LIST).filter_map(|node| {
        Some(Ordered {
            id: text(node, "id")?,
            name: text(node, "name"),
            image: node.find("image").and_then(|image| text(image, "url")),
            price: price(node, "price"),
            currency: text(node, "currency"),
            quantity: text(node, "quantity").and_then(|count| count.parse().ok()).unwrap_or(1),
        })
    });
    let sums = order.find("price");
    Ok(Order {
        id,
        created_at: order.get_u64("creation_ts").and_then(|seconds| seconds.checked_mul(1000)),
        products: products.collect(),
        subtotal: sums.and_then(|sums| price(sums, "subtotal")),
        total: sums.and_then(|sums| price(sums, "total")),
        currency: sums.and_then(|sums| text(sums, "currency")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Service;

    fn product() -> Node<'static> {
        Node::new("product").attr("is_hidden", "true").children([
            leaf("id", "p1"),
            leaf("name", "Café"),
            leaf("price", "12500"),
            leaf("currency", "COP"),
            Node::new("media").child(Node::new("image").child(leaf("original_image_url", "https://x/1"))),
            Node::new("status_info").child(leaf("status", "APPROVED")),
        ])
    }

    #[tokio::test]
    async fn a_catalogue_has_prices_in_the_currency_and_a_cursor() {
        let service = Service::new(|_| {
            let paging = Node::new("paging").child(leaf("after", "NEXT"));
            Node::new("iq").child(Node::new("product_catalog").children([product(), Node::new("product"), paging]))
        });
        let told = crate::call(&service.session, "business.catalog", json!({ "limit": 5 })).await.expect("told");
        let expected = json!({ "id": "p1", "name": "Café", "price": 12.5, "currency": "COP", "status": "approved",
            "images": [{ "original": "https://x/1" }], "hidden": true });
        assert_eq!(told, json!({ "products": [expected], "cursor": "NEXT" }));
        let asked = service.asked()[0].find("product_catalog").cloned().expect("the request");
        assert!(asked.is("jid", "15550001111@s.whatsapp.net"));
        assert_eq!(asked.find("limit").and_then(Node::content_str), Some("5"));
    }

    #[tokio::test]
    async fn a_product_is_checked_and_written_in_thousandths() {
        let service = Service::new(|_| Node::new("iq").child(Node::new("product_catalog_add").child(product())));
        let new = json!({ "name": "Café", "price": 12.5, "currency": "COP", "images": ["https://x/1"] });
        crate::call(&service.session, "business.createProduct", new).await.expect("made");
        let sent = service.asked();
        let node = sent[0].find("product_catalog_add").and_then(|add| add.find("product")).expect("a product");
        assert_eq!(node.find("price").and_then(Node::content_str), Some("12500"));
        assert!(node.is("compliance_category", "COUNTRY_ORIGIN_EXEMPT") && node.is("is_hidden", "false"));
        for wrong in [
            json!({ "name": " ", "price": 1, "currency": "COP" }),
            json!({ "name": "x", "price": -1, "currency": "COP" }),
            json!({ "name": "x", "price": 1, "currency": "pesos" }),
            json!({ "name": "x", "currency": "COP" }),
        ] {
            assert!(crate::call(&service.session, "business.createProduct", wrong.clone()).await.is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_profile_is_read_as_far_as_it_is_known() {
        let day = Node::new("business_hours_config")
            .attr("day_of_week", "mon")
            .attr("mode", "specific_hours")
            .attr("open_time", "540")
            .attr("close_time", "1080");
        let node = Node::new("profile").children([
            leaf("address", "Calle 1"),
            leaf("website", "https://a.example"),
            leaf("website", "https://b.example"),
            Node::new("categories").child(leaf("category", "Café").attr("id", "7")),
            Node::new("business_hours").attr("timezone", "America/Bogota").child(day),
            Node::new("hologram"),
        ]);
        let read = serde_json::to_value(read_profile(&node, &Jid::pn("15550002222"))).expect("JSON");
        let hours = json!({ "timezone": "America/Bogota", "days": [{ "day": "mon", "mode": "hours", "opens": 540, "closes": 1080 }] });
        let expected = json!({ "jid": "15550002222@s.whatsapp.net", "address": "Calle 1", "hours": hours,
            "websites": ["https://a.example", "https://b.example"], "categories": [{ "id": "7", "name": "Café" }] });
        assert_eq!(read, expected);
    }

    #[tokio::test]
    async fn a_change_of_the_profile_names_what_changes() {
        let service = Service::new(|_| Node::new("iq").attr("type", "result"));
        let hours = json!({ "timezone": "America/Bogota", "days": [{ "day": "mon", "mode": "open" }] });
        let set = json!({ "address": "", "websites": [], "hours": hours });
        crate::call(&service.session, "business.setProfile", set).await.expect("set");
        let sent = service.asked();
        let profile = sent[0].find("business_profile").expect("a profile");
        let tags: Vec<_> = profile.nodes().iter().map(|node| node.tag.as_str()).collect();
        assert_eq!(tags, ["address", "website", "business_hours"]);
        for wrong in [
            json!({}),
            json!({ "websites": ["a", "b", "c"] }),
            json!({ "hours": { "timezone": "x", "days": [{ "day": "mo", "mode": "open" }] } }),
            json!({ "hours": { "timezone": "x", "days": [{ "day": "mon", "mode": "hours" }] } }),
        ] {
            let error = crate::call(&service.session, "business.setProfile", wrong.clone()).await.expect_err("refused");
            assert_eq!(error.code, ErrorCode::InvalidArgument, "{wrong}");
        }
    }

    #[test]
    fn a_name_stands_in_a_certificate() {
        let details = Details { verified_name: Some("Panadería".into()), ..Default::default() };
        let certificate = VerifiedNameCertificate { details: Some(details.encode_to_vec()), ..Default::default() };
        let node = Node::new("verified_name").attr("verified_level", "high").bytes(certificate.encode_to_vec());
        let read = read_verified(&node).expect("a name");
        assert_eq!((read.name.as_str(), read.level.as_deref()), ("Panadería", Some("high")));
        assert!(read_verified(&Node::new("verified_name").bytes(b"\xff".to_vec())).is_none());
        assert!(read_verified(&Node::new("verified_name")).is_none());
    }
}
