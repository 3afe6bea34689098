//! Questions in GraphQL, by the number of a query that the service knows (07 §4.1).

use chasqui_wire::Node;
use serde_json::{Value, json};

use crate::{Result, Session, answer, session};

/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 8 << 20;

/// Asks, and gives what stands under the first of these keys that the answer has; `null` where there is nothing.
///
/// # Errors
/// What the service refuses, as [`answer::refusal`] has it.
pub(crate) async fn query(session: &Session, id: &'static str, variables: Value, keys: &[&str]) -> Result<Value> {
    let asked = json!({ "variables": variables }).to_string().into_bytes();
    let query = Node::new("query").attr("query_id", id).bytes(asked);
    let answer = session.query(session::iq("get", "w:mex").child(query)).await?;
    let bytes = answer.find("result").and_then(Node::content_bytes).filter(|bytes| bytes.len() <= MAX_ANSWER);
    read(bytes.ok_or_else(|| answer::lacks("result"))?, keys)
}

fn read(bytes: &[u8], keys: &[&str]) -> Result<Value> {
    let mut told: Value = serde_json::from_slice(bytes).map_err(|_| answer::lacks("JSON that can be read"))?;
    let errors = told.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !errors.is_empty() {
        let code = |error: &Value| error.pointer("/extensions/error_code").and_then(Value::as_u64);
        let summary = |error: &&Value| error.pointer("/extensions/is_summary") == Some(&Value::Bool(true));
        let chosen = errors.iter().find(summary).or_else(|| errors.iter().find(|error| code(error).is_some()));
        let chosen = chosen.or_else(|| errors.first());
        let text = chosen.and_then(|error| error.get("message")).and_then(Value::as_str);
        return Err(answer::refusal(chosen.and_then(code).unwrap_or(500), text));
    }
    let data = told.get_mut("data").and_then(Value::as_object_mut).ok_or_else(|| answer::lacks("data"))?;
    let key = keys.iter().find(|key| data.contains_key(**key));
    key.and_then(|key| data.remove(*key)).ok_or_else(|| answer::lacks("data"))
}

/// A number, which GraphQL writes as a text.
pub(crate) fn number(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;

    use super::*;

    #[test]
    fn an_answer_is_what_stands_under_its_key() {
        let answer = br#"{"data":{"xwa2_b":{"id":"1"}}}"#;
        assert_eq!(read(answer, &["xwa2_a", "xwa2_b"]).expect("data"), json!({ "id": "1" }));
        assert_eq!(read(br#"{"data":{"k":null},"errors":[]}"#, &["k"]).expect("nothing"), Value::Null);
        for wrong in [&br#"{"data":{}}"#[..], br#"{"data":null}"#, b"{}", b"[", b"\xff", b"5"] {
            assert_eq!(read(wrong, &["k"]).expect_err("no data").code, ErrorCode::ProtocolError);
        }
    }

    #[test]
    fn errors_have_the_number_of_the_one_that_sums_up() {
        let errors = |list: Value| {
            read(json!({ "data": null, "errors": list }).to_string().as_bytes(), &["k"]).expect_err("refused")
        };
        let one = json!({ "message": "first", "extensions": { "error_code": 400 } });
        let summary = json!({ "message": "not found", "extensions": { "error_code": 404, "is_summary": true } });
        let error = errors(json!([{ "message": "bare" }, one, summary]));
        assert_eq!((error.code, answer::code_of(&error)), (ErrorCode::NotFound, Some(404)));
        assert!(error.message.contains("not found"), "{}", error.message);
        assert_eq!(answer::code_of(&errors(json!([{ "message": "bare" }, one]))), Some(400));
        assert_eq!(answer::code_of(&errors(json!([{ "message": "bare" }]))), Some(500));
        assert_eq!(answer::code_of(&errors(json!([7]))), Some(500));
    }

    #[test]
    fn numbers_are_texts_or_numbers() {
        assert_eq!((number(Some(&json!("12"))), number(Some(&json!(12)))), (Some(12), Some(12)));
        assert_eq!((number(Some(&json!("x"))), number(Some(&json!(-1))), number(None)), (None, None, None));
    }
}
