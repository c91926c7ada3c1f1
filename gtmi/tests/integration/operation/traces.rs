//! Traces for a collector on loopback.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use super::small_desk;
use crate::desk::Desk;
use crate::servers::http::{Said, Server};
use crate::tools::said;

/// A span as a collector receives it.
#[derive(Debug, Clone)]
struct Span {
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
    attributes: BTreeMap<String, String>,
}

/// A field of a message in the wire form of protobuf.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message with their numbers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    fn number(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes);
        let length = match tag & 7 {
            0 => {
                all.push((tag >> 3, Field::Number(number(&mut bytes))));
                continue;
            }
            1 => 8,
            2 => usize::try_from(number(&mut bytes)).unwrap(),
            5 => 4,
            kind => panic!("no such kind of field: {kind}"),
        };
        let (value, rest) = bytes.split_at(length);
        bytes = rest;
        all.push((tag >> 3, Field::Bytes(value)));
    }
    all
}

/// The parts of a message that stand under a number.
fn parts(bytes: &[u8], wanted: u64) -> Vec<&[u8]> {
    let part = |(number, field)| match field {
        Field::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(part).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn span(bytes: &[u8]) -> Span {
    let one = |number| parts(bytes, number).first().map(|bytes| bytes.to_vec()).unwrap_or_default();
    let attribute = |bytes: &[u8]| {
        let value = parts(bytes, 2)[0];
        let value = fields(value).into_iter().next().map(|(_, field)| match field {
            Field::Number(number) => number.to_string(),
            Field::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        });
        (text(parts(bytes, 1)[0]), value.unwrap_or_default())
    };
    Span {
        trace: one(1),
        id: one(2),
        parent: one(4),
        name: text(&one(5)),
        attributes: parts(bytes, 9).into_iter().map(attribute).collect(),
    }
}

fn run_with(desk: &Desk, endpoint: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gtmi"))
        .arg("run")
        .current_dir(desk.path(""))
        .env_remove("RUST_LOG")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ministry")
        .output()
        .unwrap()
}

#[test]
fn a_collector_receives_the_run_its_stages_and_each_unit_of_work() {
    let server = Server::start(|_| Said::Document(Vec::new()));
    let desk = small_desk();
    let ran = run_with(&desk, &server.url());
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    let requests = server.requests();
    assert!(!requests.is_empty(), "{}", said(&ran));
    let mut spans = Vec::new();
    for request in &requests {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/traces"));
        assert_eq!(request.headers["content-type"], "application/x-protobuf");
        assert_eq!(request.headers["x-tenant"], "ministry");
        for resource in parts(&request.bytes, 1) {
            for scope in parts(resource, 2) {
                spans.extend(parts(scope, 2).into_iter().map(span));
            }
        }
    }
    let run = spans.iter().find(|span| span.name == "run").expect("a span of the run");
    let attempt = desk.gtmi(&["runs", "--json"]).json()[0]["attempt"].as_str().unwrap().to_owned();
    assert_eq!(run.attributes["id"], attempt);
    assert!(run.parent.is_empty());
    assert!(spans.iter().all(|span| span.trace == run.trace));
    for (stage, units) in [
        ("ingest", vec![("read", "file", "KEN.xlsx"), ("read", "file", "PER.xlsx")]),
        ("validate", vec![("validate", "submission", "1"), ("validate", "submission", "2")]),
        ("score", vec![("score", "economy", "KEN"), ("score", "economy", "PER")]),
        ("report", vec![("report", "economy", "KEN"), ("return", "economy", "PER")]),
    ] {
        let of_run = |span: &&Span| span.name == stage && span.parent == run.id;
        let stage = spans.iter().find(of_run).unwrap_or_else(|| panic!("no span of {stage}: {spans:#?}"));
        for (name, key, value) in units {
            let is_it = |span: &&Span| {
                span.name == name && span.attributes.get(key).is_some_and(|found| found == value)
            };
            let unit = spans.iter().find(is_it).unwrap_or_else(|| panic!("no span of {value}: {spans:#?}"));
            assert_eq!(unit.parent, stage.id, "{name} {value}");
        }
    }
}

#[test]
fn a_collector_that_is_not_there_fails_no_run_and_an_address_that_is_none_is_refused() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let desk = small_desk();
    let ran = run_with(&desk, &nobody);
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    assert!(desk.path("out/global.xlsx").exists());
    let refused = run_with(&desk, "collector:4318");
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("is not the address of a collector"), "{}", said(&refused));
}
