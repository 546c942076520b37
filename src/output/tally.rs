//! How many records have each value: a table with bars on a terminal, a cross table for two keys.

use super::columns::{CellRoom, cut_mark};
use super::messages::shown_path;
use std::collections::HashMap;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// The narrowest bar that is worth its room, in columns.
const NARROW: usize = 8;

/// The widest bar, in columns.
const WIDE: usize = 60;

/// Parts of a column, from one eighth up.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// What stands for the value of a key that a record lacks.
pub const MISSING: &[u8] = b"(missing)";

/// The values of one or two keys (none: it is missing), and how many records have them.
pub type TallyRow = (Vec<Option<Vec<u8>>>, u64);

/// The rows of a tally: most frequent first, then by value; those that lack a key last.
pub fn sorted(rows: impl IntoIterator<Item = TallyRow>) -> Vec<TallyRow> {
    let mut rows: Vec<TallyRow> = rows.into_iter().collect();
    let lacks = |row: &TallyRow| row.0.iter().any(Option::is_none);
    rows.sort_by(|a, b| {
        (lacks(a).cmp(&lacks(b)))
            .then_with(|| b.1.cmp(&a.1))
            .then_with(|| a.0.cmp(&b.0))
    });
    rows
}

/// Prints a tally of `keys` (one or two) on a terminal of `width` columns; `unicode`: it shows more than ASCII.
///
/// # Errors
/// What writing says.
pub fn print(
    out: &mut impl Write,
    keys: &[String],
    rows: &[TallyRow],
    width: usize,
    unicode: bool,
) -> io::Result<()> {
    if let [down, across] = keys {
        let corner = shown_path(format!("{down} / {across}").as_bytes());
        return cross(out, &corner, rows, width, unicode);
    }
    let bars: Vec<(String, u64)> = rows
        .iter()
        .map(|(values, count)| (shown(values.first().and_then(Option::as_ref)), *count))
        .collect();
    bar_table(out, &bars, width, unicode)
}

fn shown(value: Option<&Vec<u8>>) -> String {
    shown_path(value.map_or(MISSING, Vec::as_slice))
}

