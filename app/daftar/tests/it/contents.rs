//! What is committed beside the program and must not drift from it.

use std::path::Path;

#[test]
fn the_openapi_document_is_the_committed_one() {
    let document =
        daftar_http::openapi::document(&daftar::serving::routes(), "Daftar", env!("CARGO_PKG_VERSION"));
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/openapi.json has drifted. Next: daftar openapi > docs/openapi.json");
}

#[test]
fn no_two_shapes_of_the_api_share_a_name() {
    let clashes = daftar_http::openapi::clashing_schemas(&daftar::serving::routes());
    assert!(clashes.is_empty(), "one of each would be missing from the document: {clashes:?}");
}

#[test]
fn the_demo_pack_has_no_faults() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let country = daftar::installation::load_country(&folder).unwrap();
    daftar::installation::live(country).unwrap();
}

#[test]
fn every_crates_texts_fit_together() {
    let catalog = daftar_ui::Catalog::new(&daftar::installation::bundles()).unwrap();
    for lang in ["en", "fr", "ar"] {
        let texts = catalog.texts(&daftar_kernel::Lang::parse(lang).unwrap()).unwrap();
        assert_eq!(texts.completeness().missing, 0, "{lang} lacks texts");
    }
}
