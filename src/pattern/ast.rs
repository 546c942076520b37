//! The tree a POSIX pattern is parsed into: nodes in one vector, children by index, so that no
//! pattern is too long to drop or to copy.

use std::collections::HashMap;
use std::sync::Arc;

use super::ctype::Ctype;
use super::set::CharSet;

/// Index of a node in its [`Ast`].
pub type NodeId = u32;

/// A zero-width assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Assertion {
    /// `^`, `` \` ``
    Start,
    /// `$`, `\'`
    End,
    /// `\<`
    WordStart,
    /// `\>`
    WordEnd,
    /// `\b`
    Word,
    /// `\B`
    NotWord,
}

impl Assertion {
    /// Whether it looks at word constituents.
    pub fn is_word(self) -> bool {
        !matches!(self, Assertion::Start | Assertion::End)
    }
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Matches the empty string.
    Empty,
    /// One character: a Unicode scalar value, or a byte where characters are bytes.
    Char(u32),
    /// One byte that is no character (an encoding error in the pattern).
    Byte(u8),
    /// One character out of a set.
    Set(Arc<CharSet>),
    /// `.`: any character; no encoding error.
    Any,
    /// Zero-width.
    Assertion(Assertion),
    /// Group number (from 1), content.
    Group(u32, NodeId),
    /// All of them, one after the other.
    Cat(Vec<NodeId>),
    /// Any of them.
    Alt(Vec<NodeId>),
    /// Repetition: node, at least, at most (`None`: no limit).
    Repeat(NodeId, u32, Option<u32>),
    /// What group N matched, again.
    Backref(u32),
    /// Something that GNU's DFA cannot decide.
    Opaque,
}

/// A tree; the root is wherever its owner says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ast {
    /// The nodes; children precede their parents.
    pub nodes: Vec<Node>,
    /// How many groups the pattern with the most groups has.
    pub groups: u32,
    /// Nodes for characters without regard to case.
    folded: HashMap<u32, Node>,
}

