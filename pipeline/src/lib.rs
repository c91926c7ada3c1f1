//! What every stage shares and no stage should write twice: the configuration, the framework's folder, the
//! tables of figures, the lock, files that are never half-written, exit codes, logging.

pub mod advice;
pub mod comparators;
pub mod config;
pub mod context;
pub mod durable;
pub mod exit;
pub mod guard;
pub mod hash;
pub mod imports;
pub mod known_files;
pub mod lock;
pub mod logging;
pub mod progress;
pub mod scope;
pub mod stage;
pub mod tables;
pub mod terminal;

pub use config::{Config, ConfigError, Source, SourceKind};
pub use context::{Context, ContextError};
pub use exit::Exit;
pub use progress::{Progress, Silent, Stopped};
pub use scope::Scope;
pub use stage::Summary;
