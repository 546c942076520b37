//! The journal: taking transactions back, listing and forgetting them, and how many are kept.

mod transaction_support;

use std::fs;
use std::time::{Duration, SystemTime};

use grini::system::Real;
use grini::system::names::resolve;
use grini::transaction::{
    Direction, Forget, History, Purpose, Selection, Settings, contents, forget, history, pending,
    take_back_preview,
};
use transaction_support::{Store, apply, replace, said, take_back};

fn selection(direction: Direction, id: Option<&str>) -> Selection {
    Selection {
        direction,
        id: id.map(str::to_owned),
        paths: Vec::new(),
    }
}

fn make_again(
    settings: &Settings,
) -> Result<grini::transaction::Applied, grini::transaction::Failed> {
    grini::transaction::take_back(&Real, &selection(Direction::Redo, None), settings, &|_| {})
}

#[test]
fn each_undo_goes_one_edit_further_back_and_each_redo_one_forward() {
    let store = Store::new();
    let settings = store.settings();
    let text = "[S]\nState = 4\nx = 44\n";
    let path = store.write("a.ini", text);
    let first = apply(vec![replace(&path, "4", "three")], &settings).unwrap();
    let once = store.read("a.ini");
    let second = apply(vec![replace(&path, "x", "y")], &settings).unwrap();
    let twice = store.read("a.ini");
    let undone = || -> Vec<(String, u64)> {
        let listed = history(&Real, &settings).unwrap().edits.into_iter();
        let edits = listed.filter(|entry| entry.purpose == Purpose::Edit);
        edits.map(|entry| (entry.id, entry.undone)).collect()
    };
    let state = |back: [u64; 2]| [(first.id.clone(), back[0]), (second.id.clone(), back[1])];
    assert_eq!(undone(), state([0, 0]));
    take_back(None, &settings).unwrap();
    assert_eq!(
        (store.read("a.ini"), undone()),
        (once.clone(), state([0, 1]).to_vec())
    );
    take_back(None, &settings).unwrap();
    assert_eq!(
        (store.read("a.ini"), undone()),
        (text.to_owned(), state([1, 1]).to_vec())
    );
    let failed = take_back(None, &settings).unwrap_err();
    assert_eq!(
        said(&failed),
        "every edit is taken back; --redo makes the last one again\nnothing was changed"
    );
    make_again(&settings).unwrap();
    assert_eq!(
        (store.read("a.ini"), undone()),
        (once, state([0, 1]).to_vec())
    );
    make_again(&settings).unwrap();
    assert_eq!(
        (store.read("a.ini"), undone()),
        (twice, state([0, 0]).to_vec())
    );
    let failed = make_again(&settings).unwrap_err();
    assert!(said(&failed).starts_with("no edit is taken back"));
    let listed = history(&Real, &settings).unwrap().edits;
    let purposes: Vec<Purpose> = listed.iter().map(|entry| entry.purpose.clone()).collect();
    assert_eq!(
        purposes[2..],
        [
            Purpose::Undo(second.id.clone()),
            Purpose::Undo(first.id.clone()),
            Purpose::Redo(first.id.clone()),
            Purpose::Redo(second.id.clone()),
        ]
    );
    assert_eq!(
        (listed[0].files, &listed[0].command_line[..]),
        (1, &["grini".into(), "--in-place".into()][..])
    );
    let age = SystemTime::now().duration_since(listed[0].when).unwrap();
    assert!(age < Duration::from_secs(600));
    // To take back what took an edit back is to make it again.
    let undo = take_back(Some(&second.id), &settings).unwrap();
    let twice = store.read("a.ini").replace("x", "y");
    take_back(Some(&undo.id), &settings).unwrap();
    assert_eq!(store.read("a.ini"), twice);
}

