//! From edits of a text to edits of its file's own bytes, and what the file was then.

use crate::change::edit::{Digest, Edit, Edits};
use crate::change::text_edit::{Refusal, TextEdit, applied};
use crate::files::Document;
use crate::files::decode::{EncodeError, unify_ends};
use crate::plan::{Change, IniRules};

/// The edits of the file's own bytes; `ini`: the rules by which it was read as INI, if it was.
pub(super) fn file_edits(
    document: &Document<'_>,
    edits: &[TextEdit],
    ini: Option<&IniRules>,
) -> Result<Edits, Refusal> {
    let mut out = Edits::default();
    for edit in edits {
        let span = document.to_file(edit.span.start)..document.to_file(edit.span.end);
        let new = match (ini, std::str::from_utf8(&edit.new)) {
            (Some(ini), Ok(text)) => document
                .encode(text, ini.fallback, ini.fallback_chosen)
                .map_err(|error| Refusal::at(edit.span.start, cannot_encode(&error, text)))?,
            _ => edit.new.clone(),
        };
        let old = &document.bytes()[span.clone()];
        if *old != *new {
            out.push(span.start as u64, old, &new);
        }
    }
    // Bytes that stand for themselves, and ASCII for ASCII, read as they were written.
    let plain = |edit: Edit<'_>| edit.new.is_ascii() && !edit.new.contains(&0x1a);
    let typed_plain = edits.iter().all(|edit| edit.new.is_ascii());
    if let (Some(ini), Some(first)) = (ini, edits.first())
        && !(document.is_identity() && typed_plain && out.iter().all(plain))
    {
        let bytes = out.applied(document.bytes());
        let mut wanted = applied(document.text(), edits);
        unify_ends(&mut wanted);
        if Document::new(&bytes, ini.fallback).text() != wanted {
            return Err(Refusal::at(
                first.span.start,
                "the new text would be read back as other characters; convert the file to UTF-8 first",
            ));
        }
    }
    Ok(out)
}

fn cannot_encode(error: &EncodeError, text: &str) -> String {
    match error {
        EncodeError::Unmappable(encoding, char) => {
            format!("the file is {encoding}, which has no '{char}'; write the value without it")
        }
        EncodeError::Mixed(encoding) => format!(
            "the file mixes UTF-8 and {encoding}, so it is in doubt how '{text}' is to be written; convert the file to one of them first"
        ),
    }
}

/// Refuses text beyond ASCII in a file that is not read as INI and is not UTF-8: it would be of two encodings.
pub(super) fn check_encoding(text: &[u8], changes: &[Change]) -> Result<(), Refusal> {
    let plain = changes.iter().all(|change| match change {
        Change::Replace(template) => template.is_ascii(),
        _ => true,
    });
    match std::str::from_utf8(text) {
        Err(error) if !plain => Err(Refusal::at(
            error.valid_up_to(),
            "the file is not UTF-8, so it is in doubt how the new text is to be written; say --ini, with --encoding if it is not windows-1252",
        )),
        _ => Ok(()),
    }
}

/// The digest of `bytes` with `edits` made.
pub(super) fn digest_after(bytes: &[u8], edits: &Edits) -> Digest {
    // For a small file the hasher costs more than the hashing.
    if bytes.len() < 1 << 16 {
        return blake3::hash(&edits.applied(bytes)).into();
    }
    let mut hasher = blake3::Hasher::new();
    edits.pieces(bytes, |piece| {
        hasher.update(piece);
    });
    hasher.finalize().into()
}
