//! Edits in every encoding that can be read: only the bytes meant change, and they change in the file's own encoding.

use crate::support::grini;
use encoding_rs::Encoding;
use std::fs;

/// Label for `--encoding` (none: its mark says it), the bytes before the text, and how the text is written.
struct Form {
    label: Option<&'static str>,
    mark: &'static [u8],
    write: fn(&str) -> Vec<u8>,
    /// Text that the encoding has.
    old: &'static str,
    new: &'static str,
}

fn single(label: &str, text: &str) -> Vec<u8> {
    let encoding = Encoding::for_label(label.as_bytes()).expect("a label");
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{label} has {text}");
    bytes.into_owned()
}

fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

const FORMS: &[Form] = &[
    Form {
        label: None,
        mark: b"",
        write: |text| text.into(),
        old: "Jürgen",
        new: "日本 Zoé",
    },
    Form {
        label: None,
        mark: b"\xef\xbb\xbf",
        write: |text| text.into(),
        old: "Jürgen",
        new: "Ω",
    },
    Form {
        label: None,
        mark: b"\xff\xfe",
        write: |text| units(text, u16::to_le_bytes),
        old: "Jürgen 😀",
        new: "日本",
    },
    Form {
        label: None,
        mark: b"\xfe\xff",
        write: |text| units(text, u16::to_be_bytes),
        old: "Jürgen",
        new: "Ω😀",
    },
    Form {
        label: Some("utf-16le"),
        mark: b"",
        write: |text| units(text, u16::to_le_bytes),
        old: "Jürgen",
        new: "Ω",
    },
    Form {
        label: None,
        mark: b"",
        write: |text| single("windows-1252", text),
        old: "Jürgen",
        new: "Zoé €",
    },
    Form {
        label: Some("shift_jis"),
        mark: b"",
        write: |text| single("shift_jis", text),
        old: "日本表",
        new: "ソフト",
    },
    Form {
        label: Some("iso-8859-15"),
        mark: b"",
        write: |text| single("iso-8859-15", text),
        old: "Œuvre",
        new: "10 €",
    },
    Form {
        label: Some("koi8-r"),
        mark: b"",
        write: |text| single("koi8-r", text),
        old: "Иван",
        new: "Пётр",
    },
    Form {
        label: Some("windows-1251"),
        mark: b"",
        write: |text| single("windows-1251", text),
        old: "Иван",
        new: "Пётр",
    },
    Form {
        label: Some("gb18030"),
        mark: b"",
        write: |text| single("gb18030", text),
        old: "中文",
        new: "汉字€",
    },
    Form {
        label: Some("euc-kr"),
        mark: b"",
        write: |text| single("euc-kr", text),
        old: "한글",
        new: "이름",
    },
];

#[test]
fn every_edit_in_every_encoding_changes_its_own_bytes_alone() {
    for form in FORMS {
        for end in ["\n", "\r\n"] {
            for last in [end, ""] {
                every_edit(form, end, last);
            }
        }
    }
}

fn every_edit(form: &Form, end: &str, last: &str) {
    let (old, new) = (form.old, form.new);
    let file = |lines: &[&str]| {
        let text = lines.join(end) + last;
        [form.mark, &(form.write)(&text)].concat()
    };
    let (name, name_new) = (format!("Name =  {old} "), format!("Name =  {new} "));
    let (place, note) = (format!("Ort = x{old}y"), format!("Note = {new}"));
    let before = file(&["[c]", &name, "State =\t4", &place]);
    let set = format!("Name={new}");
    let add = format!("Note={new}");
    let edits: &[(&[&str], Vec<u8>)] = &[
        (
            &["--records", "--has", "State", "--set", "State=1"],
            file(&["[c]", &name, "State =\t1", &place]),
        ),
        (
            &["--records", "--has", "Name", "--set", &set],
            file(&["[c]", &name_new, "State =\t4", &place]),
        ),
        (
            &[old, "--set", &set, "--set", "State=17"],
            file(&["[c]", &name_new, "State =\t17", &place]),
        ),
        (
            &["--records", "--has", "Name", "--add", &add],
            file(&["[c]", &name, "State =\t4", &place, &note]),
        ),
        (
            &["--records", "--has", "Ort", "--unset", "Ort"],
            file(&["[c]", &name, "State =\t4"]),
        ),
        (
            &["--records", "--has", "Ort", "--unset", "Name"],
            file(&["[c]", "State =\t4", &place]),
        ),
        (
            &["x.*y", "--replace", new],
            file(&["[c]", &name, "State =\t4", &format!("Ort = {new}")]),
        ),
    ];
    for (args, expected) in edits {
        let mut args: Vec<&str> = args.to_vec();
        let label = form.label.map(|label| format!("--encoding={label}"));
        args.extend(label.as_deref());
        args.extend(["--in-place", "f.ini"]);
        let run = grini(&args).file("f.ini", &before);
        let said = run.said();
        let after = fs::read(run.folder().join("f.ini")).expect("the file");
        assert_eq!(said.status, 0, "{args:?} {:?} {said:?}", form.label);
        assert_eq!(
            after.escape_ascii().to_string(),
            expected.escape_ascii().to_string(),
            "{args:?} {:?}",
            form.label
        );
    }
}

#[test]
fn what_an_encoding_lacks_is_refused() {
    let rows: &[(&[u8], &[&str], &str)] = &[
        (
            b"k=\xfc\n",
            &[],
            "the file is windows-1252, which has no '日'; write the value without it",
        ),
        (
            b"k=\xc9\n",
            &["--encoding=koi8-r"],
            "the file is KOI8-R, which has no '日'; write the value without it",
        ),
        (
            b"k=\xfc\nj=\xc3\xbc\n",
            &[],
            "the file mixes UTF-8 and windows-1252, so it is in doubt how '日' is to be written; convert the file to one of them first",
        ),
    ];
    for (bytes, more, reason) in rows {
        let mut args = vec![
            "--records",
            "--has",
            "k",
            "--set",
            "k=日",
            "--in-place",
            "f.ini",
        ];
        args.extend(*more);
        let run = grini(&args).file("f.ini", bytes);
        let err = format!(
            "grini: f.ini:1: not edited: {reason}\ngrini: no file was changed: all are written or none (--keep-going writes the others)\n"
        );
        run.says("", &err, 2);
        assert_eq!(
            fs::read(run.folder().join("f.ini")).expect("the file"),
            *bytes
        );
    }
}

#[test]
fn a_long_line_of_utf_16_takes_many_edits() {
    // Looked at from its start for each of them, this line would take minutes.
    let line = |word: &str| format!("[A]\r\nX={}\r\n", format!("é{word} ").repeat(60_000));
    let file = |word: &str| [b"\xff\xfe", &units(&line(word), u16::to_le_bytes)[..]].concat();
    let run = grini([
        "old",
        "--replace",
        "new",
        "--in-place",
        "--no-undo",
        "a.ini",
    ]);
    let run = run.file("a.ini", file("old"));
    assert_eq!(run.said().status, 0);
    assert!(fs::read(run.folder().join("a.ini")).unwrap() == file("new"));
}
