//! Progress bars on a terminal; silence elsewhere.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pipeline::Progress;

use crate::stop;

/// One bar for the stage that is running.
pub(crate) struct Bars {
    visible: bool,
    bar: Mutex<ProgressBar>,
}

impl Bars {
    /// Bars on stderr if `visible`, and if stderr is a terminal.
    pub(crate) fn new(visible: bool) -> Self {
        Self { visible, bar: Mutex::new(ProgressBar::hidden()) }
    }

    fn with(&self, act: impl FnOnce(&mut ProgressBar)) {
        // A poisoned lock means that another thread panicked; its panic is reported, the bar does not matter.
        if let Ok(mut bar) = self.bar.lock() {
            act(&mut bar);
        }
    }
}

impl Progress for Bars {
    fn start(&self, stage: &str, total: usize) {
        let target = if self.visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let length = u64::try_from(total).unwrap_or(u64::MAX);
        let style = ProgressStyle::with_template("{prefix:<9} {bar:30} {pos}/{len} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        self.with(|bar| {
            *bar = ProgressBar::with_draw_target(Some(length), target)
                .with_style(style)
                .with_prefix(stage.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
        });
    }

    fn advance(&self) {
        self.with(|bar| bar.inc(1));
    }

    fn finish(&self) {
        self.with(|bar| bar.finish_and_clear());
    }

    fn stopped(&self) -> bool {
        stop::asked().is_some()
    }
}
