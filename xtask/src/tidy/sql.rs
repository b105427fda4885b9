//! Which tables an SQL text names. Not a parser of SQL: words and signs, and the places where a table's name stands.

/// Every table the text names, with its line from 0.
pub fn tables(text: &str) -> Vec<(String, usize)> {
    let tokens = tokens(text);
    let own = own_names(&tokens);
    let word = |at: usize| tokens.get(at).map_or("", |(token, _)| token.as_str());
    let mut tables = Vec::new();
    let mut take = |at: usize| {
        if let Some((name, line)) = tokens.get(at)
            && is_name(name)
            && !own.contains(&name.as_str())
        {
            tables.push((name.clone(), *line));
        }
    };
    for at in 0..tokens.len() {
        match word(at) {
            // `is distinct from x` and `extract(year from x)` compare values.
            "from" if word(at.wrapping_sub(1)) == "distinct" || in_extract(&tokens, at) => {}
            "from" | "join" => {
                for name in comma_list(&tokens, at + 1) {
                    take(name);
                }
            }
            "into" | "references" => take(at + 1),
            // `on conflict do update set`, `for update`
            "update" if !matches!(word(at.wrapping_sub(1)), "do" | "for" | "on") => take(at + 1),
            "table" | "index" => {
                let skip = match (word(at + 1), word(at + 2)) {
                    ("if", "not") => 4,
                    ("if", _) => 3,
                    _ => 1,
                };
                take(at + skip);
                if word(at) == "index" && word(at + skip + 1) == "on" {
                    take(at + skip + 2);
                }
            }
            _ => {}
        }
    }
    tables
}

/// The positions of the names in `a, b as x, c`.
fn comma_list(tokens: &[(String, usize)], start: usize) -> Vec<usize> {
    let word = |at: usize| tokens.get(at).map_or("", |(token, _)| token.as_str());
    let mut names = vec![start];
    let mut at = start;
    loop {
        at += 1;
        if word(at) == "as" {
            at += 1;
        }
        if is_name(word(at)) && !KEYWORDS.contains(&word(at)) {
            at += 1;
        }
        if word(at) != "," {
            return names;
        }
        at += 1;
        names.push(at);
    }
}

/// Words that end the name and alias of a table.
const KEYWORDS: &[&str] = &[
    "where",
    "join",
    "left",
    "right",
    "inner",
    "outer",
    "full",
    "cross",
    "on",
    "using",
    "group",
    "order",
    "limit",
    "union",
    "except",
    "intersect",
    "set",
    "values",
    "select",
    "returning",
    "offset",
    "for",
    "having",
    "default",
    "with",
];

/// Names that the text itself gives: `with recursive up as (...)`, `, down as (...)`.
fn own_names(tokens: &[(String, usize)]) -> Vec<&str> {
    let mut own = Vec::new();
    for window in tokens.windows(3) {
        if window[1].0 == "as" && window[2].0 == "(" {
            own.push(window[0].0.as_str());
        }
    }
    // `with up (id, depth) as (`: the name stands before the column list.
    for (at, (token, _)) in tokens.iter().enumerate() {
        if (token == "with" || token == "recursive") && tokens.get(at + 2).is_some_and(|(t, _)| t == "(") {
            own.push(tokens[at + 1].0.as_str());
        }
    }
    own
}

fn in_extract(tokens: &[(String, usize)], from: usize) -> bool {
    let word =
        |back: usize| from.checked_sub(back).and_then(|at| tokens.get(at)).map_or("", |(t, _)| t.as_str());
    word(2) == "(" && matches!(word(3), "extract" | "trim" | "substring" | "overlay")
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && token != "select"
        && token != "lateral"
}

/// Lower-case words and single signs, with their line; comments and quoted values are left out.
fn tokens(text: &str) -> Vec<(String, usize)> {
    let mut tokens = Vec::new();
    let mut line = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '\'' {
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else if is_word(first) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            tokens.push((rest[..end].to_lowercase(), line));
            end
        } else {
            // A quoted identifier is read as the word between the quotes; a backslash continues a Rust text on the next line.
            if !first.is_whitespace() && !matches!(first, '"' | '\\') {
                tokens.push((first.to_string(), line));
            }
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        tables(text).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn finds_tables_wherever_they_stand() {
        for (text, expected) in [
            ("select a from x_a", vec!["x_a"]),
            (
                "SELECT a FROM x_a AS a, x_b b JOIN x_c c ON c.id = a.id WHERE a.n IN (select n from x_d)",
                vec!["x_a", "x_b", "x_c", "x_d"],
            ),
            (
                "insert into x_a (n) values ($1) on conflict (n) do update set n = excluded.n returning n",
                vec!["x_a"],
            ),
            ("insert into x_a (n) values ($1) on conflict (n) do \\\n update set n = 1", vec!["x_a"]),
            ("update x_a set n = 1 where n = (select max(n) from x_b)", vec!["x_a", "x_b"]),
            ("delete from x_a where a is distinct from b", vec!["x_a"]),
            ("create table if not exists x_a (n bigint references x_b (n))", vec!["x_a", "x_b"]),
            ("create unique index x_a_n on x_a (n)", vec!["x_a_n", "x_a"]),
            ("alter table x_a add column m bigint; drop table x_b", vec!["x_a", "x_b"]),
            (
                "with recursive up as (select n from x_a union all select n from up) select n from up",
                vec!["x_a"],
            ),
            ("with up (n) as (select 1) select n from up", vec![]),
            ("-- from x_b\nselect 'from x_c' from \"x_a\" for update", vec!["x_a"]),
            ("select extract(year from t) from x_a", vec!["x_a"]),
            ("select n from (select n from x_a) s", vec!["x_a"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn knows_the_line() {
        assert_eq!(tables("select 1\nfrom\n x_a"), [("x_a".to_string(), 2)]);
    }
}
