//! The pages of signing in with Daftar: what citizens read and decide, and where officials register services.

mod authorize;
mod clients;
mod logout;
mod mine;

use daftar_http::Cx;
use daftar_kernel::hex;

/// Cookie that binds sign-ins under way to the browser that began them.
const BROWSER_COOKIE: &str = "daftar_openid";

/// Adds the routes.
pub(super) fn add(routes: &mut daftar_http::Routes) {
    authorize::add(routes);
    logout::add(routes);
    mine::add(routes);
    clients::add(routes);
}

/// The browser's random name, as its cookie says it; `None` when it has none yet.
fn browser(cx: &Cx) -> Option<String> {
    cx.cookie(BROWSER_COOKIE)
        .filter(|name| hex::decode(name).is_some_and(|b| b.len() == 16))
        .map(str::to_string)
}
