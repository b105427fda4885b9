use daftar_cloud::MIGRATIONS;
use daftar_testing::{check_migration_files, check_schemas, check_statements};
use std::path::Path;

#[tokio::test]
async fn both_engines_hold_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let none = Vec::<String>::new();
    assert_eq!(check_migration_files(&folder.join("migrations"), &MIGRATIONS).unwrap(), none);
    assert_eq!(check_schemas(&[MIGRATIONS]).await.unwrap(), none);
    assert_eq!(check_statements(&[MIGRATIONS], &[&folder.join("src")]).await.unwrap(), none);
}
