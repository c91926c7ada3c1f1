//! What the query can say: shares of points under an arithmetic mean, one level of subindexes. The rest is
//! refused by name, never left out.

use maturity::framework::{CompositeMethod, Framework, PartPolicy, SubindexMethod};

use super::Inexpressible;

/// Refuses a framework whose scores the query would not equal.
pub(super) fn check(framework: &Framework) -> Result<(), Inexpressible> {
    let refused = |what: String, why: &str| Err(Inexpressible { what, why: why.to_owned() });
    for subindex in &framework.subindexes {
        let what = || format!("subindex {}", subindex.id);
        if subindex.method != SubindexMethod::ShareOfPoints {
            return refused(what(), "it is a mean, and the query knows shares of points");
        }
        if subindex.parent.is_some() {
            return refused(what(), "it is part of another subindex");
        }
        if subindex.min_coverage > 0.0 {
            return refused(what(), "it has a min_coverage");
        }
    }
    let composite = &framework.composite;
    let what = || format!("composite {}", composite.id);
    if composite.method != CompositeMethod::ArithmeticMean {
        return refused(what(), "it is no arithmetic mean");
    }
    if composite.missing_part != PartPolicy::Withhold || composite.min_coverage > 0.0 {
        return refused(what(), "it can be a mean of some of its parts");
    }
    Ok(())
}
