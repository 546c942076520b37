//! The main job on the sample store: find a mailbox's record, see its State, repair it in place.

use crate::support::{Run, contents, grini};

const BROKEN: [&str; 6] = [
    "--records",
    "--where",
    "State=4",
    "--missing",
    "NumSCerts",
    "clients",
];

fn broken(more: &[&'static str]) -> Run {
    grini(BROKEN.iter().chain(more)).clients()
}

#[test]
fn a_name_is_found_and_its_state_is_shown() {
    let found =
        "clients/Mxclfr4zqvktn.ini:Name = Jane Doe\r\nclients/Mxclfr4zqvktn.ini-State = 4\r\n";
    grini(["Jane Doe", "clients"]).clients().says(found, "", 0);
    grini(["-h", "jdoe", "clients"]).clients().says(
        "Mailbox = /o=Fabrikam/ou=Leeds/cn=Recipients/cn=jdoe\r\nState = 4\r\n",
        "",
        0,
    );
    grini(["Nobody", "clients"]).clients().says("", "", 1);
}

#[test]
fn the_state_line_stands_out_in_colour() {
    grini(["--color=always", "-hn", "Jane Doe", "clients"]).clients().says(
        "\x1b[32m\x1b[K2\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[KName = \x1b[01;31m\x1b[KJane Doe\x1b[m\x1b[K\r\n\
         \x1b[32m\x1b[K5\x1b[m\x1b[K\x1b[36m\x1b[K-\x1b[m\x1b[K\x1b[1;33m\x1b[KState = 4\x1b[m\x1b[K\r\n",
        "",
        0,
    );
    let run = grini([
        "--color=always",
        "-h",
        "State = 4",
        "clients/Mxclfr4zqvktn.ini",
    ])
    .clients();
    run.variable("GREP_COLORS", "st=7:mt=1:ne")
        .says("\x1b[7m\x1b[1mState = 4\x1b[m\r\n", "", 0);
}

#[test]
fn a_name_with_accents_is_found_in_every_encoding() {
    for locale in ["C", "C.UTF-8"] {
        let run = grini(["-h", "--no-show", "Jürgen", "clients"]).clients();
        run.variable("LC_ALL", locale).says(
            "Name = Jürgen Müller\r\nName = Jürgen Schäfer\r\nName = Jürgen Brøgger\r\n",
            "",
            0,
        );
    }
}

#[test]
fn broken_records_are_listed() {
    broken(&["-l"]).says(
        "clients/MXH0T7CUX4JFI.INI\nclients/Mxb1k9ztfr5uy.ini\nclients/Mxclfr4zqvktn.ini\nclients/Shared-Oslo.ini\n",
        "",
        0,
    );
    broken(&["--get", "Mailbox"]).says(
        "/o=Fabrikam/ou=Leeds/cn=Recipients/cn=ghughes\n/o=Fabrikam/ou=Köln/cn=Recipients/cn=jmueller\n\
         /o=Fabrikam/ou=Leeds/cn=Recipients/cn=jdoe\n/o=Fabrikam/ou=Oslo/cn=Recipients/cn=rrossi\n",
        "",
        0,
    );
    grini(["--records", "--tally", "State", "clients"])
        .clients()
        .says("6\t3\n5\t4\n2\t1\n1\t2\n", "", 0);
}

#[test]
fn the_diff_is_what_patch_applies_and_in_place_writes() {
    let patched = broken(&["--set", "State=1"]);
    let diff = patched.output();
    assert_eq!(
        (diff.status.code(), diff.stderr.as_slice()),
        (Some(0), &b""[..])
    );
    std::fs::write(patched.folder().join("diff"), &diff.stdout).unwrap();
    let status = std::process::Command::new("patch")
        .args(["-s", "-p0", "--binary", "-i", "diff"])
        .current_dir(patched.folder())
        .status();
    let written = broken(&["--set", "State=1", "--in-place"]);
    let said = written.said();
    assert_eq!((said.status, said.out.as_str()), (0, ""), "{said:?}");
    let after = contents(&written.folder().join("clients"));
    match status {
        Ok(status) => {
            assert!(status.success());
            assert_eq!(contents(&patched.folder().join("clients")), after);
        }
        Err(_) => crate::peer::missing("patch", "the diff is not applied"),
    }
    let before = contents(std::path::Path::new(crate::support::CLIENTS));
    assert_eq!(before.len(), after.len());
    let mut changed = Vec::new();
    for ((name, old), (new_name, new)) in before.iter().zip(&after) {
        assert_eq!(name, new_name);
        assert_eq!(old.len(), new.len(), "{name}");
        let places: Vec<(u8, u8)> = old
            .iter()
            .zip(new)
            .filter(|(a, b)| a != b)
            .map(|(a, b)| (*a, *b))
            .collect();
        if !places.is_empty() {
            assert_eq!(places, [(b'4', b'1')], "{name}");
            changed.push(name.as_str());
        }
    }
    let expected = [
        "MXH0T7CUX4JFI.INI",
        "Mxb1k9ztfr5uy.ini",
        "Mxclfr4zqvktn.ini",
        "Shared-Oslo.ini",
    ];
    assert_eq!(changed, expected);
    let left: Vec<_> = std::fs::read_dir(written.folder().join("clients"))
        .unwrap()
        .collect();
    assert_eq!(
        left.len(),
        before.len(),
        "nothing else is left in the folder"
    );
}

#[test]
fn an_edit_twice_has_nothing_to_do() {
    let mut run = broken(&["--set", "State=1", "--in-place"]);
    assert_eq!(run.said().status, 0);
    let said = run.said();
    assert_eq!((said.status, said.out.as_str()), (1, ""));
    let said = run.again(BROKEN);
    assert_eq!((said.status, said.out.as_str()), (1, ""));
}

#[test]
fn names_are_read_in_path_order_however_many_files_there_are() {
    let mut run = grini(["-l", "State", "store"]);
    let mut expected = Vec::new();
    for at in 0..2000u32 {
        let name = format!(
            "store/{}/{:04}.ini",
            at % 7,
            at.wrapping_mul(2_654_435_761) % 10_000
        );
        run = run.file(&name, format!("[Client]\r\nState = {}\r\n", at % 5));
        expected.push(name);
        let name = format!("store/{}-x.ini", at % 7);
        if at < 7 {
            run = run.file(&name, "State=1\n");
            expected.push(name);
        }
    }
    expected.sort();
    expected.dedup();
    let expected: String = expected.iter().map(|name| format!("{name}\n")).collect();
    for _ in 0..3 {
        run.says(&expected, "", 0);
    }
}
