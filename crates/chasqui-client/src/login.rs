//! `ClientPayload`: how a device introduces itself, to register or to log in.
//!
//! Source: 01-connection §7; the field set is the one that web clients send.

use chasqui_proto::{
    ClientPayload, DeviceProps, ProtoMessage, client_payload, client_payload::user_agent, device_props,
};
use md5::{Digest, Md5};

use crate::{
    creds::{Creds, Paired},
    options::{HistoryMode, Options},
};

/// The payload of a new device that wants to be paired.
pub(crate) fn registration(creds: &Creds, options: &Options) -> Vec<u8> {
    let [primary, secondary, tertiary] = options.version;
    let build_hash = Md5::digest(format!("{primary}.{secondary}.{tertiary}"));
    let signed_prekey = &creds.signed_prekey;
    ClientPayload {
        passive: Some(false),
        pull: Some(false),
        push_name: options.push_name.clone(),
        device_pairing_data: Some(Box::new(client_payload::DevicePairingRegistrationData {
            e_regid: Some(creds.registration_id.to_be_bytes().to_vec()),
            e_keytype: Some(vec![chasqui_wire::curve::DJB_TYPE]),
            e_ident: Some(creds.identity.public.as_bytes().to_vec()),
            e_skey_id: Some(signed_prekey.id.to_be_bytes()[1..].to_vec()),
            e_skey_val: Some(signed_prekey.pair.public.as_bytes().to_vec()),
            e_skey_sig: Some(signed_prekey.signature.to_vec()),
            build_hash: Some(build_hash.to_vec()),
            device_props: Some(device_props(options).encode_to_vec()),
        })),
        ..common(options)
    }
    .encode_to_vec()
}

/// The payload of a paired device.
pub(crate) fn login(paired: &Paired, options: &Options) -> Vec<u8> {
    ClientPayload {
        // Passive until our prekeys are uploaded: the server holds its queue back until <active/>.
        passive: Some(true),
        pull: Some(true),
        username: paired.pn.user.parse().ok(),
        device: Some(u32::from(paired.pn.device)),
        lid_db_migrated: Some(paired.lid_migrated),
        ..common(options)
    }
    .encode_to_vec()
}

fn common(options: &Options) -> ClientPayload {
    let [primary, secondary, tertiary] = options.version;
    ClientPayload {
        connect_type: Some(client_payload::ConnectType::WifiUnknown.into()),
        connect_reason: Some(client_payload::ConnectReason::UserActivated.into()),
        user_agent: Some(Box::new(client_payload::UserAgent {
            platform: Some(user_agent::Platform::Web.into()),
            app_version: Some(Box::new(user_agent::AppVersion {
                primary: Some(primary),
                secondary: Some(secondary),
                tertiary: Some(tertiary),
                ..Default::default()
            })),
            mcc: Some("000".into()),
            mnc: Some("000".into()),
            os_version: Some("0.1".into()),
            device: Some("Desktop".into()),
            os_build_number: Some("0.1".into()),
            release_channel: Some(user_agent::ReleaseChannel::Release.into()),
            locale_language_iso6391: Some("en".into()),
            locale_country_iso31661_alpha2: Some(options.country.clone()),
            ..Default::default()
        })),
        web_info: Some(Box::new(client_payload::WebInfo {
            web_sub_platform: Some(client_payload::web_info::WebSubPlatform::WebBrowser.into()),
            ..Default::default()
        })),
        ..Default::default()
    }
}

fn device_props(options: &Options) -> DeviceProps {
    use device_props::PlatformType;
    let Options { browser, history, .. } = options;
    let full = *history == HistoryMode::Full;
    let platform = PlatformType::from_str_name(&browser.name.to_ascii_uppercase()).unwrap_or(PlatformType::Chrome);
    DeviceProps {
        os: Some(browser.os.clone()),
        version: Some(Box::new(device_props::AppVersion {
            primary: Some(10),
            secondary: Some(15),
            tertiary: Some(7),
            ..Default::default()
        })),
        platform_type: Some(platform.into()),
        require_full_sync: Some(full),
        history_sync_config: Some(Box::new(history_config(full))),
    }
}

/// What this device can do with history (06-history-sync §1).
fn history_config(full: bool) -> device_props::HistorySyncConfig {
    let yes = Some(true);
    device_props::HistorySyncConfig {
        full_sync_days_limit: full.then_some(365),
        storage_quota_mb: Some(10_240),
        inline_initial_payload_in_e2_ee_msg: yes,
        support_call_log_history: Some(false),
        support_bot_user_agent_chat_history: yes,
        support_cag_reactions_and_polls: yes,
        support_biz_hosted_msg: yes,
        support_recent_sync_chunk_message_count_tuning: yes,
        support_hosted_group_msg: yes,
        support_fbid_bot_chat_history: yes,
        support_message_association: yes,
        support_group_history: Some(false),
        on_demand_ready: full.then_some(true),
        complete_on_demand_ready: full.then_some(true),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_names_the_keys_and_the_build() {
        let creds = Creds::generate();
        let store = chasqui_store::open_store("memory:").expect("memory store");
        let options = Options { version: [2, 3000, 1_035_194_821], ..Options::new("s", store) };
        let payload = ClientPayload::decode(registration(&creds, &options).as_slice()).expect("decodes");
        let data = payload.device_pairing_data.expect("registers");
        assert_eq!(data.build_hash.expect("hash")[..4], [0xa2, 0xc9, 0x47, 0x1e]);
        assert_eq!(data.e_skey_id.expect("id"), [0, 0, 1]);
        assert_eq!(data.e_ident.expect("key"), creds.identity.public.as_bytes());
        assert!(payload.username.is_none() && payload.passive == Some(false));
    }

    #[test]
    fn a_login_names_the_device() {
        let store = chasqui_store::open_store("memory:").expect("memory store");
        let paired = Paired {
            pn: "15550001111:3@s.whatsapp.net".parse().expect("jid"),
            lid: "100000000000001:3@lid".parse().expect("jid"),
            account: Vec::new(),
            platform: "android".into(),
            lid_migrated: true,
        };
        let payload = ClientPayload::decode(login(&paired, &Options::new("s", store)).as_slice()).expect("decodes");
        assert_eq!((payload.username, payload.device), (Some(15_550_001_111), Some(3)));
        assert_eq!((payload.passive, payload.lid_db_migrated), (Some(true), Some(true)));
    }
}
