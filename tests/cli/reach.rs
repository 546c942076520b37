//! No edit reaches a record that its conditions did not name.

use crate::support::grini;
use proptest::prelude::*;
use std::ops::Range;

/// One line of a generated file: a header, or a key with a value.
#[derive(Clone, Debug)]
enum Line {
    Header(&'static str),
    Key(&'static str, u8),
}

#[derive(Clone, Debug)]
struct Name {
    section: Option<&'static str>,
    key: &'static str,
}

#[derive(Clone, Debug)]
enum Test {
    Equal(u8),
    Unequal(u8),
    Missing,
    Present,
}

#[derive(Clone, Debug)]
struct Condition {
    name: Name,
    test: Test,
    negated: bool,
}

#[derive(Clone, Debug)]
enum Edit {
    Set,
    Unset,
    Add,
}

#[derive(Clone, Debug)]
struct Case {
    lines: Vec<Line>,
    conditions: Vec<Condition>,
    edit: Edit,
    name: Name,
    scope: &'static str,
    confine: Option<&'static str>,
    end: bool,
}

const SECTIONS: [&str; 4] = ["a", "A", "b", "c d"];
const KEYS: [&str; 4] = ["State", "STATE", "Num", "x"];

fn name() -> impl Strategy<Value = Name> {
    let section =
        prop::option::weighted(0.3, prop::sample::select(&["a", "b", "c d", "", "zz"][..]));
    (section, prop::sample::select(&KEYS[..])).prop_map(|(section, key)| Name { section, key })
}

fn case() -> impl Strategy<Value = Case> {
    let line = prop_oneof![
        1 => prop::sample::select(&SECTIONS[..]).prop_map(Line::Header),
        2 => (prop::sample::select(&KEYS[..]), 1u8..4).prop_map(|(key, value)| Line::Key(key, value)),
    ];
    let test = prop_oneof![
        4 => (1u8..4).prop_map(Test::Equal),
        1 => (1u8..4).prop_map(Test::Unequal),
        1 => Just(Test::Missing),
        1 => Just(Test::Present),
    ];
    let condition =
        (name(), test, prop::bool::weighted(0.25)).prop_map(|(name, test, negated)| Condition {
            name,
            test,
            negated,
        });
    (
        prop::collection::vec(line, 1..10),
        prop::collection::vec(condition, 1..3),
        prop::sample::select(&[Edit::Set, Edit::Unset, Edit::Add][..]),
        name(),
        prop::sample::select(&["auto", "section", "file"][..]),
        prop::option::weighted(0.2, prop::sample::select(&["a", "b"][..])),
        any::<bool>(),
    )
        .prop_map(
            |(lines, conditions, edit, name, scope, confine, end)| Case {
                lines,
                conditions,
                edit,
                name,
                scope,
                confine,
                end,
            },
        )
}

impl Name {
    fn shown(&self) -> String {
        self.section.map_or(self.key.to_owned(), |section| {
            format!("[{section}]{}", self.key)
        })
    }
}

impl Condition {
    fn shown(&self) -> String {
        let name = self.name.shown();
        let term = match self.test {
            Test::Equal(value) => format!("{name} = {value}"),
            Test::Unequal(value) => format!("{name} != {value}"),
            Test::Missing => format!("{name} missing"),
            Test::Present => format!("{name} present"),
        };
        if self.negated {
            format!("not {term}")
        } else {
            term
        }
    }
}

/// The sections of a case: name and lines, the one before the first header first.
fn sections(case: &Case) -> Vec<(&'static str, Range<usize>)> {
    let mut all = vec![("", 0..0)];
    for (at, line) in case.lines.iter().enumerate() {
        if let Line::Header(name) = line {
            all.push((name, at..at));
        }
        all.last_mut().expect("a section").1.end = at + 1;
    }
    all
}

/// The records that the contract makes of a case, each a list of sections.
fn records(case: &Case) -> Vec<Vec<(&'static str, Range<usize>)>> {
    let all = sections(case);
    // A key that is named with its section never decides.
    let keys: Vec<&str> = (case.conditions.iter().map(|condition| &condition.name))
        .chain([&case.name])
        .filter(|name| name.section.is_none())
        .map(|name| name.key)
        .collect();
    let repeats = (1..all.len()).any(|a| (1..a).any(|b| all[a].0.eq_ignore_ascii_case(all[b].0)));
    let spread = |key: &str| {
        all.iter()
            .filter(|(_, lines)| !keys_in(case, lines.clone(), key).is_empty())
            .count()
            > 1
    };
    let split = match case.scope {
        "auto" => repeats || keys.iter().any(|key| spread(key)),
        scope => scope == "section",
    };
    let mine = all.into_iter().filter(|(name, lines)| {
        !lines.is_empty()
            && case
                .confine
                .is_none_or(|confine| name.eq_ignore_ascii_case(confine))
    });
    if split {
        mine.map(|section| vec![section]).collect()
    } else {
        vec![mine.collect()]
    }
}

fn keys_in(case: &Case, lines: Range<usize>, wanted: &str) -> Vec<(usize, u8)> {
    let found = lines.filter_map(|at| match case.lines[at] {
        Line::Key(key, value) if key.eq_ignore_ascii_case(wanted) => Some((at, value)),
        _ => None,
    });
    found.collect()
}

fn lines_of(case: &Case, record: &[(&str, Range<usize>)], name: &Name) -> Vec<(usize, u8)> {
    let named = record.iter().filter(|(section, _)| {
        name.section
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(section))
    });
    named
        .flat_map(|(_, lines)| keys_in(case, lines.clone(), name.key))
        .collect()
}

fn meets(case: &Case, record: &[(&str, Range<usize>)]) -> bool {
    case.conditions.iter().all(|condition| {
        let confined = condition.name.section.is_none_or(|wanted| {
            record
                .iter()
                .any(|(section, _)| section.eq_ignore_ascii_case(wanted))
        });
        let lines = lines_of(case, record, &condition.name);
        let holds = match condition.test {
            Test::Equal(value) => lines.iter().any(|line| line.1 == value),
            Test::Unequal(value) => lines.iter().any(|line| line.1 != value),
            Test::Missing => lines.is_empty(),
            Test::Present => !lines.is_empty(),
        };
        confined && holds != condition.negated
    })
}

/// Whether a record contains the section of that name, where one is named.
fn contains(record: &[(&str, Range<usize>)], section: Option<&str>) -> bool {
    section.is_none_or(|wanted| {
        record.iter().any(|(name, lines)| {
            wanted.eq_ignore_ascii_case(name) && (!name.is_empty() || !lines.is_empty())
        })
    })
}

fn check(case: &Case) -> Result<bool, TestCaseError> {
    let shown: Vec<String> = case
        .lines
        .iter()
        .map(|line| match line {
            Line::Header(name) => format!("[{name}]"),
            Line::Key(key, value) => format!("{key} = {value}"),
        })
        .collect();
    let text = shown.join("\n") + if case.end { "\n" } else { "" };
    let mut args = vec!["--records".to_owned(), format!("--scope={}", case.scope)];
    for condition in &case.conditions {
        args.extend(["--where".to_owned(), condition.shown()]);
    }
    if let Some(confine) = case.confine {
        args.push(format!("--section={confine}"));
    }
    let name = case.name.shown();
    match case.edit {
        Edit::Set => args.extend(["--set".to_owned(), format!("{name}=9")]),
        Edit::Unset => args.extend(["--unset".to_owned(), name]),
        Edit::Add => args.extend(["--add".to_owned(), format!("{name}=9")]),
    }
    let said = grini(&args).stdin(&text).said();
    prop_assert!(!said.err.contains("panicked"), "{said:?}");
    let selected: Vec<_> = records(case)
        .into_iter()
        .filter(|record| record.iter().any(|(_, lines)| !lines.is_empty()) && meets(case, record))
        .filter(|record| matches!(case.edit, Edit::Add) || contains(record, case.name.section))
        .collect();
    if said.status == 2 {
        prop_assert_eq!(&said.out, "", "{:?}", said);
        return Ok(false);
    }
    let mut expected: Vec<Option<String>> = shown.iter().cloned().map(Some).collect();
    match case.edit {
        Edit::Add => {
            // Less the lines that came in, it is the file; each is in a record that is selected and lacked the key, or in the
            // section that was named, which is made where it is missing.
            let all = sections(case);
            let in_file: Vec<_> = (all.iter())
                .filter(|(name, _)| {
                    let named = |wanted: &str| wanted.eq_ignore_ascii_case(name);
                    case.name.section.is_some_and(named)
                })
                .collect();
            let makes = !selected.is_empty()
                && in_file.is_empty()
                && case.name.section.is_some_and(|name| !name.is_empty());
            let mut after: Vec<&str> = said.out.lines().collect();
            if makes {
                let made = after.split_off(after.len() - 2);
                let header = case.name.section.map(|name| format!("[{name}]"));
                prop_assert_eq!(made[0], header.unwrap_or_default(), "{:?}", said);
                prop_assert!(made[1].replace(' ', "").ends_with("=9"), "{:?}", said);
                prop_assert_eq!(after, shown, "{:?}\n{}", args, text);
                return Ok(true);
            }
            let (mut at, mut added) = (0, Vec::new());
            for line in &after {
                if line.ends_with("= 9") || line.ends_with("=9") {
                    added.push(at);
                } else {
                    prop_assert_eq!(
                        Some(*line),
                        shown.get(at).map(String::as_str),
                        "{:?}\n{}",
                        args,
                        text
                    );
                    at += 1;
                }
            }
            prop_assert_eq!(at, shown.len());
            let lies_in = |(name, lines): &(&str, Range<usize>), place: usize| {
                // Before the first header a line may come in at the very top.
                let first = lines.start + usize::from(!name.is_empty() || lines.start > 0);
                (first..=lines.end).contains(&place)
            };
            for place in added {
                let lacks =
                    |record: &[(&str, Range<usize>)]| lines_of(case, record, &case.name).is_empty();
                let fits = if case.name.section.is_some() {
                    let mut named = in_file.iter();
                    !selected.is_empty()
                        && named
                            .any(|section| lies_in(section, place) && lacks(&[(*section).clone()]))
                } else {
                    selected.iter().any(|record| {
                        lacks(record) && record.iter().any(|section| lies_in(section, place))
                    })
                };
                prop_assert!(fits, "{:?}\n{}\nbecame\n{}", args, text, said.out);
            }
            return Ok(said.out != text);
        }
        Edit::Set | Edit::Unset => {
            for record in &selected {
                for (at, _) in lines_of(case, record, &case.name) {
                    let Line::Key(key, _) = case.lines[at] else {
                        continue;
                    };
                    expected[at] = matches!(case.edit, Edit::Set).then(|| format!("{key} = 9"));
                }
            }
        }
    }
    let expected: Vec<String> = expected.into_iter().flatten().collect();
    let end = if case.end && !expected.is_empty() {
        "\n"
    } else {
        ""
    };
    prop_assert_eq!(
        &said.out,
        &(expected.join("\n") + end),
        "{:?}\n{}",
        args,
        text
    );
    Ok(said.out != text)
}

#[test]
fn an_edit_changes_the_records_that_were_named_and_no_other() {
    let cases = crate::support::cases(300);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let changed = std::cell::Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let result = runner.run(&case(), |case| {
        changed.set(changed.get() + u32::from(check(&case)?));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    eprintln!("{} of {cases} edits changed something", changed.get());
    assert!(changed.get() * 20 > cases, "too few edits change anything");
}

/// A record option, a file, and what comes of it with `--set State=1` (none: it is refused).
type Row = (&'static [&'static str], &'static str, Option<&'static str>);

const ROWS: &[Row] = &[
    // A client without a State line of its own, among others that have one.
    (
        &["Ann"],
        "[1]\nName=Ann\n[2]\nName=Bob\nState=4\n",
        Some("[1]\nName=Ann\n[2]\nName=Bob\nState=4\n"),
    ),
    // The mailbox and State of one client in different sections: which is meant must be said.
    (&["Ann"], "[Who]\nName=Ann\n[Status]\nState=4\n", None),
    (
        &["Ann", "--scope=file"],
        "[Who]\nName=Ann\n[Status]\nState=4\n",
        Some("[Who]\nName=Ann\n[Status]\nState=1\n"),
    ),
    (
        &["Ann", "--scope=section"],
        "[Who]\nName=Ann\n[Status]\nState=4\n",
        Some("[Who]\nName=Ann\n[Status]\nState=4\n"),
    ),
    // Sections of one name are records, each by itself.
    (
        &["Ann"],
        "[c]\nName=Ann\nState=4\n[C]\nState=4\n",
        Some("[c]\nName=Ann\nState=1\n[C]\nState=4\n"),
    ),
    // Keys before the first header are a record where sections are.
    (
        &["Ann"],
        "Name=Ann\nState=4\n[b]\nState=4\n",
        Some("Name=Ann\nState=1\n[b]\nState=4\n"),
    ),
    (
        &["--records", "--missing", "Num"],
        "Num=1\nState=4\n[b]\nState=4\n",
        Some("Num=1\nState=4\n[b]\nState=1\n"),
    ),
    // A key that is absent here but present there.
    (
        &["--records", "--missing", "Num"],
        "[a]\nState=4\n[b]\nNum=2\n",
        Some("[a]\nState=4\n[b]\nNum=2\n"),
    ),
    (
        &["--records", "--where", "State=4 and Num missing"],
        "[a]\nState=4\n[b]\nNum=2\n",
        Some("[a]\nState=4\n[b]\nNum=2\n"),
    ),
    // A condition that names a section confines the edit to records with it, negated too.
    (
        &["--records", "--where", "[a]State=4"],
        "[a]\nState=4\n[b]\nState=4\n",
        Some("[a]\nState=1\n[b]\nState=4\n"),
    ),
    (
        &["--records", "--where", "not [a]State=9"],
        "[a]\nState=4\n[b]\nState=4\n",
        Some("[a]\nState=1\n[b]\nState=4\n"),
    ),
    (
        &["--records", "--where", "not [z]State=9"],
        "[a]\nState=4\n",
        Some("[a]\nState=4\n"),
    ),
    (
        &["--records", "--where", "[z]State missing"],
        "[a]\nState=4\n",
        Some("[a]\nState=4\n"),
    ),
    (
        &["--records", "--where", "[a]State=4 or [b]State=5"],
        "[a]\nState=4\n[b]\nState=5\n",
        Some("[a]\nState=4\n[b]\nState=5\n"),
    ),
    (
        &["--records", "--where", "[a]State != 9"],
        "[b]\nState=4\n",
        Some("[b]\nState=4\n"),
    ),
    // --section confines records, whatever else is in the file.
    (
        &["--records", "--section", "b"],
        "[a]\nState=4\n[b]\nState=4\n",
        Some("[a]\nState=4\n[b]\nState=1\n"),
    ),
    (
        &["--records", "--section", "b", "--scope=file"],
        "[a]\nState=4\n[b]\nState=4\n",
        Some("[a]\nState=4\n[b]\nState=1\n"),
    ),
    (
        &["--records", "--section", "b", "--where", "not [a]Num=1"],
        "[a]\nNum=2\n[b]\nState=4\n",
        Some("[a]\nNum=2\n[b]\nState=4\n"),
    ),
    // What is shown never decides what a record is.
    (
        &["Ann", "--show", "x", "--no-show"],
        "[a]\nName=Ann\nState=4\nx=1\n[b]\nx=2\n",
        Some("[a]\nName=Ann\nState=1\nx=1\n[b]\nx=2\n"),
    ),
];

#[test]
fn attempts_to_reach_other_records_fail() {
    for (args, before, after) in ROWS {
        let mut all = vec!["--ini"];
        all.extend(*args);
        all.extend(["--set", "State=1"]);
        let said = grini(&all).stdin(before).said();
        match after {
            Some(after) => assert_eq!(said.out, *after, "{args:?} {said:?}"),
            None => assert_eq!(
                (said.status, said.out.as_str()),
                (2, ""),
                "{args:?} {said:?}"
            ),
        }
    }
}
