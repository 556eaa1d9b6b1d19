//! A browser without a network: keeps cookies and the form token of the page that it saw last.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method};
use scraper::{Html, Selector};
use tower::ServiceExt;

pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
}

pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }
    /// Text of the first element that matches.
    pub fn text(&self, selector: &str) -> String {
        let html = Html::parse_document(&self.body);
        let found = html.select(&Selector::parse(selector).unwrap()).next();
        found.map(|element| element.text().collect::<String>().trim().to_owned()).unwrap_or_default()
    }
    /// An attribute of every element that matches.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }
    /// An attribute of the first element that matches.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        let found = html.select(&Selector::parse(selector).unwrap()).next();
        found.and_then(|element| element.attr(name)).map(str::to_owned)
    }
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new(), token: String::new() }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let mut all = vec![("_token", token.as_str())];
        all.extend_from_slice(fields);
        self.send(form(path, &all)).await
    }

    /// Posts a form with files, with the token of the last page.
    pub async fn post_files(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Page {
        let token = self.token.clone();
        let mut all = vec![("_token", token.as_str())];
        all.extend_from_slice(fields);
        self.send(form_with_files(path, &all, files)).await
    }

    /// Sends anything, with this browser's cookies.
    pub async fn send(&mut self, mut request: Request) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let is_page = request.method() == Method::GET;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let page = Page { status: parts.status.as_u16(), headers: parts.headers, body, bytes: bytes.to_vec() };
        if is_page && let Some(token) = page.attribute("input[name=_token]", "value") {
            self.token = token;
        }
        page
    }
}

/// A form as a browser of this site sends it.
pub fn form(path: &str, fields: &[(&str, &str)]) -> Request {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            format!("{}={}", zhunsheng::web::cookie::escape(name), zhunsheng::web::cookie::escape(value))
        })
        .collect();
    Request::post(path)
        .header(HOST, "localhost")
        .header(ORIGIN, "http://localhost")
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap()
}

/// A form with files as a browser of this site sends it: name, file name, bytes.
pub fn form_with_files(path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Request {
    const BOUNDARY: &str = "----zhunsheng";
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    for (name, file, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    Request::post(path)
        .header(HOST, "localhost")
        .header(ORIGIN, "http://localhost")
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(body))
        .unwrap()
}