impl Ast {
    /// Adds a node.
    pub fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).expect("fewer than 2^32 nodes");
        self.nodes.push(node);
        id
    }

    /// A node for `c` without regard to case.
    pub fn folded(&mut self, c: u32, locale: Ctype) -> Node {
        let node = || match locale.folded(c)[..] {
            [one] => Node::Char(one),
            ref all => {
                let all = all.iter().map(|&c| (c, c)).collect();
                Node::Set(Arc::new(CharSet::from_ranges(all)))
            }
        };
        self.folded.entry(c).or_insert_with(node).clone()
    }

    /// A concatenation, no wider than needed.
    pub fn cat(&mut self, mut items: Vec<NodeId>) -> NodeId {
        match items.len() {
            0 => self.push(Node::Empty),
            1 => items.remove(0),
            _ => self.push(Node::Cat(items)),
        }
    }

    /// An alternation, no wider than needed.
    pub fn alt(&mut self, mut items: Vec<NodeId>) -> NodeId {
        match items.len() {
            1 => items.remove(0),
            _ => self.push(Node::Alt(items)),
        }
    }

    /// A node by index.
    pub fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// How deep the nodes are nested.
    pub fn depth(&self) -> usize {
        let mut deep = vec![1_usize; self.nodes.len()];
        let mut most = 0;
        for (at, node) in self.nodes.iter().enumerate() {
            let below = match node {
                Node::Group(_, inner) | Node::Repeat(inner, ..) => deep[*inner as usize],
                Node::Cat(items) | Node::Alt(items) => {
                    items.iter().map(|&i| deep[i as usize]).max().unwrap_or(0)
                }
                _ => 0,
            };
            deep[at] = below + 1;
            most = most.max(deep[at]);
        }
        most
    }

    /// How many ranges of characters there are when every count is written out.
    pub fn ranges_written_out(&self, root: NodeId) -> usize {
        let mut ranges = vec![0_usize; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            ranges[at] = match node {
                Node::Set(set) => set.ranges().len(),
                Node::Group(_, inner) => ranges[*inner as usize],
                Node::Repeat(inner, min, max) => {
                    let times = max.unwrap_or(*min).max(1) as usize;
                    ranges[*inner as usize].saturating_mul(times)
                }
                Node::Cat(items) | Node::Alt(items) => {
                    let each = items.iter().map(|&item| ranges[item as usize]);
                    each.fold(0, usize::saturating_add)
                }
                _ => 1,
            };
        }
        ranges[root as usize]
    }

    /// Whether any node below `root` is such.
    pub fn has(&self, root: NodeId, test: impl Fn(&Node) -> bool) -> bool {
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            let node = self.get(id);
            if test(node) {
                return true;
            }
            match node {
                Node::Group(_, inner) | Node::Repeat(inner, ..) => todo.push(*inner),
                Node::Cat(items) | Node::Alt(items) => todo.extend(items),
                _ => {}
            }
        }
        false
    }

    /// Whether any node is such.
    pub fn any(&self, test: impl Fn(&Node) -> bool) -> bool {
        self.nodes.iter().any(test)
    }

    /// Whether each node can match the empty string when assertions are taken to hold (`true`) or
    /// to fail (`false`).
    pub fn nullable(&self, root: NodeId, looks: bool) -> bool {
        let mut empty = vec![false; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            empty[at] = match node {
                Node::Empty => true,
                Node::Char(_) | Node::Byte(_) | Node::Set(_) | Node::Any => false,
                Node::Assertion(_) => looks,
                Node::Backref(_) | Node::Opaque => true,
                Node::Group(_, inner) => empty[*inner as usize],
                Node::Cat(items) => items.iter().all(|&i| empty[i as usize]),
                Node::Alt(items) => items.iter().any(|&i| empty[i as usize]),
                Node::Repeat(inner, min, _) => *min == 0 || empty[*inner as usize],
            };
        }
        empty[root as usize]
    }

    /// The strings, if it matches nothing but plain strings.
    pub fn literals(&self, root: NodeId, utf8: bool) -> Option<Vec<Vec<u8>>> {
        let one = |id: NodeId| {
            let items = match self.get(id) {
                Node::Cat(items) => &items[..],
                Node::Empty => &[],
                Node::Char(_) => std::slice::from_ref(&id),
                _ => return None,
            };
            let mut text = Vec::new();
            for &item in items {
                match self.get(item) {
                    Node::Char(c) => encode(*c, utf8, &mut text),
                    Node::Empty => {}
                    _ => return None,
                }
            }
            Some(text)
        };
        match self.get(root) {
            Node::Alt(items) => items
                .iter()
                .map(|&item| match self.get(item) {
                    Node::Alt(inner) => inner.iter().map(|&i| one(i)).collect(),
                    _ => one(item).map(|text| vec![text]),
                })
                .collect::<Option<Vec<Vec<Vec<u8>>>>>()
                .map(|all| all.into_iter().flatten().collect()),
            _ => one(root).map(|text| vec![text]),
        }
    }

    /// The longest string that every match holds; empty if none is known.
    pub fn required(&self, root: NodeId, utf8: bool) -> Vec<u8> {
        let runs = self.runs(root, utf8, |_| None).into_iter();
        runs.rev().max_by_key(Vec::len).unwrap_or_default()
    }

    /// Strings that stand in every line that matches, in this order, one after the other; `one` says which character stands
    /// for a set.
    pub fn runs(
        &self,
        root: NodeId,
        utf8: bool,
        one: impl Fn(&CharSet) -> Option<u32>,
    ) -> Vec<Vec<u8>> {
        let mut runs = vec![Vec::new()];
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            let c = match self.get(id) {
                Node::Char(c) => Some(*c),
                Node::Set(set) => one(set),
                _ => None,
            };
            if let (Some(c), Some(run)) = (c, runs.last_mut()) {
                encode(c, utf8, run);
                continue;
            }
            match self.get(id) {
                Node::Empty => {}
                Node::Group(_, inner) => todo.push(*inner),
                Node::Cat(items) => todo.extend(items.iter().rev()),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| !run.is_empty());
        runs
    }
}

/// Appends a character as the bytes it has in a line.
pub fn encode(c: u32, utf8: bool, out: &mut Vec<u8>) {
    match char::from_u32(c) {
        Some(c) if utf8 => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        _ => out.push(c as u8),
    }
}
