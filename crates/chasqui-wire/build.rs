//! Turns `data/tokens.json` into the constant tables of `src/token.rs`.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=data/tokens.json");
    let json: Value = serde_json::from_slice(&fs::read("data/tokens.json")?)?;
    let single = table(&json["single_byte"])?;
    let double = json["double_byte"].as_array().ok_or("double_byte is not a list")?;
    let double = double.iter().map(table).collect::<Result<Vec<_>, _>>()?;

    let mut out = String::new();
    writeln!(out, "const SINGLE_BYTE: [&str; {}] = {single:?};", single.len())?;
    writeln!(out, "const DOUBLE_BYTE: [[&str; 256]; {}] = {double:?};", double.len())?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("tokens.rs"), out)?;
    Ok(())
}

fn table(list: &Value) -> Result<Vec<&str>, Box<dyn Error>> {
    let list = list.as_array().ok_or("a token table is not a list")?;
    list.iter().map(|token| token.as_str().ok_or_else(|| "a token is not a string".into())).collect()
}
