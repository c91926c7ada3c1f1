//! Frameworks and answers that several tests share.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use maturity::answer::{Answer, AnswerRecord};
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkSources, Kind};
use maturity::id::Id;
use maturity::score::EconomyScores;

use crate::Population;

static GTMI: LazyLock<Framework> = LazyLock::new(|| {
    load(&FrameworkSources {
        framework: include_str!("../../frameworks/gtmi-2022/framework.toml").to_owned(),
        indicators: include_str!("../../frameworks/gtmi-2022/indicators.csv").to_owned(),
        survey: include_str!("../../frameworks/gtmi-2022/survey.csv").to_owned(),
        choices: include_str!("../../frameworks/gtmi-2022/choices.csv").to_owned(),
    })
});

/// The bundled framework.
pub(crate) fn gtmi() -> &'static Framework {
    &GTMI
}

/// A framework of these tables.
pub(crate) fn load(sources: &FrameworkSources) -> Framework {
    Framework::load(sources).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The start of a small `framework.toml`, up to the way in which the composite is made.
fn head(wave: u16) -> String {
    format!(
        r#"
id = "s-{wave}"
version = "1"
wave = {wave}
as_of = "{wave}-06-30"
title = {{ en = "S" }}
language = "en"
[languages]
en = "English"
[composite]
id = "ALL"
title = {{ en = "All" }}
"#
    )
}

/// Subindexes of points, each with its weight.
fn subindexes(weights: &[(&str, f64)]) -> String {
    let table = |(id, weight): &(&str, f64)| {
        format!(
            "[[subindex]]\nid = \"{id}\"\ntitle = {{ en = \"{id}\" }}\nweight = {weight:?}\n\
             method = \"share-of-points\"\n"
        )
    };
    weights.iter().map(table).collect()
}

fn groups(thresholds: &[(&str, f64)]) -> String {
    let table = |(id, at_least): &(&str, f64)| {
        format!("[[maturity_group]]\nid = \"{id}\"\ntitle = {{ en = \"{id}\" }}\nat_least = {at_least:?}\n")
    };
    thresholds.iter().map(table).collect()
}

/// What missing values do, where a test says nothing else.
pub(crate) const POLICY: &str = "answer = \"no-points\"\nexternal_index = \"leave-out\"";
const HALVES: [(&str, f64); 2] = [("A", 0.5), ("B", 0.0)];

/// A small `framework.toml`: an arithmetic mean of subindexes of points, the groups A from 0.5 and B from 0, the
/// first lines of `[missing]`, and what follows it.
pub(crate) fn small_toml(wave: u16, weights: &[(&str, f64)], missing: &str, rest: &str) -> String {
    format!(
        "{}method = \"arithmetic-mean\"\n{}{}[missing]\n{missing}\nmarks = [\"-\"]\nrequired = \"error\"\n\
         not_relevant = \"warning\"\n{rest}",
        head(wave),
        subindexes(weights),
        groups(&HALVES)
    )
}

/// An index taken from elsewhere, on the scale `range`.
pub(crate) fn external_index(id: &str, range: &str) -> String {
    format!("[[external_index]]\nid = \"{id}\"\ntitle = {{ en = \"T\" }}\nrange = {range}\n")
}

/// Two subindexes of weights 3 and 1, an external index, a question that applies after another, and the
/// given composite method.
pub(crate) fn framework(survey: &str, method: &str, groups_text: &str) -> Framework {
    let external =
        if survey.contains("external TII") { external_index("TII", "[0.0, 100.0]") } else { String::new() };
    let indicators: Vec<&str> =
        ["Q-1", "Q-2", "Q-3"].into_iter().filter(|id| survey.contains(&format!(",{id},"))).collect();
    let kinds = if survey.contains("select_multiple kinds") {
        "kinds,a,none of these,0\nkinds,b,one,1\nkinds,c,two,1\n"
    } else {
        ""
    };
    let thresholds: Vec<(&str, f64)> = groups_text
        .split(' ')
        .filter_map(|group| group.split_once(':'))
        .map(|(id, at)| (id, at.parse().unwrap()))
        .collect();
    let toml = small_toml(2030, &[("S1", 3.0), ("S2", 1.0)], POLICY, &external)
        .replace("\"arithmetic-mean\"", &format!("\"{method}\""))
        .replace(&groups(&HALVES), &groups(&thresholds));
    load(&FrameworkSources {
        framework: toml,
        indicators: format!("id,label\n{},c\n", indicators.join(",c\n")),
        survey: survey.to_owned(),
        choices: format!("list_name,name,label,level\nlevel,0,no,0\nlevel,1,some,1\nlevel,2,yes,2\n{kinds}"),
    })
}

/// 6 x level, 3 if any, 12 x external; 5 if any.
pub(crate) fn two_subindexes() -> Framework {
    framework(SURVEY, "arithmetic-mean", "A:0.5 B:0.0")
}

const SURVEY: &str = "type,name,label,indicator,subindex,relevant,scoring,points\n\
                      select_one level,Q-1,a,Q-1,S1,,level,6\n\
                      select_multiple kinds,Q-1.1,b,Q-1,S1,${Q-1} > 0,any,3\n\
                      external TII,Q-2,c,Q-2,S1,,value,12\n\
                      select_one level,Q-3,d,Q-3,S2,,any,5\n";

pub(crate) fn choice(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

pub(crate) fn record(id: &str, answer: Answer) -> AnswerRecord {
    AnswerRecord { question: Id::from(id), answer, evidence: None, place: None }
}

/// The answers and scores of all economies of the wave of 2022.
pub(crate) fn real_wave() -> Vec<(BTreeMap<Id, AnswerRecord>, EconomyScores)> {
    let framework = gtmi();
    let mut external: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in rows(include_str!("../../data/external-indices.csv")) {
        external.insert((row["index"].clone(), row["economy"].clone()), row["value"].parse().unwrap());
    }
    rows(include_str!("../../data/answers-2022.csv"))
        .into_iter()
        .map(|row| {
            let economy = row["economy"].clone();
            let answer = |question: &maturity::framework::Question| {
                let text = row.get(question.id.as_str()).filter(|text| *text != "-" && !text.is_empty())?;
                let answer = match &question.kind {
                    Kind::SelectOne(_) => Answer::Choice(text.clone()),
                    Kind::SelectMultiple(_) => {
                        Answer::Choices(text.split(',').map(|code| code.trim().to_owned()).collect())
                    }
                    Kind::Integer | Kind::Decimal => Answer::Number(text.parse().ok()?),
                    Kind::Text | Kind::External(_) => return None,
                };
                Some((question.id.clone(), record(question.id.as_str(), answer)))
            };
            let records: BTreeMap<Id, AnswerRecord> = framework.questions.iter().filter_map(answer).collect();
            let answers = records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect();
            let value = |index: &str| external.get(&(index.to_owned(), economy.clone())).copied();
            let scores = crate::score(
                framework,
                &Population::default(),
                &EconomyCode::new(&economy),
                None,
                &answers,
                &value,
            );
            (records, scores)
        })
        .collect()
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|row| headings.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}
