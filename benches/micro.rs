//! Single parts of grini: `cargo bench --bench micro`.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use encoding_rs::WINDOWS_1252;
use grini::files::Document;
use grini::ini::{Dialect, Scan};
use grini::output::escape;

fn main() {
    divan::main();
}

/// One client's record with a name beyond ASCII, repeated.
fn records(count: usize) -> Vec<u8> {
    let record = b"[Client]\r\nName = J\xfcrgen\r\nMailbox = /o=Fabrikam/cn=user\r\nState = 4\r\n\r\n[Keys]\r\nKey0 = 0123456789abcdef0123456789abcdef\r\n";
    record.repeat(count)
}

#[divan::bench(args = [1, 10_000])]
fn scan(bencher: Bencher<'_, '_>, count: usize) {
    let bytes = records(count);
    let text = Document::new(&bytes, WINDOWS_1252).text().to_vec();
    let dialect = Dialect::default();
    let mut scan = Scan::default();
    bencher
        .counter(BytesCount::of_slice(&text))
        .bench_local(|| scan.read(black_box(&text), &dialect));
}

#[divan::bench(args = [1, 10_000])]
fn decode(bencher: Bencher<'_, '_>, count: usize) {
    let bytes = records(count);
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| Document::new(black_box(&bytes), WINDOWS_1252).text().len());
}

#[divan::bench]
fn escape_plain_text(bencher: Bencher<'_, '_>) {
    let bytes = b"Mailbox = /o=Fabrikam/cn=user".repeat(100);
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| escape::escaped(black_box(&bytes), true).len());
}
