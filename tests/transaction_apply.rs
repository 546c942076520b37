//! Edits of several files as one: what is written, what is kept, what is refused.

mod transaction_support;

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use grini::system::FileKind;
#[cfg(unix)]
use grini::system::{Real, System};
use grini::transaction::Settings;
#[cfg(unix)]
use transaction_support::faulty::{Faulty, Plan};
use transaction_support::{Store, apply, meta, replace, said, take_back};

#[test]
fn every_file_is_edited_and_nothing_else_is_left() {
    let store = Store::new();
    let mut changes = Vec::new();
    for name in ["a.ini", "b.ini", "sub/c.ini"] {
        let path = store.write(name, "[S]\nState = 4\n");
        changes.push(replace(&path, "4", "100"));
    }
    let applied = apply(changes, &store.settings()).unwrap();
    assert_eq!((applied.files, applied.warnings.len()), (3, 0));
    let new = |name: &str| (name.to_owned(), "[S]\nState = 100\n".to_owned());
    let expected = [new("a.ini"), new("b.ini"), new("sub/c.ini")];
    assert_eq!(store.contents(), expected);
    assert_eq!(store.journals(), [format!("{}.kept", applied.id)]);
    #[cfg(unix)]
    {
        let mode = |path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(store.state()), 0o700);
        let journal = store.state().join(format!("{}.kept", applied.id));
        assert_eq!(mode(journal), 0o600);
    }
}

#[test]
fn hundreds_of_files_in_many_folders_are_edited() {
    let store = Store::new();
    let changes = (0..600)
        .map(|number| {
            let path = store.write(&format!("{}/{number}.ini", number % 200), "State = 4\n");
            replace(&path, "4", "1")
        })
        .collect();
    let settings = Settings {
        workers: 3,
        ..store.settings()
    };
    assert_eq!(apply(changes, &settings).unwrap().files, 600);
    let contents = store.contents();
    assert_eq!(contents.len(), 600);
    assert!(contents.iter().all(|(_, content)| content == "State = 1\n"));
}

#[test]
fn a_file_of_several_pieces_is_edited_across_their_borders() {
    let store = Store::new();
    let line = "key = 0123456789 abcdefgh\n";
    let content = line.repeat(60_000);
    for (name, linked) in [("new.ini", false), ("in-place.ini", true)] {
        let path = store.write(name, &content);
        if linked {
            fs::hard_link(&path, store.path("link")).unwrap();
        }
        let changes = vec![replace(&path, "9 a", "longer")];
        let applied = apply(changes, &store.settings()).unwrap();
        assert_eq!(store.read(name), content.replace("9 a", "longer"));
        take_back(Some(&applied.id), &store.settings()).unwrap();
        assert_eq!(store.read(name), content);
    }
}

#[cfg(unix)]
#[test]
fn mode_owner_and_attributes_stay() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6751)).unwrap();
    let file = fs::File::open(&path).unwrap();
    let none = rustix::fs::XattrFlags::empty();
    let attributes = rustix::fs::fsetxattr(&file, "user.note", b"kept", none).is_ok();
    // Version 2; user::rwx, user:1:r--, group::r-x, mask::r-x, other::--x.
    let mut acl = vec![2, 0, 0, 0];
    for (tag, perm, id) in [
        (1u16, 7u16, u32::MAX),
        (2, 4, 1),
        (4, 5, u32::MAX),
        (16, 5, u32::MAX),
        (32, 1, u32::MAX),
    ] {
        acl.extend(tag.to_le_bytes());
        acl.extend(perm.to_le_bytes());
        acl.extend(id.to_le_bytes());
    }
    let lists = rustix::fs::fsetxattr(&file, "system.posix_acl_access", &acl, none).is_ok();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6751)).unwrap();
    let root = rustix::process::geteuid().is_root();
    if root {
        std::os::unix::fs::chown(&path, Some(12), Some(34)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o6751)).unwrap();
    }
    let before = fs::metadata(&path).unwrap();
    drop(file);
    apply(vec![replace(&path, "4", "11")], &store.settings()).unwrap();
    assert_eq!(store.read("a.ini"), "State = 11\n");
    let after = fs::metadata(&path).unwrap();
    assert_eq!(
        (after.mode(), after.uid(), after.gid()),
        (before.mode(), before.uid(), before.gid())
    );
    assert_ne!(after.ino(), before.ino());
    let get = |name: &str| {
        let mut value = [0; 256];
        let length = rustix::fs::getxattr(&path, name, &mut value).unwrap();
        value[..length].to_vec()
    };
    if attributes {
        assert_eq!(get("user.note"), b"kept");
    }
    if lists {
        assert_eq!(get("system.posix_acl_access"), acl);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_s_default_access_list_is_not_given_to_its_files() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let mut acl = vec![2, 0, 0, 0];
    for (tag, perm, id) in [
        (1u16, 7u16, u32::MAX),
        (2, 7, 1),
        (4, 7, u32::MAX),
        (16, 7, u32::MAX),
        (32, 7, u32::MAX),
    ] {
        acl.extend(tag.to_le_bytes());
        acl.extend(perm.to_le_bytes());
        acl.extend(id.to_le_bytes());
    }
    let none = rustix::fs::XattrFlags::empty();
    let name = "system.posix_acl_default";
    if rustix::fs::setxattr(store.data(), name, &acl, none).is_err() {
        return;
    }
    let before = fs::metadata(&path).unwrap().mode();
    apply(vec![replace(&path, "4", "1")], &store.settings()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode(), before);
    let mut value = [0; 256];
    assert!(rustix::fs::getxattr(&path, "system.posix_acl_access", &mut value).is_err());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_and_its_target_is_edited() {
    let store = Store::new();
    let target = store.write("sub/target.ini", "State = 4\n");
    let link = store.path("link.ini");
    symlink("sub/target.ini", &link).unwrap();
    apply(vec![replace(&link, "4", "1")], &store.settings()).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(target).unwrap(), "State = 1\n");
    assert_eq!(store.contents().len(), 2);
}

