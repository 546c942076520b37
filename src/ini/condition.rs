//! Conditions on a record, and their evaluation.

use super::record::{KeyName, Record, View};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// A compiled test of a value, as the pattern room makes it for `~`.
pub type Test = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Several values, of which a key's is to be one: typed in parentheses, or the lines of a file.
#[derive(Debug, Default)]
pub struct ValueSet {
    /// The file they come from, as it was named; none: the command line.
    pub path: Option<String>,
    /// Line number in the file, from 1, and value.
    pub entries: Vec<(usize, Vec<u8>)>,
    fold: bool,
    index: HashMap<Vec<u8>, Vec<usize>>,
}

impl ValueSet {
    /// A set of `entries`; `fold`: they compare without case.
    pub fn new(path: Option<String>, entries: Vec<(usize, Vec<u8>)>, fold: bool) -> ValueSet {
        let mut index: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, (_, value)) in entries.iter().enumerate() {
            let form = folded(value, fold).into_owned();
            index.entry(form).or_default().push(at);
        }
        ValueSet {
            path,
            entries,
            fold,
            index,
        }
    }

    /// The entries that are equal to `value`, as indices.
    pub fn find(&self, value: &[u8]) -> &[usize] {
        let found = self.index.get(&*folded(value, self.fold));
        found.map_or(&[], Vec::as_slice)
    }
}

fn folded(value: &[u8], fold: bool) -> Cow<'_, [u8]> {
    if fold {
        Cow::Owned(String::from_utf8_lossy(value).to_lowercase().into_bytes())
    } else {
        Cow::Borrowed(value)
    }
}

/// How a value is compared.
#[derive(Clone)]
pub enum Comparison {
    /// The same text; `fold`: without case.
    Equal {
        /// The text.
        value: Vec<u8>,
        /// Compare without case.
        fold: bool,
    },
    /// One of several texts.
    OneOf(Arc<ValueSet>),
    /// The value matches a pattern.
    Like(Test),
    /// As a number.
    Ordered {
        /// The number's text.
        value: Vec<u8>,
        /// The orders that hold.
        holds: fn(Ordering) -> bool,
    },
}

/// One comparison of a key's value, or a test of its presence.
#[derive(Clone)]
pub enum Term {
    /// `KEY OP VALUE`; `negated` for `!=` and `!~`, which are false on an absent key all the same.
    Compare {
        /// The comparison.
        comparison: Comparison,
        /// Whether it must fail.
        negated: bool,
    },
    /// `KEY present`
    Present,
    /// `KEY missing`
    Missing,
}

/// An expression of terms.
#[derive(Clone)]
pub enum Expression {
    /// A term on a key.
    Term(KeyName, Term),
    /// All must hold.
    And(Vec<Expression>),
    /// One must hold.
    Or(Vec<Expression>),
    /// It must not hold.
    Not(Box<Expression>),
}

/// What must hold for a record to be selected.
#[derive(Clone)]
pub struct Condition {
    /// What must hold.
    pub expression: Expression,
}

impl Condition {
    /// Every key the condition names.
    pub fn keys(&self) -> Vec<&KeyName> {
        let mut keys = Vec::new();
        self.expression.collect(&mut keys);
        keys
    }

    /// Every set of values that comes from a file, with the key it is compared with.
    pub fn lists(&self) -> Vec<(&KeyName, &Arc<ValueSet>)> {
        let mut lists = Vec::new();
        self.expression.collect_lists(&mut lists);
        lists
    }

    /// Whether the condition holds for `record`, and if so its witness lines, added to `witnesses` as item indices.
    ///
    /// A section that the condition names must be in the record, whatever the operator or negation.
    pub fn holds(&self, view: &View<'_>, record: &Record, witnesses: &mut Vec<usize>) -> bool {
        let confined = self
            .keys()
            .iter()
            .all(|name| view.has_section(record, name));
        confined && self.expression.holds(view, record, witnesses)
    }
}

