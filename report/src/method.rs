//! The method sheet: how a score is made, in words and in the framework's own numbers.
//!
//! Everything stands here because the framework says so; nothing is written twice.

use maturity::framework::{
    AnswerPolicy, CompositeMethod, ExternalPolicy, Framework, Kind, PartPolicy, Scoring, ScoringRule,
    SubindexMethod,
};

use crate::ReportError;
use crate::form::{Form, Paper};
use crate::keys::Key;
use crate::methodology::Pieces;
use crate::page::{Page, count};
use crate::style::Align;

/// The form of the sheet.
pub(crate) const FORM: Form = Form {
    name: Key::SheetMethod,
    paper: Paper::OnePage,
    widths: &[25.0, 38.0, 12.0, 12.0, 13.0, 12.0],
    frozen: None,
    titles: 0,
    long: false,
    filtered: false,
    for_programs: false,
};
const LAST: u16 = 5;

/// Writes the method and the further notes; returns the first free row.
pub(crate) fn write(page: &mut Page, notes: &[Key]) -> Result<u32, ReportError> {
    let words = page.words();
    page.head(words.get(Key::MethodTitle), page.framework().title.get(page.language()))?;
    let pieces = Pieces::of(page.framework(), page.language());
    let row = formulas(page, &pieces, 3)?;
    let row = rules(page, row + 1)?;
    let row = subindexes(page, row + 1)?;
    let row = groups(page, row + 1)?;
    let row = missing(page, &pieces, row + 1)?;
    let row = external(page, row + 1)?;
    if notes.is_empty() {
        return Ok(row + 1);
    }
    let mut row = section(page, row + 1, Key::MethodNotes)?;
    for note in notes {
        row = paragraph(page, row, words.get(*note))?;
    }
    Ok(row + 1)
}

/// Writes a table of facts with a heading.
pub(crate) fn facts(page: &mut Page, row: u32, facts: &[(Key, &str)]) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let start = section(page, row, Key::Provenance)?;
    for (row, (key, value)) in (start..).zip(facts) {
        page.text(row, 0, words.get(*key), &styles.text)?;
        page.wide(row, (1, LAST), value, &styles.text)?;
    }
    Ok(())
}

/// What identifies the framework.
pub(crate) fn framework_facts(page: &Page) -> Vec<(Key, String)> {
    let framework = page.framework();
    vec![
        (Key::FrameworkId, framework.id.clone()),
        (Key::FrameworkVersion, framework.version.clone()),
        (Key::FrameworkHash, framework.hash.clone()),
        (Key::InstrumentHash, framework.instrument_hash.clone()),
        (Key::AsOf, framework.as_of.to_string()),
    ]
}

fn section(page: &mut Page, row: u32, key: Key) -> Result<u32, ReportError> {
    page.line(row, page.words().get(key), &page.styles().section)?;
    page.height(row, 18.0);
    Ok(row + 1)
}

fn paragraph(page: &mut Page, row: u32, text: &str) -> Result<u32, ReportError> {
    page.wide(row, (0, LAST), text, &page.styles().paragraph)?;
    Ok(row + 1)
}

fn formula(page: &mut Page, row: u32, text: &str) -> Result<u32, ReportError> {
    page.wide(row, (0, LAST), text, &page.styles().formula)?;
    page.height(row, 22.0);
    Ok(row + 1)
}

/// Whether some questions earn points; others are numbers.
fn has_points(framework: &Framework) -> bool {
    let scored = framework.questions.iter().filter_map(|question| question.scoring);
    scored.into_iter().any(|scoring| scoring.rule != ScoringRule::Number)
}

/// Whether some questions are numbers: without an answer they leave their mean.
pub(crate) fn has_numbers(framework: &Framework) -> bool {
    let mut scored = framework.questions.iter().filter_map(|question| question.scoring);
    scored.any(|scoring| scoring.rule == ScoringRule::Number)
}

/// Whether the composite is the plain mean that [`Key::MethodMean`] describes: of all subindexes, none of which may lack
/// its score.
fn is_plain(framework: &Framework) -> bool {
    let composite = &framework.composite;
    composite.method == CompositeMethod::ArithmeticMean
        && composite.missing_part == PartPolicy::Withhold
        && framework.subindexes.iter().all(|subindex| subindex.parent.is_none())
}

