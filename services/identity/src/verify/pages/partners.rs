//! Where an official lets a registered service ask about people: for which purpose, about what, how often.

use super::{key, words};
use crate::openid::Provider;
use crate::permission::CLIENT;
use crate::verify::Verifier;
use crate::verify::attribute::Attribute;
use crate::verify::partner::{NewPartner, Used};
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ui::parts::{Choice, SummaryRow};
use daftar_ui::{Ask, Block, Fault, Field, Form, Html, Sheet, Texts};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes
        .page("GET", "/desk/services/{client}/partner", Access::StepUp(CLIENT), |cx| async move {
            form(&cx, None).await
        })
        .example("client", "$client");
    routes
        .page("POST", "/desk/services/{client}/partner", Access::StepUp(CLIENT), set)
        .example("client", "$client");
    routes
        .page("POST", "/desk/services/{client}/partner/end", Access::StepUp(CLIENT), end)
        .example("client", "$client");
}

/// What a partner may ask and how much it asked today, for the list of services.
pub(crate) fn summary(cx: &Cx, t: &Texts, used: &Used) -> Vec<SummaryRow> {
    let partner = &used.partner;
    let roster = cx.site.roster();
    let purpose = roster.purpose(&partner.purpose);
    let label = purpose.map_or(partner.purpose.as_str(), |purpose| purpose.label.get(&cx.lang));
    let ground = match (partner.consent, purpose) {
        (true, _) => t.get("identity-partner-by-consent").into_owned(),
        (false, Some(purpose)) => purpose.basis.clone(),
        // The country no longer has it: nothing is answered.
        (false, None) => t.get("identity-verify-fault-purpose").into_owned(),
    };
    let quota = t.two("identity-partner-quota", "minute", partner.per_minute, "day", partner.per_day);
    vec![
        SummaryRow::new(t.get("identity-partner-asks"), Html::text(t.list(&words(t, &partner.attributes)))),
        SummaryRow::new(t.get("identity-permission-purpose"), Html::isolated(label)),
        SummaryRow::new(t.get("identity-basis"), Html::isolated(ground)),
        SummaryRow::new(t.get("identity-partner-limits"), Html::text(quota)),
        SummaryRow::new(t.get("identity-partner-today"), t.number(used.today)),
    ]
}

async fn form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (provider, verifier) = (cx.service::<Provider>()?, cx.service::<Verifier>()?);
    let client = provider.client(cx.param("client")).await?.ok_or_else(Problem::not_found)?;
    let used = verifier.partner(&client.client.id).await?;
    let t = cx.texts();
    let shown = problem.map_or(&[][..], |problem| &problem.fields);
    let faults = shown.iter().map(|fault| Fault {
        field: if fault.field == "attributes" { Attribute::Name.word().into() } else { fault.field.clone() },
        message: t.get(&fault.message).into_owned(),
    });
    let f = cx.frame("identity-partner").with_faults(faults.collect());
    let known = used.as_ref().map(|used| &used.partner);
    let asked = |name: &str, now: String| match problem {
        Some(_) => cx.form.get(name).to_string(),
        None => now,
    };
    let ground =
        asked("ground", known.map_or("consent", |p| if p.consent { "consent" } else { "law" }).into());
    let purpose = asked("purpose", known.map(|p| p.purpose.clone()).unwrap_or_default());
    let roster = cx.site.roster();
    let purposes = roster
        .purposes()
        .filter(|one| one.partners)
        .map(|one| Choice::new(&one.code, one.label.get(&cx.lang), one.code == purpose).hint(&one.basis));
    let grounds = ["consent", "law"]
        .map(|word| Choice::new(word, t.get(&format!("identity-partner-ground-{word}")), word == ground));
    let mut form = Form::post(cx.path.clone(), t.get("identity-partner-set"))
        .field(Field::new("purpose", t.get("identity-permission-purpose"), Ask::Radios(purposes.collect())))
        .field(Field::new("ground", t.get("identity-partner-ground"), Ask::Radios(grounds.to_vec())));
    for attribute in Attribute::ALL {
        let held = known.is_some_and(|partner| partner.attributes.has(attribute));
        let ticked = asked(attribute.word(), if held { "yes" } else { "" }.into());
        form = form.field(
            Field::new(attribute.word(), t.get(&key(attribute.word())), Ask::Checkbox)
                .value(ticked)
                .optional(),
        );
    }
    let number = |name: &str, now: i64| asked(name, now.to_string());
    form = form
        .field(
            Field::new("per_minute", t.get("identity-partner-minute"), Ask::Line)
                .value(number("per_minute", known.map_or(60, |partner| partner.per_minute))),
        )
        .field(
            Field::new("per_day", t.get("identity-partner-day"), Ask::Line)
                .hint(t.get("identity-partner-day-hint"))
                .value(number("per_day", known.map_or(1_000, |partner| partner.per_day))),
        );
    let mut sheet = Sheet::new(f)
        .back("/desk/services")
        .caption(client.name.clone())
        .add(Block::Lead(t.get("identity-partner-lead").into_owned()));
    if let Some(used) = &used {
        sheet = sheet.add(Block::Summary(summary(cx, &t, used)));
    }
    sheet = sheet.add(Block::Form(form));
    if used.is_some() {
        let label = t.one("identity-partner-end", "name", client.name.as_str());
        sheet = sheet.add(Block::Act(format!("{}/end", cx.path), label, "danger"));
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |problem| problem.kind.status())))
}

/// A number as people type it; what is none is out of every limit.
fn number(text: &str) -> i64 {
    let digits: Option<String> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '\u{202f}' | '\u{a0}'))
        .map(|c| record_linkage::digit::decimal_digit(c).map(|digit| char::from(b'0' + digit)))
        .collect();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

async fn set(cx: Cx) -> Result<Reply, Problem> {
    let ticked = |attribute: &Attribute| !cx.form.get(attribute.word()).is_empty();
    let new = NewPartner {
        purpose: cx.form.get("purpose").into(),
        // Nothing chosen is the stricter of the two.
        consent: cx.form.get("ground") != "law",
        attributes: Attribute::ALL.into_iter().filter(ticked).collect(),
        per_minute: number(cx.form.get("per_minute")),
        per_day: number(cx.form.get("per_day")),
    };
    match cx.service::<Verifier>()?.set_partner(&cx.proven()?, cx.param("client"), &new).await {
        Ok(_) => cx.go("/desk/services"),
        Err(problem) if !problem.fields.is_empty() => form(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn end(cx: Cx) -> Result<Reply, Problem> {
    cx.service::<Verifier>()?.end_partner(&cx.proven()?, cx.param("client")).await?;
    cx.go("/desk/services")
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_as_typed() {
        for (text, number) in
            [("1000", 1000), ("1 000", 1000), ("1,000", 1000), ("١٠٠٠", 1000), ("", 0), ("x", 0), ("-5", 0)]
        {
            assert_eq!(super::number(text), number, "{text}");
        }
    }
}
