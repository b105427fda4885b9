//! Two engines, one behaviour.

use crate::bed::MIGRATIONS;
use daftar_testing::{check_migration_files, check_schemas, check_statements};
use std::path::Path;

#[tokio::test]
async fn both_engines_have_the_same_tables_and_take_every_statement() {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let none = Vec::<String>::new();
    assert_eq!(
        check_migration_files(&crate_dir.join("migrations"), &daftar_office::MIGRATIONS).unwrap(),
        none
    );
    assert_eq!(check_schemas(MIGRATIONS).await.unwrap(), none);
    assert_eq!(check_statements(MIGRATIONS, &[&crate_dir.join("src")]).await.unwrap(), none);
}