/// A cross table: a row for each value of the first key, a column for each of the second; where it is wider than the
/// terminal, a line for each pair.
fn cross(
    out: &mut impl Write,
    corner: &str,
    rows: &[TallyRow],
    width: usize,
    unicode: bool,
) -> io::Result<()> {
    let values = |at: usize| {
        let mut sums: HashMap<Vec<Option<Vec<u8>>>, u64> = HashMap::new();
        for (values, count) in rows {
            *sums.entry(vec![values[at].clone()]).or_default() += count;
        }
        sorted(sums)
    };
    let (down, across) = (values(0), values(1));
    let counts: HashMap<_, _> = rows.iter().map(|(values, count)| (values, count)).collect();
    let name = |(value, _): &TallyRow| shown(value[0].as_ref());
    let mut table = vec![vec![corner.to_owned()]];
    table[0].extend(across.iter().map(name));
    for row in &down {
        let count = |(column, _): &TallyRow| {
            let found = counts.get(&[&row.0[..], column].concat());
            found.map_or(0, |&&count| count).to_string()
        };
        let cells = across.iter().map(count);
        table.push([name(row)].into_iter().chain(cells).collect());
    }
    let widest = |column: usize| table.iter().map(|row| row[column].width()).max();
    let widths: Vec<usize> = (0..=across.len()).filter_map(widest).collect();
    if widths.iter().sum::<usize>() + 2 * across.len() > width {
        let pair = |(values, count): &TallyRow| {
            let pair = values.iter().map(|value| shown(value.as_ref()));
            (pair.collect::<Vec<_>>().join("  "), *count)
        };
        return bar_table(
            out,
            &rows.iter().map(pair).collect::<Vec<_>>(),
            width,
            unicode,
        );
    }
    for row in &table {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let fill = width - cell.width();
            match column {
                0 => write!(out, "{cell}{:fill$}", "")?,
                _ => write!(out, "  {:fill$}{cell}", "")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn bar_table(
    out: &mut impl Write,
    rows: &[(String, u64)],
    width: usize,
    unicode: bool,
) -> io::Result<()> {
    let most = rows.iter().map(|row| row.1).max().unwrap_or(0);
    let digits = most.to_string().len();
    let longest = rows.iter().map(|row| row.0.width()).max().unwrap_or(0);
    // Count and value come first; a bar takes what they leave.
    let room = width.saturating_sub(digits + 2);
    let with_bar = room.saturating_sub(2 + NARROW);
    let (column, bar) = if with_bar >= NARROW.min(longest) {
        let column = longest.min(with_bar);
        (column, (room - 2 - column).min(WIDE))
    } else {
        (longest.min(room), 0)
    };
    for (name, count) in rows {
        let name = cut(name, column.max(1), cut_mark(unicode));
        let line = format!("{count:>digits$}  {name}");
        if bar == 0 {
            writeln!(out, "{}", line.trim_end())?;
            continue;
        }
        let fill = column - name.width().min(column);
        let bar = drawn(*count, most, bar, unicode);
        writeln!(out, "{line}{:fill$}  {bar}", "")?;
    }
    Ok(())
}

/// A bar of at most `width` columns, an eighth of one at least; without Unicode, a column at least.
fn drawn(count: u64, most: u64, width: usize, unicode: bool) -> String {
    let eighths = u128::from(count) * width as u128 * 8 / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(usize::MAX).max(1);
    if !unicode {
        return "#".repeat((eighths / 8).max(1));
    }
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// `text` within `width` columns, cut in its middle where it is longer: values that begin alike often differ in their ends.
fn cut(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = CellRoom {
        start: 0,
        columns: width,
        escape: false,
    };
    let (head, tail) = room.ends(text.as_bytes());
    format!("{}{mark}{}", &text[head], &text[tail])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(rows: &[(Option<&str>, u64)], width: usize, unicode: bool) -> String {
        let rows = rows
            .iter()
            .map(|(value, count)| (vec![value.map(|value| value.as_bytes().to_vec())], *count));
        let mut out = Vec::new();
        print(
            &mut out,
            &["State".to_owned()],
            &sorted(rows),
            width,
            unicode,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_terminal_gets_a_table_with_bars() {
        let rows = [
            (None, 50),
            (Some("4"), 100),
            (Some("3"), 800),
            (Some("1"), 1),
        ];
        let bar = "█".repeat(24);
        let expected = format!(
            "800  3          {bar}\n100  4          ███\n  1  1          ▏\n 50  (missing)  █▌\n"
        );
        assert_eq!(printed(&rows, 40, true), expected);
        let bar = "#".repeat(24);
        let expected = format!(
            "800  3          {bar}\n100  4          ###\n  1  1          #\n 50  (missing)  #\n"
        );
        assert_eq!(printed(&rows, 40, false), expected);
    }

    #[test]
    fn two_keys_make_a_cross_table_where_it_fits() {
        let row = |a: Option<&str>, b: &str, count| {
            let a = a.map(|text| text.as_bytes().to_vec());
            (vec![a, Some(b.as_bytes().to_vec())], count)
        };
        let rows = sorted([
            row(Some("4"), "yes", 12),
            row(Some("4"), "no", 3),
            row(Some("1"), "no", 5),
            row(None, "no", 1),
        ]);
        let mut out = Vec::new();
        let keys = ["State".to_owned(), "Up".to_owned()];
        print(&mut out, &keys, &rows, 80, true).unwrap();
        let expected =
            "State / Up  yes  no\n4            12   3\n1             0   5\n(missing)     0   1\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let mut out = Vec::new();
        print(&mut out, &keys, &rows, 12, true).unwrap();
        let narrow = String::from_utf8(out).unwrap();
        assert!(narrow.starts_with("12  4  yes\n"), "{narrow}");
    }

    #[test]
    fn a_long_value_keeps_both_ends() {
        assert_eq!(cut("/o=F/ou=L/cn=ghughes", 12, "…"), "/o=F/o…ughes");
        assert_eq!(cut("/o=F/ou=L/cn=jdoe", 12, "…"), "/o=F/o…=jdoe");
        assert_eq!(cut("日本語日本語", 8, "…"), "日本…語");
        assert_eq!(cut("e\u{301}xyzu\u{301}", 3, "…"), "e\u{301}…u\u{301}");
        assert_eq!(cut("ab", 1, "…"), "…");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = "x".repeat(300);
        let wide = "日本".repeat(40);
        let rows = [
            (Some(long.as_str()), 12),
            (Some(wide.as_str()), 9),
            (Some("a\tb\x1b[31m"), 3),
            (Some(""), 1),
            (None, 1),
        ];
        for width in 8..200 {
            let text = printed(&rows, width, true);
            assert!(!text.contains(['\t', '\x1b']));
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line:?}");
            }
            assert!(text.contains('…') && text.ends_with('\n'));
        }
        let narrow = printed(&rows, 12, true);
        assert!(!narrow.contains('█'), "{narrow}");
    }
}
