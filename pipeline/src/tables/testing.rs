//! A small framework and two economies for the tests of tables.

use maturity::economy::{Economies, Economy, EconomyCode};
use maturity::framework::{Framework, FrameworkSources};

/// One subindex with a question of each kind.
pub(super) fn framework() -> Framework {
    let toml = "id = \"s\"\nversion = \"1\"\nwave = 2030\nas_of = \"2030-06-30\"\ntitle = { en = \"S\" }\n\
                language = \"en\"\n[languages]\nen = \"English\"\n[composite]\nid = \"ALL\"\n\
                title = { en = \"All\" }\nmethod = \"arithmetic-mean\"\n[[subindex]]\nid = \"SYST\"\n\
                title = { en = \"SYST\" }\nweight = 1.0\nmethod = \"share-of-points\"\n\
                [[maturity_group]]\nid = \"Silver\"\ntitle = { en = \"Silver\" }\nat_least = 0.0\n[missing]\n\
                answer = \"no-points\"\nexternal_index = \"leave-out\"\nmarks = [\"-\"]\nrequired = \"error\"\n\
                not_relevant = \"warning\"\n";
    let sources = FrameworkSources {
        framework: toml.to_owned(),
        indicators: "id,label\nQ,c\n".to_owned(),
        survey: "type,name,label,indicator,subindex,scoring,points\nselect_one yes,Q1,a,Q,SYST,level,6\n\
                 select_multiple kinds,Q2,b,Q,SYST,,\ninteger,Q3,c,Q,SYST,,\ndecimal,Q4,d,Q,SYST,,\n\
                 text,Q5,e,Q,SYST,,\n"
            .to_owned(),
        choices:
            "list_name,name,label,level\nyes,0,No,0\nyes,2,In force,2\nkinds,a,Bus,0\nkinds,b,Night bus,1\n"
                .to_owned(),
    };
    Framework::load(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Kenya and Peru, as KEN and PER.
pub(super) fn economies() -> Economies {
    let economy = |code: &str| Economy {
        code: EconomyCode::new(code),
        name: code.to_owned(),
        names: std::collections::BTreeMap::new(),
        iso3: String::new(),
        iso2: String::new(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: "R".to_owned(),
        income: "H".to_owned(),
    };
    Economies::new(vec![economy("KEN"), economy("PER")]).0
}