impl Expression {
    fn collect<'e>(&'e self, keys: &mut Vec<&'e KeyName>) {
        match self {
            Expression::Term(name, _) => keys.push(name),
            Expression::And(all) | Expression::Or(all) => {
                for each in all {
                    each.collect(keys);
                }
            }
            Expression::Not(inner) => inner.collect(keys),
        }
    }

    fn collect_lists<'e>(&'e self, lists: &mut Vec<(&'e KeyName, &'e Arc<ValueSet>)>) {
        match self {
            Expression::Term(name, Term::Compare { comparison, .. }) => {
                if let Comparison::OneOf(values) = comparison
                    && values.path.is_some()
                {
                    lists.push((name, values));
                }
            }
            Expression::Term(..) => {}
            Expression::And(all) | Expression::Or(all) => {
                for each in all {
                    each.collect_lists(lists);
                }
            }
            Expression::Not(inner) => inner.collect_lists(lists),
        }
    }

    fn holds(&self, view: &View<'_>, record: &Record, witnesses: &mut Vec<usize>) -> bool {
        match self {
            Expression::Term(name, term) => term.holds(name, view, record, witnesses),
            Expression::And(all) => all.iter().all(|each| each.holds(view, record, witnesses)),
            // Each alternative that holds shows its witnesses.
            Expression::Or(all) => all.iter().fold(false, |held, each| {
                let before = witnesses.len();
                let holds = each.holds(view, record, witnesses);
                if !holds {
                    witnesses.truncate(before);
                }
                held | holds
            }),
            Expression::Not(inner) => {
                let before = witnesses.len();
                let holds = inner.holds(view, record, witnesses);
                witnesses.truncate(before);
                !holds
            }
        }
    }
}

impl Term {
    fn holds(
        &self,
        name: &KeyName,
        view: &View<'_>,
        record: &Record,
        witnesses: &mut Vec<usize>,
    ) -> bool {
        // What a record only falls back on is no line of it.
        let mut witness = |lines: Vec<usize>, holds: &dyn Fn(usize) -> bool| {
            let mut any = false;
            for item in lines.into_iter().filter(|&item| holds(item)) {
                any = true;
                if view.has(record, view.scan.section_of(item)) {
                    witnesses.push(item);
                }
            }
            any
        };
        match self {
            Term::Missing => view.read_lines(record, name).is_empty(),
            Term::Present => witness(view.read_lines(record, name), &|_| true),
            Term::Compare {
                comparison,
                negated,
            } => {
                // Any of several lines may satisfy the term, unless it was said which of them counts, or one forgets those
                // before it.
                let dialect = view.dialect;
                let lines = match dialect.duplicates_chosen || dialect.empty_resets {
                    true => view.effective(record, name),
                    false => view.read_lines(record, name),
                };
                witness(lines, &|item| {
                    view.value(item)
                        .is_some_and(|value| comparison.holds(&value) != *negated)
                })
            }
        }
    }
}

impl Comparison {
    fn holds(&self, found: &[u8]) -> bool {
        match self {
            Comparison::Equal { value, fold: false } => found == value,
            Comparison::Equal { value, fold: true } => {
                found == value || folded(found, true) == folded(value, true)
            }
            Comparison::OneOf(values) => !values.find(found).is_empty(),
            Comparison::Like(test) => test(found),
            Comparison::Ordered { value, holds } => {
                compare_numbers(found, value).is_some_and(holds)
            }
        }
    }
}

/// Compares two decimal numbers exactly, whatever their length; none where one is no number.
pub fn compare_numbers(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let (a, b) = (Decimal::parse(a)?, Decimal::parse(b)?);
    Some(match (a.negative, b.negative) {
        (false, false) => a.magnitude(&b),
        (true, true) => b.magnitude(&a),
        (true, false) if a.is_zero() && b.is_zero() => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) if a.is_zero() && b.is_zero() => Ordering::Equal,
        (false, true) => Ordering::Greater,
    })
}

struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a [u8]) -> Option<Decimal<'a>> {
        let text = text.trim_ascii();
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let dot = memchr::memchr(b'.', digits);
        let (whole, fraction) = match dot {
            Some(dot) => (&digits[..dot], &digits[dot + 1..]),
            None => (digits, &digits[digits.len()..]),
        };
        let all_digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
        if !all_digits || whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole = &whole[whole.iter().take_while(|&&digit| digit == b'0').count()..];
        let zeros = fraction
            .iter()
            .rev()
            .take_while(|&&digit| digit == b'0')
            .count();
        Some(Decimal {
            negative,
            whole,
            fraction: &fraction[..fraction.len() - zeros],
        })
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn magnitude(&self, other: &Decimal<'_>) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}
