//! The method of an index as a page to read: formulas, weights, maxima and rules, made from the framework
//! alone, and one economy's scores worked out. Markdown, in any language of the built-in wording.

mod example;
mod index;
mod markdown;
mod rules;

use std::sync::LazyLock;

use maturity::economy::Economy;
use maturity::framework::Framework;
use maturity::language::Language;
use maturity::score::EconomyScores;
use maturity::shown::{number, separated};
use maturity::wording::Wording;

static WORDING: LazyLock<Wording> =
    LazyLock::new(|| Wording::parse(include_str!("../../methodology.csv")).unwrap_or_default());

/// The page. With `example`, its last section works out the scores of that economy.
pub fn methodology(
    framework: &Framework,
    language: &Language,
    example: Option<(&Economy, &EconomyScores)>,
) -> String {
    let mut page = Page { framework, language, text: String::new(), is_markdown: true };
    let title = page.shown(framework.title.get(language));
    page.line(&format!("# {}", page.fill("title", &[("title", &title)])));
    let (id, version) = (markdown::code(&framework.id), page.shown(&framework.version));
    page.paragraph(&page.fill("intro", &[("id", &id), ("version", &version)]));
    rules::points(&mut page);
    rules::numbers(&mut page);
    index::scores(&mut page);
    index::groups(&mut page);
    rules::missing(&mut page);
    rules::external(&mut page);
    rules::uncertainty(&mut page);
    if let Some((economy, scores)) = example {
        example::worked(&mut page, economy, scores);
    }
    page.text
}

/// The same in the pieces that the method sheet of a workbook is made of.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// The subindexes that are means, each as a formula of its parts.
    pub(crate) means: Vec<String>,
    /// The composite as a formula of the subindexes that it is made of.
    pub(crate) composite: String,
    /// How indicators are normalised, those that are in the same way together.
    pub(crate) normalizations: Vec<String>,
    /// What a part without a score does to the means that it is part of.
    pub(crate) parts: Vec<String>,
}

impl Pieces {
    pub(crate) fn of(framework: &Framework, language: &Language) -> Self {
        let page = Page { framework, language, text: String::new(), is_markdown: false };
        Self {
            means: index::means(&page),
            composite: index::composite(&page),
            normalizations: rules::normalizations(&page),
            parts: rules::parts(&page),
        }
    }
}

/// The page as far as it is written.
struct Page<'a> {
    framework: &'a Framework,
    language: &'a Language,
    text: String,
    /// Whether it is one; the pieces of a sheet are plain text.
    is_markdown: bool,
}

impl<'a> Page<'a> {
    fn say(&self, key: &'a str) -> &'a str {
        WORDING.get(key, self.language)
    }

    fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        WORDING.fill(key, self.language, values)
    }

    /// A text of the framework, of a table or of a respondent, as it is to be read.
    fn shown(&self, text: &str) -> String {
        if self.is_markdown { markdown::escaped(text) } else { text.to_owned() }
    }

    fn number(&self, of: f64) -> String {
        in_language(of, self.language)
    }

    /// A number rounded to six decimals for display only.
    fn rounded(&self, of: f64) -> String {
        let text = format!("{of:.6}");
        separated(text.trim_end_matches('0').trim_end_matches('.'), self.language)
    }

    fn line(&mut self, line: &str) {
        self.text += line;
        self.text += "\n";
    }

    /// A heading of the second level.
    fn section(&mut self, heading: &str) {
        self.line(&format!("\n## {heading}"));
    }

    fn paragraph(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }

    fn list<'b>(&mut self, points: impl IntoIterator<Item = &'b str>) {
        self.line("");
        for point in points {
            self.line(&format!("- {point}"));
        }
    }

    /// A formula or several, each on a line of its own.
    fn formulas(&mut self, formulas: &[String]) {
        self.line("");
        for formula in formulas {
            // Nothing is marked up there, as long as it is one line.
            self.line(&format!("    {}", formula.replace(['\n', '\r'], " ")));
        }
    }

    fn table(&mut self, headings: &[&str], rows: &[Vec<String>]) {
        self.line("");
        self.line(&format!("| {} |", headings.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(headings.len())));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            self.line(&format!("| {} |", cells.join(" | ")));
        }
    }
}

/// A number with as many decimals as it has, as a language writes it.
fn in_language(of: f64, language: &Language) -> String {
    separated(&number(of), language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use maturity::wording::placeholders;

    #[test]
    fn numbers_are_written_as_the_language_does() {
        let framework = crate::testing::with_number();
        let page = |tag| methodology(&framework, &Language::new(tag), None);
        let decimals = |page: &str, separator: char| {
            let digits: Vec<char> = page.chars().collect();
            let between = |window: &&[char]| {
                window[1] == separator && window[0].is_ascii_digit() && window[2].is_ascii_digit()
            };
            digits.windows(3).filter(between).count()
        };
        let english = decimals(&page("en"), '.');
        assert!(english > 0, "{}", page("en"));
        assert_eq!((decimals(&page("fr"), '.'), decimals(&page("fr"), ',')), (0, english), "{}", page("fr"));
    }

    #[test]
    fn ids_and_titles_mark_nothing_up_and_a_command_is_pasted_as_it_is() {
        let framework = crate::testing::with_marks();
        let economy = crate::testing::economy("KEN", "Ken<b>ya", "Africa", "Low");
        let answers = crate::testing::answers(&framework, 2);
        let scores = crate::testing::scores(&framework, &economy, &answers, |_| Some(0.5));
        let page = methodology(&framework, &Language::english(), Some((&economy, &scores)));
        for line in [
            r#"# Method: R&amp;D &lt;b>"demo"&lt;/b> | \*x\*"#,
            r"| S;1 | Sys\|tems &lt;i> | 1 |",
            "## Worked example: Ken&lt;b>ya",
            "`gtmi explain KEN 'S;1'`",
            "### S;1 Sys|tems &lt;i>",
            r"| Q-1 | Yes \| &lt;u> | `level` |",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
        assert!(!page.contains("<b>") && !page.contains("<i>"), "{page}");
        // A sheet is no Markdown.
        let pieces = Pieces::of(&framework, &Language::english());
        assert_eq!(pieces.composite, "ALL = (1 × S;1 + 3 × S2) / 4");
    }

    #[test]
    fn every_text_exists_in_three_languages_with_the_same_placeholders() {
        let wording = Wording::parse(include_str!("../../methodology.csv")).unwrap();
        for (key, text) in wording.iter() {
            let mut expected = placeholders(text.default_text());
            expected.sort_unstable();
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(text.has(&language), "{key} in {tag}");
                let mut found = placeholders(text.get(&language));
                found.sort_unstable();
                assert_eq!(found, expected, "{key} in {tag}");
            }
        }
    }
}
