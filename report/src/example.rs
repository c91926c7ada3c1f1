//! throw-away
use crate::country;
use crate::global;
use crate::testing;
use maturity::answer::*;
use maturity::cell::*;
use maturity::economy::*;
use maturity::finding::*;
use maturity::framework::*;
use maturity::id::Id;
use maturity::language::Language;
use maturity::score::*;
use maturity::submission::*;
use std::collections::BTreeMap;
use std::collections::HashMap;

type Row = HashMap<String, String>;
fn table(path: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap();
    // tiny csv
    let mut rows: Vec<Vec<String>> = vec![];
    let mut row = vec![];
    let mut f = String::new();
    let mut q = false;
    let mut it = text.chars().peekable();
    while let Some(c) = it.next() {
        if q {
            if c == '"' {
                if it.peek() == Some(&'"') {
                    it.next();
                    f.push('"')
                } else {
                    q = false
                }
            } else {
                f.push(c)
            }
        } else {
            match c {
                '"' => q = true,
                ',' => row.push(std::mem::take(&mut f)),
                '\r' => {}
                '\n' => {
                    row.push(std::mem::take(&mut f));
                    rows.push(std::mem::take(&mut row));
                }
                c => f.push(c),
            }
        }
    }
    let h = rows.remove(0);
    rows.into_iter().map(|r| h.iter().cloned().zip(r).collect()).collect()
}

fn one(fw: &Framework, a: &Row, t: Option<&Row>) -> (BTreeMap<Id, AnswerRecord>, HashMap<String, f64>) {
    let mut out = BTreeMap::new();
    let mut ext = HashMap::new();
    for (at, q) in fw.questions.iter().enumerate() {
        let v = a
            .get(q.id.as_str())
            .or_else(|| t.and_then(|t| t.get(q.id.as_str())))
            .cloned()
            .unwrap_or_default();
        if let Kind::External(i) = &q.kind {
            if let Ok(n) = v.parse::<f64>() {
                ext.insert(i.clone(), n);
            }
            continue;
        }
        let answer = if v.is_empty() {
            Answer::Missing(Missing::Blank)
        } else if v == "-" || v == "New" {
            Answer::Missing(Missing::NotApplicable)
        } else {
            match &q.kind {
                Kind::SelectOne(_) => Answer::Choice(v),
                Kind::SelectMultiple(_) => {
                    Answer::Choices(v.split(',').map(|s| s.trim().to_owned()).collect())
                }
                Kind::Integer | Kind::Decimal => {
                    v.parse().map_or(Answer::Missing(Missing::Unreadable), Answer::Number)
                }
                _ => Answer::Text(v),
            }
        };
        out.insert(
            q.id.clone(),
            AnswerRecord {
                question: q.id.clone(),
                answer,
                evidence: None,
                place: Some(Place::cell("CG_GTMI_Data", Address::new(101, at as u32 + 3))),
            },
        );
    }
    (out, ext)
}

#[test]
fn example() {
    let fw = testing::gtmi();
    let ans = table("/work/shared/gtmi/answers-2022.csv");
    let txt = table("/work/shared/gtmi/texts-2022.csv");
    let pub_ = table("/work/shared/gtmi/published-scores.csv");
    let mut all = vec![];
    for a in &ans {
        let t = txt.iter().find(|t| t["code"] == a["code"]);
        let (r, e) = one(&fw, a, t);
        let eco = testing::economy(&a["code"], &a["economy"], &a["region"], &a["income"]);
        let mut s = testing::scores(&fw, &eco, &r, |i| e.get(i).copied());
        s.collected = Collected::parse(&a["collected"]);
        all.push((eco, r, s));
    }
    for code in ["KEN", "AFG", "HKG"] {
        let (eco, r, s) = all.iter().find(|x| x.0.code.as_str() == code).unwrap();
        let hist: Vec<_> = pub_
            .iter()
            .filter(|p| p["code"] == code && p["wave"] != "2022")
            .map(|p| country::PublishedScore {
                wave: Wave(p["wave"].parse().unwrap()),
                score: p["gtmi"].parse().ok(),
                group: Some(p["group"].clone()),
                subindexes: ["cgsi", "psdi", "dcei", "gtei"]
                    .iter()
                    .filter_map(|k| Some((Id::from(k.to_uppercase()), p[*k].parse().ok()?)))
                    .collect(),
            })
            .collect();
        let mut f = vec![];
        for (i, p) in Problem::examples().into_iter().enumerate().skip(12) {
            f.push(Finding {
                severity: [Severity::Error, Severity::Warning, Severity::Info, Severity::Info][i % 4],
                question: Some(fw.questions[i * 7].id.clone()),
                place: Some(Place::cell("CG_GTMI_Data", Address::new(101, i as u32 * 7))),
                problem: p,
            });
        }
        let prov = country::Provenance {
            submission_name: "GTMI_2022_Kenya (final) v3.xlsx".into(),
            submission_sha256: "3f2a".repeat(16),
            layout: Layout::Dataset,
            tool_version: "0.1.0".into(),
            fingerprint: "9c41".repeat(16),
        };
        let rep = country::CountryReport {
            framework: &fw,
            economy: eco,
            scores: s,
            answers: r,
            findings: &f,
            history: &hist,
            provenance: &prov,
        };
        for lang in ["en", "fr", "es"] {
            std::fs::write(
                format!("/tmp/r/{code}-{lang}.xlsx"),
                country::write(&rep, &Language::new(lang)).unwrap(),
            )
            .unwrap();
        }
        if code == "KEN" {
            let t = std::time::Instant::now();
            let mut n = 0;
            for _ in 0..50 {
                n += country::write(&rep, &Language::english()).unwrap().len();
            }
            println!("country {:?} {} bytes score {:?}", t.elapsed() / 50, n / 50, s.score);
        }
    }
    let entries: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(i, (e, _, s))| global::Entry {
            economy: e,
            scores: if i == 5 { None } else { Some(s) },
            state: Some(if i == 5 { State::Returned } else { State::Accepted }),
            findings: global::FindingCounts {
                errors: i as u32 % 3,
                warnings: i as u32 % 11,
                infos: i as u32 % 29,
            },
        })
        .collect();
    let rep = global::GlobalReport {
        framework: &fw,
        economies: &entries,
        tool_version: "0.1.0",
        fingerprint: &"9c41".repeat(16),
    };
    for lang in ["en", "fr", "es"] {
        std::fs::write(
            format!("/tmp/r/global-{lang}.xlsx"),
            global::write(&rep, &Language::new(lang)).unwrap(),
        )
        .unwrap();
    }
    let t = std::time::Instant::now();
    let mut n = 0;
    for _ in 0..10 {
        n += global::write(&rep, &Language::english()).unwrap().len();
    }
    println!("global {:?} {}", t.elapsed() / 10, n / 10);
}
