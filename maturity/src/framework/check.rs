//! Checks across a framework's files: unknown and unused ids, weights, thresholds, cycles, missing texts.

mod waves;

use std::collections::{BTreeMap, BTreeSet};

use crate::form;
use crate::id::Id;
use crate::language::Text;
use crate::logic::Expression;
use crate::normalize::matching_key;
use crate::spelling::did_you_mean;
use crate::submission::{Field, HeaderField};

use super::load::{CHOICES, INDICATORS, Lines, SURVEY, TOML, line_at};
use super::problem::FrameworkProblem;
use super::{EarlierVersion, Framework, Kind, Question, Target};

pub(super) fn check(framework: &Framework, toml: &str, problems: &mut Vec<FrameworkProblem>) {
    let mut checks = Checks { framework, toml, lines: &framework.lines, problems };
    checks.index();
    checks.external_indices();
    checks.choices();
    checks.questions();
    checks.form_names();
    checks.expressions();
    checks.cycles();
    checks.waves();
    checks.translations();
    checks.earlier_versions();
}

struct Checks<'a> {
    framework: &'a Framework,
    toml: &'a str,
    lines: &'a Lines,
    problems: &'a mut Vec<FrameworkProblem>,
}

impl Checks<'_> {
    fn problem(&mut self, file: &'static str, line: Option<u64>, what: String, advice: &str) {
        self.problems.push(FrameworkProblem { file, line, what, advice: advice.to_owned() });
    }

    /// A problem in the TOML file, on the line where `value` stands quoted.
    fn in_toml(&mut self, value: &str, what: String, advice: &str) {
        let line = self.toml.find(&format!("\"{value}\"")).map(|at| line_at(self.toml, at));
        self.problem(TOML, line, what, advice);
    }

    fn in_survey(&mut self, question: &Question, what: String, advice: &str) {
        let line = self.lines.questions.get(&question.id).copied();
        self.problem(SURVEY, line, what, advice);
    }

    fn index(&mut self) {
        let framework = self.framework;
        let mut seen = BTreeSet::from([framework.composite.id.clone()]);
        for subindex in &framework.subindexes {
            if !seen.insert(subindex.id.clone()) {
                let what = format!("the id \"{}\" is used twice", subindex.id);
                self.in_toml(
                    subindex.id.as_str(),
                    what,
                    "give each subindex and the composite an id of its own",
                );
            }
            if !(subindex.weight.is_finite() && subindex.weight > 0.0) {
                let what = format!("the weight of \"{}\" is {}", subindex.id, subindex.weight);
                self.in_toml(subindex.id.as_str(), what, "give a number above 0");
            }
        }
        for indicator in framework.indicators.iter().filter(|indicator| seen.contains(&indicator.id)) {
            let line = self.lines.indicators.get(&indicator.id).copied();
            let what = format!("the id \"{}\" is that of a subindex or of the composite, too", indicator.id);
            self.problem(
                INDICATORS,
                line,
                what,
                "give each indicator, subindex and the composite an id of its own",
            );
        }
        if framework.subindexes.is_empty() {
            self.problem(TOML, None, "there is no subindex".to_owned(), "add a table [[subindex]]");
        }

        let mut groups = BTreeSet::new();
        let mut thresholds = BTreeSet::new();
        let range = framework.composite_range();
        for group in &framework.groups {
            if !groups.insert(&group.id) {
                let what = format!("the maturity group \"{}\" stands there twice", group.id);
                self.in_toml(&group.id, what, "give one of them another id");
            }
            if !(range.low..=range.high).contains(&group.at_least) {
                let what = format!("the threshold of \"{}\" is {}", group.id, group.at_least);
                let advice = format!("give a number from {} to {}", range.low, range.high);
                self.in_toml(&group.id, what, &advice);
            } else if !thresholds.insert(group.at_least.to_bits()) {
                let what = format!("two maturity groups start at {}", group.at_least);
                self.in_toml(&group.id, what, "give each group a threshold of its own");
            }
        }
        if framework.groups.last().is_some_and(|lowest| lowest.at_least > range.low) {
            let what = format!("no maturity group starts at {}, so low scores have no group", range.low);
            let lowest = if range.low.is_finite() { format!("{:?}", range.low) } else { "-inf".to_owned() };
            let advice = format!("set at_least = {lowest} for the lowest [[maturity_group]]");
            self.problem(TOML, None, what, &advice);
        }
    }

    fn external_indices(&mut self) {
        let framework = self.framework;
        let mut seen = BTreeSet::new();
        for external in &framework.external_indices {
            if !seen.insert(&external.id) {
                let what = format!("the external index \"{}\" stands there twice", external.id);
                self.in_toml(&external.id, what, "remove one of them");
            }
            let (low, high) = external.range;
            if !(low.is_finite() && high.is_finite() && low < high) {
                let what = format!("the range of \"{}\" is {low} to {high}", external.id);
                self.in_toml(&external.id, what, "give the lowest and the highest value, e.g. [0.0, 1.0]");
            }
            let used = framework.questions.iter().any(|q| q.kind == Kind::External(external.id.clone()));
            if !used {
                let what = format!("no question takes its value from the external index \"{}\"", external.id);
                self.in_toml(&external.id, what, "remove it, or use it as type \"external …\" in survey.csv");
            }
        }
    }

    fn choices(&mut self) {
        let framework = self.framework;
        for (name, list) in &framework.choice_lists {
            let line = self.lines.lists.get(name).copied();
            if !framework
                .questions
                .iter()
                .any(|q| framework.choices(q).is_some_and(|used| std::ptr::eq(used, list)))
            {
                let what = format!("no question uses the list of choices \"{name}\"");
                self.problem(CHOICES, line, what, "remove it, or use it in the column type of survey.csv");
            }
            let mut labels: BTreeMap<String, &str> = BTreeMap::new();
            for choice in &list.choices {
                let texts = choice.label.all().chain([choice.code.as_str()]);
                if let Some(mark) = texts.into_iter().find(|text| framework.is_missing_mark(text)) {
                    let what =
                        format!("a choice of the list \"{name}\" reads \"{mark}\", a mark for no answer");
                    self.problem(CHOICES, line, what, "word it differently, or take it out of missing.marks");
                }
                for label in choice.label.all() {
                    let other = labels.insert(matching_key(label), &choice.code);
                    if other.is_some_and(|other| other != choice.code) {
                        let what = format!("two choices of the list \"{name}\" read \"{label}\"");
                        self.problem(CHOICES, line, what, "word them so that a reader can tell them apart");
                    }
                    let taken =
                        list.choices.iter().find(|other| other.code == label && other.code != choice.code);
                    if taken.is_some() {
                        let what = format!(
                            "the label \"{label}\" of a choice in \"{name}\" is another choice's name"
                        );
                        self.problem(CHOICES, line, what, "word the label differently");
                    }
                }
            }
        }
    }

    fn questions(&mut self) {
        let framework = self.framework;
        if framework.questions.is_empty() {
            self.problem(SURVEY, None, "there is no question".to_owned(), "add a row for each question");
        }
        for question in &framework.questions {
            let id = &question.id;
            match &question.kind {
                Kind::SelectOne(list) | Kind::SelectMultiple(list)
                    if !framework.choice_lists.contains_key(list) =>
                {
                    let guess = did_you_mean(list, framework.choice_lists.keys().map(String::as_str));
                    let what =
                        format!("the list of choices \"{list}\" of the question \"{id}\" is unknown{guess}");
                    self.in_survey(question, what, "add it to choices.csv, or correct the type");
                }
                Kind::External(index) if !framework.external_indices.iter().any(|e| e.id == *index) => {
                    let guess = did_you_mean(index, framework.external_indices.iter().map(|e| e.id.as_str()));
                    let what =
                        format!("the external index \"{index}\" of the question \"{id}\" is unknown{guess}");
                    self.in_survey(question, what, "add it as [[external_index]] to framework.toml");
                }
                _ => {}
            }
            if framework.indicator(&question.indicator).is_none() {
                let guess = did_you_mean(
                    question.indicator.as_str(),
                    framework.indicators.iter().map(|i| i.id.as_str()),
                );
                let what = format!(
                    "the indicator \"{}\" of the question \"{id}\" is unknown{guess}",
                    question.indicator
                );
                self.in_survey(question, what, "add it to indicators.csv, or correct the column indicator");
            } else if framework
                .indicator(&question.indicator)
                .is_some_and(|i| i.subindex != question.subindex)
            {
                let what =
                    format!("the indicator \"{}\" has questions in two subindexes", question.indicator);
                self.in_survey(question, what, "give all questions of an indicator the same subindex");
            }
            if framework.subindex(&question.subindex).is_none() {
                let guess = did_you_mean(
                    question.subindex.as_str(),
                    framework.subindexes.iter().map(|s| s.id.as_str()),
                );
                let what = format!(
                    "the subindex \"{}\" of the question \"{id}\" is unknown{guess}",
                    question.subindex
                );
                self.in_survey(question, what, "add it to framework.toml, or correct the column subindex");
            }
            if let Some(backed) = &question.evidence_for
                && (framework.question(backed).is_none() || backed == id)
            {
                let guess = did_you_mean(backed.as_str(), framework.questions.iter().map(|q| q.id.as_str()));
                let what =
                    format!("\"{id}\" is evidence for \"{backed}\", which is no other question{guess}");
                self.in_survey(question, what, "name the question that it backs");
            }
            if question.label.is_empty() {
                self.in_survey(question, format!("the question \"{id}\" has no label"), "word it");
            }
            if question.scoring.is_some() && question.disabled {
                let what = format!("the question \"{id}\" is scored but disabled");
                self.in_survey(question, what, "clear scoring and points, or ask it");
            }
        }
    }

    /// Online forms and their servers change the punctuation of names; what is left must tell them apart.
    fn form_names(&mut self) {
        let framework = self.framework;
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for field in HeaderField::ALL {
            taken
                .insert(form::key(field.as_str()), format!("the field \"{}\" of every form", field.as_str()));
        }
        for question in &framework.questions {
            let id = &question.id;
            let names = [
                form::name(id),
                form::note_name(id),
                form::field_name(id, Field::Evidence),
                form::field_name(id, Field::Comment),
            ];
            for name in names {
                let other = taken.insert(form::key(&name), format!("\"{id}\""));
                if let Some(other) = other.filter(|other| *other != format!("\"{id}\"")) {
                    let what = format!("in an online form \"{id}\" cannot be told from {other}");
                    self.in_survey(question, what, "give it a name that differs in letters or digits");
                }
            }
        }
        for list in [form::ECONOMIES, form::LANGUAGES] {
            if let Some(line) = self.lines.lists.get(list).copied() {
                let what = format!("the list \"{list}\" has the name of a list of every online form");
                self.problem(CHOICES, Some(line), what, "give it another name");
            }
        }
    }

    fn expressions(&mut self) {
        let framework = self.framework;
        for question in &framework.questions {
            let constraint = question.constraint.as_ref().map(|constraint| &constraint.expression);
            for (column, expression) in [("relevant", question.relevant.as_ref()), ("constraint", constraint)]
            {
                let Some(expression) = expression else { continue };
                if let Some(bare) = expression.bare_condition() {
                    let what = format!("{column} takes the answer {bare} for a condition");
                    self.in_survey(question, what, "compare it, for example with = 1 or != ''");
                }
                for reference in expression.references() {
                    let known = framework.question(reference);
                    if known.is_none() {
                        let guess = did_you_mean(
                            reference.as_str(),
                            framework.questions.iter().map(|q| q.id.as_str()),
                        );
                        let what = format!("{column} refers to \"{reference}\", which is no question{guess}");
                        self.in_survey(question, what, "name an existing question");
                    } else if known.is_some_and(|known| !known.is_asked()) {
                        let what = format!("{column} refers to \"{reference}\", which nobody is asked");
                        self.in_survey(question, what, "refer to a question that is asked");
                    }
                }
            }
            if question.relevant.as_ref().is_some_and(Expression::uses_this) {
                let what = "relevant uses \".\", the answer to the question itself".to_owned();
                self.in_survey(question, what, "refer to other questions only");
            }
        }
    }

    /// Reports each cycle of relevance once, at its first question.
    fn cycles(&mut self) {
        let framework = self.framework;
        let mut finished: BTreeSet<&Id> = BTreeSet::new();
        for start in &framework.questions {
            // Depth-first with an explicit path: frameworks may be long chains.
            let mut path: Vec<(&Id, Vec<&Id>)> = vec![(&start.id, references(framework, &start.id))];
            while let Some((id, open)) = path.last_mut() {
                let id = *id;
                let Some(next) = open.pop() else {
                    finished.insert(id);
                    path.pop();
                    continue;
                };
                if let Some(from) = path.iter().position(|(on_path, _)| *on_path == next) {
                    let mut names: Vec<&str> =
                        path.iter().skip(from).map(|(on_path, _)| on_path.as_str()).collect();
                    names.push(next.as_str());
                    let what = format!("relevant goes in a circle: {}", names.join(" needs "));
                    if let Some(question) = framework.question(next) {
                        self.in_survey(question, what, "break the circle");
                    }
                } else if !finished.contains(next) {
                    path.push((next, references(framework, next)));
                }
            }
        }
    }

    fn earlier_versions(&mut self) {
        let framework = self.framework;
        let mut hashes = BTreeSet::from([framework.instrument_hash.as_str()]);
        for earlier in &framework.earlier_versions {
            let EarlierVersion { version, instrument_hash, questions, choices } = earlier;
            if !hashes.insert(instrument_hash) {
                let what = format!("the earlier version \"{version}\" has the hash of another version");
                self.in_toml(instrument_hash, what, "give the hash that its questionnaires carry");
            }
            let mut targets = BTreeSet::new();
            for (old, target) in questions {
                let Target::Question(now) = target else { continue };
                if framework.question(now).is_none() {
                    let known = framework.questions.iter().map(|question| question.id.as_str());
                    let guess = did_you_mean(now.as_str(), known);
                    let what = format!(
                        "\"{old}\" of version \"{version}\" became \"{now}\", which is no question{guess}"
                    );
                    self.in_toml(old, what, "name a question, or write \"dropped\"");
                } else if !targets.insert(now) {
                    let what = format!("two questions of version \"{version}\" became \"{now}\"");
                    self.in_toml(old, what, "keep one, and write \"dropped\" for the other");
                }
            }
            for (name, codes) in choices {
                let Some(list) = framework.choice_lists.get(name) else {
                    let guess = did_you_mean(name, framework.choice_lists.keys().map(String::as_str));
                    let what =
                        format!("version \"{version}\" names the unknown list of choices \"{name}\"{guess}");
                    self.in_toml(version, what, "name a list of choices.csv");
                    continue;
                };
                for (old, code) in codes.iter().filter(|(_, code)| list.choice(code).is_none()) {
                    let what = format!(
                        "\"{old}\" of version \"{version}\" became \"{code}\", which is no choice of \"{name}\""
                    );
                    self.in_toml(version, what, "name a choice of that list");
                }
            }
        }
    }

    /// Every text exists in every language that is declared, and no column is in an undeclared one.
    fn translations(&mut self) {
        let framework = self.framework;
        let default = framework.language();
        for (file, languages) in &self.lines.languages {
            for language in languages.iter().filter(|language| !framework.speaks(language)) {
                let what = format!("there are columns in the language \"{language}\", which is not declared");
                self.problem(file, Some(1), what, "name it under [languages] in framework.toml");
            }
        }
        for (language, name) in &framework.languages {
            // A text is there if it is in any language; those of tables always are in the default one.
            let is_default = *language == default;
            let lacks = |text: &Text| {
                if is_default {
                    text.is_empty() && text.all().any(|other| !other.is_empty())
                } else {
                    !text.is_empty() && !text.has(language)
                }
            };
            let advice = "translate it, or remove the language from [languages]";
            for question in &framework.questions {
                let message = question.constraint.as_ref().map(|constraint| &constraint.message);
                let texts = [Some(&question.label), Some(&question.hint), message];
                if texts.into_iter().flatten().any(lacks) {
                    let what = format!("a text of the question \"{}\" is missing in {name}", question.id);
                    self.in_survey(question, what, advice);
                }
            }
            for (list_name, list) in &framework.choice_lists {
                if list.choices.iter().any(|choice| lacks(&choice.label)) {
                    let what = format!("a choice of the list \"{list_name}\" is missing in {name}");
                    self.problem(CHOICES, self.lines.lists.get(list_name).copied(), what, advice);
                }
            }
            for indicator in framework.indicators.iter().filter(|indicator| lacks(&indicator.title)) {
                let line = self.lines.indicators.get(&indicator.id).copied();
                let what = format!("the title of the indicator \"{}\" is missing in {name}", indicator.id);
                self.problem(INDICATORS, line, what, advice);
            }
            let titles = [("the index", &framework.title), ("the composite", &framework.composite.title)];
            let subindexes =
                framework.subindexes.iter().map(|subindex| (subindex.id.as_str(), &subindex.title));
            let groups = framework.groups.iter().map(|group| (group.id.as_str(), &group.title));
            let external = framework.external_indices.iter().map(|index| (index.id.as_str(), &index.title));
            let classes = framework.waves.classes.iter();
            let classes = classes
                .flat_map(|class| [(class.id.as_str(), &class.title), (class.id.as_str(), &class.reason)]);
            let changes =
                framework.waves.changes.iter().map(|change| ("a change between waves", &change.reason));
            let waves = classes.chain(changes);
            for (what, title) in
                titles.into_iter().chain(subindexes).chain(groups).chain(external).chain(waves)
            {
                if lacks(title) {
                    self.in_toml(what, format!("the title of {what} is missing in {name}"), advice);
                }
            }
        }
    }
}

fn references<'a>(framework: &'a Framework, id: &Id) -> Vec<&'a Id> {
    let relevant = framework.question(id).and_then(|question| question.relevant.as_ref());
    relevant.map(|expression| expression.references().into_iter().collect()).unwrap_or_default()
}
