//! What people type into a search field, as an FTS5 expression that has no syntax errors.

/// Words that are looked for.
const MAX_WORDS: usize = 16;
/// Characters of a word.
const MAX_CHARS: usize = 64;

/// Everything with all these words, the last of them perhaps unfinished unless a space follows it, in one session or one chat. `None` when there is
/// no word.
pub(crate) fn expression(text: &str, session: i64, chat: Option<i64>) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    // Quoted, nothing in a word means anything; a quote is doubled.
    let words: Vec<String> = words
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(MAX_WORDS)
        .map(|word| format!("\"{}\"", word.chars().take(MAX_CHARS).collect::<String>().replace('"', "\"\"")))
        .collect();
    if words.is_empty() {
        return None;
    }
    // An unfinished word gathers all that begin with it; a finished one is walked through only as far as the page goes.
    let unfinished = if text.ends_with(char::is_whitespace) { "" } else { " *" };
    let place = chat.map_or_else(|| format!("s{session}"), |chat| format!("c{chat}"));
    Some(format!("place : \"{place}\" AND text : ({}{unfinished})", words.join(" AND ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_the_last_one_may_be_unfinished_unless_a_space_follows_it() {
        let found = expression("  say \"hi\" OR (now", 3, None);
        assert_eq!(found.as_deref(), Some(r#"place : "s3" AND text : ("say" AND """hi""" AND "OR" AND "(now" *)"#));
        assert_eq!(expression("hola ", 3, None).as_deref(), Some(r#"place : "s3" AND text : ("hola")"#));
        assert_eq!(expression("hola", 3, Some(9)).as_deref(), Some(r#"place : "c9" AND text : ("hola" *)"#));
    }

    #[test]
    fn without_a_word_there_is_nothing_to_look_for() {
        for text in ["", "   ", "\"", "* - !", "\0"] {
            assert_eq!(expression(text, 1, None), None, "{text:?}");
        }
    }
}
