//! A set of characters as sorted, disjoint, inclusive ranges.

/// Sorted, disjoint, not adjacent, inclusive ranges of character numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CharSet {
    ranges: Vec<(u32, u32)>,
}

impl CharSet {
    /// From ranges that are already sorted and disjoint.
    pub fn from_sorted(ranges: Vec<(u32, u32)>) -> CharSet {
        CharSet { ranges }
    }

    /// From ranges in any order.
    pub fn from_ranges(mut ranges: Vec<(u32, u32)>) -> CharSet {
        ranges.retain(|r| r.0 <= r.1);
        ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (start, end) in ranges {
            match out.last_mut() {
                Some(last) if start <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => out.push((start, end)),
            }
        }
        CharSet { ranges: out }
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The only member, if there is exactly one.
    pub fn single(&self) -> Option<u32> {
        match self.ranges[..] {
            [(a, b)] if a == b => Some(a),
            _ => None,
        }
    }

    /// Whether `c` is in it.
    pub fn contains(&self, c: u32) -> bool {
        let after = self.ranges.partition_point(|&(start, _)| start <= c);
        after > 0 && c <= self.ranges[after - 1].1
    }

    /// Adds `start..=end`.
    pub fn add(&mut self, start: u32, end: u32) {
        let mut ranges = std::mem::take(&mut self.ranges);
        ranges.push((start, end));
        *self = CharSet::from_ranges(ranges);
    }

    /// Takes `c` out.
    pub fn remove(&mut self, c: u32) {
        *self = self.minus(&CharSet::from_sorted(vec![(c, c)]));
    }

    /// Drops everything above `max`.
    pub fn clip(&mut self, max: u32) {
        self.ranges.retain(|r| r.0 <= max);
        if let Some(last) = self.ranges.last_mut() {
            last.1 = last.1.min(max);
        }
    }

    /// What is in either.
    pub fn union(&self, other: &CharSet) -> CharSet {
        CharSet::from_ranges(self.ranges.iter().chain(&other.ranges).copied().collect())
    }

    /// What is in this and not in `other`.
    pub fn minus(&self, other: &CharSet) -> CharSet {
        let mut out = Vec::with_capacity(self.ranges.len());
        let mut from = 0;
        for &(mut start, end) in &self.ranges {
            while from < other.ranges.len() && other.ranges[from].1 < start {
                from += 1;
            }
            let mut at = from;
            while start <= end && at < other.ranges.len() && other.ranges[at].0 <= end {
                let (a, b) = other.ranges[at];
                if start < a {
                    out.push((start, a - 1));
                }
                start = b.saturating_add(1);
                at += 1;
            }
            if start <= end {
                out.push((start, end));
            }
        }
        CharSet { ranges: out }
    }

    /// All characters up to `max` that are not in it; surrogates, which no valid text has, are
    /// left out when `max` lies beyond them.
    pub fn complement(&self, max: u32) -> CharSet {
        let mut all = vec![(0, max.min(0xd7ff))];
        if max > 0xdfff {
            all.push((0xe000, max));
        }
        CharSet { ranges: all }.minus(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[(u32, u32)]) -> CharSet {
        CharSet::from_ranges(ranges.to_vec())
    }

    #[test]
    fn arithmetic() {
        let a = set(&[(5, 9), (1, 3), (4, 4)]);
        assert_eq!(a.ranges(), [(1, 9)]);
        assert_eq!(
            a.minus(&set(&[(2, 3), (5, 5), (8, 20)])).ranges(),
            [(1, 1), (4, 4), (6, 7)]
        );
        assert_eq!(set(&[(0, 254)]).complement(255).single(), Some(255));
        assert!(
            set(&[(0, 0xffff), (0x10000, 0x10ffff)])
                .complement(0x10ffff)
                .is_empty()
        );
        assert!(!a.contains(10) && a.contains(4));
    }
}
