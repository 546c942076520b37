//! The replacement text of `--replace`: `$0`–`$9`, `${12}`, `${name}`, `$$`.

use crate::ini::grammar::pointed;

/// A parsed replacement text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<TemplatePart>,
    /// It, as it was typed.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePart {
    Literal(String),
    /// Its name or number, as typed at this offset, and the number, once the pattern is known.
    Group {
        name: String,
        at: usize,
        number: usize,
    },
}

impl Template {
    /// Parses `text`.
    ///
    /// # Errors
    /// A `$` that begins nothing known, and where.
    pub fn parse(text: &str) -> Result<Template, String> {
        let fault = |at, what: &str| format!("{what}\n{}", pointed(text, at));
        let literal = |text: &str| TemplatePart::Literal(text.to_owned());
        let group = |name: &str, at| TemplatePart::Group {
            name: name.to_owned(),
            at,
            number: 0,
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            let at = text.len() - rest.len() + dollar;
            let after = &rest[dollar + 1..];
            let (part, length) = match after.as_bytes().first() {
                Some(b'$') => (literal("$"), 1),
                Some(b'0'..=b'9') => (group(&after[..1], at), 1),
                Some(b'{') => match after.find('}') {
                    None => return Err(fault(at, "this ${ has no }; write ${NAME} or ${NUMBER}")),
                    Some(1) => return Err(fault(at, "a group is missing in ${}")),
                    Some(close) => (group(&after[1..close], at), close + 1),
                },
                _ => {
                    return Err(fault(
                        at,
                        "a lone $; write $$ for a dollar, $0 for the match, $1 or ${name} for a group",
                    ));
                }
            };
            parts.extend([literal(&rest[..dollar]), part]);
            rest = &after[length..];
        }
        parts.push(literal(rest));
        Ok(Template {
            parts,
            text: text.to_owned(),
        })
    }

    /// Whether its own text, groups aside, is ASCII.
    pub fn is_ascii(&self) -> bool {
        let other = |part: &_| matches!(part, TemplatePart::Literal(text) if !text.is_ascii());
        !self.parts.iter().any(other)
    }

    /// Checks its groups against those of a pattern, and turns names into numbers.
    ///
    /// # Errors
    /// A group that the pattern lacks, and where it is.
    pub fn resolve(mut self, groups: usize, names: &[Option<String>]) -> Result<Template, String> {
        for part in &mut self.parts {
            let TemplatePart::Group { name, at, number } = part else {
                continue;
            };
            let named = || names.iter().position(|known| known.as_ref() == Some(name));
            let known = name.parse().ok().or_else(named);
            let Some(known) = known.filter(|known| *known < groups) else {
                let has = match groups.saturating_sub(1) {
                    0 => "none".to_owned(),
                    1 => "one: $1".to_owned(),
                    last => format!("$1 to ${{{last}}}"),
                };
                return Err(format!(
                    "the pattern has no group '{name}'; it has {has} (write $$ for a dollar)\n{}",
                    pointed(&self.text, *at)
                ));
            };
            *number = known;
        }
        Ok(self)
    }

    /// The replacement, given the text of each group (empty where it took no part).
    pub fn expand<'g>(&self, group: impl Fn(usize) -> &'g [u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &self.parts {
            match part {
                TemplatePart::Literal(text) => out.extend_from_slice(text.as_bytes()),
                TemplatePart::Group { number, .. } => out.extend_from_slice(group(*number)),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_dollars_are_expanded() {
        let groups: [&[u8]; 3] = [b"whole", b"one", b"two"];
        let names = [None, None, Some("second".to_owned())];
        for (text, expected) in [
            ("plain", "plain"),
            ("$0", "whole"),
            ("<$1-${2}>", "<one-two>"),
            ("${second}$$1", "two$1"),
            ("", ""),
            ("é$1é", "éoneé"),
        ] {
            let template = Template::parse(text).unwrap().resolve(3, &names).unwrap();
            assert_eq!(
                template.expand(|at| groups[at]),
                expected.as_bytes(),
                "{text}"
            );
        }
    }

    #[test]
    fn unknown_groups_and_lone_dollars_are_faults() {
        for text in ["$", "a$b", "${", "${}", "$$$"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
        let fault = Template::parse("a$3")
            .unwrap()
            .resolve(2, &[None, None])
            .unwrap_err();
        assert_eq!(
            fault,
            "the pattern has no group '3'; it has one: $1 (write $$ for a dollar)\n  a$3\n   ^"
        );
        assert!(
            Template::parse("${x}")
                .unwrap()
                .resolve(2, &[None, None])
                .is_err()
        );
    }
}
