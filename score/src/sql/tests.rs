use std::fmt::Write;

use super::dialect::number;
use super::*;
use maturity::framework::FrameworkSources;

use crate::testing::{external_index, load, small_toml};

/// A framework with one question of each kind, and names that need quoting.
fn framework(external_policy: &str, scoring: &str) -> Framework {
    let missing = format!("answer = \"no-points\"\nexternal_index = \"{external_policy}\"");
    let toml = small_toml(2030, &[("S", 0.1)], &missing, &external_index("X", "[0.0, 100.0]"))
        .replace("id = \"A\"", "id = \"it's high\"")
        .replace("id = \"B\"", "id = \"low\"");
    load(&FrameworkSources {
        framework: toml,
        indicators: "id,label\nQ-1,One\nQ-2,Two\nQ-3,Three\n".to_owned(),
        survey: format!(
            "type,name,indicator,subindex,label,scoring,points\n\
             select_one yes_no,Q-1,Q-1,S,One?,level,2\n\
             select_multiple yes_no,Q-2,Q-2,S,Two?,{scoring},3\n\
             external X,Q-3,Q-3,S,Three,value,4\n"
        ),
        choices: "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Yes,1\n".to_owned(),
    })
}

#[test]
fn every_dialect_says_the_same_but_for_types_and_quotes() {
    let framework = framework("leave-out", "any");
    let text = |dialect| query(&framework, dialect, &Tables::named(), &Level::ALL).unwrap();
    let [duckdb, postgres, spark] = Dialect::ALL.map(text);
    let common = |text: &str| {
        text.replace("DOUBLE PRECISION", "DOUBLE")
            .replace("AS STRING", "AS TEXT")
            .replace('`', "\"")
            .replace("it\\'s", "it''s")
            .replace(" for spark.", " for duckdb.")
            .replace(" for postgres.", " for duckdb.")
    };
    assert_eq!(common(&postgres), common(&duckdb));
    assert_eq!(common(&spark), common(&duckdb));
}

#[test]
fn what_is_a_number_has_no_points() {
    let missing = "answer = \"no-points\"\nexternal_index = \"leave-out\"";
    let toml = small_toml(2030, &[("N", 1.0), ("S", 1.0)], missing, "");
    let framework = load(&FrameworkSources {
        framework: toml
            .replace("share-of-points", "arithmetic-mean")
            .replace("at_least = 0.0", "at_least = -inf"),
        indicators: "id,label\nQ-1,One\nQ-2,Two\nQ-3,Three\n".to_owned(),
        survey: "type,name,indicator,subindex,label,scoring,points\n\
             decimal,Q-1,Q-1,N,One?,number,\n\
             decimal,Q-2,Q-2,S,Two?,number,\n\
             select_one yes_no,Q-3,Q-3,S,Three?,level,1\n"
            .to_owned(),
        choices: "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Yes,1\n".to_owned(),
    });
    let text = query(&framework, Dialect::DuckDb, &Tables::named(), &Level::ALL).unwrap();
    for numbers in ["s.node NOT IN ('N')", "s.unit NOT IN ('Q-1', 'Q-2')", "s.question NOT IN ('Q-1', 'Q-2')"]
    {
        for points in ["points", "max_points"] {
            let expected = format!("CASE WHEN {numbers} THEN s.{points} END AS {points}");
            assert!(text.contains(&expected), "{expected}: {text}");
        }
    }
}

#[test]
fn fewer_levels_need_fewer_steps() {
    let framework = framework("leave-out", "any");
    let text = query(&framework, Dialect::DuckDb, &Tables::named(), &[Level::Subindex]).unwrap();
    assert!(!text.contains("'Q-1', 'Q-1'"), "{text}");
    assert!(text.contains("('Q-1', 'S', 'one', 2e0, TRUE)"), "{text}");
    assert!(
        text.contains("('S', 'S', 5e0, 3, 1, 1e0, 1e0, FALSE)"),
        "the maxima that stay are known beforehand: {text}"
    );
}

#[test]
fn a_subindex_is_withheld_for_a_missing_external_index_only_if_the_framework_says_so() {
    let text = |policy| {
        query(&framework(policy, "any"), Dialect::DuckDb, &Tables::named(), &[Level::Subindex]).unwrap()
    };
    assert!(text("withhold").contains("WHEN missing > 0 THEN 'external-index'"));
    assert!(!text("leave-out").contains("WHEN missing > 0 THEN 'external-index'"));
}

