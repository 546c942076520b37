//! From a file's bytes to UTF-8 text, and from places in the text back to the file's own bytes.
//!
//! A byte order mark decides (UTF-8, UTF-16LE, UTF-16BE). Without one each line that is not valid UTF-8 is read
//! in the fallback encoding. A lone CR is shown to readers of the text as LF, so that both end a line; places keep
//! their offsets, and the file's bytes keep their CR.

use super::survey::Survey;
use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr2, memrchr2};
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

/// A file's text, and how each place in it stands in the file.
#[derive(Debug)]
pub struct Document<'b> {
    bytes: &'b [u8],
    text: Cow<'b, [u8]>,
    survey: Survey,
    /// Bytes of byte order mark.
    skip: usize,
    /// How lines are decoded; none: after the byte order mark, text and file are the same bytes.
    decoding: Option<Decoding>,
}

#[derive(Debug)]
struct Decoding {
    /// Start ascending, the first at text offset 0.
    runs: Vec<Run>,
    encoding: &'static Encoding,
    /// All of the file is in that encoding, UTF-16.
    whole: bool,
    /// The last place asked for, where it is a start for the next: run, and offsets in its text and in its part of the file.
    last: Cell<(usize, usize, usize)>,
}

/// A stretch of lines that stand in the file in one way.
#[derive(Clone, Copy, Debug)]
struct Run {
    text: usize,
    file: usize,
    decoded: bool,
}

