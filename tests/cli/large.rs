//! A store of 100,000 files, against a count that knows nothing of grini.

use crate::support::grini;
use std::fs;

#[path = "../../benches/store.rs"]
#[allow(dead_code)]
mod store;

#[test]
fn every_record_of_a_large_store_is_told_right_and_in_order() {
    let run = grini([
        "--records",
        "--where",
        "State=4",
        "--missing",
        "NumSCerts",
        "-l",
        "big",
    ]);
    store::make(100_000, &run.folder().join("big")).unwrap();
    let mut broken = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(run.folder().join("big")).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read(entry.path()).unwrap();
        let has = |line: &[u8]| text.windows(line.len()).any(|at| at == line);
        if has(b"\nState = 4\r") && !has(b"\nNumSCerts") {
            broken.push(format!("big/{}\n", entry.file_name().to_string_lossy()));
        }
        files += 1;
    }
    broken.sort();
    assert_eq!(files, 100_000);
    assert!(broken.len() > 4000);
    run.says(&broken.concat(), "", 0);
    run.says(&broken.concat(), "", 0);
}
