//! What the program is built from, and how.

use std::fs;

use toml::{Table, Value};

use crate::desk::root;

fn parse(file: &str) -> Table {
    fs::read_to_string(root().join(file)).unwrap().parse().unwrap()
}

#[test]
fn a_number_that_overflows_ends_the_released_program_instead_of_wrapping() {
    let profile = parse("Cargo.toml")["profile"]["release"].clone();
    assert_eq!(profile["overflow-checks"], Value::Boolean(true));
    // A panic in a worker is caught and costs one file.
    assert_eq!(profile["panic"].as_str(), Some("unwind"));
    // No package is let off.
    let packages = profile.get("package").and_then(Value::as_table).cloned().unwrap_or_default();
    for (name, settings) in packages {
        assert!(settings.get("overflow-checks").is_none(), "{name}");
    }
}

#[test]
fn every_dependency_comes_from_the_registry_and_is_pinned_by_its_check_sum() {
    let manifest = parse("Cargo.toml");
    let members: Vec<&str> =
        manifest["workspace"]["members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let lock = parse("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    assert!(packages.len() > 100);
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package.get("source").and_then(Value::as_str) else {
            // The project's own.
            let ours = members.iter().any(|member| member.rsplit('/').next() == Some(name));
            assert!(ours, "{name} has no source");
            continue;
        };
        assert!(source.starts_with("registry+"), "{name} comes from {source}");
        assert_eq!(package["checksum"].as_str().map(str::len), Some(64), "{name}");
    }
}
