//! The tables and statements are the same to both engines, and released migrations stay as they are.

use daftar_record::MIGRATIONS;
use daftar_testing::{check_migration_files, check_schemas, check_statements};
use std::path::Path;

#[tokio::test]
async fn both_engines_have_the_same_tables_and_take_every_statement() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let none: [String; 0] = [];
    assert_eq!(check_migration_files(&dir.join("migrations"), &MIGRATIONS).unwrap(), none);
    assert_eq!(check_schemas(&[MIGRATIONS]).await.unwrap(), none);
    assert_eq!(check_statements(&[MIGRATIONS], &[&dir.join("src")]).await.unwrap(), none);
}
