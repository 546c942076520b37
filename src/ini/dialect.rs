//! What makes one INI dialect differ from another: one value, one table of presets.

pub use super::blank::Blanks;
use std::borrow::Cow;

/// How a value goes on over several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    /// A value ends with its line.
    None,
    /// A backslash before the line's end joins the next line.
    Backslash {
        /// The join leaves a blank (systemd) rather than nothing (git).
        blank: bool,
        /// Two backslashes are one escaped backslash and join nothing (git).
        escaped: bool,
        /// Comment lines between joined lines are passed over (systemd).
        over_comments: bool,
    },
    /// A line indented deeper than the key line goes on with the value (configparser).
    Indent,
}

/// Where a comment may follow a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InlineComment {
    /// Nowhere: the value runs to the line's end.
    None,
    /// After a blank, outside quotes, from one of these characters.
    AfterBlank(Vec<u8>),
    /// Anywhere outside quotes, from one of these characters.
    Anywhere(Vec<u8>),
}

/// What quotes mean to the program that reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Quotes are part of the value.
    Literal,
    /// One pair around the whole value is dropped.
    OuterPair,
    /// Quotes may stand anywhere, and backslash escapes are read (git).
    Git,
    /// Quoted stretches may stand anywhere and span lines; backslash escapes are read in double ones (php).
    MultiLine,
    /// A pair around the whole value is dropped and backslash escapes are read (MySQL option files).
    Escapes,
}

/// Which of several lines with one key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// The first.
    First,
    /// The last.
    Last,
    /// Each of them.
    All,
    /// An edit means those that met the condition; where values are read, each counts.
    Met,
}

/// What several sections of one name are to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// Each is one of its own.
    Separate,
    /// One section.
    Merged,
    /// The first is read, the others are not.
    First,
}

/// What an edit does with a value in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedEdit {
    /// The new value goes between the old quotes.
    Keep,
    /// The new value takes the place of value and quotes.
    Replace,
}

/// Where a section's name ends. The blanks around it are no part of it, unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// The name runs to its balanced `]`, else to the first one; where a `[` follows that at once, to the line's last one.
    /// The rest of the line is ignored.
    Balanced,
    /// The name runs to the first `]`.
    First,
    /// The name runs from the `[`, blanks included, to the first `]` (MySQL).
    FirstFromStart,
    /// The name runs to the line's last `]`, blanks included; without one the line is no header, but maybe a key
    /// (configparser).
    Last,
    /// The `]` is the line's last character; blanks are part of the name (systemd).
    WholeLine,
    /// The name runs to the first `]`, blanks included; a key may follow on the same line (php).
    FirstThenKey,
    /// `[name "Subsection"]`; a key may follow on the same line (git).
    Git,
}

/// How names compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// As they stand.
    Exact,
    /// Without the case of ASCII letters.
    Ascii,
    /// Without case.
    Unicode,
}

/// The rules by which a file is read; see [`PRESETS`] for the known ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What is blank around keys, values and names.
    pub blanks: Blanks,
    /// Characters that part key and value; the first one in a line counts.
    pub delimiters: Vec<u8>,
    /// Characters that make a line a comment when they come first.
    pub comments: Vec<u8>,
    /// Comments after a value.
    pub inline_comment: InlineComment,
    /// Values over several lines.
    pub continuation: Continuation,
    /// How keys compare.
    pub key_case: Case,
    /// How section names compare; git's have a rule of their own.
    pub section_case: Case,
    /// `-` and `_` are one character in keys (MySQL).
    pub dash_is_underscore: bool,
    /// What quotes mean in a value that is read.
    pub quoting: Quoting,
    /// The value that a key without a delimiter has, if it has one (git: true).
    pub bare_value: Option<&'static str>,
    /// Which duplicate counts; none: any satisfies a condition and an edit is refused.
    pub duplicates: Option<Duplicates>,
    /// Whether that was chosen (`--dup`): it then holds for a record of several sections as a whole.
    pub duplicates_chosen: bool,
    /// Keys of which the program takes all lines; one with a leading `*` names the end of keys.
    pub lists: &'static [&'static str],
    /// What sections of one name are.
    pub repeated: Repeated,
    /// Where a header's name ends.
    pub header: Header,
    /// An empty value forgets the values before it (systemd).
    pub empty_resets: bool,
    /// What an edit does with a quoted value; none: it is refused.
    pub quoted_edit: Option<QuotedEdit>,
    /// Whether the rule for inline comments was chosen (else an edit refuses a doubtful line).
    pub inline_comment_known: bool,
    /// Whether the rule for continuation was chosen (else an edit refuses a doubtful line).
    pub continuation_known: bool,
}

