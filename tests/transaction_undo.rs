//! The journal: taking transactions back, listing and forgetting them, and how many are kept.
#![cfg(unix)]

mod transaction_support;

use std::fs;
use std::time::{Duration, SystemTime};

use grini::transaction::{
    Applied, Failed, Forget, Settings, forget, history, pending, undo, undo_preview,
};
use transaction_support::{Store, apply, replace, said};

fn take_back(id: Option<&str>, settings: &Settings) -> Result<Applied, Failed> {
    undo(id, settings, &|_| {})
}

#[test]
fn an_undo_can_itself_be_undone() {
    let store = Store::new();
    let settings = store.settings();
    let text = "[S]\nState = 4\nx = 44\n";
    let path = store.write("a.ini", text);
    let edited = text.replace('4', "three");
    let first = apply(vec![replace(&path, "4", "three")], &settings).unwrap();
    assert_eq!(store.read("a.ini"), edited);
    let second = take_back(None, &settings).unwrap();
    assert_eq!(store.read("a.ini"), text);
    let undone = |settings| -> Vec<bool> {
        let listed = history(settings).unwrap();
        listed.iter().map(|entry| entry.undone).collect()
    };
    assert_eq!(undone(&settings), [true, false]);
    take_back(None, &settings).unwrap();
    assert_eq!(store.read("a.ini"), edited);
    assert_eq!(undone(&settings), [false, true, false]);
    let listed = history(&settings).unwrap();
    assert_eq!((&listed[0].id, &listed[1].id), (&first.id, &second.id));
    assert_eq!(listed[1].undoes.as_ref(), Some(&first.id));
    assert_eq!((listed[0].files, &listed[0].undoes), (1, &None));
    assert_eq!(listed[0].command_line, ["grini", "--in-place"]);
    let age = SystemTime::now().duration_since(listed[0].when).unwrap();
    assert!(age < Duration::from_secs(600));
}

#[test]
fn an_undo_of_an_earlier_transaction_is_asked_for_by_its_id() {
    let store = Store::new();
    let settings = store.settings();
    let (one, two) = (store.write("1.ini", "a\n"), store.write("2.ini", "a\n"));
    let first = apply(vec![replace(&one, "a", "b")], &settings).unwrap();
    apply(vec![replace(&two, "a", "b")], &settings).unwrap();
    let (changes, refused) = undo_preview(Some(&first.id), &settings).unwrap();
    assert_eq!((changes.len(), refused.len()), (1, 0));
    assert_eq!(changes[0].edits[0].old, b"b");
    take_back(Some(&first.id), &settings).unwrap();
    assert_eq!(
        (store.read("1.ini"), store.read("2.ini")),
        ("a\n".into(), "b\n".into())
    );
    let failed = take_back(Some("20200101-000000-000000"), &settings).unwrap_err();
    assert!(said(&failed).contains("holds no transaction 2020"));
}

#[test]
fn files_changed_since_are_named_and_refused() {
    let store = Store::new();
    let settings = store.settings();
    let paths = ["1.ini", "2.ini", "3.ini"].map(|name| store.write(name, "a\n"));
    let changes = paths.iter().map(|path| replace(path, "a", "b")).collect();
    let applied = apply(changes, &settings).unwrap();
    fs::write(&paths[1], "c\n").unwrap();
    fs::remove_file(&paths[2]).unwrap();
    let failed = take_back(None, &settings).unwrap_err();
    let expected = format!(
        "{}: it was changed since transaction {id}; --keep-going takes the other files back\n\
         {}: it is gone since transaction {id}\nnothing was changed",
        fs::canonicalize(&paths[1]).unwrap().display(),
        store.data().canonicalize().unwrap().join("3.ini").display(),
        id = applied.id
    );
    assert_eq!(said(&failed), expected);
    assert_eq!(store.read("1.ini"), "b\n");
    let keep_going = Settings {
        keep_going: true,
        ..settings
    };
    let undone = take_back(None, &keep_going).unwrap();
    assert_eq!((undone.files, undone.refused.len()), (1, 2));
    assert_eq!(
        (store.read("1.ini"), store.read("2.ini")),
        ("a\n".into(), "c\n".into())
    );
}

#[test]
fn the_journal_is_bounded_and_can_be_forgotten() {
    let store = Store::new();
    let settings = Settings {
        keep_count: 3,
        ..store.settings()
    };
    let path = store.write("a.ini", "State = 0\n");
    for number in 0..5 {
        let (old, new) = (number.to_string(), (number + 1).to_string());
        apply(vec![replace(&path, &old, &new)], &settings).unwrap();
    }
    let listed = history(&settings).unwrap();
    assert_eq!((listed.len(), store.journals().len()), (3, 3));
    assert!(listed.is_sorted_by(|one, other| one.id < other.id));
    assert_eq!(forget(&Forget::Id(listed[0].id.clone()), &settings), Ok(1));
    assert_eq!(forget(&Forget::Last, &settings), Ok(1));
    let left = history(&settings).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, listed[1].id);
    assert_eq!(forget(&Forget::All, &settings), Ok(1));
    assert_eq!(history(&settings), Ok(vec![]));
    assert!(forget(&Forget::Last, &settings).is_err());
    let failed = take_back(None, &settings).unwrap_err();
    assert_eq!(
        said(&failed),
        "the journal holds no transaction\nnothing was changed"
    );

    let old = Settings {
        keep_age: Duration::ZERO,
        ..settings
    };
    apply(vec![replace(&path, "5", "6")], &old).unwrap();
    assert_eq!(history(&old), Ok(vec![]));
}

#[test]
fn nothing_to_list_is_no_error_and_nothing_is_made() {
    let store = Store::new();
    assert_eq!(history(&store.settings()), Ok(vec![]));
    assert_eq!(pending(&store.state()), [""; 0]);
    assert!(!store.state().exists());
}

#[test]
fn a_journal_of_another_user_or_a_damaged_one_is_not_trusted() {
    let store = Store::new();
    let settings = store.settings();
    let path = store.write("a.ini", "a\n");
    let applied = apply(vec![replace(&path, "a", "b")], &settings).unwrap();
    let journal = store.state().join(format!("{}.undo", applied.id));
    let whole = fs::read(&journal).unwrap();
    for cut in [whole.len() - 1, whole.len() / 2, 10, 0] {
        fs::write(&journal, &whole[..cut]).unwrap();
        assert!(take_back(None, &settings).is_err());
        assert_eq!(store.read("a.ini"), "b\n");
    }
    let mut flipped = whole.clone();
    *flipped.iter_mut().rev().nth(30).unwrap() ^= 1;
    fs::write(&journal, &flipped).unwrap();
    assert!(take_back(None, &settings).is_err());
    fs::write(&journal, &whole).unwrap();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&journal, Some(12), None).unwrap();
        assert!(said(&take_back(None, &settings).unwrap_err()).contains("another user"));
        std::os::unix::fs::chown(&journal, Some(0), None).unwrap();
    }
    take_back(None, &settings).unwrap();
    assert_eq!(store.read("a.ini"), "a\n");
}

#[test]
fn without_undo_nothing_is_kept() {
    let store = Store::new();
    let settings = Settings {
        undo: false,
        ..store.settings()
    };
    let path = store.write("a.ini", "a\n");
    apply(vec![replace(&path, "a", "b")], &settings).unwrap();
    assert_eq!(store.journals(), [""; 0]);
    assert_eq!(history(&settings), Ok(vec![]));
}
