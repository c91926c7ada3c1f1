//! The way to the collector: over the same rules as every other request.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fetch::{Client, FetchError, Policy, Request, Retries};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Response};
use tokio::runtime::Runtime;
use url::Url;

/// The kind of documents that spans are sent in.
const PROTOBUF: &str = "application/x-protobuf";

/// The collector cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// Its address is none.
    #[error("{0:?} is not the address of a collector (write it as in http://localhost:4318)")]
    Address(String),
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
    client: Client,
    runtime: Mutex<Runtime>,
}

impl Collector {
    /// The collector that the operator named, who thereby allows its host, plain http and a private address.
    pub(crate) fn at(endpoint: &str) -> Result<Self, CollectorError> {
        let none = || CollectorError::Address(endpoint.to_owned());
        let url = Url::parse(endpoint).map_err(|_| none())?;
        let host = url.host().map(|host| host.to_string()).ok_or_else(none)?;
        let policy = Policy {
            allow_http: true,
            allow_private: true,
            connect: Duration::from_secs(3),
            silence: Duration::from_secs(5),
            whole: Duration::from_secs(10),
            redirects: 0,
            ..Policy::strict(&[&host])
        };
        // The exporter has retries of its own.
        let client = Client::new(policy, Retries { attempts: 1, ..Retries::default() })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { client, runtime: Mutex::new(runtime) })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(
        &self,
        request: opentelemetry_http::Request<Bytes>,
    ) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let mut asked = Request::post(&head.uri.to_string(), PROTOBUF, body.to_vec())?;
        for (name, value) in &head.headers {
            // Length and kind are those of the body.
            if !name.as_str().starts_with("content-") {
                asked = asked.with_header(name.as_str(), value.to_str()?.to_owned());
            }
        }
        // The exporter calls from a thread of its own, which has no runtime.
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let status = match runtime.block_on(self.client.deliver(&asked)) {
            Ok(status) | Err(FetchError::Status { status, .. }) => status,
            Err(error) => {
                tracing::warn!(%error, "spans did not reach the collector");
                return Err(error.into());
            }
        };
        Ok(Response::builder().status(status).body(Bytes::new())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_host_is_no_collector() {
        for endpoint in ["localhost:4318", "collector", "unix:/run/otel.sock"] {
            assert!(matches!(Collector::at(endpoint), Err(CollectorError::Address(_))), "{endpoint}");
        }
        assert!(Collector::at("http://localhost:4318").is_ok());
    }
}