#[test]
fn some_of_the_files_of_an_edit_can_be_taken_back() {
    let store = Store::new();
    let settings = store.settings();
    let names = ["a.ini", "sub/b.ini", "sub/c.ini"];
    let changes = names.map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"));
    let edit = apply(changes.into(), &settings).unwrap();
    let some = |paths: &[&str]| Selection {
        paths: paths.iter().map(|name| store.path(name)).collect(),
        ..selection(Direction::Undo, None)
    };
    let states = || {
        names.map(|name| {
            store
                .read(name)
                .trim_start_matches("State = ")
                .trim()
                .to_owned()
        })
    };
    let take =
        |selection: &Selection| grini::transaction::take_back(&Real, selection, &settings, &|_| {});
    assert_eq!(take(&some(&["sub"])).unwrap().files, 2);
    assert_eq!(states(), ["1", "4", "4"]);
    assert_eq!(history(&Real, &settings).unwrap().edits[0].undone, 2);
    let failed = take(&some(&["other.ini"])).unwrap_err();
    assert_eq!(
        said(&failed),
        format!(
            "{}: the edit {id} changed no such file; --undo=ID names another (--history)\nnothing was changed",
            store.path("other.ini").display(),
            id = edit.id
        )
    );
    // What is already as it was is no obstacle.
    let applied = take(&some(&[])).unwrap();
    assert_eq!(
        (applied.files, applied.warnings[0].what.as_str()),
        (1, "2 files already as asked for")
    );
    assert_eq!(states(), ["4", "4", "4"]);
    assert_eq!(make_again(&settings).unwrap().files, 3);
    assert_eq!(states(), ["1", "1", "1"]);
    let shown = contents(&Real, &edit.id, &settings).unwrap();
    assert_eq!(shown.1.len(), 3);
    let (_, edits) = &shown.1[0];
    assert_eq!(
        edits
            .iter()
            .map(|edit| (edit.start, edit.old, edit.new))
            .collect::<Vec<_>>(),
        [(8, &b"4"[..], &b"1"[..])]
    );
}

#[test]
fn an_undo_of_an_earlier_transaction_is_asked_for_by_its_id() {
    let store = Store::new();
    let settings = store.settings();
    let (one, two) = (store.write("1.ini", "a\n"), store.write("2.ini", "a\n"));
    let first = apply(vec![replace(&one, "a", "b")], &settings).unwrap();
    apply(vec![replace(&two, "a", "b")], &settings).unwrap();
    let plan = take_back_preview(
        &Real,
        &selection(Direction::Undo, Some(&first.id)),
        &settings,
    )
    .unwrap();
    assert_eq!((plan.changes.len(), plan.refused.len()), (1, 0));
    assert_eq!(plan.changes[0].edits.iter().next().unwrap().old, b"b");
    take_back(Some(&first.id), &settings).unwrap();
    assert_eq!(
        (store.read("1.ini"), store.read("2.ini")),
        ("a\n".into(), "b\n".into())
    );
    let failed = take_back(Some("20200101-000000-000000"), &settings).unwrap_err();
    assert!(said(&failed).contains("holds no edit 2020"));
}