#[test]
fn numbers_are_doubles_to_every_engine() {
    assert_eq!(number(12.0), "12e0");
    assert_eq!(number(0.1 + 0.2), "0.30000000000000004e0");
    for value in [1.0 / 3.0, 1e-300, f64::MAX] {
        assert_eq!(number(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
    }
}

#[test]
fn tables_are_found_by_name_in_a_schema_or_in_a_folder() {
    let at = |dialect, place: &str| Tables::at(dialect, place).map(|tables| tables.table(dialect, "answers"));
    assert_eq!(Tables::named().table(Dialect::Spark, "answers"), "answers");
    assert_eq!(at(Dialect::Postgres, "wave_2022").unwrap(), "\"wave_2022\".answers");
    assert_eq!(at(Dialect::Spark, "lake.survey.").unwrap(), "`lake`.`survey`.answers");
    assert_eq!(at(Dialect::DuckDb, "./it's/").unwrap(), "read_parquet('./it''s/answers.parquet')");
    assert_eq!(at(Dialect::Spark, "s3a://b/x").unwrap(), "parquet.`s3a://b/x/answers.parquet`");
    let files = at(Dialect::Postgres, "./export").unwrap_err().to_string();
    assert!(files.contains("postgres reads no Parquet files"), "{files}");
    let hostile = at(Dialect::Postgres, "x; drop table answers").unwrap_err().to_string();
    assert!(hostile.contains("neither a schema"), "{hostile}");
}

/// One that always applies, and others that hang on it.
fn conditional(relevant: &str) -> Framework {
    let missing = "answer = \"no-points\"\nexternal_index = \"leave-out\"";
    load(&FrameworkSources {
        framework: small_toml(2030, &[("S", 1.0)], missing, ""),
        indicators: "id,label\nQ-1,One\n".to_owned(),
        survey: format!(
            "type,name,indicator,subindex,label,relevant,scoring,points\n\
             select_one yes_no,Q-1,Q-1,S,One?,,level,2\n\
             select_multiple yes_no,Q-2,Q-1,S,Two?,,any,3\n\
             select_one yes_no,Q-3,Q-1,S,Three?,${{Q-1}} > 0,level,1\n\
             select_one yes_no,Q-4,Q-1,S,Four?,\"{relevant}\",level,1\n"
        ),
        choices: "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Yes,1\n".to_owned(),
    })
}

#[test]
fn an_index_of_others_without_a_value_is_not_counted_as_asked() {
    let text = query(&framework("leave-out", "any"), Dialect::DuckDb, &Tables::named(), &Level::ALL).unwrap();
    let asked = "CASE WHEN (i.found = 'external' AND a.question IS NULL) THEN 0 ELSE 1 END AS asked";
    assert!(text.contains(asked), "{text}");
}

#[test]
fn what_does_not_apply_is_not_counted_as_asked() {
    let text = |relevant| query(&conditional(relevant), Dialect::DuckDb, &Tables::named(), &Level::ALL);
    let found = text("not(${Q-1} = '1') or ${Q-3} = ''").unwrap();
    let condition =
        r#"((NOT c."Q-1" IN ('1')) OR COALESCE(c."Q-3", CASE WHEN c."Q-3 off" THEN '' END) IN (''))"#;
    assert!(found.contains(condition), "{found}");
    assert!(found.contains(r#"NOT c."Q-1" IN ('1') AS "Q-3 off""#), "{found}");
    let found = text("selected(${Q-2}, '1')").unwrap();
    assert!(
        found.contains(
            r#"CASE WHEN c."Q-2" IS NOT NULL THEN POSITION(' 1 ' IN (' ' || c."Q-2" || ' ')) > 0 END"#
        ),
        "{found}"
    );
    for refused in ["${Q-1} = ${Q-2}", "string-length(${Q-2}) > 1", "${Q-2} < '1'", "${Q-2} > 0"] {
        let refused = text(refused).unwrap_err().to_string();
        let said = "question Q-4 cannot be expressed in the query: ";
        assert!(refused.starts_with(said), "{refused}");
    }
}

#[test]
fn the_query_grows_with_the_conditions_and_not_with_the_ways_between_them() {
    let length = |count: usize| {
        let mut survey = "type,name,indicator,subindex,label,relevant,scoring,points\n".to_owned();
        for n in 0..count {
            let relevant = match n {
                0 | 1 => String::new(),
                _ => format!("${{Q-{}}} = '1' and ${{Q-{}}} = '1'", n - 1, n - 2),
            };
            writeln!(survey, "select_one yes_no,Q-{n},Q-1,S,One?,\"{relevant}\",level,1").unwrap();
        }
        let missing = "answer = \"no-points\"\nexternal_index = \"leave-out\"";
        let framework = load(&FrameworkSources {
            framework: small_toml(2030, &[("S", 1.0)], missing, ""),
            indicators: "id,label\nQ-1,One\n".to_owned(),
            survey,
            choices: "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Yes,1\n".to_owned(),
        });
        query(&framework, Dialect::Postgres, &Tables::named(), &Level::ALL).unwrap().len()
    };
    assert!(length(60) < 3 * length(30), "{} {}", length(30), length(60));
}
