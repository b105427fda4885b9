//! The plans in the documentation are what the program makes of their questions, and the headline's figures are theirs.

use daftar_cloud::plan::RESULTS;
use site_planner::{Bench, Cells, Plan};
use std::path::{Path, PathBuf};
use std::process::Command;

const PLANS: [&str; 4] = ["district", "module", "building", "peers"];

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn plan(name: &str) -> Plan {
    let site = text(&house().join("docs/plans").join(name).join("site.toml"));
    let (site, cells) = site_planner::read("site.toml", &site, &Cells::shipped().unwrap()).unwrap();
    site_planner::plan(&site, &cells, &Bench::read(RESULTS.0, RESULTS.1).unwrap()).unwrap().0
}

#[test]
fn the_plans_in_the_documentation_are_as_the_program_makes_them() {
    for name in PLANS {
        let folder = house().join("docs/plans").join(name);
        let drawn = tempfile::tempdir().unwrap();
        let made = Command::new(env!("CARGO_BIN_EXE_daftar"))
            .arg("plan")
            .arg(folder.join("site.toml"))
            .arg("--svg")
            .arg(drawn.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let same = String::from_utf8(made.stdout).unwrap() == text(&folder.join("plan.md"));
        assert!(same, "docs/plans/{name}/plan.md is old: make it anew as docs/plans/README.md says");
        let mut count = 0;
        for drawing in std::fs::read_dir(drawn.path()).unwrap() {
            let path = drawing.unwrap().path();
            let kept = folder.join(path.file_name().unwrap());
            assert!(text(&path) == text(&kept), "{} is old", kept.display());
            count += 1;
        }
        assert!(count >= 4, "{name}: {count} drawings");
    }
}

#[test]
fn the_three_shapes_are_the_three_shapes() {
    let (district, module, building) = (plan("district"), plan("module"), plan("building"));
    assert!(district.size.servers == 1 && district.energy.panel_watts <= site_planner::Fixed::int(2_000));
    assert!((3..=14).contains(&module.size.racks), "{} racks", module.size.racks);
    assert!(building.size.modules >= 4 && building.size.floors >= 2, "{} modules", building.size.modules);
}

/// The figures that the README's second line and the demo's strip show.
#[test]
fn the_headline_is_what_the_plans_say() {
    let (district, peers) = (plan("district"), plan("peers"));
    let expected = serde_json::json!({
        "people": district.site.population,
        "years": district.site.years,
        "dollars": district.cost.total_cents.dollars(),
        "watts": district.energy.panel_watts.ceil(),
        "machines": 27,
        "vcpus": peers.site.hosting.vcpus,
        "memory_gb": peers.site.hosting.memory_gib,
        "machines_dollars": peers.cost.total_cents.dollars(),
    });
    let kept: serde_json::Value =
        serde_json::from_str(&text(&house().join("docs/plans/headline.json"))).unwrap();
    assert_eq!(kept, expected, "write {expected} into docs/plans/headline.json");
    let grouped = |key: &str| {
        let digits = expected[key].to_string();
        let mut out = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    };
    let readme = text(&house().join("README.md"));
    for key in ["people", "dollars", "watts", "machines", "vcpus", "memory_gb", "machines_dollars"] {
        assert!(
            readme.lines().take(12).any(|line| line.contains(&grouped(key))),
            "README's head lacks {key}: {}",
            grouped(key)
        );
    }
}

#[test]
fn a_wrong_question_ends_with_its_line_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site.toml");
    std::fs::write(&site, "name = 'x'\ncountry = 'KE'\npopulation = 1\ntier = 9\n").unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_daftar")).arg("plan").arg(&site).output().unwrap();
    assert_eq!(made.status.code(), Some(2));
    let said = String::from_utf8(made.stderr).unwrap();
    assert!(
        said.contains("site.toml:4: 'tier' is not a number from 1 to 4")
            && said.contains("Write it without quotes"),
        "{said}"
    );
    assert!(made.stdout.is_empty());
}
