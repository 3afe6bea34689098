//! Regenerates `crates/chasqui-proto/src/generated.rs` from `proto/whatsapp.proto`.
//!
//! Every singular message field is boxed: unboxed, the generated `Message` is several kilobytes wide and a decode
//! touches all of them.

use std::{error::Error, fs, path::Path};

use protox::prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no parent directory")?;
    let proto = root.join("proto");
    let descriptors = protox::compile([proto.join("whatsapp.proto")], [&proto])?;
    let pool = DescriptorPool::from_file_descriptor_set(descriptors.clone())?;

    let out = std::env::temp_dir().join(format!("chasqui-proto-{}", std::process::id()));
    fs::create_dir_all(&out)?;
    let mut config = prost_build::Config::new();
    config.out_dir(&out).disable_comments(["."]);
    for message in pool.all_messages() {
        for path in boxed_fields(&message) {
            config.boxed(path);
        }
    }
    config.compile_fds(descriptors)?;
    fs::copy(out.join("wa.rs"), root.join("src/generated.rs"))?;
    fs::remove_dir_all(&out)?;
    Ok(())
}

/// Paths of the singular message fields that prost does not box by itself.
fn boxed_fields(message: &MessageDescriptor) -> Vec<String> {
    message
        .fields()
        .filter(|field| !field.is_list() && !field.is_map() && field.containing_oneof().is_none())
        .filter(|field| matches!(field.kind(), Kind::Message(_)))
        .map(|field| format!(".{}", field.full_name()))
        .collect()
}
