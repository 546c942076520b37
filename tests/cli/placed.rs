//! Where an edit puts a key, in the form that the lines around it have.

use crate::support::grini;
use std::fs;

#[test]
fn a_record_without_the_key_is_counted() {
    grini([
        "--records",
        "--has",
        "a",
        "--set",
        "b=1",
        "--in-place",
        "f.ini",
    ])
    .file("f.ini", "a=1\n")
    .says(
        "",
        "grini: warning: no file read has a key 'b'\ngrini: nothing to change: 1 selected record lacks the key 'b' (--put adds it where it is missing)\n",
        1,
    );
}

#[test]
fn a_key_goes_where_its_section_ends() {
    let rows: &[(&str, &[&str], &str)] = &[
        (
            "[a]\nk = 1\n\n; c\n[b]\nj=2\n",
            &["--has", "k", "--add", "n=3"],
            "[a]\nk = 1\nn = 3\n\n; c\n[b]\nj=2\n",
        ),
        (
            "[a]\nk = 1\n[b]\nj=2",
            &["--has", "j", "--add", "n=3"],
            "[a]\nk = 1\n[b]\nj=2\nn=3",
        ),
        (
            "[a]\r\n[b]\r\nj=2\r\n",
            &["--has", "[b]j", "--add", "[a]n=3"],
            "[a]\r\nn=3\r\n[b]\r\nj=2\r\n",
        ),
        (
            "[a]\n\tk\t=\t1\n",
            &["--has", "k", "--add", "n=3", "--add", "m=4"],
            "[a]\n\tk\t=\t1\n\tn\t=\t3\n\tm\t=\t4\n",
        ),
        (
            "k: 1\n",
            &["--delim=:", "--has", "k", "--add", "n=3"],
            "k: 1\nn: 3\n",
        ),
        (
            "; c\n[a]\nk=1\n",
            &["--has", "k", "--add", "k=2"],
            "; c\n[a]\nk=1\n",
        ),
        (
            "a=1\rk=2\r",
            &["--has", "k", "--add", "n=3"],
            "a=1\rk=2\rn=3\r",
        ),
        (
            "a=1\r\nk=2\n",
            &["--has", "k", "--add", "n=3"],
            "a=1\r\nk=2\nn=3\n",
        ),
        (
            "k=1\n\x1a",
            &["--has", "k", "--add", "n=3"],
            "k=1\nn=3\n\x1a",
        ),
        (
            "[a \"B\"]k=1\n",
            &["--dialect=git", "--has", "k", "--add", "n=3"],
            "[a \"B\"]k=1\nn=3\n",
        ),
        (
            "[a]\nk=\"1\n2\"\n",
            &["--dialect=php", "--has", "k", "--add", "n=3"],
            "[a]\nk=\"1\n2\"\nn=3\n",
        ),
        (
            "[a]\nk=1\\\n 2\n",
            &["--dialect=systemd", "--has", "k", "--set", "k=3"],
            "[a]\nk=3\n",
        ),
        (
            "[a]\nk=1\n",
            &["--dialect=git", "--has", "k", "--set", "k=\"D:\\\\\""],
            "[a]\nk=\"D:\\\\\"\n",
        ),
        (
            "[a]\nk=1\n 2\n\n",
            &["--dialect=python", "--has", "k", "--set", "k=3"],
            "[a]\nk=3\n\n",
        ),
        (
            "[g]\nmy-key=1 # c\n",
            &["--dialect=mysql", "--has", "my_key", "--set", "my_key=3"],
            "[g]\nmy-key=3 # c\n",
        ),
    ];
    for (before, args, after) in rows {
        let mut all = vec!["--records"];
        all.extend(*args);
        all.extend(["--in-place", "f.ini"]);
        let run = grini(&all).file("f.ini", before);
        let said = run.said();
        let found = fs::read_to_string(run.folder().join("f.ini")).expect("the file");
        assert_eq!(found, *after, "{args:?} {said:?}");
        assert_eq!(said.status, i32::from(before == after), "{args:?} {said:?}");
    }
}