#[test]
fn hard_links_stay_one_file() {
    let store = Store::new();
    for (old, new) in [("4", "1234"), ("1234", ""), ("State", "sTate")] {
        let path = store.write("a.ini", "[S]\nState = 4\nx=1234\nlast=4\n");
        let other = store.path("b.ini");
        if !other.exists() {
            fs::hard_link(&path, &other).unwrap();
        }
        let before = meta(&path).inode;
        let expected = store.read("a.ini").replace(old, new);
        let changes = vec![replace(&path, old, new), replace(&other, old, new)];
        let applied = apply(changes, &store.settings()).unwrap();
        assert_eq!(applied.files, 1);
        assert_eq!(store.read("a.ini"), expected);
        assert_eq!(store.read("b.ini"), expected);
        assert_eq!(meta(&path).inode, before);
        assert_eq!(store.contents().len(), 2);
    }
}

/// A file with set-ID bits, which a write by someone else than root takes away.
#[cfg(unix)]
fn with_set_id(store: &Store, mode: u32) -> std::path::PathBuf {
    let path = store.write("a.ini", "State = 4\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_write_takes_away_stays() {
    let store = Store::new();
    let path = with_set_id(&store, 0o4755);
    let before = meta(&path);
    apply(vec![replace(&path, "4", "1")], &store.settings()).unwrap();
    let after = meta(&path);
    assert_eq!(after.mode, before.mode);
    assert_ne!(after.inode, before.inode);

    let path = store.write("b.ini", "State = 4\n");
    let file = |path| fs::File::options().write(true).open(path).unwrap();
    let name = std::ffi::OsStr::new("security.capability");
    // VFS_CAP_REVISION_2 of linux/capability.h: CAP_NET_BIND_SERVICE, permitted and effective.
    let value = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    if Real.set_attribute(&file(&path), name, &value).is_err() {
        return println!("nothing is compared: files get no capabilities here");
    }
    apply(vec![replace(&path, "4", "1")], &store.settings()).unwrap();
    assert_eq!(Real.attribute(&file(&path), name).unwrap(), value);
    take_back(None, &store.settings()).unwrap();
    assert_eq!(Real.attribute(&file(&path), name).unwrap(), value);
    assert_eq!(store.read("b.ini"), "State = 4\n");
    // Where it cannot be exchanged, it is left.
    fs::hard_link(&path, store.path("link")).unwrap();
    let failed = apply(vec![replace(&path, "4", "1")], &store.settings()).unwrap_err();
    // Nothing is in the way of one that would be exchanged.
    let other = store.write("c.ini", "State = 4\n");
    fs::set_permissions(&other, fs::Permissions::from_mode(0o2755)).unwrap();
    let both = [&other, &path].map(|path| replace(path, "4", "1"));
    let failed_too = apply(both.into(), &store.settings()).unwrap_err();
    assert_eq!(said(&failed_too), said(&failed));
    assert!(
        said(&failed).contains("bits or capabilities away"),
        "{}",
        said(&failed)
    );
    assert_eq!(Real.attribute(&file(&path), name).unwrap(), value);
    assert_eq!(store.read("b.ini"), "State = 4\n");
}

/// What a process that is not root's leaves of the bits where it ends right after its write.
#[cfg(unix)]
#[test]
fn a_recovery_gives_set_id_bits_back() {
    for (mode, left) in [(0o4755, 0o755), (0o2755, 0o755), (0o6711, 0o711)] {
        let run = |plan| {
            let store = Store::new();
            let path = with_set_id(&store, mode);
            fs::hard_link(&path, store.path("link")).unwrap();
            let system = Faulty::new(plan);
            let changes = vec![replace(&path, "4", "1")];
            let _ = grini::transaction::apply(&system, changes, &store.settings(), &|_| {});
            (store, system.calls())
        };
        let (_, calls) = run(Plan::None);
        let last = calls.iter().rposition(|call| *call == "write_at").unwrap();
        let (store, _) = run(Plan::KillAfter(last));
        assert_eq!(store.read("a.ini"), "State = 1\n");
        let path = store.path("a.ini");
        fs::set_permissions(&path, fs::Permissions::from_mode(left)).unwrap();
        grini::transaction::recover(&Real, &[], &store.settings());
        assert_eq!(store.read("a.ini"), "State = 4\n");
        assert_eq!(meta(&path).mode, mode);
    }
}

#[test]
fn a_read_only_file_is_refused_unless_forced() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let other = store.write("b.ini", "State = 4\n");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let changes = || vec![replace(&path, "4", "1"), replace(&other, "4", "1")];
    let failed = apply(changes(), &store.settings()).unwrap_err();
    let expected = format!(
        "{}: it is read-only; make it writable ({}) or use --force\nnothing was changed",
        path.display(),
        grini::system::errors::MAKE_WRITABLE
    );
    assert_eq!(said(&failed), expected);
    assert_eq!(store.read("b.ini"), "State = 4\n");
    assert_eq!(store.journals(), [""; 0]);

    let keep_going = Settings {
        keep_going: true,
        ..store.settings()
    };
    let applied = apply(changes(), &keep_going).unwrap();
    assert_eq!((applied.files, applied.refused.len()), (1, 1));
    assert_eq!(store.read("b.ini"), "State = 1\n");

    let force = Settings {
        force: true,
        ..store.settings()
    };
    apply(vec![replace(&path, "4", "1")], &force).unwrap();
    assert_eq!(store.read("a.ini"), "State = 1\n");
    assert_eq!(meta(&path).mode, 0o444);
}

