use proptest::prelude::*;

use super::*;

fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile { level, index, width }
}

#[test]
fn paths_are_the_specifications() {
    let cases = [
        (tile(0, 0, 256), "tile/0/000"),
        (tile(0, 273, 112), "tile/0/273.p/112"),
        (tile(1, 1_234_067, 256), "tile/1/x001/x234/067"),
        (tile(63, 1000, 1), "tile/63/x001/000.p/1"),
        (tile(0, u64::MAX, 255), "tile/0/x018/x446/x744/x073/x709/x551/615.p/255"),
    ];
    for (tile, path) in cases {
        assert_eq!(tile.path(), path);
        assert_eq!(Resource::parse(path), Ok(Resource::Tile(tile)));
    }
    let bundle = Bundle { index: 1_234_067, width: 8 };
    assert_eq!(bundle.path(), "tile/entries/x001/x234/067.p/8");
    assert_eq!(Resource::parse(&bundle.path()), Ok(Resource::Bundle(bundle)));
    assert_eq!(Resource::parse("checkpoint"), Ok(Resource::Checkpoint));
}

#[test]
fn every_other_spelling_is_refused() {
    let cases = [
        "",
        "/",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/000",
        "tile/0/x001/x000",
        "tile/0/001/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1.p/1",
        "tile/0/000/",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/+00",
        "tile/0/0 0",
        "tile/Entries/000",
        "tile//000",
        "/tile/0/000",
        "tile/0/../000",
        "tile/8/0/000",
        "checkpoint/",
        "Checkpoint",
        "tile/0/x1/000",
        "tile/0/\u{661}\u{661}\u{661}",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/1/",
    ];
    for case in cases {
        assert!(matches!(Resource::parse(case), Err(TileError::Path(_))), "{case:?}");
    }
    assert!(Resource::parse(&format!("tile/0/{}", "x001/".repeat(100))).is_err());
}

#[test]
fn a_tree_of_70_000_has_the_specifications_tiles() {
    let widths = |level: u8, indexes: [u64; 3]| indexes.map(|index| tile_width(70_000, level, index));
    assert_eq!(widths(0, [272, 273, 274]), [256, 112, 0]);
    assert_eq!(widths(1, [0, 1, 2]), [256, 17, 0]);
    assert_eq!(widths(2, [0, 1, 2]), [1, 0, 0]);
    assert_eq!(widths(3, [0, 1, 2]), [0, 0, 0]);
    assert_eq!(tile_width(256, 1, 0), 1);
    assert_eq!(tile_width(u64::MAX, 0, u64::MAX), 0);
    assert_eq!(tile_width(u64::MAX, 63, 0), 0);
    assert_eq!(Tile::holding(70_000, 0, 69_999), Some(tile(0, 273, 112)));
    assert_eq!(Tile::holding(70_000, 0, 70_000), None);
    assert_eq!(Bundle::in_log(70_000, 273), Some(Bundle { index: 273, width: 112 }));
    assert_eq!(Bundle::in_log(70_000, 274), None);
    assert_eq!(Bundle::in_log(0, 0), None);
}

#[test]
fn tiles_have_exactly_their_width() {
    let two = tile(0, 0, 2);
    let hashes = [[1; 32], [2; 32]];
    assert_eq!(two.decode(&encode_tile(&hashes)), Ok(hashes.to_vec()));
    for length in [0, 32, 63, 65, 96] {
        assert_eq!(two.decode(&vec![0; length]), Err(TileError::TileLength { found: length, expected: 64 }));
    }
}

#[test]
fn bundles_hold_exactly_their_entries() {
    let mut bytes = Vec::new();
    push_entry(&mut bytes, b"").unwrap();
    push_entry(&mut bytes, b"ab").unwrap();
    assert_eq!(bytes, [0, 0, 0, 2, b'a', b'b']);
    let decode = |width, bytes: &[u8]| {
        Bundle { index: 0, width }
            .decode(bytes)
            .map(|entries| entries.iter().map(|e| e.to_vec()).collect::<Vec<_>>())
    };
    assert_eq!(decode(2, &bytes), Ok(vec![b"".to_vec(), b"ab".to_vec()]));
    assert_eq!(decode(1, &bytes), Err(TileError::BundleCount { found: 2, expected: 1 }));
    assert_eq!(decode(3, &bytes), Err(TileError::BundleCount { found: 2, expected: 3 }));
    assert_eq!(decode(2, &bytes[..5]), Err(TileError::BundleCut { entry: 1 }));
    assert_eq!(decode(2, &bytes[..3]), Err(TileError::BundleCut { entry: 1 }));
    assert_eq!(push_entry(&mut bytes, &[0; MAX_ENTRY_BYTES + 1]), Err(TileError::EntryTooLong(65_536)));
    let longest = vec![7; MAX_ENTRY_BYTES];
    let mut bytes = Vec::new();
    push_entry(&mut bytes, &longest).unwrap();
    assert_eq!(decode(1, &bytes), Ok(vec![longest]));
}

proptest! {
    #[test]
    fn paths_round_trip(level in 0..=MAX_LEVEL, index: u64, width in 1..=FULL_WIDTH) {
        let tile = Tile { level, index, width };
        prop_assert_eq!(Resource::parse(&tile.path()), Ok(Resource::Tile(tile)));
        let bundle = Bundle { index, width };
        prop_assert_eq!(Resource::parse(&bundle.path()), Ok(Resource::Bundle(bundle)));
    }

    #[test]
    fn a_path_has_one_spelling(path in "(tile/)?(entries|[0-9]{1,2})/(x?[0-9]{2,3}/){0,3}[0-9]{2,4}(\\.p/[0-9]{1,3})?") {
        match Resource::parse(&path) {
            Ok(Resource::Tile(tile)) => prop_assert_eq!(tile.path(), path),
            Ok(Resource::Bundle(bundle)) => prop_assert_eq!(bundle.path(), path),
            _ => {}
        }
    }

    #[test]
    fn parsing_never_panics(path in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..300), width in 0..=300_u16) {
        let _ = Resource::parse(&path);
        let _ = Bundle { index: 0, width }.decode(&bytes);
        let _ = Tile { level: 0, index: 0, width }.decode(&bytes);
    }
}
