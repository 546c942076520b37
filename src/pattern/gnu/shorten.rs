//! A shortcut of GNU's that shows: where a pattern comes down to a string, perhaps a whole line, GNU
//! looks for that instead, and loses a `$` before the string on the way. `^$b$` finds the lines `b`.

use crate::pattern::ast::{Assertion, Ast, Node, NodeId};

/// What GNU knows about a part of a pattern.
#[derive(Default)]
struct Must {
    /// The string it is, unless empty.
    string: Vec<u8>,
    /// The string is known in one piece.
    joined: bool,
    /// The part after it begins where the string ends.
    open: bool,
    start: bool,
    end: bool,
}

/// The root of what GNU looks for instead of `root`, if that is another thing. `ast` has only what
/// GNU's DFA decides.
pub(crate) fn shorten(ast: &mut Ast, root: NodeId, utf8: bool) -> Option<NodeId> {
    let looks = |wanted| ast.any(|node| matches!(node, Node::Assertion(look) if *look == wanted));
    let (start, end) = (looks(Assertion::Start), looks(Assertion::End));
    if !end {
        return None;
    }
    let must = must(ast, root, utf8)?;
    let exact = must.joined && !must.string.is_empty() && (must.start || !start) && must.end;
    if !exact {
        return None;
    }
    let mut items = Vec::new();
    if must.start {
        items.push(ast.push(Node::Assertion(Assertion::Start)));
    }
    let text = String::from_utf8_lossy(&must.string).into_owned();
    if utf8 {
        items.extend(text.chars().map(|c| ast.push(Node::Char(u32::from(c)))));
    } else {
        items.extend(
            must.string
                .iter()
                .map(|&c| ast.push(Node::Char(u32::from(c)))),
        );
    }
    items.push(ast.push(Node::Assertion(Assertion::End)));
    Some(ast.cat(items))
}

/// `None`: more than groups, concatenations, characters and anchors.
fn must(ast: &Ast, id: NodeId, utf8: bool) -> Option<Must> {
    Some(match ast.get(id) {
        Node::Assertion(Assertion::Start) => Must {
            start: true,
            ..Must::default()
        },
        Node::Assertion(Assertion::End) => Must {
            end: true,
            ..Must::default()
        },
        Node::Char(c) => {
            let mut string = Vec::new();
            crate::pattern::ast::encode(*c, utf8, &mut string);
            Must {
                string,
                joined: true,
                open: true,
                ..Must::default()
            }
        }
        Node::Group(_, inner) => must(ast, *inner, utf8)?,
        Node::Cat(items) => {
            let mut all = must(ast, *items.first()?, utf8)?;
            for &item in &items[1..] {
                all = both(all, must(ast, item, utf8)?);
            }
            all
        }
        _ => return None,
    })
}

fn both(left: Must, right: Must) -> Must {
    let known = (!left.string.is_empty() || left.start) && (!right.string.is_empty() || right.end);
    if !known {
        return Must::default();
    }
    let joined = match (left.string.is_empty(), right.string.is_empty()) {
        (false, false) => left.joined && right.joined && left.open,
        (false, true) => left.joined,
        (true, _) => right.joined,
    };
    Must {
        joined,
        open: !right.string.is_empty() && right.open,
        string: [left.string, right.string].concat(),
        start: left.start,
        end: right.end,
    }
}
