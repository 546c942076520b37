//! What makes one INI dialect differ from another: one value, one table of presets.

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
    /// A pair around the value is dropped; it may span lines (php).
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
}

/// What an edit does with a value in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedEdit {
    /// The new value goes between the old quotes.
    Keep,
    /// The new value takes the place of value and quotes.
    Replace,
}

/// How section names are read and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// The name runs to its balanced `]`, else to the first one; the rest of the line is ignored.
    Balanced,
    /// The name runs to the first `]`.
    First,
    /// The name runs to the line's last `]` (configparser, systemd).
    Last,
    /// `[name "Subsection"]`; a key may follow on the same line (git).
    Git,
}

/// The rules by which a file is read; see [`PRESETS`] for the known ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Characters that part key and value; the first one in a line counts.
    pub delimiters: Vec<u8>,
    /// Characters that make a line a comment when they come first.
    pub comments: Vec<u8>,
    /// Comments after a value.
    pub inline_comment: InlineComment,
    /// Values over several lines.
    pub continuation: Continuation,
    /// Keys and section names compare with case.
    pub case_sensitive: bool,
    /// `-` and `_` are one character in keys (MySQL).
    pub dash_is_underscore: bool,
    /// What quotes mean in a value that is read.
    pub quoting: Quoting,
    /// The value that a key without a delimiter has, if it has one (git: true).
    pub bare_value: Option<&'static str>,
    /// Which duplicate counts; none: any satisfies a condition and an edit is refused.
    pub duplicates: Option<Duplicates>,
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
            delimiters: b"=".to_vec(),
            comments: b";#".to_vec(),
            inline_comment: InlineComment::None,
            continuation: Continuation::None,
            case_sensitive: false,
            dash_is_underscore: false,
            quoting: Quoting::OuterPair,
            bare_value: None,
            duplicates: None,
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
        duplicates: Some(Duplicates::First),
        quoted_edit: Some(QuotedEdit::Replace),
        header: Header::First,
        ..known()
    }
}

/// Python's `configparser.ConfigParser`.
fn python() -> Dialect {
    Dialect {
        delimiters: b"=:".to_vec(),
        continuation: Continuation::Indent,
        quoting: Quoting::Literal,
        quoted_edit: Some(QuotedEdit::Replace),
        header: Header::Last,
        ..known()
    }
}

/// git-config(1).
fn git() -> Dialect {
    Dialect {
        inline_comment: InlineComment::Anywhere(b";#".to_vec()),
        continuation: Continuation::Backslash {
            blank: false,
            escaped: true,
            over_comments: false,
        },
        quoting: Quoting::Git,
        bare_value: Some("true"),
        duplicates: Some(Duplicates::Last),
        header: Header::Git,
        ..known()
    }
}

/// systemd.syntax(7).
fn systemd() -> Dialect {
    Dialect {
        continuation: Continuation::Backslash {
            blank: true,
            escaped: false,
            over_comments: true,
        },
        case_sensitive: true,
        quoting: Quoting::Literal,
        quoted_edit: Some(QuotedEdit::Replace),
        duplicates: Some(Duplicates::All),
        header: Header::Last,
        empty_resets: true,
        ..known()
    }
}

/// `parse_ini_file` and php.ini.
fn php() -> Dialect {
    Dialect {
        comments: b";".to_vec(),
        inline_comment: InlineComment::Anywhere(b";".to_vec()),
        case_sensitive: true,
        quoting: Quoting::MultiLine,
        duplicates: Some(Duplicates::Last),
        header: Header::First,
        ..known()
    }
}

/// MySQL and MariaDB option files.
fn mysql() -> Dialect {
    Dialect {
        inline_comment: InlineComment::AfterBlank(b"#".to_vec()),
        case_sensitive: true,
        dash_is_underscore: true,
        quoting: Quoting::Escapes,
        duplicates: Some(Duplicates::Last),
        header: Header::First,
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

    /// Whether two keys are the same key.
    pub fn same_key(&self, a: &[u8], b: &[u8]) -> bool {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(&x, &y)| self.fold_key(x) == self.fold_key(y))
    }

    fn fold_key(&self, byte: u8) -> u8 {
        match byte {
            b'-' if self.dash_is_underscore => b'_',
            _ if self.case_sensitive => byte,
            _ => byte.to_ascii_lowercase(),
        }
    }

    /// Whether two section names are the same section.
    pub fn same_section(&self, a: &[u8], b: &[u8]) -> bool {
        match self.header {
            Header::Git => {
                let cut = |name: &[u8]| memchr::memchr(b'"', name).unwrap_or(name.len());
                let (a_head, a_sub) = a.split_at(cut(a));
                let (b_head, b_sub) = b.split_at(cut(b));
                a_head
                    .trim_ascii()
                    .eq_ignore_ascii_case(b_head.trim_ascii())
                    && a_sub == b_sub
            }
            _ if self.case_sensitive => a == b,
            _ => a.eq_ignore_ascii_case(b),
        }
    }
}

impl Dialect {
    /// A form of a section name that is equal for two names just if [`Dialect::same_section`] holds.
    pub fn section_identity(&self, name: &[u8]) -> Vec<u8> {
        if self.header == Header::Git {
            let (head, sub) = name.split_at(memchr::memchr(b'"', name).unwrap_or(name.len()));
            return [&head.trim_ascii().to_ascii_lowercase(), sub].concat();
        }
        if self.case_sensitive {
            name.to_vec()
        } else {
            name.to_ascii_lowercase()
        }
    }
}
