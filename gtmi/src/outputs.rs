//! The names that files have in the folder of outputs. What others put beside them is none of the pipeline's: it is neither
//! counted, nor recorded, nor removed.

use std::path::Path;

use maturity::economy::{Economies, EconomyCode};

/// Between the code of an economy and the number of its respondent in the name of a marked return.
const RESPONDENT: &str = "-respondent-";

/// Whether a run writes files of this name into a folder of outputs; the name of the folder is empty for that of all.
pub(crate) fn is_output(economies: &Economies, folder: &str, name: &str) -> bool {
    let is_economy =
        |code: &str| economies.get(&EconomyCode::new(code)).is_some_and(|found| found.code.as_str() == code);
    let workbook = name.strip_suffix(".xlsx");
    match folder {
        "" => name == "global.xlsx",
        "refused" => Path::new(name).extension().is_some_and(|ending| ending == "json"),
        "feedback" => workbook.is_some_and(|unit| {
            is_economy(unit) || is_economy(respondents_economy(unit).unwrap_or_default())
        }),
        _ => workbook.is_some_and(is_economy),
    }
}

/// Whether a file of this name is a marked return to a respondent of the economy.
pub(crate) fn is_return_of(economy: &EconomyCode, name: &str) -> bool {
    let unit = name.strip_suffix(".xlsx");
    unit.is_some_and(|unit| unit == economy.as_str() || respondents_economy(unit) == Some(economy.as_str()))
}

/// The code in the name of a return to one respondent of several.
fn respondents_economy(unit: &str) -> Option<&str> {
    let (code, number) = unit.rsplit_once(RESPONDENT)?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use maturity::economy::Economy;

    use super::*;

    #[test]
    fn what_others_put_beside_the_outputs_is_none() {
        let kenya = Economy {
            code: EconomyCode::new("KEN"),
            name: "Kenya".to_owned(),
            names: BTreeMap::new(),
            iso3: "KEN".to_owned(),
            iso2: "KE".to_owned(),
            other_codes: Vec::new(),
            other_names: Vec::new(),
            region: String::new(),
            income: String::new(),
        };
        let (economies, _) = Economies::new(vec![kenya]);
        let of = |folder: &str, name: &str| is_output(&economies, folder, name);
        assert!(of("", "global.xlsx") && of("reports", "KEN.xlsx") && of("feedback", "KEN.xlsx"));
        assert!(of("feedback", "KEN-respondent-2.xlsx") && of("refused", "a.xlsx.0123456789ab.json"));
        for (folder, name) in [
            ("", "KEN.xlsx"),
            ("reports", "~$KEN.xlsx"),
            ("reports", "notes.xlsx"),
            ("reports", "ken.xlsx"),
            ("reports", "KE.xlsx"),
            ("reports", "KEN-respondent-2.xlsx"),
            ("feedback", "KEN-respondent-.xlsx"),
            ("feedback", ".xlsx"),
            ("refused", "notes.txt"),
        ] {
            assert!(!of(folder, name), "{folder}/{name}");
        }
        let returned = |name: &str| is_return_of(&EconomyCode::new("KEN"), name);
        assert!(returned("KEN.xlsx") && returned("KEN-respondent-12.xlsx"));
        for name in ["KEN.txt", "KEN", "KEN-respondent-notes.docx", "KEN-respondent-notes.xlsx", "KENYA.xlsx"]
        {
            assert!(!returned(name), "{name}");
        }
    }
}
