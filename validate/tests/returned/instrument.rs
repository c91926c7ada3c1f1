//! A small instrument in three languages with every kind of question, and a questionnaire of it.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::{Economies, Economy, EconomyCode};
use maturity::framework::{Framework, FrameworkSources};
use maturity::id::Id;
use maturity::language::Language;
use maturity::submission::Field;
use questionnaire::{Entered, Request};

/// The hash that questionnaires of the earlier version carry.
pub(crate) const EARLIER_HASH: &str = "2028feedbeef";

const FRAMEWORK: &str = r#"
id = "small-2030"
version = "2030.2"
wave = 2030
as_of = "2030-06-30"
title = { en = "Small index", fr = "Petit indice", es = "Índice pequeño" }
language = "en"
[languages]
en = "English"
fr = "Français"
es = "Español"
[composite]
id = "ALL"
title = { en = "All", fr = "Tout", es = "Todo" }
method = "arithmetic-mean"
[[subindex]]
id = "SYS"
title = { en = "Systems", fr = "Systèmes", es = "Sistemas" }
weight = 1.0
method = "share-of-points"
[[subindex]]
id = "LAW"
title = { en = "Laws", fr = "Lois", es = "Leyes" }
weight = 1.0
method = "share-of-points"
[[maturity_group]]
id = "A"
title = { en = "Any", fr = "Toute", es = "Toda" }
at_least = 0.0
[missing]
answer = "no-points"
external_index = "leave-out"
marks = ["-", "n/a"]
required = "error"
not_relevant = "warning"
[[earlier_version]]
version = "2028.1"
instrument_hash = "2028feedbeef"
[earlier_version.questions]
"P-1" = "Q-1"
"P-9" = "dropped"
[earlier_version.choices.status]
"Partly" = "1"
"#;

const SURVEY: &str = "\
type,name,label,label::French (fr),label::Spanish (es),indicator,subindex,required,relevant,format,evidence_for,scoring,points
select_one status,Q-1,Is there a shared cloud?,Existe-t-il un nuage partagé ?,¿Existe una nube compartida?,Q-1,SYS,yes,,,,level,6
text,Q-1.1,Its web address,Son adresse web,Su dirección web,Q-1,SYS,,${Q-1} > 0,link,Q-1,,
integer,Q-1.2,Since which year?,Depuis quelle année ?,¿Desde qué año?,Q-1,SYS,,${Q-1} > 0,year,,,
select_one truth,Q-2,Is it open to all?,Est-il ouvert à tous ?,¿Está abierta a todos?,Q-2,SYS,,,,,any,1
decimal,Q-2.1,Which share uses it?,Quelle part l'utilise ?,¿Qué parte la usa?,Q-2,SYS,,,,,,
select_multiple kinds,Q-2.2,Which kinds are there?,Quels types existent ?,¿Qué tipos existen?,Q-2,SYS,,,,,any,1
text,Q-3,Name of the law,Nom de la loi,Nombre de la ley,Q-3,LAW,,,,,,
integer,Q-4,How many offices?,Combien de bureaux ?,¿Cuántas oficinas?,Q-4,LAW,,,,,,
select_one status,Q-5,Is the law in force?,La loi est-elle en vigueur ?,¿Está vigente la ley?,Q-5,LAW,yes,,,,level,6
";

const CHOICES: &str = "\
list_name,name,label,label::French (fr),label::Spanish (es),level
status,0,\"No, or not known\",Non ou ne sait pas,\"No, o se desconoce\",0
status,1,Planned,Prévu,Previsto,1
status,2,\"Yes, in use\",Oui\u{a0}: en service,\"Sí, en uso\",2
truth,0,False,Faux,Falso,0
truth,1,True,Vrai,Verdadero,1
kinds,1,Public,Public,Pública,1
kinds,2,Private,Privé,Privada,1
kinds,3,Hybrid,Hybride,Híbrida,1
";

const INDICATORS: &str = "\
id,label,label::French (fr),label::Spanish (es)
Q-1,Cloud,Nuage,Nube
Q-2,Use,Usage,Uso
Q-3,Law,Loi,Ley
Q-4,Offices,Bureaux,Oficinas
Q-5,Force,Vigueur,Vigencia
";

pub(crate) fn framework() -> Framework {
    Framework::load(&FrameworkSources {
        framework: FRAMEWORK.to_owned(),
        indicators: INDICATORS.to_owned(),
        survey: SURVEY.to_owned(),
        choices: CHOICES.to_owned(),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn economies() -> Economies {
    Economies::new(vec![kenya()]).0
}

fn kenya() -> Economy {
    Economy {
        code: EconomyCode::new("KEN"),
        name: "Kenya".to_owned(),
        names: BTreeMap::new(),
        iso3: "KEN".to_owned(),
        iso2: "KE".to_owned(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: "AFR".to_owned(),
        income: "LM".to_owned(),
    }
}

/// The answers that every questionnaire starts from, as [`found_answers`](crate::expectation::found_answers)
/// shows them.
pub(crate) fn answers() -> BTreeMap<String, String> {
    [
        ("Q-1", "2"),
        ("Q-1.1", "https://cloud.example"),
        ("Q-1.2", "2016"),
        ("Q-2", "1"),
        ("Q-2.1", "0.5"),
        ("Q-2.2", "1 2"),
        ("Q-3", "Law 7 of 2019"),
        ("Q-4", "12"),
        ("Q-5", "1"),
    ]
    .map(|(question, answer)| (question.to_owned(), answer.to_owned()))
    .into()
}

/// The filled-in questionnaire in a language.
pub(crate) fn questionnaire(framework: &Framework, language: &str) -> Vec<u8> {
    let answers: BTreeMap<Id, Answer> = [
        ("Q-1", Answer::Choice("2".to_owned())),
        ("Q-1.1", Answer::Text("https://cloud.example".to_owned())),
        ("Q-1.2", Answer::Number(2016.0)),
        ("Q-2", Answer::Choice("1".to_owned())),
        ("Q-2.1", Answer::Number(0.5)),
        ("Q-2.2", Answer::Choices(vec!["1".to_owned(), "2".to_owned()])),
        ("Q-3", Answer::Text("Law 7 of 2019".to_owned())),
        ("Q-4", Answer::Number(12.0)),
        ("Q-5", Answer::Choice("1".to_owned())),
    ]
    .map(|(question, answer)| (Id::from(question), answer))
    .into();
    // With evidence for each "yes", nothing is left to say.
    let mut entered = Entered::default();
    for question in ["Q-2", "Q-2.2", "Q-5"] {
        entered.insert(Id::from(question), Field::Evidence, "https://evidence.example".to_owned());
    }
    let economy = kenya();
    let request = Request {
        framework,
        economy: &economy,
        language: Language::new(language),
        answers: &answers,
        entered: &entered,
        collected: None,
        deadline: None,
        previous: None,
    };
    questionnaire::write(&request).unwrap()
}
