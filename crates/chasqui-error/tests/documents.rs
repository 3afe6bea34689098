//! The documents that are made from the list of codes. `UPDATE=1 cargo test -p chasqui-error` writes them anew.

use std::{env, fs, path::PathBuf};

use chasqui_error::ErrorCode;

const BEGIN: &str = "// error codes: made from crates/chasqui-error";
const END: &str = "// end of error codes";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn hold(path: &str, expected: &str) {
    let file = root().join(path);
    if env::var_os("UPDATE").is_some() {
        fs::write(&file, expected).expect("written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is not what the list of codes makes: run UPDATE=1 cargo test -p chasqui-error");
}

#[test]
fn the_page_of_errors_is_current() {
    let mut page = String::from(
        "# Errors\n\nEvery error of Chasqui is a `ChasquiError` with a stable `code`, a `message` for people, and `data` with what\n\
         a program needs to act. Know an error by its `code`, not by `instanceof`. This page is made from the list in\n\
         `crates/chasqui-error`.\n\n| Code | When | What to do |\n| --- | --- | --- |\n",
    );
    for code in ErrorCode::ALL {
        page.push_str(&format!("| `{code}` | {} | {} |\n", code.when(), code.action()));
    }
    page.push_str(
        "\n## The server's numbers\n\n`SEND_REJECTED` carries the number of the server's ack in `data.error`, `REQUEST_FAILED` that of a refused request.\n\n\
         | Number | Meaning |\n| --- | --- |\n\
         | 400 | The stanza was malformed. |\n\
         | 401, 403 | Not allowed. |\n\
         | 404 | There is no such account (`NOT_ON_WHATSAPP`). |\n\
         | 429 | Too many requests: wait. |\n\
         | 463 | The account may not start this chat now. Do not retry. |\n\
         | 475 | The limit of new chats is reached. |\n\
         | 479 | The server does not accept the form of the stanza. |\n\
         | 500, 503 | The server is in trouble: try later. |\n",
    );
    hold("docs/errors.md", &page);
}

#[test]
fn the_type_of_codes_is_current() {
    let declarations = fs::read_to_string(root().join("index.d.ts")).expect("index.d.ts");
    let (before, rest) = declarations.split_once(BEGIN).expect("the begin mark");
    let (_, after) = rest.split_once(END).expect("the end mark");
    let codes: String = ErrorCode::ALL.iter().map(|code| format!("  | '{code}'\n")).collect();
    hold("index.d.ts", &format!("{before}{BEGIN}\nexport type ErrorCode =\n{codes}{END}{after}"));
}

#[test]
fn no_code_stands_twice() {
    let mut codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), ErrorCode::ALL.len());
}
