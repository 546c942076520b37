//! How far lines are indented, and what they may go on with for that.

use super::record::View;
use super::scan::{Kind, line_at};

impl View<'_> {
    /// How many blanks the line of `item` starts with.
    pub fn indent(&self, item: usize) -> usize {
        let start = self.scan.items[item].span.start as usize;
        let content = &self.text[start..line_at(self.text, start).0];
        self.dialect.blanks.indent(content).0
    }

    /// The line of the same section, none of a header, whose value may go on over the line of `item`: the last one before it
    /// that is indented less.
    pub fn opener(&self, item: usize) -> Option<usize> {
        if self.indent(item) == 0 {
            return None;
        }
        let outer = self.scan.asked.outer.get_or_init(|| self.outer());
        let found = outer[item]? as usize;
        let section = &self.scan.sections[self.scan.section_of(item)];
        let is_header = self.scan.items[found].kind == Kind::Header;
        (!is_header && section.items.contains(&found)).then_some(found)
    }

    /// For each item the last one before it, blank lines and comments aside, that is indented less.
    fn outer(&self) -> Vec<Option<u32>> {
        let mut open: Vec<(usize, u32)> = Vec::new();
        let items = self.scan.items.iter().enumerate();
        let outer = items.map(|(at, item)| {
            let indent = self.indent(at);
            let less = open.partition_point(|&(other, _)| other < indent);
            let found = less.checked_sub(1).map(|last| open[last].1);
            if !matches!(item.kind, Kind::Blank | Kind::Comment) {
                open.truncate(less);
                open.push((indent, u32::try_from(at).unwrap_or(u32::MAX)));
            }
            found
        });
        outer.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::presets::PRESETS;
    use crate::ini::{Dialect, Scan};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_opener_is_the_last_line_of_its_section_that_is_indented_less(
            text in "([ \t]{0,3}(a=1|b|;c|\\[s\\]|\\[x|)\n){0,20}",
            preset in 0..=PRESETS.len(),
        ) {
            let dialect = PRESETS.get(preset).map_or_else(Dialect::default, |preset| (preset.rules)());
            let scan = Scan::new(text.as_bytes(), &dialect);
            let view = View { text: text.as_bytes(), scan: &scan, dialect: &dialect, confine: None };
            for item in 0..scan.items.len() {
                let section = scan.sections[scan.section_of(item)].items.start;
                let mut before = (section..item).rev();
                let found = before.find(|&at| {
                    let says = !matches!(scan.items[at].kind, Kind::Blank | Kind::Comment);
                    says && view.indent(at) < view.indent(item)
                });
                let opener = found.filter(|&at| scan.items[at].kind != Kind::Header);
                prop_assert_eq!(view.opener(item), opener);
            }
        }
    }
}
