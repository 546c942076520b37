//! The grammar of conditions, key names and assignments, on any text.
#![no_main]

use grini::ini::condition::{Expression, Test, ValueSet};
use grini::ini::grammar::{self, Context, Fault};
use grini::ini::record::View;
use grini::ini::{Condition, Dialect, Scan};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

const TEXT: &[u8] = b"x = 1\n[a]\nState = 4\nbare\n[b]\nState = \"5\"\n";

fn compile(pattern: &str) -> Result<Test, String> {
    if pattern.contains('*') {
        return Err("no such pattern".to_owned());
    }
    let wanted = pattern.as_bytes().to_vec();
    Ok(Arc::new(move |value: &[u8]| value.starts_with(&wanted)))
}

/// A fault lies in its expression, between two characters, and can be shown.
fn check(fault: &Fault, text: &str) {
    assert_eq!(fault.expression, text);
    assert!(text.is_char_boundary(fault.at), "{fault:?}");
    assert!(!fault.message.is_empty());
    assert!(fault.to_string().ends_with('^'));
}

fn parsed(text: &str) -> Option<Expression> {
    let context = Context {
        fold: text.len() % 2 == 0,
        compile: &compile,
        read_list: &|path| {
            let entries = vec![(1, b"4".to_vec())];
            Ok(Arc::new(ValueSet::new(Some(path.to_owned()), entries, false)))
        },
    };
    grammar::expression(text, &context)
        .inspect_err(|fault| check(fault, text))
        .ok()
}

/// Whether it holds for the file, its parts negated as often as they say.
fn holds(expression: Expression) -> bool {
    let dialect = Dialect::default();
    let scan = Scan::new(TEXT, &dialect);
    let view = View {
        text: TEXT,
        scan: &scan,
        dialect: &dialect,
        confine: None,
    };
    let record = view.records(false).next().expect("a record");
    let mut witnesses = Vec::new();
    let held = Condition { expression }.holds(&view, &record, &mut witnesses);
    assert!(witnesses.iter().all(|&item| item < scan.items.len()));
    held
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(expression) = parsed(text) {
        let names_no_section = !text.contains('[');
        let held = holds(expression);
        // Negated, it does not hold: no `and` or `or` reaches into the parentheses, and nothing out of them.
        if let Some(negated) = parsed(&format!("not ({text} )")).filter(|_| names_no_section) {
            let balanced = !text.contains(['(', ')', '"', '\'']);
            assert!(!balanced || holds(negated) != held, "{text:?}");
        }
    }
    match grammar::key_name(text) {
        Ok(name) => assert!(!name.key.is_empty()),
        Err(fault) => check(&fault, text),
    }
    match grammar::assignment(text) {
        Ok(typed) => {
            let value = typed.value.unwrap_or_default();
            assert!(!typed.name.key.is_empty() && text.contains(&value));
            assert!(text.contains(&typed.delimiter));
        }
        Err(fault) => check(&fault, text),
    }
});
