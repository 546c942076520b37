use grini::pattern::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut o = Options::new(Syntax::Basic, Charset::Utf8);
    let mut it = a[1].chars();
    while let Some(c) = it.next() {
        match c {
            'E' => o.syntax = Syntax::Extended,
            'F' => o.syntax = Syntax::Fixed,
            'P' => o.syntax = Syntax::Perl,
            'i' => o.ignore_case = true,
            'w' => o.whole = Whole::Words,
            'x' => o.whole = Whole::Lines,
            'C' => o.charset = Charset::Bytes,
            'z' => o.terminator = 0,
            'c' => o.crlf = true,
            _ => {}
        }
    }
    let pats: Vec<Vec<u8>> = a[2].split('\n').map(|s| s.as_bytes().to_vec()).collect();
    let t = std::time::Instant::now();
    let m = Matcher::compile(&pats, &o).unwrap().matcher;
    eprintln!("compile {:?}", t.elapsed());
    let buf = std::fs::read(&a[3]).unwrap();
    if a.get(4).is_some() {
        println!("{m:?}");
    }
    let t = std::time::Instant::now();
    let mut at = 0;
    let mut n = 0;
    while let Some(l) = m.find_line(&buf, at).unwrap() {
        n += 1;
        at = l.end;
    }
    let e = t.elapsed();
    println!(
        "{n} lines {e:?} {:.2} GB/s",
        buf.len() as f64 / e.as_secs_f64() / 1e9
    );
    if buf.len() < 1000 {
        for l in buf.split(|&c| c == o.terminator) {
            println!(
                "{:?} {} {:?}",
                bstr::BStr::new(l),
                m.is_match(l).unwrap(),
                m.find_at(l, 0)
            );
        }
    }
}
