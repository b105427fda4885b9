//! Which placeables a Fluent message needs, so that languages can be compared.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

fn entries(text: &str) -> Vec<Entry<&str>> {
    match fluent_syntax::parser::parse(text) {
        Ok(resource) | Err((resource, _)) => resource.body,
    }
}

/// Every message of a Fluent text with the names of its variables. Broken entries are left out: the catalog
/// names those.
pub(crate) fn of(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out = BTreeMap::new();
    for entry in entries(text) {
        if let Entry::Message(message) = entry {
            let mut names = BTreeSet::new();
            message.value.iter().for_each(|pattern| in_pattern(pattern, &mut names));
            message.attributes.iter().for_each(|attribute| in_pattern(&attribute.value, &mut names));
            out.insert(message.id.name.to_string(), names);
        }
    }
    out
}

/// Keys that a Fluent text holds more than once.
pub(crate) fn duplicates(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let ids = entries(text).into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name.to_string()),
        _ => None,
    });
    ids.filter(|id| !seen.insert(id.clone())).collect()
}

fn in_pattern(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, names);
        }
    }
}

fn in_expression(expression: &Expression<&str>, names: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, names),
        Expression::Select { selector, variants } => {
            in_inline(selector, names);
            variants.iter().for_each(|variant| in_pattern(&variant.value, names));
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_string());
        }
        InlineExpression::FunctionReference { arguments, .. } => in_call(arguments, names),
        InlineExpression::TermReference { arguments: Some(arguments), .. } => in_call(arguments, names),
        InlineExpression::Placeable { expression } => in_expression(expression, names),
        _ => {}
    }
}

fn in_call(arguments: &CallArguments<&str>, names: &mut BTreeSet<String>) {
    arguments.positional.iter().for_each(|argument| in_inline(argument, names));
    arguments.named.iter().for_each(|argument| in_inline(&argument.value, names));
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_variables_in_every_corner() {
        let found = super::of(
            "a = { $x } { $n ->\n [one] { $y }\n *[other] { { $z } }\n }\n .title = { $t }\nb = B\n",
        );
        let names: Vec<&str> = found["a"].iter().map(String::as_str).collect();
        assert_eq!(names, ["n", "t", "x", "y", "z"]);
        assert!(found["b"].is_empty());
        assert_eq!(super::duplicates("a = 1\nb = 2\na = 3\n"), ["a"]);
    }
}
