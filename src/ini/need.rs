//! What a text must hold for its records to meet their conditions: a cheap look before the scan.
//!
//! A [`Need`] never says no to a text with a record that meets the conditions; to one without it may say yes.

use super::condition::{Comparison, Condition, Expression, Term};
use super::dialect::{Blanks, Case, Continuation, Dialect, KeyForm, Quoting};
use super::record::KeyName;
use regex_automata::Input;
use regex_automata::meta::Regex;
use std::fmt::Write;

/// Patterns that must all occur in a text.
#[derive(Clone, Debug)]
pub struct Need {
    patterns: Vec<Regex>,
}

impl Need {
    /// What `conditions` need of a text that is read by `dialect`; none: nothing that could be looked for.
    pub fn new(conditions: &[Condition], dialect: &Dialect) -> Option<Need> {
        let mut sources = Vec::new();
        for condition in conditions {
            of_expression(&condition.expression, dialect, &mut sources);
        }
        sources.sort();
        sources.dedup();
        // A pattern that does not compile (too large) is left out: the scan decides.
        let patterns: Vec<Regex> = sources
            .iter()
            .filter_map(|source| {
                let syntax = regex_automata::util::syntax::Config::new()
                    .unicode(false)
                    .utf8(false);
                Regex::builder().syntax(syntax).build(source).ok()
            })
            .collect();
        (!patterns.is_empty()).then_some(Need { patterns })
    }

    /// Whether a record of `text` may meet the conditions.
    pub fn may_hold(&self, text: &[u8]) -> bool {
        self.patterns.iter().all(|pattern| pattern.is_match(text))
    }

    /// Where, from `from` on, something of a record stands that may meet the conditions.
    pub fn find_from(&self, text: &[u8], from: usize) -> Option<usize> {
        let found = self.patterns.first()?.find(Input::new(text).range(from..));
        found.map(|found| found.start())
    }
}

/// Adds the patterns that must all occur where the expression holds.
fn of_expression(expression: &Expression, dialect: &Dialect, sources: &mut Vec<String>) {
    match expression {
        Expression::Term(name, term) => sources.extend(of_term(name, term, dialect)),
        Expression::And(all) => all
            .iter()
            .for_each(|each| of_expression(each, dialect, sources)),
        Expression::Or(all) => {
            // One pattern of each alternative: where one holds, its pattern occurs.
            let mut either = Vec::new();
            for each in all {
                let mut of_each = Vec::new();
                of_expression(each, dialect, &mut of_each);
                match of_each.into_iter().next() {
                    Some(source) => either.push(format!("(?:{source})")),
                    None => return,
                }
            }
            sources.push(either.join("|"));
        }
        Expression::Not(_) => {}
    }
}

fn of_term(name: &KeyName, term: &Term, dialect: &Dialect) -> Option<String> {
    let key = match dialect.key_form {
        KeyForm::NoBlanks => return None,
        KeyForm::Plain | KeyForm::DashIsUnderscore => &name.key,
        KeyForm::Quoted | KeyForm::Signed => &*dialect.key_identity(&name.key),
    };
    let dash = dialect.key_form == KeyForm::DashIsUnderscore;
    let mut source = text(key, dialect.key_case, dash)?;
    match term {
        Term::Missing => return None,
        Term::Present => {}
        Term::Compare {
            comparison,
            negated,
        } => {
            // Where a value stands as it is read, it follows its key.
            let plain = matches!(dialect.quoting, Quoting::Literal | Quoting::OuterPair)
                && dialect.continuation == Continuation::None
                && dialect.bare_value.is_none()
                && dialect.blanks != Blanks::Unicode;
            if let (Comparison::Equal { value, fold }, false, true) = (comparison, negated, plain) {
                let case = if *fold { Case::Unicode } else { Case::Exact };
                if let Some(value) = text(value, case, false) {
                    source.push_str("[ \\t\\x0b\\x0c]*[");
                    for byte in &dialect.delimiters {
                        let _ = write!(source, "\\x{byte:02x}");
                    }
                    source.push_str("][ \\t\\x0b\\x0c]*[\"']?");
                    source.push_str(&value);
                }
            }
        }
    }
    Some(source)
}

