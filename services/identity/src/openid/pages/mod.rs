//! The pages of signing in with Daftar: what citizens read and decide, and where officials register services.

mod authorize;
mod clients;
mod logout;
mod mine;

/// Adds the routes.
pub(super) fn add(routes: &mut daftar_http::Routes) {
    authorize::add(routes);
    logout::add(routes);
    mine::add(routes);
    clients::add(routes);
}