/// From answers to points, to subindexes, to the composite, to a group.
fn formulas(page: &mut Page, pieces: &Pieces, row: u32) -> Result<u32, ReportError> {
    let words = page.words();
    let framework = page.framework();
    let mut row = section(page, row, Key::MethodScore)?;
    let mut steps = 1..;
    let mut step = |page: &mut Page, row: u32, text: &str| {
        let number = steps.next().unwrap_or(1);
        paragraph(page, row, &format!("{number}. {text}"))
    };
    if has_points(framework) {
        row = step(page, row, words.get(Key::MethodPoints))?;
    }
    if framework.subindexes.iter().any(|subindex| subindex.method == SubindexMethod::ShareOfPoints) {
        row = step(page, row, words.get(Key::MethodShare))?;
        row = formula(page, row, words.get(Key::FormulaShare))?;
    }
    if !pieces.normalizations.is_empty() {
        row = step(page, row, words.get(Key::MethodNormalized))?;
        for way in &pieces.normalizations {
            row = paragraph(page, row, way)?;
        }
    }
    if !pieces.means.is_empty() {
        row = step(page, row, words.get(Key::MethodMeans))?;
        for mean in &pieces.means {
            row = long_formula(page, row, mean)?;
        }
    }
    let made = if is_plain(framework) { Key::MethodMean } else { Key::MethodMade };
    let title = framework.composite.title.get(page.language());
    row = step(page, row, &words.fill(made, &[("title", title)]))?;
    row = formula(page, row, &pieces.composite)?;
    step(page, row, words.get(Key::MethodRounding))
}

/// A formula with as many parts as a subindex has, on as many lines as it needs.
fn long_formula(page: &mut Page, row: u32, text: &str) -> Result<u32, ReportError> {
    page.wide(row, (0, LAST), text, &page.styles().formula)?;
    Ok(row + 1)
}

/// The rules that turn an answer into points, with how many questions use each.
fn rules(page: &mut Page, row: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let start = section(page, row, Key::MethodRules)?;
    page.headings(
        start,
        &[(Key::Rule, Align::Left), (Key::Meaning, Align::Left), (Key::Questions, Align::Right)],
    )?;
    let mut row = start + 1;
    let rules = [
        (ScoringRule::Level, Key::RuleLevel, Key::RuleLevelMeaning),
        (ScoringRule::Any, Key::RuleAny, Key::RuleAnyMeaning),
        (ScoringRule::Value, Key::RuleValue, Key::RuleValueMeaning),
        (ScoringRule::Number, Key::RuleNumber, Key::RuleNumberMeaning),
    ];
    for (rule, name, meaning) in rules {
        let scored = page.framework().questions.iter().filter_map(|question| question.scoring);
        let used = scored.filter(|scoring| scoring.rule == rule).count();
        // Few frameworks have numbers; the other rules are what readers ask for, even where one is not used, unless no
        // question earns points.
        if used == 0 && (rule == ScoringRule::Number || !has_points(page.framework())) {
            continue;
        }
        page.text(row, 0, words.get(name), &styles.text)?;
        page.text(row, 1, words.get(meaning), &styles.text)?;
        page.number(row, 2, count(used), &styles.count)?;
        row += 1;
    }
    Ok(row)
}

/// Weights and maxima.
fn subindexes(page: &mut Page, row: u32) -> Result<u32, ReportError> {
    let styles = page.styles();
    let framework = page.framework();
    let start = section(page, row, Key::MethodSubindexes)?;
    let headings = [
        (Key::Id, Align::Left),
        (Key::Subindex, Align::Left),
        (Key::Weight, Align::Right),
        (Key::Indicators, Align::Right),
        (Key::Questions, Align::Right),
        (Key::Maximum, Align::Right),
    ];
    page.headings(start, &headings)?;
    let mut row = start + 1;
    for subindex in &framework.subindexes {
        let scored: Vec<Scoring> = framework
            .questions
            .iter()
            .filter(|question| question.subindex == subindex.id)
            .filter_map(|question| question.scoring)
            .collect();
        let mut points = scored.iter().filter(|scoring| scoring.rule != ScoringRule::Number).peekable();
        let most = points.peek().is_some().then(|| points.fold(0.0, |sum, scoring| sum + scoring.max_points));
        page.text(row, 0, subindex.id.as_str(), &styles.text)?;
        page.text(row, 1, subindex.title.get(page.language()), &styles.text)?;
        page.number(row, 2, subindex.weight, &styles.value)?;
        page.number(row, 3, count(framework.indicators_of(&subindex.id).count()), &styles.count)?;
        page.number(row, 4, count(scored.len()), &styles.count)?;
        // A sum of no points would read as none that can be earned.
        page.optional(row, 5, most, &styles.value)?;
        row += 1;
    }
    Ok(row)
}