#[test]
fn an_edit_that_a_later_one_built_on_is_taken_back_after_that() {
    let store = Store::new();
    let settings = store.settings();
    let path = store.write("1.ini", "a\n");
    let first = apply(vec![replace(&path, "a", "b")], &settings).unwrap();
    apply(vec![replace(&path, "b", "c")], &settings).unwrap();
    let failed = take_back(Some(&first.id), &settings).unwrap_err();
    let way_out = "; --undo takes the later edits back first, --keep-going";
    assert!(said(&failed).contains(way_out), "{}", said(&failed));
    take_back(None, &settings).unwrap();
    take_back(Some(&first.id), &settings).unwrap();
    assert_eq!(store.read("1.ini"), "a\n");
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
    let id = &applied.id;
    let since = format!(
        "since the edit {id}; --keep-going writes the other files, --forget={id} drops the edit"
    );
    let expected = format!(
        "{}: it was changed {since}\n{}: it is gone {since}\nnothing was changed",
        resolve(&paths[1]).unwrap().display(),
        resolve(&store.data()).unwrap().join("3.ini").display(),
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
fn an_edit_is_forgotten_with_what_took_it_back() {
    let store = Store::new();
    let settings = store.settings();
    let path = store.write("a.ini", "State = 4\n");
    let first = apply(vec![replace(&path, "4", "5")], &settings).unwrap().id;
    let second = apply(vec![replace(&path, "5", "6")], &settings).unwrap().id;
    let undo = take_back(None, &settings).unwrap().id;
    assert_eq!(
        forget(&Real, &Forget::Last, &settings),
        Ok(vec![second, undo])
    );
    let left = history(&Real, &settings).unwrap().edits;
    assert_eq!((left.len(), left[0].undone), (1, 0));
    let undo = take_back(None, &settings).unwrap().id;
    assert_eq!(store.read("a.ini"), "State = 4\n");
    let one = Forget::Id(first.clone());
    assert_eq!(forget(&Real, &one, &settings), Ok(vec![first, undo]));
    assert_eq!(history(&Real, &settings).unwrap(), History::default());
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
    let listed = history(&Real, &settings).unwrap().edits;
    assert_eq!((listed.len(), store.journals().len()), (3, 3));
    assert!(listed.is_sorted_by(|one, other| one.id < other.id));
    assert_eq!(
        forget(&Real, &Forget::Id(listed[0].id.clone()), &settings),
        Ok(vec![listed[0].id.clone()])
    );
    assert_eq!(
        forget(&Real, &Forget::Last, &settings),
        Ok(vec![listed[2].id.clone()])
    );
    let left = history(&Real, &settings).unwrap().edits;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, listed[1].id);
    assert_eq!(
        forget(&Real, &Forget::All, &settings),
        Ok(vec![listed[1].id.clone()])
    );
    assert_eq!(history(&Real, &settings).unwrap(), History::default());
    assert!(forget(&Real, &Forget::Last, &settings).is_err());
    let failed = take_back(None, &settings).unwrap_err();
    assert_eq!(
        said(&failed),
        "the history holds no edit\nnothing was changed"
    );

    let old = Settings {
        keep_age: Duration::ZERO,
        ..settings
    };
    apply(vec![replace(&path, "5", "6")], &old).unwrap();
    assert_eq!(history(&Real, &old).unwrap(), History::default());
}

#[test]
fn nothing_to_list_is_no_error_and_nothing_is_made() {
    let store = Store::new();
    assert_eq!(
        history(&Real, &store.settings()).unwrap(),
        History::default()
    );
    assert_eq!(pending(&Real, &store.state()), [""; 0]);
    assert!(!store.state().exists());
}

#[test]
fn a_journal_of_another_user_or_a_damaged_one_is_not_trusted() {
    let store = Store::new();
    let settings = store.settings();
    let path = store.write("a.ini", "a\n");
    let applied = apply(vec![replace(&path, "a", "b")], &settings).unwrap();
    let journal = store.state().join(format!("{}.kept", applied.id));
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
    #[cfg(unix)]
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
    assert_eq!(history(&Real, &settings).unwrap(), History::default());
}

#[test]
fn edits_are_listed_beside_one_that_cannot_be_read() {
    let store = Store::new();
    let settings = store.settings();
    let path = store.write("a.ini", "a\n");
    let first = apply(vec![replace(&path, "a", "b")], &settings).unwrap();
    let second = apply(vec![replace(&path, "b", "c")], &settings).unwrap();
    let journal = store.state().join(format!("{}.kept", first.id));
    fs::write(&journal, "no journal").unwrap();
    let listed = history(&Real, &settings).unwrap();
    let ids: Vec<&String> = listed.edits.iter().map(|edit| &edit.id).collect();
    assert_eq!(ids, [&second.id]);
    let unread: Vec<String> = listed.unread.iter().map(ToString::to_string).collect();
    assert!(
        unread.len() == 1 && unread[0].contains(&first.id) && unread[0].contains("--forget=ID"),
        "{unread:?}"
    );
    assert_eq!(
        contents(&Real, &second.id, &settings).unwrap().0.id,
        second.id
    );
    let error = contents(&Real, &first.id, &settings).unwrap_err();
    assert_eq!(error.to_string(), unread[0]);
    // It may be the one that is meant, unless that is named.
    let refused = said(&take_back(None, &settings).unwrap_err());
    assert_eq!(refused, format!("{}\nnothing was changed", unread[0]));
    assert_eq!(store.read("a.ini"), "c\n");
    let refused = said(&take_back(Some(&first.id), &settings).unwrap_err());
    assert_eq!(refused, format!("{}\nnothing was changed", unread[0]));
    let undo = take_back(Some(&second.id), &settings).unwrap();
    assert_eq!(store.read("a.ini"), "b\n");
    take_back(Some(&undo.id), &settings).unwrap();
    forget(&Real, &Forget::Id(first.id), &settings).unwrap();
    take_back(None, &settings).unwrap();
    assert_eq!(store.read("a.ini"), "b\n");
}

#[test]
fn of_many_files_those_that_are_named_are_taken_back() {
    let store = Store::new();
    let settings = store.settings();
    let names = ["a.ini", "b/a.ini", "b/c.ini", "bb/a.ini"];
    fs::create_dir(store.path("b")).unwrap();
    fs::create_dir(store.path("bb")).unwrap();
    let changes = names.map(|name| replace(&store.write(name, "a\n"), "a", "b"));
    apply(changes.to_vec(), &settings).unwrap();
    let named = Selection {
        paths: ["a.ini", "b", "b/c.ini"]
            .map(|name| store.path(name))
            .to_vec(),
        ..selection(Direction::Undo, None)
    };
    grini::transaction::take_back(&Real, &named, &settings, &|_| {}).unwrap();
    assert_eq!(
        names.map(|name| store.read(name)),
        ["a\n", "a\n", "a\n", "b\n"]
    );
}