#[test]
fn a_file_changed_since_it_was_read_is_refused() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let change = replace(&path, "4", "1");
    fs::write(&path, "State = 7\n").unwrap();
    let failed = apply(vec![change], &store.settings()).unwrap_err();
    let expected = format!(
        "{}: another program changed or removed it since it was read; run the command again\nnothing was changed",
        path.display()
    );
    assert_eq!(said(&failed), expected);
    assert_eq!(store.read("a.ini"), "State = 7\n");
}

#[test]
fn only_regular_files_are_edited_and_none_is_made() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let change = replace(&path, "4", "1");
    fs::remove_file(&path).unwrap();
    let failed = apply(vec![change.clone()], &store.settings()).unwrap_err();
    assert!(said(&failed).contains("removed it"), "{}", said(&failed));
    assert!(!path.exists());
    fs::create_dir(&path).unwrap();
    let failed = apply(vec![change], &store.settings()).unwrap_err();
    assert!(said(&failed).contains("changed or"), "{}", said(&failed));
    assert!(path.is_dir());
    let mut change = replace(&store.write("b.ini", "State = 4\n"), "4", "1");
    change.seen.meta.kind = FileKind::Other;
    let failed = apply(vec![change], &store.settings()).unwrap_err();
    assert!(said(&failed).contains("not a regular file"));
}

