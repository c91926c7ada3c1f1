//! What is alike in all questionnaires of one language and one arrangement: worked out once, used for every economy.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use maturity::framework::Framework;
use maturity::language::Language;

use crate::feedback::{self, Return};
use crate::layout::Plan;
use crate::lists::Lists;
use crate::live::Rules;
use crate::marks::Marks;
use crate::write::{Request, WriteError, build};

/// A questionnaire before anyone's answers.
#[derive(Debug)]
pub(crate) struct Blank<'a> {
    /// Where everything goes.
    pub(crate) plan: Plan<'a>,
    /// The dropdown lists.
    pub(crate) lists: Lists<'a>,
    /// What the live marks are made from.
    pub(crate) rules: Rules<'a>,
}

impl<'a> Blank<'a> {
    fn of(framework: &'a Framework, arrangement: &Arrangement) -> Self {
        let plan = Plan::of(framework, arrangement.prefilled, arrangement.returned);
        let lists = Lists::of(framework, &arrangement.language);
        let rules = Rules::of(framework, &plan, &lists);
        Self { plan, lists, rules }
    }
}

/// What decides about everything that is alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Arrangement {
    language: Language,
    prefilled: bool,
    returned: bool,
}

/// Writes many questionnaires and returns of one framework, from any number of threads. The files are the same
/// as those of [`write`](crate::write()) and [`write_return`](crate::write_return), only sooner there.
#[derive(Debug)]
pub struct Writer<'a> {
    framework: &'a Framework,
    blanks: Mutex<BTreeMap<Arrangement, Arc<Blank<'a>>>>,
}

impl<'a> Writer<'a> {
    /// A writer of the questionnaires of `framework`.
    pub fn new(framework: &'a Framework) -> Self {
        Self { framework, blanks: Mutex::new(BTreeMap::new()) }
    }

    /// Writes a questionnaire; the same request always gives the same bytes.
    pub fn write(&self, request: &Request<'_>) -> Result<Vec<u8>, WriteError> {
        self.build(request, None)
    }

    /// Writes a marked return; the same return always gives the same bytes.
    pub fn write_return(&self, returned: &Return<'_>) -> Result<Vec<u8>, WriteError> {
        feedback::with_request(returned, |request, marks| self.build(request, Some((returned, marks))))
    }

    fn build(
        &self,
        request: &Request<'_>,
        returned: Option<(&Return<'_>, &Marks<'_>)>,
    ) -> Result<Vec<u8>, WriteError> {
        let arrangement = Arrangement {
            language: request.language.clone(),
            prefilled: request.previous.is_some(),
            returned: returned.is_some(),
        };
        if !ptr::eq(self.framework, request.framework) {
            return build(request, &Blank::of(request.framework, &arrangement), returned);
        }
        // Others wait while one works it out: they all need it. A thread that panics leaves nothing half done.
        let mut blanks = self.blanks.lock().unwrap_or_else(PoisonError::into_inner);
        let blank = blanks
            .entry(arrangement)
            .or_insert_with_key(|arrangement| Arc::new(Blank::of(self.framework, arrangement)));
        let blank = Arc::clone(blank);
        drop(blanks);
        build(request, &blank, returned)
    }
}
