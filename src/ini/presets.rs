//! The dialects of known programs: one table, each with the files it is for.

use super::dialect::{
    Blanks, Case, Continuation, Dialect, Duplicates, Header, InlineComment, KeyForm, QuotedEdit,
    Quoting, Repeated,
};

/// A dialect that `--dialect` takes by name.
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Which program's rules they are.
    pub program: &'static str,
    /// Globs of the names of files that are its own, beneath a folder.
    pub files: &'static [&'static str],
    /// What the rules do not say.
    pub note: &'static str,
    /// The rules.
    pub rules: fn() -> Dialect,
}

/// The known dialects.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "windows",
        program: "GetPrivateProfileString of Windows",
        files: &["*.ini"],
        note: "Compared with wine, where a header's name runs to the last ], but for a name that holds one.",
        rules: windows,
    },
    Preset {
        name: "reg",
        program: "regedit: registry files of version 5",
        files: &["*.reg"],
        note: "Compared with wine's regedit.",
        rules: reg,
    },
    Preset {
        name: "inf",
        program: "SetupAPI: drivers' setup files",
        files: &["*.inf", "*.inx"],
        note: "Compared with wine's SetupAPI; %strings% stay, and the fields of a value are one text.",
        rules: inf,
    },
    Preset {
        name: "python",
        program: "configparser",
        files: &["*.ini", "*.cfg", "*.conf"],
        note: "configparser itself refuses a key or section twice (strict). What [DEFAULT] holds is read in every section that lacks it; it is a record of its own, too.",
        rules: python,
    },
    Preset {
        name: "git",
        program: "git-config(1)",
        files: &[".gitconfig", "gitconfig", "config", ".gitmodules"],
        note: "",
        rules: git,
    },
    Preset {
        name: "systemd",
        program: "systemd.syntax(7)",
        files: &[
            "*.service",
            "*.socket",
            "*.target",
            "*.timer",
            "*.mount",
            "*.automount",
            "*.slice",
            "*.path",
            "*.swap",
            "*.scope",
            "*.network",
            "*.netdev",
            "*.link",
            "*.nspawn",
            "*.dnssd",
            "*.conf",
        ],
        note: "A line without = is one that systemd leaves out.",
        rules: systemd,
    },
    Preset {
        name: "desktop",
        program: "GKeyFile of GLib: .desktop files, themes, mimeapps.list",
        files: &[
            "*.desktop",
            "*.directory",
            "*.theme",
            "mimeapps.list",
            "*.keyfile",
        ],
        note: "Escapes stay as written, as g_key_file_get_value has them.",
        rules: desktop,
    },
    Preset {
        name: "editorconfig",
        program: "editorconfig(5)",
        files: &[".editorconfig"],
        note: "As the Python core reads it; a value of \"\" alone is an empty one to it.",
        rules: editorconfig,
    },
    Preset {
        name: "samba",
        program: "smb.conf(5)",
        files: &["smb.conf"],
        note: "",
        rules: samba,
    },
    Preset {
        name: "php",
        program: "php.ini and parse_ini_file",
        files: &["php*.ini*", "*.ini", ".user.ini"],
        note: "Sections are one in php.ini; of several of a name parse_ini_file keeps the last. Constants stay as written.",
        rules: php,
    },
    Preset {
        name: "mysql",
        program: "option files of MySQL and MariaDB",
        files: &["*.cnf", "my.ini"],
        note: "!include is a key of that name. A last byte A0 of a value, as in à, is a blank to the program; grini shows it, and no edit writes one.",
        rules: mysql,
    },
    Preset {
        name: "unreal",
        program: "configuration files of the Unreal Engine",
        files: &[
            "Default*.ini",
            "Base*.ini",
            "*Engine.ini",
            "*Game.ini",
            "*Input.ini",
            "*Editor.ini",
        ],
        note: "After the engine's documentation.",
        rules: unreal,
    },
];

/// The word for the dialect that is each file's own, by its name.
pub const AUTO: &str = "auto";

/// The words that name a dialect.
pub const NAMES: [&str; PRESETS.len() + 1] = {
    let mut names = [AUTO; PRESETS.len() + 1];
    let mut at = 0;
    while at < PRESETS.len() {
        names[at] = PRESETS[at].name;
        at += 1;
    }
    names
};

