//! What can be typed about decisions of reviewers.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// Accept a finding about the latest submission as it is, until the answer changes
    Accept(AcceptOptions),
    /// Take back what was accepted
    Withdraw(FindingName),
    /// What was accepted, by whom and why
    List {
        /// Only this economy
        economy: Option<String>,
    },
    /// Let another answer count in the place of the submitted one, until that changes
    Override(OverrideOptions),
    /// Send the latest submission back to its sender
    Return(VerdictOptions),
    /// Approve the latest accepted submission for publication
    Approve(VerdictOptions),
    /// Take back an override, a return or an approval
    Undo {
        /// The decision, as `gtmi review decisions` names it
        decision: String,
        #[command(flatten)]
        author: Author,
    },
    /// Every override, return and approval: by whom, why, and whether it counts
    Decisions {
        /// Only this economy
        economy: Option<String>,
    },
    /// The steps of an economy's submissions: received, returned, accepted, in review, approved, published
    Trail {
        /// The economy, by code or name
        economy: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Author {
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct VerdictOptions {
    /// The economy, by code or name
    pub(crate) economy: String,
    #[command(flatten)]
    pub(crate) author: Author,
}

#[derive(Debug, Args)]
pub(crate) struct OverrideOptions {
    /// The economy, by code or name
    pub(crate) economy: String,
    /// The question, e.g. I-12.4
    pub(crate) question: String,
    /// The answer that counts: a code or a label; - for none
    #[arg(long, value_name = "ANSWER", allow_hyphen_values = true)]
    pub(crate) answer: String,
    /// The submitted answer that you saw [default: the one that is submitted now]
    #[arg(long, value_name = "ANSWER", allow_hyphen_values = true)]
    pub(crate) replaces: Option<String>,
    /// The link or document that you found
    #[arg(long, value_name = "TEXT")]
    pub(crate) evidence: Option<String>,
    #[command(flatten)]
    pub(crate) author: Author,
}

#[derive(Debug, Args)]
pub(crate) struct FindingName {
    /// The economy, by code or name
    pub(crate) economy: String,
    /// The rule, e.g. CONSTRAINT-001
    pub(crate) rule: String,
    /// The question, where the finding is about one, e.g. I-12.4
    pub(crate) question: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptOptions {
    #[command(flatten)]
    pub(crate) finding: FindingName,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}
