//! Making, listing and revoking tokens: by session, since a token makes no other.

use super::bodies::{CloudReceiptBody, NewTokenBody, SecretBody, TokenBody, TokensBody};
use super::receipt;
use crate::cloud::{Cloud, Who};
use crate::permission::READ;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use std::sync::Arc;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes
        .api("POST", "/api/v1/cloud/tokens", Access::Official(READ), make)
        .doc("cloud", "Make a token for a program. Its secret is told once.")
        .idempotent()
        .takes::<NewTokenBody>()
        .gives::<SecretBody>(201, "Made.");
    routes
        .api("GET", "/api/v1/cloud/tokens", Access::Official(READ), list)
        .doc("cloud", "One's own tokens that hold.")
        .gives::<TokensBody>(200, "Newest first.");
    routes
        .api("DELETE", "/api/v1/cloud/tokens/{token}", Access::Official(READ), revoke)
        .doc("cloud", "Revoke a token of one's own, at once.")
        .example("token", "$cloud_token")
        .idempotent()
        .gives::<CloudReceiptBody>(201, "Revoked.");
}

fn open(cx: &Cx) -> Result<(Arc<Cloud>, Who), Problem> {
    Ok((cx.service::<Cloud>()?, Who::official(cx.official()?)))
}

async fn make(cx: Cx) -> Result<Reply, Problem> {
    let ((cloud, who), body): (_, NewTokenBody) = (open(&cx)?, cx.json()?);
    let made =
        cloud.make_token(&who, (&body.label, body.may_change), body.seconds, cx.idempotency()?).await?;
    Ok(Reply::json(&SecretBody { token: TokenBody::from(&made.token), secret: made.secret })?.status(201))
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    Reply::json(&TokensBody(cloud.tokens(&who).await?.iter().map(TokenBody::from).collect()))
}

async fn revoke(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    receipt(cloud.revoke_token(&who, cx.param_id("token")?, cx.idempotency()?).await?)
}
