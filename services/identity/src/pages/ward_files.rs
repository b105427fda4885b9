//! What a guardian takes along of a child: receipts, the proof, papers, everything that is held. Only while the bond lives, and each
//! stands in the child's list of looks.

use super::citizen::{everything, receipt_blocks};
use super::{my_data_pdf, papers};
use crate::papers::Paper;
use crate::people::People;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_record::receipt::State;
use daftar_ui::parts::Link;
use daftar_ui::{Sheet, Texts};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    let bond = "$bond";
    routes
        .page("GET", "/me/people/{bond}/receipts/{receipt}", Access::Citizen, receipt)
        .example("bond", bond)
        .example("receipt", "$ward_receipt")
        .owned();
    routes
        .page("GET", "/me/people/{bond}/receipts/{receipt}/file.json", Access::Citizen, receipt_file)
        .example("bond", bond)
        .example("receipt", "$ward_receipt")
        .owned();
    routes
        .page("GET", "/me/people/{bond}/looks/proof.json", Access::Citizen, proof)
        .example("bond", bond)
        .owned();
    routes.page("GET", "/me/people/{bond}/data.json", Access::Citizen, data).example("bond", bond).owned();
    routes.page("GET", "/me/people/{bond}/data.pdf", Access::Citizen, data_pdf).example("bond", bond).owned();
    for (path, paper) in [
        ("/me/people/{bond}/card.pdf", Paper::Card),
        ("/me/people/{bond}/certificate.pdf", Paper::Certificate),
    ] {
        routes
            .page("GET", path, Access::Citizen, move |cx| async move { printed(&cx, paper).await })
            .example("bond", bond)
            .owned();
    }
}

/// Links to all of them, for the child's page.
pub(super) fn links(t: &Texts, base: &str) -> Vec<Link> {
    [
        ("card.pdf", "identity-ward-card"),
        ("certificate.pdf", "identity-ward-certificate"),
        ("data.pdf", "identity-ward-data-paper"),
        ("data.json", "identity-ward-data"),
    ]
    .map(|(end, key)| Link::new(format!("{base}/{end}"), t.get(key)))
    .into()
}

async fn receipt(cx: Cx) -> Result<Reply, Problem> {
    let (bond, id) = (cx.param_id("bond")?, cx.param_id("receipt")?);
    cx.service::<People>()?.ward_receipt(cx.citizen()?, bond, id).await?;
    let receipt = cx.site.record.public_receipt(id).await?;
    let f = cx.frame("identity-receipt");
    let t = f.t.clone();
    let base = format!("/me/people/{bond}/receipts");
    let file = (receipt.state != State::Pending).then(|| format!("{base}/{id}/file.json"));
    Reply::page(&Sheet::new(f).back(base).extend(receipt_blocks(&t, &receipt, id, file)))
}

async fn receipt_file(cx: Cx) -> Result<Reply, Problem> {
    let (bond, id) = (cx.param_id("bond")?, cx.param_id("receipt")?);
    cx.service::<People>()?.ward_receipt(cx.citizen()?, bond, id).await?;
    let receipt = cx.site.record.receipt(id).await?;
    let body = receipt.json().ok_or_else(|| Problem::unavailable("identity-proof-wait").retry_after(5))?;
    Ok(Reply::file("application/json", &receipt.file_name(), body))
}

async fn proof(cx: Cx) -> Result<Reply, Problem> {
    let subject = cx.service::<People>()?.ward_subject(cx.citizen()?, cx.param_id("bond")?).await?;
    let found = cx.site.record.person_proof(subject).await?;
    let (_, proof) = found.ok_or_else(|| Problem::unavailable("identity-proof-wait").retry_after(5))?;
    let body = serde_json::to_vec_pretty(&proof).map_err(Problem::internal)?;
    Ok(Reply::file("application/json", "looks.proof.json", body))
}

async fn data(cx: Cx) -> Result<Reply, Problem> {
    let held = cx.service::<People>()?.ward_data(cx.citizen()?, cx.param_id("bond")?).await?;
    everything(&cx, &held.data, &held.accounts, "child-data.json").await
}

async fn data_pdf(cx: Cx) -> Result<Reply, Problem> {
    let held = cx.service::<People>()?.ward_data(cx.citizen()?, cx.param_id("bond")?).await?;
    my_data_pdf::of_ward(&cx, &held).await
}

async fn printed(cx: &Cx, paper: Paper) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let data = people.ward_paper_data(cx.citizen()?, cx.param_id("bond")?).await?;
    papers::print(cx, &people, &data, paper).await
}
