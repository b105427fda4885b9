//! The browser's own random name: binds what somebody began without an account to the browser that began it.

use daftar_http::{Cx, Reply};
use daftar_kernel::hex;

/// Its cookie.
const COOKIE: &str = "daftar_browser";

/// The name, as the cookie says it; `None` when the browser has none yet.
pub(crate) fn name(cx: &Cx) -> Option<String> {
    cx.cookie(COOKIE).filter(|name| hex::decode(name).is_some_and(|b| b.len() == 16)).map(str::to_string)
}

/// The name, or a fresh one, which the answer must carry.
pub(crate) fn name_or_fresh(cx: &Cx) -> String {
    name(cx).unwrap_or_else(|| hex::encode(&cx.site.world().bytes::<16>()))
}

/// The answer with the name's cookie, until the browser is closed.
pub(crate) fn carry(reply: Reply, cx: &Cx, name: &str) -> Reply {
    reply.cookie(COOKIE, name, None, cx.site.secure)
}
