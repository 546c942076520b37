//! What conditions, key names and assignments mean, and where they are wrong.

use super::*;
use crate::ini::condition::Expression;
use crate::ini::record::View;
use crate::ini::{Condition, Dialect, Scan};

fn compile(text: &str) -> Result<Test, String> {
    let wanted = text.as_bytes().to_vec();
    Ok(std::sync::Arc::new(move |value: &[u8]| {
        memchr::memmem::find(value, &wanted).is_some()
    }))
}

fn read_list(path: &str) -> Result<Arc<ValueSet>, String> {
    let entries = vec![(1, b"4".to_vec()), (2, b"Jane Doe".to_vec())];
    Ok(Arc::new(ValueSet::new(
        Some(path.to_owned()),
        entries,
        false,
    )))
}

fn parsed(expr: &str) -> Result<Expression, GrammarError> {
    let context = Context {
        fold: false,
        compile: &compile,
        read_list: &read_list,
    };
    expression(expr, &context)
}

fn holds(text: &str, expr: &str) -> bool {
    let dialect = Dialect::default();
    let scan = Scan::new(text.as_bytes(), &dialect);
    let view = View {
        text: text.as_bytes(),
        scan: &scan,
        dialect: &dialect,
        confine: None,
    };
    let condition = Condition {
        expression: parsed(expr).unwrap_or_else(|fault| panic!("{expr}: {fault}")),
    };
    let record = view.records(false).next().unwrap();
    condition.holds(&view, &record, &mut Vec::new())
}

#[test]
fn expressions_hold_as_their_grammar_says() {
    let text = "[a]\nState = 4\nName=Jane Doe\nA=b;c\nQ=\"x and y\"\nDot.ted key=1\nbare\nE=\n[b[1]]\nN=-7.50\n";
    for (expr, expected) in [
        ("State=4", true),
        ("State = 4", true),
        ("State == 4 and Name=Jane Doe", true),
        ("state eq 4", true),
        ("State != 4", false),
        ("Absent != 4", false),
        ("not Absent = 4", true),
        ("Absent missing", true),
        ("Absent missing and State missing", false),
        ("Absent present or State present", true),
        ("State=5 or State=4 and Name=x", false),
        ("(State=5 or State=4) and Name=Jane Doe", true),
        ("not (State=5 or State=4)", false),
        ("not not State=4", true),
        ("Name ~ Jane", true),
        ("Name like Jane", true),
        ("Name !~ Jane", false),
        ("Name unlike Joe", true),
        ("A=b;c", true),
        ("Q=\"x and y\"", true),
        ("Q='x and y' and State=4", true),
        ("Dot.ted key=1", true),
        ("'Dot.ted key' = 1", true),
        ("\"Dot.ted key\" ge 1", true),
        ("bare present", true),
        ("bare = ''", false),
        ("E=", true),
        ("E=\"\"", true),
        ("State < 5", true),
        ("State >= 4.0", true),
        ("State > 4", false),
        ("Name > 1", false),
        ("[b[1]]N < -7.4", true),
        ("[b[1]]N = -7.50", true),
        ("[b[1]]State = 4", false),
        ("[a]State = 4", true),
        ("[none]State missing", false),
        ("not [none]State = 4", false),
        ("State=5 OR State=4 AND Name=Jane Doe", true),
        ("State=5||State=4&&Name=Jane Doe", true),
        ("!State=5 && ! (State=6)", true),
        ("NOT State = 5", true),
        ("State MISSING Or State Present", true),
        ("Name =~ Jane", true),
        ("State in (4,2)", true),
        ("State in (2, '4')", true),
        ("State IN (1)", false),
        ("State not in (1, 2)", true),
        ("Absent not in (1, 2)", false),
        ("Name in @list and State in @list", true),
        ("Name not in @list", false),
        ("N = -7.50 and A=b;c", true),
    ] {
        assert_eq!(holds(text, expr), expected, "{expr}");
    }
}

#[test]
fn faults_point_at_their_place() {
    for (expr, at) in [
        ("State", 0),
        ("", 0),
        ("= 4", 0),
        ("State=4 and", 11),
        ("(State=4", 8),
        ("State=4)", 7),
        ("[a State=4", 0),
        ("A='x", 2),
        ("A='x' y", 6),
        ("State > x", 8),
        ("A=1 or B", 7),
        ("State != 4, NumSCerts=9", 10),
        ("State != 4, NumSCerts missing", 10),
        ("State != 4;NumSCerts=9", 10),
        ("State != 4 NumSCerts=9", 10),
        ("State != 4 NumSCerts missing", 10),
        ("State != 4 & NumSCerts=9", 11),
        ("State != 4|1", 10),
        ("State =! 4", 7),
        ("State => 4", 7),
        ("State === 4", 8),
        ("Tries <> 4", 7),
        ("State in 4,2", 0),
        ("State in ()", 10),
        ("State in (4,,2)", 12),
        ("State in (4", 11),
        ("State in @", 9),
    ] {
        let fault = parsed(expr).err().unwrap_or_else(|| panic!("{expr}"));
        assert_eq!(fault.at, at, "{expr}: {fault}");
    }
    let deep = "(".repeat(100_000);
    assert!(parsed(&deep).is_err());
}

#[test]
fn names_and_assignments_are_read() {
    let typed = assignment("[Cli[e]nt] State  = 1 ").unwrap();
    assert_eq!(typed.name.section.as_deref(), Some(&b"Cli[e]nt"[..]));
    let key = (typed.name.key.as_slice(), typed.delimiter.as_str());
    assert_eq!(key, (&b"State"[..], "  = "));
    assert_eq!(typed.value.as_deref(), Some("1"));
    assert_eq!(assignment("a=b=c").unwrap().value.as_deref(), Some("b=c"));
    assert_eq!(assignment("State").unwrap().value, None);
    assert_eq!(assignment("a= ").unwrap().delimiter, "=");
    assert!(assignment("=1").is_err());
    let nested = assignment("[AC][X]list[]=1").unwrap().name;
    assert_eq!(nested.section.as_deref(), Some(&b"AC][X"[..]));
    assert_eq!(nested.key, b"list[]");
    assert_eq!(section_alone("[x] ").as_deref(), Some(&b"x"[..]));
    assert_eq!(section_alone("[x]y"), None);
    assert_eq!(key_name("a.b c").unwrap().key, b"a.b c");
    assert!(key_name("[x]").is_err());
}
