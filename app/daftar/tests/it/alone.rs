//! A service alone: the cloud without the register of people, on what all stand on.

use crate::bed::Bed;
use axum::body::Body;
use axum::http::Request;
use daftar::services::Services;
use daftar_http::{Pipeline, serve};
use daftar_testing::Engine;
use http_body_util::BodyExt;
use std::sync::Arc;
use tower::ServiceExt;

#[tokio::test(flavor = "multi_thread")]
async fn the_cloud_serves_alone() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let services = Services::named(&["cloud".to_string()]).unwrap();
        let site = Arc::new(bed.installation.site_of(services));
        let router = serve::router(&Pipeline::new(services.routes(), site));
        let get = async |path: &str, who: &str| {
            let mut request = Request::builder().uri(path).header("host", "test");
            if let Some(token) = bed.tokens.get(who) {
                request = request.header("cookie", format!("daftar_session={token}"));
            }
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        };
        let (status, start) = get("/", "").await;
        assert!(status == 200 && start.contains("/desk") && !start.contains("\"/me\""), "{start}");
        let (status, page) = get("/cloud", "cloud").await;
        assert!(status == 200 && page.contains("simulator"), "{status} {page}");
        assert_eq!(get("/cloud", "registrar").await.0, 403);
        assert_eq!(get("/desk", "cloud").await.0, 200);
        assert_eq!(get("/power", "").await.0, 200, "electricity is everybody's");
        for path in ["/me", "/people/register", "/statistics", "/demo"] {
            assert_eq!(get(path, "registrar").await.0, 404, "{path}");
        }
        let (status, document) = get("/api/openapi.json", "").await;
        assert!(
            status == 200
                && document.contains("/api/v1/cloud/projects")
                && !document.contains("/api/v1/people")
        );
    }
}
