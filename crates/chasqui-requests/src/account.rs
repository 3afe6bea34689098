//! `client.account`: the account itself and its devices.
//!
//! Source: 07-requests-and-notifications §7.3 and §12.

use std::collections::BTreeMap;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Node;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Session,
    args::invalid,
    methods,
    people::{self, Device},
    session::iq,
};

/// What the apps offer.
const TIMERS: [u32; 4] = [0, 86_400, 604_800, 7_776_000];

methods! {
    "devices" => devices,
    "removeDevice" => remove_device,
    "setDefaultDisappearing" => set_default_disappearing,
    "props" => props,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnDevice {
    #[serde(flatten)]
    device: Device,
    /// The device of this session.
    this: bool,
    /// The phone.
    primary: bool,
}

async fn devices(session: &Session, Nothing {}: Nothing) -> Result<Vec<OwnDevice>> {
    let me = session.me().clone();
    let found = people::devices_by(session, me.pn.to_bare()).await?;
    let own = |device: Device| OwnDevice { this: device.device == me.pn.device, primary: device.device == 0, device };
    Ok(found.into_iter().map(own).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveDevice {
    device: u16,
}

async fn remove_device(session: &Session, RemoveDevice { device }: RemoveDevice) -> Result<()> {
    let me = &session.me().pn;
    if device == me.device {
        return Err(invalid("device", "is this one: logout() unlinks it"));
    }
    if device == 0 {
        return Err(invalid("device", "is the phone, which cannot be unlinked"));
    }
    let remove =
        Node::new("remove-companion-device").attr("jid", me.with_device(device)).attr("reason", "user_initiated");
    session.query(iq("set", "md").child(remove)).await.map(drop)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetTimer {
    seconds: u32,
}

async fn set_default_disappearing(session: &Session, SetTimer { seconds }: SetTimer) -> Result<()> {
    if !TIMERS.contains(&seconds) {
        return Err(invalid("seconds", "must be 0, 86400, 604800 or 7776000"));
    }
    let mode = Node::new("disappearing_mode").attr("duration", seconds);
    session.query(iq("set", "disappearing_mode").child(mode)).await.map(drop)
}

async fn props(session: &Session, Nothing {}: Nothing) -> Result<BTreeMap<String, String>> {
    let props = session.props().await?;
    if props.is_empty() {
        return Err(PublicError::new(ErrorCode::NotFound, "The service has told no switches yet."));
    }
    Ok(props)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Service, empty};

    #[tokio::test]
    async fn a_timer_is_one_that_the_apps_offer_and_neither_this_device_nor_the_phone_is_removed() {
        let service = Service::new(|_| empty());
        service.call("account.setDefaultDisappearing", json!({ "seconds": 86400 })).await.expect("set");
        service.call("account.removeDevice", json!({ "device": 3 })).await.expect("removed");
        let asked = service.asked();
        assert!(asked[0].find("disappearing_mode").is_some_and(|node| node.is("duration", "86400")));
        assert!(asked[1].find("remove-companion-device").is_some_and(|node| {
            node.is("jid", "15550001111:3@s.whatsapp.net") && node.is("reason", "user_initiated")
        }));
        for (method, args) in [
            ("setDefaultDisappearing", json!({ "seconds": 5 })),
            ("removeDevice", json!({ "device": 1 })),
            ("removeDevice", json!({ "device": 0 })),
        ] {
            let refused = service.call(&format!("account.{method}"), args).await.expect_err(method);
            assert_eq!(refused.code, ErrorCode::InvalidArgument);
        }
    }
}
