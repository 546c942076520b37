//! The rules of a dialect in words, for the manual: one sentence for each.

use super::blank::Blanks;
use super::dialect::{
    Case, Continuation, Dialect, Duplicates, Header, InlineComment, KeyForm, Quoting, Repeated,
};

/// Every rule of `dialect`.
pub fn rules(dialect: &Dialect) -> String {
    let blanks = match dialect.blanks {
        Blanks::Ascii => "SP TAB VT FF",
        Blanks::SpaceTab => "SP TAB",
        Blanks::Glib => "SP TAB FF",
        Blanks::Unicode => "those of Unicode",
    };
    let end = match dialect.keeps_end {
        true => " (at the end of a line they belong to the value)",
        false => "",
    };
    let inline = match &dialect.inline_comment {
        InlineComment::None => "none".to_owned(),
        InlineComment::AfterBlank(marks) => format!("{} after a blank", each(marks)),
        InlineComment::Anywhere(marks) => format!("{} outside quotes", each(marks)),
        InlineComment::WithinValue(marks) => {
            format!("{} after a space, not where the value starts", each(marks))
        }
    };
    let continuation = match dialect.continuation {
        Continuation::None => "none",
        Continuation::Indent => "lines indented deeper",
        Continuation::Backslash {
            over_comments: true,
            ..
        } => "after a backslash, comments left out, a blank between",
        Continuation::Backslash { trims: true, .. } => {
            "after a backslash, the next line's indentation left out"
        }
        Continuation::Backslash { escaped: true, .. } => "after a backslash, of which two are one",
        Continuation::Backslash { .. } => "after a backslash",
    };
    let quotes = match dialect.quoting {
        Quoting::Literal => "are text",
        Quoting::OneBlank => "are text; of several blanks the first counts",
        Quoting::OuterPair => "one pair around a value is dropped",
        Quoting::DoublePair => "one pair of \" around a value is dropped, and \"\" in it is one",
        Quoting::Git => "anywhere, \" alone; \\n \\t \\b \\\" \\\\ are escapes",
        Quoting::MultiLine => {
            "anywhere, over several lines, too; \\\" and \\\\ are escapes in \"\""
        }
        Quoting::Escapes => "one pair is dropped; \\n \\t \\r \\b \\s \\\" \\' \\\\ are escapes",
        Quoting::Registry => "\" around text, in which \\\" and \\\\ are escapes",
    };
    let form = match dialect.key_form {
        KeyForm::Plain => "",
        KeyForm::DashIsUnderscore => ", - as _",
        KeyForm::NoBlanks => ", blanks left out",
        KeyForm::Quoted => ", the quotes around them left out",
        KeyForm::Signed => ", one of + - . ! before them left out",
    };
    let sections = match dialect.header {
        Header::Git => "without case, subsections with case",
        _ => case(dialect.section_case),
    };
    let duplicates = match dialect.duplicates {
        None => "in doubt",
        Some(Duplicates::First) => "the first counts",
        Some(Duplicates::Last) => "the last counts",
        Some(Duplicates::All) if dialect.empty_resets => "all count, but those before an empty one",
        Some(Duplicates::All | Duplicates::Met) => "all count",
    };
    let lists = match dialect.lists {
        [] => String::new(),
        lists => format!(" (all of {})", lists.join(", ")),
    };
    let repeated = match dialect.repeated {
        Repeated::Separate => "are sections of their own",
        Repeated::Merged => "are one",
        Repeated::First => "the first is read",
    };
    let defaults = match dialect.defaults {
        None => String::new(),
        Some(name) => format!("; each has the keys of [{name}] that it lacks"),
    };
    let bare = match dialect.bare_value {
        None => "has no value".to_owned(),
        Some(value) => format!("is {value}"),
    };
    let header = match dialect.header {
        Header::Balanced => "to the balanced ], else the first",
        Header::First => "to the first ]",
        Header::FirstFromStart => "to the first ], blanks after [ included",
        Header::Last => "to the last ], blanks included",
        Header::WholeLine => "to the ] that ends the line, blanks included",
        Header::FirstThenKey => "to the first ], blanks included; a key may follow",
        Header::Git => "NAME \"SUBSECTION\"; a key may follow",
    };
    [
        format!("Separates key and value: {}.", each(&dialect.delimiters)),
        format!("Blanks: {blanks}{end}."),
        format!("Comment lines: {}.", each(&dialect.comments)),
        format!("Comments after a value: {inline}."),
        format!("A value goes on: {continuation}."),
        format!("Quotes: {quotes}."),
        format!("Keys compare {}{form}.", case(dialect.key_case)),
        format!("Sections compare {sections}."),
        format!("A header's name: {header}."),
        format!("A key alone {bare}."),
        format!("Several lines of a key: {duplicates}{lists}."),
        format!("Several sections of a name: {repeated}{defaults}."),
    ]
    .join(" ")
}

fn each(characters: &[u8]) -> String {
    let each = characters.iter().map(|&byte| char::from(byte).to_string());
    each.collect::<Vec<_>>().join(" ")
}

fn case(case: Case) -> &'static str {
    match case {
        Case::Exact => "with case",
        Case::Ascii => "without the case of ASCII letters",
        Case::Unicode => "without case",
    }
}