/// Why a text cannot be written into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The file's encoding, named here, has no such character.
    Unmappable(&'static str, char),
    /// Some lines of the file are UTF-8 and some are in this encoding.
    Mixed(&'static str),
}

impl<'b> Document<'b> {
    /// Reads `bytes`; `fallback` is the encoding of lines that are not valid UTF-8.
    pub fn new(bytes: &'b [u8], fallback: &'static Encoding) -> Document<'b> {
        let (marked, skip) = match Encoding::for_bom(bytes) {
            Some((encoding, skip)) => (Some(encoding), skip),
            None => (None, 0),
        };
        let is_utf16 = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
        if let Some(encoding) = marked.filter(|&encoding| is_utf16(encoding)) {
            return Document::whole(bytes, skip, encoding);
        }
        let end = bytes.len() - usize::from(bytes.len() > skip && bytes.ends_with(b"\x1a"));
        let content = &bytes[skip..end];
        let survey = Survey::new(content);
        let valid = survey.ascii || std::str::from_utf8(content).is_ok();
        match valid {
            _ if marked.is_none() && is_utf16(fallback) && (survey.nul || !valid) => {
                Document::whole(bytes, 0, fallback)
            }
            true => Document::read(bytes, Cow::Borrowed(content), survey, skip, None),
            false => Document::by_line(bytes, skip..end, fallback),
        }
    }

    /// The bytes as they are: text that is not read as INI.
    pub fn raw(bytes: &'b [u8]) -> Document<'b> {
        Document::read(bytes, Cow::Borrowed(bytes), Survey::default(), 0, None)
    }

    fn read(
        bytes: &'b [u8],
        mut text: Cow<'b, [u8]>,
        survey: Survey,
        skip: usize,
        decoding: Option<Decoding>,
    ) -> Document<'b> {
        if survey.lone_returns > 0 {
            unify_ends(text.to_mut());
        }
        Document {
            bytes,
            text,
            survey,
            skip,
            decoding,
        }
    }

    fn decoded(
        bytes: &'b [u8],
        text: Vec<u8>,
        skip: usize,
        runs: Vec<Run>,
        encoding: &'static Encoding,
    ) -> Document<'b> {
        let survey = Survey::new(&text);
        let decoding = Decoding {
            runs,
            encoding,
            whole: encoding == UTF_16LE || encoding == UTF_16BE,
            last: Cell::default(),
        };
        Document::read(bytes, Cow::Owned(text), survey, skip, Some(decoding))
    }

    /// The whole file is in UTF-16, after `skip` bytes of byte order mark.
    fn whole(bytes: &'b [u8], skip: usize, encoding: &'static Encoding) -> Document<'b> {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[skip..]);
        let mut runs = Vec::new();
        let mut next = Run {
            text: 0,
            file: skip,
            decoded: true,
        };
        for line in text.split_inclusive('\n') {
            runs.push(next);
            next.text += line.len();
            next.file += 2 * line.encode_utf16().count();
        }
        let mut text = text.into_owned().into_bytes();
        if text.last() == Some(&0x1a) {
            text.pop();
        }
        Document::decoded(bytes, text, skip, runs, encoding)
    }

    /// Lines that are not valid UTF-8 are decoded one by one, what is between them is copied.
    fn by_line(
        bytes: &'b [u8],
        content: Range<usize>,
        encoding: &'static Encoding,
    ) -> Document<'b> {
        let file = &bytes[content.clone()];
        let mut text = Vec::with_capacity(file.len() + file.len() / 16);
        let mut runs = Vec::new();
        let mut add = |at: usize, new: &[u8], decoded: bool| {
            if !new.is_empty() {
                let (text_at, file) = (text.len(), content.start + at);
                runs.push(Run {
                    text: text_at,
                    file,
                    decoded,
                });
                text.extend_from_slice(new);
            }
        };
        let mut at = 0;
        while let Err(error) = std::str::from_utf8(&file[at..]) {
            let wrong = at + error.valid_up_to();
            let start = memrchr2(b'\n', b'\r', &file[at..wrong]).map_or(at, |end| at + end + 1);
            let rest = &file[wrong..];
            let end = memchr2(b'\n', b'\r', rest).map_or(file.len(), |end| wrong + end + 1);
            add(at, &file[at..start], false);
            let (line, _) = encoding.decode_without_bom_handling(&file[start..end]);
            add(start, line.as_bytes(), true);
            at = end;
        }
        add(at, &file[at..], false);
        Document::decoded(bytes, text, content.start, runs, encoding)
    }

    /// The text: UTF-8, without byte order mark or final ^Z, each lone CR as LF.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// What its bytes are.
    pub fn survey(&self) -> &Survey {
        &self.survey
    }

    /// The file's own bytes.
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Whether the file is UTF-16.
    pub fn is_utf16(&self) -> bool {
        self.decoding
            .as_ref()
            .is_some_and(|decoding| decoding.whole)
    }

    /// Whether the file is UTF-16 and ends within a character: the text shows U+FFFD for its last byte.
    pub fn ends_within_character(&self) -> bool {
        self.is_utf16() && self.bytes.len() % 2 == 1
    }

    /// Whether text and file are the same bytes.
    pub fn is_identity(&self) -> bool {
        self.decoding.is_none()
    }

    /// The byte offset in the file of the character at `offset` in the text (or of the text's end).
    pub fn to_file(&self, offset: usize) -> usize {
        let Some(decoding) = &self.decoding else {
            return self.skip + offset;
        };
        let Decoding { runs, encoding, .. } = decoding;
        let next = runs.partition_point(|run| run.text <= offset);
        let Some(run) = next.checked_sub(1).map(|at| runs[at]) else {
            return self.skip;
        };
        if !run.decoded {
            return run.file + (offset - run.text);
        }
        let end = runs.get(next).map_or(self.bytes.len(), |run| run.file);
        let begins = self.text.get(offset).is_none_or(|byte| byte & 0xc0 != 0x80);
        let offset = offset - run.text;
        // Where no character changes what follows it, decoding may begin at any: a long line has many places.
        let stateless = encoding.is_single_byte() || decoding.whole;
        let (text, file) = match decoding.last.get() {
            (run, text, file) if run == next && text <= offset && stateless => (text, file),
            _ => (0, 0),
        };
        let bytes = &self.bytes[run.file + file..end];
        let file = file + decoded_offset(encoding, bytes, offset - text);
        if begins {
            decoding.last.set((next, offset, file));
        }
        run.file + file
    }

    /// The bytes of the file at a place of the text.
    pub fn file_bytes(&self, text: Range<usize>) -> &'b [u8] {
        &self.bytes[self.to_file(text.start)..self.to_file(text.end)]
    }

    /// The line end that stands before `offset` of the text, as the file has it; none where none does.
    pub fn line_end_before(&self, offset: usize) -> Option<&'static str> {
        let text = &self.text[..offset];
        if text.ends_with(b"\r\n") {
            return Some("\r\n");
        }
        if !text.ends_with(b"\n") {
            return None;
        }
        // A lone CR stands in the text as LF.
        let lone = self.file_bytes(offset - 1..offset).contains(&b'\r');
        Some(if lone { "\r" } else { "\n" })
    }

    /// `text` as it would have to stand in this file. `chosen`: the fallback encoding was asked for by name, so
    /// that it decides where the file's own bytes (all ASCII) do not.
    ///
    /// # Errors
    /// The file's encoding lacks a character, or the file mixes encodings.
    pub fn encode(
        &self,
        text: &str,
        fallback: &'static Encoding,
        chosen: bool,
    ) -> Result<Vec<u8>, EncodeError> {
        let encoding = match &self.decoding {
            Some(decoding) if decoding.whole => {
                let bytes = match decoding.encoding == UTF_16LE {
                    true => u16::to_le_bytes,
                    false => u16::to_be_bytes,
                };
                return Ok(text.encode_utf16().flat_map(bytes).collect());
            }
            None if self.skip == 0 && chosen && self.text.is_ascii() => fallback,
            None => UTF_8,
            Some(decoding) if !text.is_ascii() && self.has_utf8_lines(decoding) => {
                return Err(EncodeError::Mixed(decoding.encoding.name()));
            }
            Some(decoding) => decoding.encoding,
        };
        if text.is_ascii() {
            return Ok(text.as_bytes().to_vec());
        }
        let lacks = |char: &char| encoding.encode(char.encode_utf8(&mut [0; 4])).2;
        match text.chars().find(lacks) {
            Some(char) => Err(EncodeError::Unmappable(encoding.name(), char)),
            None => Ok(encoding.encode(text).0.into_owned()),
        }
    }

    /// Whether lines beyond ASCII are copied.
    fn has_utf8_lines(&self, decoding: &Decoding) -> bool {
        let ends = decoding.runs.iter().skip(1).map(|run| run.text);
        let mut runs = decoding.runs.iter().zip(ends.chain([self.text.len()]));
        runs.any(|(run, end)| !run.decoded && !self.text[run.text..end].is_ascii())
    }
}