#[cfg(unix)]
#[test]
fn a_backup_is_the_old_file_and_never_takes_a_place() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let linked = store.write("l.ini", "State = 4\n");
    fs::hard_link(&linked, store.path("l2.ini")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(&linked, fs::Permissions::from_mode(0o604)).unwrap();
    let old = fs::metadata(&path).unwrap().ino();
    let settings = Settings {
        backup_suffix: Some(".bak".into()),
        ..store.settings()
    };
    let changes = vec![replace(&path, "4", "1"), replace(&linked, "4", "1")];
    apply(changes, &settings).unwrap();
    let backup = fs::metadata(store.path("a.ini.bak")).unwrap();
    assert_eq!((backup.ino(), backup.nlink()), (old, 1));
    let backup = fs::metadata(store.path("l.ini.bak")).unwrap();
    assert_eq!((backup.mode() & 0o777, backup.nlink()), (0o604, 1));
    let names: Vec<_> = store.contents();
    let expected = [
        ("a.ini", "State = 1\n"),
        ("a.ini.bak", "State = 4\n"),
        ("l.ini", "State = 1\n"),
        ("l.ini.bak", "State = 4\n"),
        ("l2.ini", "State = 1\n"),
    ];
    let expected = expected.map(|(name, content)| (name.to_owned(), content.to_owned()));
    assert_eq!(names, expected);

    let failed = apply(vec![replace(&path, "1", "2")], &settings).unwrap_err();
    assert!(
        said(&failed).contains("is already there"),
        "{}",
        said(&failed)
    );
    assert_eq!(store.read("a.ini"), "State = 1\n");
}

#[test]
fn an_edit_needs_a_state_folder_that_no_one_else_may_write_into() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let mut settings = Settings {
        state_dir: None,
        ..store.settings()
    };
    let failed = apply(vec![replace(&path, "4", "1")], &settings).unwrap_err();
    assert_eq!(
        said(&failed),
        format!(
            "there is no state folder for the journal of the edit; set {}, or name one with \
             --state-dir\nnothing was changed",
            grini::system::names::STATE_VARIABLES
        )
    );
    fs::create_dir_all(store.state()).unwrap();
    #[cfg(unix)]
    fs::set_permissions(store.state(), fs::Permissions::from_mode(0o777)).unwrap();
    #[cfg(windows)]
    {
        let grant = ["/grant", "*S-1-1-0:(OI)(CI)F"];
        let mut icacls = std::process::Command::new("icacls");
        let _ = icacls.arg(store.state()).args(grant).status();
        let list = std::process::Command::new("icacls")
            .arg(store.state())
            .output();
        let list = list.map_or(String::new(), |list| {
            String::from_utf8_lossy(&list.stdout).into()
        });
        if !list.contains("Everyone") {
            return println!("nothing is compared: icacls sets no access list here");
        }
    }
    settings.state_dir = Some(store.state());
    let failed = apply(vec![replace(&path, "4", "1")], &settings).unwrap_err();
    let expected = format!(
        "{}: it cannot hold the journal of the edit (others may write into it); name another state \
         folder with --state-dir\nnothing was changed",
        store.state().display()
    );
    assert_eq!(said(&failed), expected);
    assert_eq!(store.contents(), [("a.ini".into(), "State = 4\n".into())]);
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let store = Store::new();
    let path = store.write("a.ini", "State = 4\n");
    let before = meta(&path);
    let applied = apply(vec![replace(&path, "4", "4")], &store.settings()).unwrap();
    assert_eq!((applied.files, applied.id.as_str()), (0, ""));
    assert_eq!(meta(&path), before);
    assert!(!store.state().exists());
}

#[cfg(unix)]
#[test]
fn names_that_are_not_text_are_edited_and_undone() {
    use std::os::unix::ffi::OsStrExt;
    let store = Store::new();
    let names: [&[u8]; 4] = [b"\xff\xfe.ini", b"line\nbreak.ini", b"-n", &[b'x'; 255]];
    let paths = names.map(|name| store.data().join(std::ffi::OsStr::from_bytes(name)));
    for path in &paths {
        fs::write(path, "State = 4\n").unwrap();
    }
    let changes = paths.iter().map(|path| replace(path, "4", "1")).collect();
    apply(changes, &store.settings()).unwrap();
    let all = |content: &str| {
        paths
            .iter()
            .all(|path| fs::read_to_string(path).unwrap() == content)
    };
    assert!(all("State = 1\n"));
    take_back(None, &store.settings()).unwrap();
    assert!(all("State = 4\n"));
    assert_eq!(store.contents().len(), 4);
}

#[test]
fn files_on_two_file_systems_are_one_edit() {
    let store = Store::on_two_file_systems();
    let changes = ["a.ini", "far/b.ini"]
        .map(|name| replace(&store.write(name, "State = 4\n"), "4", "1"))
        .into();
    assert_eq!(apply(changes, &store.settings()).unwrap().files, 2);
    let expected = ["a.ini", "b.ini"].map(|name| (name.to_owned(), "State = 1\n".to_owned()));
    assert_eq!(store.contents(), expected);
}
