//! The first view of every page a citizen may open fits the first flight of a slow line, in every language.

use crate::bed::Bed;
use axum::body::Body;
use daftar_testing::Engine;

/// HTML, stylesheet, script and crest together, compressed, in bytes.
const FIRST_VIEW_BYTES: usize = 14 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_view_fits() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut fixed = 0;
    let home = bed.get("/", "").await.text();
    for marker in ["href=\"/assets/", "src=\"/assets/", "href=\"/crest.svg"] {
        let Some(start) = home.find(marker) else { continue };
        let path = home[start..].split('"').nth(1).unwrap();
        let request = bed.request("GET", path, "").header("accept-encoding", "gzip");
        let got = bed.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, 200, "{path}");
        fixed += got.body.len();
    }
    assert!(fixed > 1000, "the assets must have been found");
    let mut heaviest = (0, String::new());
    for route in
        bed.routes.iter().filter(|route| route.method == "GET" && route.access.permission().is_none())
    {
        for lang in ["en", "fr", "ar"] {
            let path = format!("{}?lang={lang}", bed.example(route));
            let request = bed.request("GET", &path, "amina").header("accept-encoding", "gzip");
            let got = bed.send(request.body(Body::empty()).unwrap()).await;
            if got.status == 200 && got.header("content-type").starts_with("text/html") {
                let weight = fixed + got.body.len();
                heaviest = heaviest.max((weight, path.clone()));
                assert!(weight <= FIRST_VIEW_BYTES, "{path} weighs {weight} bytes");
            }
        }
    }
    assert!(heaviest.0 > fixed, "no page was weighed");
}
