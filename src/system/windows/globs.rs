//! Wildcards in operands, which the shells of Windows leave to the program.

use std::path::{Component, Path};

use super::names::{self, is_separator};

fn is_wild(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

/// The names that an operand with `*` or `?` stands for, in byte order; none: it has no such character, or no file has such a
/// name. Names compare without case, and `*.*` is any of them.
pub fn expanded(operand: &[u8]) -> Option<Vec<Vec<u8>>> {
    let whole = names::path(operand);
    // The prefix of `\\\\?\\C:` is none of names.
    let start = match whole.components().next() {
        Some(Component::Prefix(prefix)) => prefix.as_os_str().len(),
        _ => 0,
    };
    if !operand[start..].iter().any(|&byte| is_wild(byte)) {
        return None;
    }
    let mut found = Vec::new();
    expand(operand[..start].to_vec(), &operand[start..], &mut found);
    (!found.is_empty()).then_some(found)
}

/// Adds what `rest` stands for after the path `before`.
fn expand(mut before: Vec<u8>, rest: &[u8], found: &mut Vec<Vec<u8>>) {
    let Some(wild) = rest.iter().position(|&byte| is_wild(byte)) else {
        before.extend_from_slice(rest);
        if names::path(&before).exists() {
            found.push(before);
        }
        return;
    };
    let start = rest[..wild].iter().rposition(|&byte| is_separator(byte));
    let start = start.map_or(0, |at| at + 1);
    let length = rest[start..].iter().position(|&byte| is_separator(byte));
    let (glob, rest_after) = rest[start..].split_at(length.unwrap_or(rest.len() - start));
    before.extend_from_slice(&rest[..start]);
    let folder = match before.is_empty() {
        true => Path::new(".").into(),
        false => names::path(&before),
    };
    let glob = folded(glob);
    let glob = if glob == ['*', '.', '*'] {
        vec!['*']
    } else {
        glob
    };
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut names: Vec<Vec<u8>> = entries
        .map(|entry| entry.file_name().into_encoded_bytes())
        .filter(|name| matches(&glob, &folded(name)))
        .collect();
    names.sort();
    for name in names {
        expand([&before[..], &name].concat(), rest_after, found);
    }
}

fn folded(name: &[u8]) -> Vec<char> {
    let text = String::from_utf8_lossy(name);
    text.chars().flat_map(char::to_uppercase).collect()
}

/// Whether a whole name matches, `*` as any text and `?` as any character.
fn matches(glob: &[char], name: &[char]) -> bool {
    let (mut at, mut from) = (0, 0);
    // After the last `*`: its place, and up to where it takes the name.
    let mut star = None;
    while from < name.len() {
        match glob.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&char) if char == '?' || char == name[from] => (at, from) = (at + 1, from + 1),
            _ => match &mut star {
                Some((place, taken)) => {
                    *taken += 1;
                    (at, from) = (*place + 1, *taken);
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|char| *char == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_without_case() {
        for (glob, name, same) in [
            ("*.ini", "A.INI", true),
            ("*.ini", "a.inix", false),
            ("m?.ini", "MÄ.ini", true),
            ("m?.ini", "m.ini", false),
            ("*a*b*", "xxaYYb", true),
            ("*a*b", "xab.", false),
            ("a[b]*", "a[B]c", true),
            ("**", "", true),
        ] {
            let (glob, name) = (folded(glob.as_bytes()), folded(name.as_bytes()));
            assert_eq!(matches(&glob, &name), same, "{glob:?} {name:?}");
        }
    }
}