/// A pattern for that text; none where its case folds beyond ASCII.
fn text(text: &[u8], case: Case, dash_is_underscore: bool) -> Option<String> {
    // U+212A (the Kelvin sign) is k without case, and U+0130 holds an i.
    let beyond = !text.is_ascii()
        || text
            .iter()
            .any(|byte| matches!(byte, b'k' | b'K' | b'i' | b'I'));
    if case == Case::Unicode && beyond {
        return None;
    }
    let mut source = String::new();
    for &byte in text {
        let _ = match byte {
            b'-' | b'_' if dash_is_underscore => write!(source, "[-_]"),
            _ if case != Case::Exact && byte.is_ascii_alphabetic() => {
                let (low, up) = (
                    byte.to_ascii_lowercase() as char,
                    byte.to_ascii_uppercase() as char,
                );
                write!(source, "[{low}{up}]")
            }
            _ => write!(source, "\\x{byte:02x}"),
        };
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::grammar::{self, Context};
    use crate::ini::presets::PRESETS;
    use crate::ini::record::View;
    use crate::ini::{Scan, condition::Test};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn conditions(sources: &[String], fold: bool) -> Vec<Condition> {
        let compile = |pattern: &str| -> Result<Test, String> {
            let pattern = pattern.as_bytes().to_vec();
            Ok(Arc::new(move |value: &[u8]| value.starts_with(&pattern)))
        };
        let context = Context {
            fold,
            compile: &compile,
            read_list: &|_| Err("no file".to_owned()),
        };
        let parse = |source: &String| Condition {
            expression: grammar::expression(source, &context).expect("an expression"),
        };
        sources.iter().map(parse).collect()
    }

    fn need(source: &str, dialect: &Dialect) -> Option<Need> {
        Need::new(&conditions(&[source.to_owned()], false), dialect)
    }

    #[test]
    fn files_that_cannot_matter_are_known() {
        let plain = Dialect::default();
        let four = need("State = 4", &plain).unwrap();
        assert!(four.may_hold(b"STATE\t= '4'"));
        assert!(!four.may_hold(b"State = 3\nNum = 4\n"));
        assert!(need("State missing", &plain).is_none());
        assert!(need("not State = 4", &plain).is_none());
        assert!(need("State = 4 or Num missing", &plain).is_none());
        assert!(
            !need("State = 4 and Num missing", &plain)
                .unwrap()
                .may_hold(b"Num=1")
        );
        assert!(need("a = 1 or b = 2", &plain).unwrap().may_hold(b"b=2"));
        assert!(!need("State != 4", &plain).unwrap().may_hold(b"x=1"));
    }

    proptest! {
        #[test]
        fn a_file_with_a_record_is_never_passed_over(
            text in "((\\[[ab]\\]|[ab_-][ -]?[=: ]{1,2}[\"']?[ab1K\u{212a}\\\\]{0,2}[\"']?|[AB]|[kK\u{212a}]=1| [a1]|;a=1)\r?\n){0,6}",
            sources in prop::collection::vec(
                "(not )?(\\[a\\])?[abkK_-]( = [\"]?[ab1k]{1,2}[\"]?| != a| ~ a| missing| present| > 0)( (or|and) (not )?[ab]( = [a1]| missing| present))?"
                    .prop_filter("quotes close", |source| source.matches('"').count() % 2 == 0
                        && !source.contains("= \"a ") && !source.contains("= \"\"")),
                1..3,
            ),
            fold in any::<bool>(),
            preset in 0..=PRESETS.len(),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
            let conditions = conditions(&sources, fold);
            let Some(need) = Need::new(&conditions, &dialect) else { return Ok(()) };
            let scan = Scan::new(text.as_bytes(), &dialect);
            let view = View { text: text.as_bytes(), scan: &scan, dialect: &dialect, confine: None };
            for by_section in [false, true] {
                for record in view.records(by_section) {
                    let mut witnesses = Vec::new();
                    let meets = conditions.iter().all(|each| each.holds(&view, &record, &mut witnesses));
                    prop_assert!(!meets || need.may_hold(text.as_bytes()), "{:?} {:?}", text, sources);
                }
            }
        }
    }
}
