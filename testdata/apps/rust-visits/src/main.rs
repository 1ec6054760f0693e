//! Counts the visits of the museum's pages and shows them.

mod counter;

use std::env;
use std::fs;

use counter::Counter;
use tiny_http::{Header, Method, Response, Server};

fn main() {
    let url = env::var("REDIS_URL").expect("REDIS_URL is not set");
    let port = env::var("PORT").unwrap_or_else(|_| "8060".to_string());
    let frame = fs::read_to_string("pages/frame.html").expect("pages/frame.html cannot be read");

    let counter = Counter::new(&url).expect("REDIS_URL is no address");
    let server = Server::http(format!("0.0.0.0:{}", port)).expect("the port is taken");
    eprintln!("listening on port {}", port);

    for request in server.incoming_requests() {
        let path = request.url().split('?').next().unwrap_or("/").to_string();
        let answer = match (request.method(), path.as_str()) {
            (Method::Get, "/health") => counter.ping().map(|_| "ok\n".to_string()),
            (Method::Get, "/") => counter.all().map(|visits| page(&frame, &visits)),
            (Method::Post, page) => counter.visit(page).map(|n| format!("{}\n", n)),
            _ => Ok(String::new()),
        };
        let response = match answer {
            Ok(ref text) if text.is_empty() => Response::from_string("not found\n").with_status_code(404),
            Ok(text) => Response::from_string(text).with_header(kind(&path)),
            Err(e) => {
                eprintln!("{}: {}", path, e);
                Response::from_string("the counter does not answer\n").with_status_code(503)
            }
        };
        if let Err(e) = request.respond(response) {
            eprintln!("{}: {}", path, e);
        }
    }
}

fn kind(path: &str) -> Header {
    let value = if path == "/" { "text/html; charset=utf-8" } else { "text/plain" };
    Header::from_bytes(&b"Content-Type"[..], value.as_bytes()).unwrap()
}

fn page(frame: &str, visits: &[(String, u64)]) -> String {
    let rows: String = visits
        .iter()
        .map(|(page, n)| format!("<tr><td>{}</td><td>{}</td></tr>\n", escape(page), n))
        .collect();
    frame.replace("{{rows}}", &rows)
}

fn escape(s: &str) -> String {
    s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_escaped() {
        let html = page("<table>{{rows}}</table>", &[("/a<b".to_string(), 2)]);
        assert_eq!(html, "<table><tr><td>/a&lt;b</td><td>2</td></tr>\n</table>");
    }
}
