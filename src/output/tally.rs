//! How many records have each value: a table with bars on a terminal, `COUNT<TAB>VALUE` lines elsewhere.

use super::messages::shown_path;
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The narrowest bar that is worth its room, in columns.
const NARROW: usize = 8;

/// The widest bar, in columns.
const WIDE: usize = 60;

/// Parts of a column, from one eighth up.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Prints a tally: the most frequent value first, then by value; records without the key last. `width`: the columns of
/// the terminal, none where standard output is none.
///
/// # Errors
/// What writing says.
pub fn print(
    out: &mut impl Write,
    values: impl IntoIterator<Item = (Vec<u8>, u64)>,
    missing: u64,
    width: Option<usize>,
) -> io::Result<()> {
    let mut rows = sorted(values);
    if missing > 0 {
        rows.push((b"(missing)".to_vec(), missing));
    }
    match width {
        Some(width) => table(out, &rows, width),
        None => rows.iter().try_for_each(|(value, count)| {
            write!(out, "{count}\t")?;
            out.write_all(value)?;
            out.write_all(b"\n")
        }),
    }
}

/// The values of a tally: most frequent first, then by value.
pub fn sorted(values: impl IntoIterator<Item = (Vec<u8>, u64)>) -> Vec<(Vec<u8>, u64)> {
    let mut rows: Vec<(Vec<u8>, u64)> = values.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows
}

fn table(out: &mut impl Write, rows: &[(Vec<u8>, u64)], width: usize) -> io::Result<()> {
    let most = rows.iter().map(|row| row.1).max().unwrap_or(0);
    let digits = most.to_string().len();
    let names: Vec<String> = rows.iter().map(|row| shown_path(&row.0)).collect();
    let longest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    // Count and value come first; a bar takes what they leave.
    let room = width.saturating_sub(digits + 2);
    let with_bar = room.saturating_sub(2 + NARROW);
    let (column, bar) = if with_bar >= NARROW.min(longest) {
        let column = longest.min(with_bar);
        (column, (room - 2 - column).min(WIDE))
    } else {
        (longest.min(room), 0)
    };
    for (name, (_, count)) in names.iter().zip(rows) {
        let name = cut(name, column.max(1));
        let line = format!("{count:>digits$}  {name}");
        if bar == 0 {
            writeln!(out, "{}", line.trim_end())?;
            continue;
        }
        let fill = column - name.width().min(column);
        writeln!(out, "{line}{:fill$}  {}", "", drawn(*count, most, bar))?;
    }
    Ok(())
}

/// A bar of at most `width` columns, an eighth at least.
fn drawn(count: u64, most: u64, width: usize) -> String {
    let eighths = u128::from(count) * width as u128 * 8 / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(usize::MAX).max(1);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// `text` within `width` columns, cut in its middle with `…` where it is longer: values that begin alike often differ in
/// their ends.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let kept = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let mut used = 0;
        let fits = |char: &char| {
            used += char.width().unwrap_or(0);
            used <= room
        };
        chars.take_while(fits).collect::<String>()
    };
    let head = kept(&mut text.chars(), room - room / 2);
    let tail = kept(&mut text.chars().rev(), room / 2);
    let tail: String = tail.chars().rev().collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(rows: &[(&str, u64)], missing: u64, width: Option<usize>) -> String {
        let rows = rows
            .iter()
            .map(|(value, count)| (value.as_bytes().to_vec(), *count));
        let mut out = Vec::new();
        print(&mut out, rows, missing, width).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pipe_gets_counts_and_values() {
        let rows = [("4", 2), ("", 7), ("1", 2), ("a\x1b[0m", 1)];
        assert_eq!(
            printed(&rows, 3, None),
            "7\t\n2\t1\n2\t4\n1\ta\x1b[0m\n3\t(missing)\n"
        );
    }

    #[test]
    fn a_terminal_gets_a_table_with_bars() {
        let rows = [("3", 800), ("4", 100), ("1", 1)];
        let bar = "█".repeat(24);
        let expected = format!(
            "800  3          {bar}\n100  4          ███\n  1  1          ▏\n 50  (missing)  █▌\n"
        );
        assert_eq!(printed(&rows, 50, Some(40)), expected);
    }

    #[test]
    fn a_long_value_keeps_both_ends() {
        assert_eq!(cut("/o=F/ou=L/cn=ghughes", 12), "/o=F/o…ughes");
        assert_eq!(cut("/o=F/ou=L/cn=jdoe", 12), "/o=F/o…=jdoe");
        assert_eq!(cut("日本語日本語", 8), "日本…語");
        assert_eq!(cut("e\u{301}xyzu\u{301}", 3), "e\u{301}…u\u{301}");
        assert_eq!(cut("ab", 1), "…");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = "x".repeat(300);
        let wide = "日本".repeat(40);
        let rows = [
            (long.as_str(), 12),
            (wide.as_str(), 9),
            ("a\tb\x1b[31m", 3),
            ("", 1),
        ];
        for width in 8..200 {
            let text = printed(&rows, 1, Some(width));
            assert!(!text.contains(['\t', '\x1b']));
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line:?}");
            }
            assert!(text.contains('…') && text.ends_with('\n'));
        }
        let narrow = printed(&rows, 0, Some(12));
        assert!(!narrow.contains('█'), "{narrow}");
    }
}
