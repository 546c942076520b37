//! What makes one INI dialect differ from another: one value, one table of presets.

pub use super::blank::{Blanks, is_blank};
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
        /// The blanks that the next line starts with are dropped, too (SetupAPI); with a blank they always are.
        trims: bool,
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
    /// After a space within a value, not at its start, from one of these characters (EditorConfig).
    WithinValue(Vec<u8>),
}

/// What quotes mean to the program that reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Quotes are part of the value.
    Literal,
    /// Quotes are part of the value, and of several blanks the first alone counts (Samba).
    OneBlank,
    /// One pair around the whole value is dropped.
    OuterPair,
    /// Quotes may stand anywhere, and backslash escapes are read (git).
    Git,
    /// One pair of double quotes around the whole value is dropped, and two within it are one (SetupAPI).
    DoublePair,
    /// Quoted stretches may stand anywhere and span lines; backslash escapes are read in double ones (php).
    MultiLine,
    /// A pair around the whole value is dropped and backslash escapes are read (MySQL option files).
    Escapes,
    /// Text stands in double quotes, in which `\\` and `\"` are escapes; all else is no text (registry files).
    Registry,
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

/// What of a key counts where keys compare, case aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// All of it.
    Plain,
    /// `-` and `_` are one character (MySQL).
    DashIsUnderscore,
    /// Blanks do not count (Samba).
    NoBlanks,
    /// Quotes around it do not count (registry files).
    Quoted,
    /// One of `+ - . !` before it does not count (Unreal).
    Signed,
}

/// The rules by which a file is read; see [`PRESETS`](super::presets::PRESETS) for the known ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What is blank around keys, values and names.
    pub blanks: Blanks,
    /// Characters that part key and value; the first one in a line counts.
    pub delimiters: Vec<u8>,
    /// Characters that make a line a comment when they come first.
    pub comments: Vec<u8>,
    /// Blanks at the end of a line belong to its value (GLib).
    pub keeps_end: bool,
    /// Comments after a value.
    pub inline_comment: InlineComment,
    /// Values over several lines.
    pub continuation: Continuation,
    /// How keys compare.
    pub key_case: Case,
    /// How section names compare; git's have a rule of their own.
    pub section_case: Case,
    /// What counts for nothing where keys compare, or for the same.
    pub key_form: KeyForm,
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
    /// A key or a section that is there twice is an error (configparser).
    pub strict: bool,
    /// The section whose keys every other one has as well, where it lacks them (configparser).
    pub defaults: Option<&'static str>,
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
            keeps_end: false,
            inline_comment: InlineComment::None,
            continuation: Continuation::None,
            key_case: Case::Ascii,
            section_case: Case::Ascii,
            key_form: KeyForm::Plain,
            quoting: Quoting::OuterPair,
            bare_value: None,
            duplicates: None,
            duplicates_chosen: false,
            lists: &[],
            strict: false,
            defaults: None,
            repeated: Repeated::Separate,
            header: Header::Balanced,
            empty_resets: false,
            quoted_edit: None,
            inline_comment_known: false,
            continuation_known: false,
        }
    }
}

impl Dialect {
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
        match (self.key_form, self.key_case) {
            (KeyForm::Plain, Case::Exact) => a == b,
            (KeyForm::Plain, Case::Ascii) => a.eq_ignore_ascii_case(b),
            (KeyForm::Plain, Case::Unicode) => same_text(a, b),
            _ => self.key_identity(a) == self.key_identity(b),
        }
    }

    /// A form of a key that is equal for two keys just if [`Dialect::same_key`] holds.
    pub fn key_identity<'k>(&self, key: &'k [u8]) -> Cow<'k, [u8]> {
        let key = match self.key_form {
            KeyForm::Plain => Cow::Borrowed(key),
            KeyForm::DashIsUnderscore => {
                let one = |byte: &u8| if *byte == b'-' { b'_' } else { *byte };
                Cow::Owned(key.iter().map(one).collect())
            }
            KeyForm::NoBlanks => {
                let counts = |byte: &u8| !byte.is_ascii_whitespace();
                Cow::Owned(key.iter().copied().filter(counts).collect())
            }
            KeyForm::Quoted => Cow::Borrowed(match key {
                [b'"', inner @ .., b'"'] => inner,
                _ => key,
            }),
            KeyForm::Signed => Cow::Borrowed(match key {
                [b'+' | b'-' | b'.' | b'!', name @ ..] => name,
                _ => key,
            }),
        };
        match self.key_case {
            Case::Exact => key,
            Case::Ascii => Cow::Owned(key.to_ascii_lowercase()),
            Case::Unicode => Cow::Owned(lower(&key)),
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
