//! A server on this machine that keeps every request and answers by a function.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use overhaul_client::mlflow::{Mlflow, Token};
use serde_json::Value;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and path, such as `GET /api/2.0/mlflow/runs/get?run_id=1`.
    pub(crate) line: String,
    /// The header lines, in lower case.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server and what it was asked.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers each request with a status and a body.
    pub(crate) fn start(answer: impl Fn(&Asked) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                let request = read(&socket);
                let (status, body) = answer(&request);
                kept.lock().unwrap().push(request);
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                socket.write_all((head + &body).as_bytes()).unwrap();
            }
        });
        Self { url, asked }
    }

    /// A tracking server that knows no experiment and takes everything.
    pub(crate) fn tracking() -> Self {
        Self::start(|asked| match asked.line.split('?').next().unwrap() {
            "GET /api/2.0/mlflow/experiments/get-by-name" => {
                (404, r#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such"}"#.to_owned())
            }
            "POST /api/2.0/mlflow/experiments/create" => (200, r#"{"experiment_id": "7"}"#.to_owned()),
            "POST /api/2.0/mlflow/runs/create" => (200, run("mlflow-artifacts:/7/r1/artifacts")),
            _ => (200, "{}".to_owned()),
        })
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn client(&self) -> Mlflow {
        Mlflow::new(&self.url, None).unwrap()
    }

    pub(crate) fn client_with(&self, token: &str) -> Mlflow {
        Mlflow::new(&self.url, Some(Token::new(token).unwrap())).unwrap()
    }
}

/// The answer to `runs/create`.
pub(crate) fn run(artifacts: &str) -> String {
    serde_json::json!({ "run": { "info": { "run_id": "r1", "artifact_uri": artifacts }, "data": {} } })
        .to_string()
}

fn read(socket: &TcpStream) -> Asked {
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let lines = reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let headers = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    Asked { line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(), headers, body }
}
