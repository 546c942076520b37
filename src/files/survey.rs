//! What one look at each byte of a text shows.

/// What the bytes of a text are, UTF-16 aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// All are ASCII.
    pub ascii: bool,
    /// One is NUL.
    pub nul: bool,
    /// How many LFs there are.
    line_feeds: u64,
    /// How many CRs that no LF follows.
    pub(super) lone_returns: u64,
}

/// Bytes of which counts are kept in one: a multiple of what a machine looks at at once.
const RUN: usize = 192;

impl Survey {
    /// Looks at all bytes of a text.
    pub fn new(bytes: &[u8]) -> Survey {
        let Some((&last, before)) = bytes.split_last() else {
            return Survey {
                ascii: true,
                ..Survey::default()
            };
        };
        let mut all = u8::from(last >= 0x80) << 7;
        let mut nul = last == 0;
        let mut line_feeds = u64::from(last == b'\n');
        let mut lone_returns = u64::from(last == b'\r');
        for (run, after) in before.chunks(RUN).zip(bytes[1..].chunks(RUN)) {
            // Without a branch, as many are looked at at once as the machine can.
            let (mut feeds, mut returns, mut nuls) = (0u8, 0u8, 0u8);
            for (&byte, &next) in run.iter().zip(after) {
                all |= byte;
                nuls |= u8::from(byte == 0);
                feeds += u8::from(byte == b'\n');
                returns += u8::from(byte == b'\r') & u8::from(next != b'\n');
            }
            nul |= nuls > 0;
            line_feeds += u64::from(feeds);
            lone_returns += u64::from(returns);
        }
        Survey {
            ascii: all < 0x80,
            nul,
            line_feeds,
            lone_returns,
        }
    }

    /// How many lines end, at LF or at a lone CR.
    pub fn line_ends(&self) -> u64 {
        self.line_feeds + self.lone_returns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_bytes_of_a_text_are_looked_at(
            text in prop::collection::vec(prop_oneof![9 => prop::sample::select(&b"\r\na"[..]), 1 => any::<u8>()], 0..600),
            plain in any::<bool>(),
        ) {
            let text: Vec<u8> = text.into_iter().filter(|&byte| !plain || (1..0x80).contains(&byte)).collect();
            let lone = (0..text.len()).filter(|&at| text[at] == b'\r' && text.get(at + 1) != Some(&b'\n'));
            let survey = Survey::new(&text);
            prop_assert_eq!(survey.lone_returns, lone.count() as u64);
            prop_assert_eq!(survey.line_feeds, text.iter().filter(|&&byte| byte == b'\n').count() as u64);
            prop_assert_eq!((survey.ascii, survey.nul), (text.is_ascii(), text.contains(&0)));
        }
    }
}
