//! Spans of runs for an OpenTelemetry collector: the run, its stages, and each file or economy that was worked on.
//!
//! They are asked for by the variables that all such programs know (`OTEL_EXPORTER_OTLP_ENDPOINT` or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, with `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, `OTEL_SDK_DISABLED`);
//! without one of the first two nothing is collected and nothing is sent. A collector that cannot be reached costs a
//! few seconds at the end and nothing else.

mod collector;

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;

use collector::Collector;
pub use collector::CollectorError;

/// The variables that name a collector; the first one wins.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// How long the last spans may take at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Traces cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The collector cannot be asked.
    #[error(transparent)]
    Collector(#[from] CollectorError),
    /// The exporter cannot be made.
    #[error("the variables of OpenTelemetry cannot be used")]
    Exporter(#[from] ExporterBuildError),
}

/// Spans that are on their way; the last ones go when [`Traces::finish`] is called.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// A part of a subscriber.
pub type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

impl Traces {
    /// What to add to the subscriber, if the environment names a collector. It takes the spans of `target` and those of
    /// the command, with warnings from everywhere.
    pub fn asked_for(target: &str) -> Result<Option<(BoxedLayer, Self)>, TracesError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let disabled = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let Some(endpoint) = ENDPOINTS.into_iter().find_map(variable).filter(|_| !disabled) else {
            return Ok(None);
        };
        let exporter =
            SpanExporter::builder().with_http().with_http_client(Collector::at(&endpoint)?).build()?;
        let resource = match variable("OTEL_SERVICE_NAME") {
            Some(_) => Resource::builder(),
            None => Resource::builder().with_service_name("gtmi"),
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("gtmi"))
            .with_location(false)
            .with_threads(false)
            .with_filter(
                Targets::new()
                    .with_target(target, LevelFilter::TRACE)
                    .with_target("gtmi", LevelFilter::INFO)
                    .with_default(LevelFilter::WARN),
            );
        Ok(Some((Box::new(layer), Self(provider))))
    }

    /// Sends what is left. That it cannot be sent is no more than a line of the log.
    pub fn finish(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last spans did not reach the collector");
        }
    }
}