/// Thresholds.
fn groups(page: &mut Page, row: u32) -> Result<u32, ReportError> {
    let styles = page.styles();
    if page.framework().groups.is_empty() {
        return Ok(row);
    }
    let start = section(page, row, Key::MethodGroups)?;
    page.headings(
        start,
        &[
            (Key::Group, Align::Centre),
            (Key::Name, Align::Left),
            (Key::From, Align::Right),
            (Key::Below, Align::Right),
        ],
    )?;
    let mut row = start + 1;
    let mut above: Option<f64> = None;
    for group in &page.framework().groups {
        page.text(row, 0, &group.id, styles.group(&group.id))?;
        page.text(row, 1, group.title.get(page.language()), &styles.text)?;
        page.number(row, 2, group.at_least, &styles.score)?;
        match above {
            Some(limit) => page.number(row, 3, limit, &styles.score)?,
            // The highest group has no upper limit: 1 itself belongs to it.
            None => page.text(row, 3, "–", &styles.absent)?,
        }
        above = Some(group.at_least);
        row += 1;
    }
    Ok(row)
}

/// What missing values do.
fn missing(page: &mut Page, pieces: &Pieces, row: u32) -> Result<u32, ReportError> {
    let words = page.words();
    let framework = page.framework();
    let policy = &framework.missing;
    let mut row = section(page, row, Key::MethodMissing)?;
    let answer = match policy.answer {
        AnswerPolicy::NoPoints if has_numbers(framework) => Key::PolicyNoPointsNumbers,
        AnswerPolicy::NoPoints => Key::PolicyNoPoints,
        AnswerPolicy::LeaveOut => Key::PolicyLeaveOut,
    };
    let external = match policy.external_index {
        ExternalPolicy::LeaveOut => Key::PolicyExternalLeaveOut,
        ExternalPolicy::Withhold => Key::PolicyExternalWithhold,
    };
    let has_external = !framework.external_indices.is_empty();
    for (applies, key) in [(has_points(framework), answer), (has_external, external)] {
        if applies {
            row = paragraph(page, row, words.get(key))?;
        }
    }
    // That the plain mean has no value without one of its parts was said above.
    if !is_plain(framework) || !pieces.means.is_empty() || pieces.parts.len() > 1 {
        for part in &pieces.parts {
            row = paragraph(page, row, part)?;
        }
    }
    let marks: Vec<String> = policy.marks.iter().map(|mark| format!("\u{201c}{mark}\u{201d}")).collect();
    paragraph(page, row, &words.fill(Key::PolicyMarks, &[("marks", &marks.join(", "))]))
}

/// The indices of other organisations, with the most points that each can earn.
fn external(page: &mut Page, row: u32) -> Result<u32, ReportError> {
    let styles = page.styles();
    let framework = page.framework();
    if framework.external_indices.is_empty() {
        return Ok(row);
    }
    let start = section(page, row, Key::MethodExternal)?;
    let headings = [
        (Key::Id, Align::Left),
        (Key::ExternalIndex, Align::Left),
        (Key::Question, Align::Left),
        (Key::Subindex, Align::Left),
        (Key::Maximum, Align::Right),
    ];
    page.headings(start, &headings)?;
    let mut row = start + 1;
    for index in &framework.external_indices {
        let questions =
            framework.questions.iter().filter(|question| question.kind == Kind::External(index.id.clone()));
        for question in questions {
            page.text(row, 0, &index.id, &styles.text)?;
            page.text(row, 1, index.title.get(page.language()), &styles.text)?;
            page.text(row, 2, question.id.as_str(), &styles.text)?;
            page.text(row, 3, question.subindex.as_str(), &styles.text)?;
            let points = question.scoring.filter(|scoring| scoring.rule != ScoringRule::Number);
            page.optional(row, 4, points.map(|scoring| scoring.max_points), &styles.value)?;
            row += 1;
        }
    }
    Ok(row)
}
