//! A server on this machine that answers byte for byte what a test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A server, and the head of each request that it got, in lower case.
pub(super) struct Server {
    pub(super) url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each connection by a function of its number and its request's head, then closes it.
    pub(super) fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/data.zip", listener.local_addr().unwrap());
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for (number, socket) in listener.incoming().enumerate() {
                let mut socket = socket.unwrap();
                let lines = BufReader::new(socket.try_clone().unwrap()).lines().map(Result::unwrap);
                let head = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
                let head = head.to_lowercase();
                seen.lock().unwrap().push(head.clone());
                // One that was refused by its head closes before it has read the body.
                let _ = socket.write_all(&answer(number, &head));
            }
        });
        Self { url, heads }
    }

    /// Answers every request with the whole content.
    pub(super) fn of(content: Vec<u8>) -> Self {
        Self::start(move |_, _| whole(&content, content.len(), ""))
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// An answer of all content, of which only `sent` bytes arrive.
pub(super) fn whole(content: &[u8], sent: usize, headers: &str) -> Vec<u8> {
    let length = content.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
    [head.as_bytes(), &content[..sent]].concat()
}

/// An answer of the content from a byte on, of which only the bytes before `to` arrive.
pub(super) fn part(content: &[u8], from: usize, to: usize, headers: &str) -> Vec<u8> {
    let (length, all) = (content.len() - from, content.len());
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {length}\r\nContent-Range: bytes {from}-{}/{all}\r\nConnection: close\r\n{headers}\r\n",
        all - 1
    );
    [head.as_bytes(), &content[from..to]].concat()
}

/// An answer without content.
pub(super) fn empty(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

/// Where the range of a request begins; 0 if it asks for everything.
pub(super) fn from(head: &str) -> usize {
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
    range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap())
}
