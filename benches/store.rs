//! Makes a store of any size, as a key-management server would have it: `cargo bench --bench store -- COUNT FOLDER`.
//!
//! The store is the same on every run: a flat folder of small .ini files in Windows-1252 with CRLF line ends.

use std::fs;
use std::path::Path;

/// A small generator of numbers (xorshift64*), so that a store needs no crate and never changes.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet[self.below(alphabet.len())]))
            .collect()
    }
}

const FIRST: &[&str] = &[
    "Anna", "Björn", "Carla", "Dmitri", "Élodie", "Frank", "Grace", "Hélène", "Ivan", "Jürgen",
];
const LAST: &[&str] = &[
    "Adams",
    "Brøgger",
    "Castañeda",
    "Dvorak",
    "Eriksson",
    "Fürst",
    "García",
    "Hughes",
    "Ito",
    "Jönsson",
];
const NAMES: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes `count` records into `folder`.
pub(crate) fn make(count: usize, folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut numbers = Numbers(198_709);
    for at in 0..count {
        let name = format!("Mx{}.ini", numbers.text(NAMES, 11));
        let first = FIRST[numbers.below(FIRST.len())];
        let last = LAST[numbers.below(LAST.len())];
        // One in twenty is in recovery and has no certificates.
        let state = [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4][numbers.below(20)];
        let site = numbers.below(40);
        let mut text = format!(
            "[Client]\r\nName = {first} {last}\r\n\
             Mailbox = /o=Fabrikam/ou=Site{site}/cn=Recipients/cn=user{at:07}\r\n\
             Created = {}\r\nState = {state}\r\n",
            850_000_000 + numbers.below(75_000_000)
        );
        if state != 4 {
            text.push_str(&format!("NumSCerts = {}\r\n", 1 + numbers.below(3)));
        }
        text.push_str("\r\n[Keys]\r\n");
        for key in 0..2 + numbers.below(4) {
            let length = 60 + numbers.below(120);
            text.push_str(&format!("Key{key} = {}\r\n", numbers.text(BASE64, length)));
        }
        // Windows-1252 and Latin-1 agree on all characters used here.
        let bytes: Vec<u8> = text.chars().map(|char| char as u8).collect();
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let [count, folder] = args.as_slice() else {
        eprintln!("usage: cargo bench --bench store -- COUNT FOLDER");
        return;
    };
    let Ok(count) = count.parse() else {
        eprintln!("store: '{count}' is no number of files");
        std::process::exit(2);
    };
    if let Err(error) = make(count, Path::new(folder)) {
        eprintln!("store: {folder}: {error}");
        std::process::exit(2);
    }
}
