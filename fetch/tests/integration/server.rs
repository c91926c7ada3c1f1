//! A server on loopback that says, byte for byte, what a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use fetch::{Client, Policy, Retries};

/// Answers each connection with the next script; the last one is repeated.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The heads of the requests that came.
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

/// What to do with a connection after its request was read.
pub(crate) type Script = Box<dyn Fn(&mut TcpStream) + Send>;

/// Says these bytes and closes.
pub(crate) fn say(bytes: impl Into<Vec<u8>>) -> Script {
    let bytes = bytes.into();
    Box::new(move |stream| {
        let _ = stream.write_all(&bytes);
    })
}

/// Status 200 with a length.
pub(crate) fn ok(body: &str) -> Script {
    say(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()))
}

/// Says the head at once and then a byte at a time, never silent for long.
pub(crate) fn drip(head: &'static str, bytes: usize, pause: Duration) -> Script {
    Box::new(move |stream| {
        let _ = stream.write_all(head.as_bytes());
        for _ in 0..bytes {
            if stream.write_all(b"x").and_then(|()| stream.flush()).is_err() {
                return;
            }
            thread::sleep(pause);
        }
    })
}

impl Server {
    pub(crate) fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for (at, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { return };
                let mut head = String::new();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
                seen.lock().unwrap().push(head);
                let script = scripts.get(at).or(scripts.last());
                script.unwrap()(&mut stream);
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn asked(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// A policy that lets a test reach loopback and is strict in everything else.
pub(crate) fn loopback() -> Policy {
    Policy {
        allow_http: true,
        allow_private: true,
        most_bytes: 1000,
        connect: Duration::from_millis(500),
        silence: Duration::from_millis(800),
        whole: Duration::from_millis(1500),
        ..Policy::strict(&["127.0.0.1", "localhost"])
    }
}

pub(crate) fn client(policy: Policy) -> Client {
    let retries = Retries { attempts: 3, first: Duration::from_millis(5), ..Retries::default() };
    Client::new(policy, retries).unwrap()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