impl Default for Dialect {
    /// The reading that most .ini files agree on.
    fn default() -> Self {
        Dialect {
            blanks: Blanks::Ascii,
            delimiters: b"=".to_vec(),
            comments: b";#".to_vec(),
            inline_comment: InlineComment::None,
            continuation: Continuation::None,
            key_case: Case::Ascii,
            section_case: Case::Ascii,
            dash_is_underscore: false,
            quoting: Quoting::OuterPair,
            bare_value: None,
            duplicates: None,
            duplicates_chosen: false,
            lists: &[],
            repeated: Repeated::Separate,
            header: Header::Balanced,
            empty_resets: false,
            quoted_edit: None,
            inline_comment_known: false,
            continuation_known: false,
        }
    }
}

/// The name of a dialect, and what makes it.
pub type Preset = (&'static str, fn() -> Dialect);

/// Name and maker of each known dialect, as `--dialect` takes them.
pub const PRESETS: &[Preset] = &[
    ("windows", windows),
    ("python", python),
    ("git", git),
    ("systemd", systemd),
    ("php", php),
    ("mysql", mysql),
];

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
        dash_is_underscore: true,
        quoting: Quoting::Escapes,
        duplicates: Some(Duplicates::Last),
        repeated: Repeated::Merged,
        header: Header::FirstFromStart,
        ..known()
    }
}

impl Dialect {
    /// The preset of that name.
    pub fn preset(name: &str) -> Option<Dialect> {
        PRESETS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, make)| make())
    }

    /// Which of several lines with that key counts.
    pub fn duplicates_of(&self, key: &[u8]) -> Option<Duplicates> {
        let is_list = |list: &&str| match list.strip_prefix('*') {
            Some(end) => key.ends_with(end.as_bytes()),
            None => key == list.as_bytes(),
        };
        match self.lists.iter().any(is_list) && !self.duplicates_chosen {
            true => Some(Duplicates::All),
            false => self.duplicates,
        }
    }

    /// Whether two keys are the same key.
    pub fn same_key(&self, a: &[u8], b: &[u8]) -> bool {
        match self.key_case {
            Case::Exact if !self.dash_is_underscore => a == b,
            Case::Ascii if !self.dash_is_underscore => a.eq_ignore_ascii_case(b),
            Case::Unicode => same_text(a, b),
            _ => {
                let pairs = || a.iter().zip(b);
                a.len() == b.len() && pairs().all(|(&x, &y)| self.fold_key(x) == self.fold_key(y))
            }
        }
    }

    /// A form of a key that is equal for two keys just if [`Dialect::same_key`] holds.
    pub fn key_identity<'k>(&self, key: &'k [u8]) -> Cow<'k, [u8]> {
        match self.key_case {
            Case::Exact if !self.dash_is_underscore => Cow::Borrowed(key),
            Case::Unicode => Cow::Owned(lower(key)),
            _ => Cow::Owned(key.iter().map(|&byte| self.fold_key(byte)).collect()),
        }
    }

    fn fold_key(&self, byte: u8) -> u8 {
        match byte {
            b'-' if self.dash_is_underscore => b'_',
            _ if self.key_case == Case::Exact => byte,
            _ => byte.to_ascii_lowercase(),
        }
    }

    /// Whether two section names are the same section.
    pub fn same_section(&self, a: &[u8], b: &[u8]) -> bool {
        match (self.header, self.section_case) {
            (Header::Git, _) => git_section(a) == git_section(b),
            (_, Case::Exact) => a == b,
            (_, Case::Ascii) => a.eq_ignore_ascii_case(b),
            (_, Case::Unicode) => same_text(a, b),
        }
    }

    /// A form of a section name that is equal for two names just if [`Dialect::same_section`] holds.
    pub fn section_identity(&self, name: &[u8]) -> Vec<u8> {
        match (self.header, self.section_case) {
            (Header::Git, _) => git_section(name),
            (_, Case::Exact) => name.to_vec(),
            (_, Case::Ascii) => name.to_ascii_lowercase(),
            (_, Case::Unicode) => lower(name),
        }
    }
}

/// Whether two names are the same text but for case.
fn same_text(a: &[u8], b: &[u8]) -> bool {
    a.eq_ignore_ascii_case(b) || !(a.is_ascii() && b.is_ascii()) && lower(a) == lower(b)
}

fn lower(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_lowercase().into_bytes(),
        Err(_) => name.to_ascii_lowercase(),
    }
}

/// git's own name of a section: `a "Sub"` and the old `a.Sub` are `a.Sub` and `a.sub`.
fn git_section(name: &[u8]) -> Vec<u8> {
    let Some(quote) = memchr::memchr(b'"', name) else {
        return name.to_ascii_lowercase();
    };
    let (head, sub) = name.split_at(quote);
    let mut out = head.trim_ascii().to_ascii_lowercase();
    out.push(b'.');
    let sub = &sub[1..];
    let mut bytes = sub.strip_suffix(b"\"").unwrap_or(sub).iter();
    while let Some(&byte) = bytes.next() {
        let kept = if byte == b'\\' {
            bytes.next()
        } else {
            Some(&byte)
        };
        out.extend(kept);
    }
    out
}
