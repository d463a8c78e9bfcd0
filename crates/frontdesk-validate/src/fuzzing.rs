//! What the fuzz target `expressions` does with a text. A test replays its corpus.

use crate::condition::MAX_BYTES;
use crate::{Checked, Condition, Context, IsExpr, Lookup, Validator, Value};

struct Texts<'t>(&'t str);

impl Lookup for Texts<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        (name.len() % 2 == 1).then(|| Value::from(self.0.chars().take(40).collect::<String>()))
    }
}

/// Both small languages: a text is an expression or an error, it is worked out, and what is written reads back.
pub fn read_expression(text: &str) {
    if let Ok(condition) = text.parse::<Condition>() {
        let holds = condition.eval(&Texts(text));
        assert_ne!(holds, condition.clone().negated().eval(&Texts(text)));
        let written = condition.to_string();
        match written.parse::<Condition>() {
            Ok(again) => assert_eq!(again, condition, "{written}"),
            // Escaped and with blanks it may have become too long.
            Err(error) => {
                assert!(written.len() > text.len() && written.len() > MAX_BYTES, "{written}: {error}");
            }
        }
        let _ = condition.to_json();
    }
    if let Ok(expression) = IsExpr::parse(text) {
        for value in [Value::Int(7), Value::from("7.5"), Value::Null, Value::from(text)] {
            match expression.check(value, Context::empty()) {
                Checked::Done(_) => {}
                Checked::Later(_) => panic!("an expression waits for nothing"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_09_the_corpus_of_expressions() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/expressions");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            read_expression(&String::from_utf8_lossy(&bytes));
            count += 1;
        }
        assert!(count > 0, "the corpus is empty");
    }
}
