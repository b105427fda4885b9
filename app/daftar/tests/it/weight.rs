//! The first view of every page a citizen may open fits the first flight of a slow line, in every language.

use crate::bed::Bed;
use axum::body::Body;
use daftar_testing::Engine;
use std::io::Read as _;

/// HTML, stylesheet, script and crest together, compressed, in bytes.
const FIRST_VIEW_BYTES: usize = 14 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_view_fits() {
    let bed = Bed::new(Engine::Sqlite).await;
    let (mut fixed, mut counted) = (0, Vec::new());
    let home = bed.get("/", "").await.text();
    for marker in ["href=\"/assets/", "src=\"/assets/", "href=\"/crest.svg"] {
        let Some(start) = home.find(marker) else { continue };
        let path = home[start..].split('"').nth(1).unwrap();
        let request = bed.request("GET", path, "").header("accept-encoding", "gzip");
        let got = bed.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, 200, "{path}");
        fixed += got.body.len();
        counted.push(path.to_string());
    }
    assert!(fixed > 1000, "the assets must have been found");
    let (mut heaviest, mut further) = ((0, String::new()), 0);
    for route in
        bed.routes.iter().filter(|route| route.method == "GET" && route.access.permission().is_none())
    {
        for lang in ["en", "fr", "ar"] {
            let path = format!("{}?lang={lang}", bed.example(route));
            let request = bed.request("GET", &path, "amina").header("accept-encoding", "gzip");
            let got = bed.send(request.body(Body::empty()).unwrap()).await;
            if got.status == 200 && got.header("content-type").starts_with("text/html") {
                let page = gunzip(&got);
                let mut weight = fixed + got.body.len();
                // What this page needs beyond the start page's files, such as the script for passkeys.
                for path in page.split('"').filter(|part| part.starts_with("/assets/")) {
                    if !counted.iter().any(|known| known == path) {
                        let request = bed.request("GET", path, "").header("accept-encoding", "gzip");
                        weight += bed.send(request.body(Body::empty()).unwrap()).await.body.len();
                        further += 1;
                    }
                }
                heaviest = heaviest.max((weight, path.clone()));
                assert!(weight <= FIRST_VIEW_BYTES, "{path} weighs {weight} bytes");
            }
        }
    }
    assert!(heaviest.0 > fixed && further > 0, "no page was weighed");
}

/// A page as a browser unpacks it.
fn gunzip(got: &crate::bed::Got) -> String {
    if got.header("content-encoding") != "gzip" {
        return got.text();
    }
    let mut page = String::new();
    flate2::read::GzDecoder::new(got.body.as_slice()).read_to_string(&mut page).unwrap();
    page
}
