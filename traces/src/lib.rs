//! Spans of runs for an OpenTelemetry collector: the run, its stages, and each file or economy that was worked on.
//!
//! They are asked for by the variables that all such programs know: `OTEL_EXPORTER_OTLP_ENDPOINT` (or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`), `OTEL_EXPORTER_OTLP_HEADERS` (or `OTEL_EXPORTER_OTLP_TRACES_HEADERS`),
//! `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SDK_DISABLED`. Without an endpoint nothing is collected and
//! nothing is sent. A collector that cannot be reached costs a few seconds at the end and nothing else.

mod collector;

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};
use url::form_urlencoded;

use collector::Collector;
pub use collector::TracesError;

/// How long the last spans may take at the end.
const FAREWELL: Duration = Duration::from_secs(5);

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
        let of_traces = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let of_all = || Some(signal_url(&variable("OTEL_EXPORTER_OTLP_ENDPOINT")?));
        let Some(url) = of_traces.or_else(of_all).filter(|_| !disabled) else { return Ok(None) };
        let names = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
        let headers = match names.into_iter().find_map(|name| Some((name, variable(name)?))) {
            Some((name, text)) => headers(&text).ok_or(TracesError::Headers(name))?,
            None => Vec::new(),
        };
        let resource = match variable("OTEL_SERVICE_NAME") {
            Some(_) => Resource::builder(),
            None => Resource::builder().with_service_name("gtmi"),
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Collector::at(&url, headers)?)
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

/// Where spans go at an endpoint for all signals.
fn signal_url(endpoint: &str) -> String {
    format!("{}/v1/traces", endpoint.trim().trim_end_matches('/'))
}

/// The headers of a list `name=value,name=value` whose values are encoded as in an address; nothing if it is none.
fn headers(text: &str) -> Option<Vec<(String, String)>> {
    let is_sound =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let header = |part: &str| {
        let (name, value) = part.split_once('=')?;
        // A plus sign stands for itself here.
        let pair = format!("v={}", value.trim().replace('+', "%2B"));
        let value = form_urlencoded::parse(pair.as_bytes()).next()?.1.into_owned();
        let name = name.trim().to_owned();
        (is_sound(&name) && !name.contains([' ', ':']) && is_sound(&value)).then_some((name, value))
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_to_the_path_of_their_signal() {
        for endpoint in ["http://localhost:4318", "http://localhost:4318/"] {
            assert_eq!(signal_url(endpoint), "http://localhost:4318/v1/traces");
        }
        assert_eq!(signal_url("https://otel.example/in"), "https://otel.example/in/v1/traces");
    }

    #[test]
    fn headers_are_a_list_of_names_and_encoded_values() {
        let found = headers("Authorization=Basic%20a+b%3D, x-tenant = ministry ,").unwrap();
        let expected = [("Authorization", "Basic a+b="), ("x-tenant", "ministry")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for text in ["Authorization", "=x", "a=%0D%0Ab: c", "a b=c"] {
            assert_eq!(headers(text), None, "{text}");
        }
    }
}