impl Preset {
    /// The preset of that name.
    pub fn named(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}

/// What all presets share: nothing is left to guess.
fn known() -> Dialect {
    Dialect {
        inline_comment_known: true,
        continuation_known: true,
        ..Dialect::default()
    }
}

/// `GetPrivateProfileString`: only `;` comments, the first duplicate counts, one outer quote pair is dropped.
fn windows() -> Dialect {
    Dialect {
        comments: b";".to_vec(),
        key_case: Case::Unicode,
        section_case: Case::Unicode,
        duplicates: Some(Duplicates::First),
        repeated: Repeated::First,
        quoted_edit: Some(QuotedEdit::Replace),
        header: Header::First,
        ..known()
    }
}

/// Python's `configparser.ConfigParser`; it refuses duplicates (`strict`), so none of them counts more than another.
fn python() -> Dialect {
    Dialect {
        blanks: Blanks::Unicode,
        delimiters: b"=:".to_vec(),
        continuation: Continuation::Indent,
        key_case: Case::Unicode,
        section_case: Case::Exact,
        quoting: Quoting::Literal,
        quoted_edit: Some(QuotedEdit::Replace),
        strict: true,
        defaults: Some("DEFAULT"),
        header: Header::Last,
        ..known()
    }
}

/// git-config(1).
fn git() -> Dialect {
    Dialect {
        blanks: Blanks::SpaceTab,
        inline_comment: InlineComment::Anywhere(b";#".to_vec()),
        continuation: Continuation::Backslash {
            blank: false,
            trims: false,
            escaped: true,
            over_comments: false,
        },
        quoting: Quoting::Git,
        bare_value: Some("true"),
        duplicates: Some(Duplicates::Last),
        repeated: Repeated::Merged,
        header: Header::Git,
        ..known()
    }
}

/// systemd.syntax(7).
fn systemd() -> Dialect {
    Dialect {
        blanks: Blanks::SpaceTab,
        continuation: Continuation::Backslash {
            blank: true,
            trims: false,
            escaped: true,
            over_comments: true,
        },
        key_case: Case::Exact,
        section_case: Case::Exact,
        quoting: Quoting::Literal,
        quoted_edit: Some(QuotedEdit::Replace),
        duplicates: Some(Duplicates::All),
        repeated: Repeated::Merged,
        header: Header::WholeLine,
        empty_resets: true,
        ..known()
    }
}

/// `parse_ini_file` and php.ini.
fn php() -> Dialect {
    Dialect {
        blanks: Blanks::SpaceTab,
        comments: b";".to_vec(),
        inline_comment: InlineComment::Anywhere(b";".to_vec()),
        key_case: Case::Exact,
        section_case: Case::Exact,
        quoting: Quoting::MultiLine,
        duplicates: Some(Duplicates::Last),
        lists: &["*[]", "extension", "zend_extension"],
        repeated: Repeated::Merged,
        header: Header::FirstThenKey,
        ..known()
    }
}

/// MySQL and MariaDB option files.
fn mysql() -> Dialect {
    Dialect {
        inline_comment: InlineComment::Anywhere(b"#".to_vec()),
        key_case: Case::Exact,
        key_form: KeyForm::DashIsUnderscore,
        quoting: Quoting::Escapes,
        duplicates: Some(Duplicates::Last),
        repeated: Repeated::Merged,
        header: Header::FirstFromStart,
        ..known()
    }
}

/// registry files: a value's name stands in quotes, or is `@`; text in quotes with escapes, or a type and hexadecimal bytes.
fn reg() -> Dialect {
    Dialect {
        comments: b";".to_vec(),
        continuation: Continuation::Backslash {
            blank: false,
            trims: true,
            escaped: false,
            over_comments: false,
        },
        key_case: Case::Unicode,
        section_case: Case::Unicode,
        key_form: KeyForm::Quoted,
        quoting: Quoting::Registry,
        duplicates: Some(Duplicates::Last),
        repeated: Repeated::Merged,
        header: Header::Last,
        ..known()
    }
}

/// Setup files of drivers, as SetupAPI reads them.
fn inf() -> Dialect {
    Dialect {
        blanks: Blanks::Unicode,
        comments: b";".to_vec(),
        inline_comment: InlineComment::Anywhere(b";".to_vec()),
        continuation: Continuation::Backslash {
            blank: false,
            trims: true,
            escaped: false,
            over_comments: false,
        },
        key_case: Case::Unicode,
        section_case: Case::Unicode,
        quoting: Quoting::DoublePair,
        duplicates: Some(Duplicates::All),
        repeated: Repeated::Merged,
        header: Header::First,
        quoted_edit: Some(QuotedEdit::Keep),
        ..known()
    }
}

/// GLib's `GKeyFile`; escapes in a value stay as they are written, as `g_key_file_get_value` has them.
fn desktop() -> Dialect {
    Dialect {
        blanks: Blanks::Glib,
        keeps_end: true,
        comments: b"#".to_vec(),
        key_case: Case::Exact,
        section_case: Case::Exact,
        quoting: Quoting::Literal,
        quoted_edit: Some(QuotedEdit::Replace),
        duplicates: Some(Duplicates::Last),
        repeated: Repeated::Merged,
        header: Header::WholeLine,
        ..known()
    }
}

/// editorconfig(5), as its Python core reads it.
fn editorconfig() -> Dialect {
    Dialect {
        blanks: Blanks::Unicode,
        delimiters: b"=:".to_vec(),
        comments: b"#;".to_vec(),
        inline_comment: InlineComment::WithinValue(b";#".to_vec()),
        section_case: Case::Exact,
        quoting: Quoting::Literal,
        quoted_edit: Some(QuotedEdit::Replace),
        duplicates: Some(Duplicates::Last),
        header: Header::Last,
        ..known()
    }
}

/// smb.conf(5).
fn samba() -> Dialect {
    Dialect {
        continuation: Continuation::Backslash {
            blank: false,
            trims: false,
            escaped: false,
            over_comments: false,
        },
        key_form: KeyForm::NoBlanks,
        quoting: Quoting::OneBlank,
        quoted_edit: Some(QuotedEdit::Replace),
        duplicates: Some(Duplicates::Last),
        repeated: Repeated::Merged,
        header: Header::First,
        ..known()
    }
}

/// The Unreal Engine's configuration: `+K`, `-K`, `.K` and `!K` are lines of K.
fn unreal() -> Dialect {
    Dialect {
        comments: b";".to_vec(),
        key_form: KeyForm::Signed,
        quoted_edit: Some(QuotedEdit::Keep),
        duplicates: Some(Duplicates::All),
        repeated: Repeated::Merged,
        header: Header::First,
        ..known()
    }
}