/// Where in `bytes` the character stands that begins at `offset` of their decoded form.
fn decoded_offset(encoding: &'static Encoding, bytes: &[u8], offset: usize) -> usize {
    if offset == 0 {
        return 0;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut produced = 0;
    let mut room = [0u8; 64];
    for (at, byte) in bytes.iter().enumerate() {
        let (result, _, written, _) =
            decoder.decode_to_utf8(std::slice::from_ref(byte), &mut room, false);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        produced += written;
        if produced >= offset {
            return at + 1;
        }
    }
    bytes.len()
}

/// Makes each lone CR of a text an LF.
pub fn unify_ends(text: &mut [u8]) {
    for at in 0..text.len() {
        if text[at] == b'\r' && text.get(at + 1) != Some(&b'\n') {
            text[at] = b'\n';
        }
    }
}

/// The encoding of that label, as encoding_rs (the WHATWG's list) knows it.
///
/// # Errors
/// One sentence that says what to write instead.
pub fn encoding(label: &str) -> Result<&'static Encoding, String> {
    match Encoding::for_label(label.as_bytes()) {
        Some(found) if found == encoding_rs::REPLACEMENT => Err(format!(
            "the encoding '{label}' cannot be read safely; choose another, such as windows-1252"
        )),
        Some(found) => Ok(found),
        None => Err(format!(
            "unknown encoding '{label}'; write a label such as windows-1252, iso-8859-15, utf-8 or shift_jis"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
    use proptest::prelude::*;

    fn utf16le(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    }

    #[test]
    fn lines_are_decoded_each_by_itself() {
        let bytes = b"J\xfcrgen\r\nJ\xc3\xbcrgen\nplain\rP\xe5l\x1a";
        let document = Document::new(bytes, WINDOWS_1252);
        let text = "Jürgen\r\nJürgen\nplain\nPål";
        assert_eq!(document.text(), text.as_bytes());
        let at = |needle: &str| document.to_file(text.find(needle).unwrap());
        assert_eq!(at("rgen\r"), 2);
        assert_eq!(
            (at("plain"), at("P"), at("å"), at("ål") + 1),
            (16, 22, 23, 24)
        );
        assert_eq!(document.to_file(text.len()), bytes.len() - 1);
        assert!(matches!(
            document.encode("é", WINDOWS_1252, false),
            Err(EncodeError::Mixed(_))
        ));
    }

    #[test]
    fn byte_order_marks_decide() {
        let text = "Jürgen 😀\r\nx";
        let bytes = utf16le(text);
        let document = Document::new(&bytes, WINDOWS_1252);
        assert_eq!(document.text(), text.as_bytes());
        assert_eq!(document.file_bytes(1..3), b"\xfc\0");
        let x = text.find('x').unwrap();
        assert_eq!(document.file_bytes(x..x + 1), b"x\0");
        assert_eq!(
            document.encode("😀", WINDOWS_1252, false).unwrap(),
            utf16le("😀")[2..]
        );
        let document = Document::new(b"\xef\xbb\xbfa", WINDOWS_1252);
        assert_eq!((document.text(), document.to_file(0)), (&b"a"[..], 3));
        for bytes in [
            &b""[..],
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\x1a",
            b"\xff\xfea",
        ] {
            let document = Document::new(bytes, WINDOWS_1252);
            assert!(document.to_file(document.text().len()) <= bytes.len());
        }
    }

    #[test]
    fn a_missing_character_is_an_error() {
        let document = Document::new(b"J\xfcrgen\n", WINDOWS_1252);
        assert_eq!(document.encode("ü", WINDOWS_1252, false).unwrap(), b"\xfc");
        let error = document.encode("日", WINDOWS_1252, false).unwrap_err();
        assert_eq!(error, EncodeError::Unmappable("windows-1252", '日'));
    }

    proptest! {
        #[test]
        fn places_lead_back_to_the_file(
            lines in proptest::collection::vec("[a-zé日😀]{0,6}(\r\n|\n|\r)", 0..6),
            utf16 in any::<bool>(),
        ) {
            let text = lines.concat();
            let bytes = if utf16 { utf16le(&text) } else { SHIFT_JIS.encode(&text).0.into_owned() };
            let document = Document::new(&bytes, SHIFT_JIS);
            let shown = String::from_utf8(document.text().to_vec()).unwrap();
            let mut last = 0;
            for (at, _) in shown.char_indices() {
                let file = document.to_file(at);
                prop_assert!(file >= last && file <= bytes.len());
                last = file;
            }
            prop_assert_eq!(document.to_file(shown.len()), bytes.len());
        }

        #[test]
        fn places_are_the_same_in_any_order(
            lines in proptest::collection::vec("[a-zé€]{0,9}(\r\n|\n|\r)", 0..4),
            places in proptest::collection::vec(0..60usize, 0..12),
            utf16 in any::<bool>(),
        ) {
            let text = lines.concat();
            let bytes = if utf16 { utf16le(&text) } else { WINDOWS_1252.encode(&text).0.into_owned() };
            let document = Document::new(&bytes, WINDOWS_1252);
            for place in places.into_iter().filter(|&place| place <= document.text().len()) {
                let fresh = Document::new(&bytes, WINDOWS_1252);
                prop_assert_eq!(document.to_file(place), fresh.to_file(place));
            }
        }
    }
}
