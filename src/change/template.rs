//! The replacement text of `--replace`: `$0`–`$9`, `${12}`, `${name}`, `$$`.

use crate::ini::grammar::pointed;
use std::fmt;

/// A parsed replacement text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<TemplatePart>,
    text: String,
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

/// What is wrong with a replacement text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    text: String,
    at: usize,
    message: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = pointed(&self.text, self.at);
        write!(out, "{}\n{shown}", self.message)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Parses `text`.
    ///
    /// # Errors
    /// A `$` that begins nothing known.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let fault = |at: usize, message: &str| TemplateError {
            text: text.to_owned(),
            at,
            message: message.to_owned(),
        };
        let group = |name: &str, at| TemplatePart::Group {
            name: name.to_owned(),
            at,
            number: 0,
        };
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            let at = text.len() - rest.len() + dollar;
            literal.push_str(&rest[..dollar]);
            let after = &rest[dollar + 1..];
            match after.chars().next() {
                Some('$') => {
                    literal.push('$');
                    rest = &after[1..];
                }
                Some('0'..='9') => {
                    push_literal(&mut parts, &mut literal);
                    parts.push(group(&after[..1], at));
                    rest = &after[1..];
                }
                Some('{') => {
                    let close = after
                        .find('}')
                        .ok_or_else(|| fault(at, "this ${ has no }; write ${NAME} or ${NUMBER}"))?;
                    let name = &after[1..close];
                    if name.is_empty() {
                        return Err(fault(at, "a group is missing in ${}"));
                    }
                    push_literal(&mut parts, &mut literal);
                    parts.push(group(name, at));
                    rest = &after[close + 1..];
                }
                _ => {
                    return Err(fault(
                        at,
                        "a lone $; write $$ for a dollar, $0 for the match, $1 or ${name} for a group",
                    ));
                }
            }
        }
        literal.push_str(rest);
        push_literal(&mut parts, &mut literal);
        Ok(Template {
            parts,
            text: text.to_owned(),
        })
    }

    /// Whether its own text, groups aside, is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.parts.iter().all(|part| match part {
            TemplatePart::Literal(text) => text.is_ascii(),
            TemplatePart::Group { .. } => true,
        })
    }

    /// Checks its groups against those of a pattern, and turns names into numbers.
    ///
    /// # Errors
    /// A group that the pattern lacks.
    pub fn resolve(
        mut self,
        groups: usize,
        names: &[Option<String>],
    ) -> Result<Template, TemplateError> {
        for part in &mut self.parts {
            let TemplatePart::Group { name, at, number } = part else {
                continue;
            };
            let named = || names.iter().position(|known| known.as_ref() == Some(name));
            let known = name.parse().ok().or_else(named);
            let Some(known) = known.filter(|known| *known < groups) else {
                let message = format!(
                    "the pattern has no group '{name}'; it has {} (write $$ for a dollar)",
                    match groups.saturating_sub(1) {
                        0 => "none".to_owned(),
                        1 => "one: $1".to_owned(),
                        last => format!("$1 to ${{{last}}}"),
                    }
                );
                return Err(TemplateError {
                    text: self.text,
                    at: *at,
                    message,
                });
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

fn push_literal(parts: &mut Vec<TemplatePart>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(TemplatePart::Literal(std::mem::take(literal)));
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
        assert_eq!(fault.at, 1);
        assert!(
            Template::parse("${x}")
                .unwrap()
                .resolve(2, &[None, None])
                .is_err()
        );
    }
}
