//! The way to the collector: OTLP over HTTP, by the same rules as every other request.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fetch::{Client, FetchError, Policy, Request, Retries};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message;
use tokio::runtime::Runtime;
use url::Url;

/// The kind of documents that spans are sent in.
const PROTOBUF: &str = "application/x-protobuf";

/// The collector cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// Its address is none.
    #[error("{0:?} is not the address of a collector (write it as in http://localhost:4318)")]
    Address(String),
    /// What is to be sent along is not a list of names and values.
    #[error("{0} is not a list of headers (write it as in name=value,name=value)")]
    Headers(&'static str),
    /// No client can be made.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is no runtime for it.
    #[error("failed to prepare for sending traces")]
    Runtime(#[from] std::io::Error),
}

/// A collector that speaks OTLP over HTTP.
#[derive(Debug)]
pub(crate) struct Collector {
    url: String,
    headers: Vec<(String, String)>,
    client: Client,
    runtime: Mutex<Runtime>,
    resource: ResourceAttributesWithSchema,
}

impl Collector {
    /// The collector that the operator named, who thereby allows its host, plain http and a private address.
    pub(crate) fn at(url: &str, headers: Vec<(String, String)>) -> Result<Self, TracesError> {
        let none = || TracesError::Address(url.to_owned());
        let parsed = Url::parse(url).map_err(|_| none())?;
        let host = parsed.host().map(|host| host.to_string()).ok_or_else(none)?;
        let policy = Policy {
            allow_http: true,
            allow_private: true,
            connect: Duration::from_secs(3),
            silence: Duration::from_secs(5),
            whole: Duration::from_secs(10),
            redirects: 0,
            ..Policy::strict(&[&host])
        };
        let retries = Retries {
            attempts: 3,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(2),
            longest_asked: Duration::from_secs(5),
            longest_in_all: Duration::from_secs(30),
        };
        let client = Client::new(policy, retries)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let resource = ResourceAttributesWithSchema::default();
        Ok(Self { url: url.to_owned(), headers, client, runtime: Mutex::new(runtime), resource })
    }

    fn send(&self, document: Vec<u8>) -> Result<(), FetchError> {
        let mut request = Request::post(&self.url, PROTOBUF, document)?;
        for (name, value) in &self.headers {
            request = request.with_header(name, value.clone());
        }
        // The sender of spans is a thread of its own, which has no runtime.
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(self.client.deliver(&request)).map(|_| ())
    }
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let document = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        self.send(document).map_err(|error| {
            tracing::warn!(%error, "spans did not reach the collector");
            OTelSdkError::InternalFailure(error.to_string())
        })
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_host_is_no_collector() {
        for url in ["localhost:4318", "collector", "unix:/run/otel.sock"] {
            assert!(matches!(Collector::at(url, Vec::new()), Err(TracesError::Address(_))), "{url}");
        }
        assert!(Collector::at("http://localhost:4318/v1/traces", Vec::new()).is_ok());
    }
}
