"""The two ways into the product, both over HTTP: a program with a token, a browser with a session.

Does not belong here: what is asked for.
"""

import html
import http.client
import json
import re
import urllib.parse
import uuid

TIMEOUT = 20


class Program:
    """A caller of the API on one kept connection."""

    def __init__(self, port, token):
        self.port, self.token, self.connection = port, token, None

    def ask(self, method, path, body=None, key=None):
        """Status and answer. Raises `OSError` or `http.client.HTTPException` if the server does not answer."""
        headers = {"authorization": f"Bearer {self.token}"}
        data = None
        if body is not None:
            data = json.dumps(body)
            headers |= {"content-type": "application/json", "idempotency-key": key or uuid.uuid4().hex}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else {"text": text.decode()}

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Browser:
    """Somebody with cookies who fills in forms; remembers the form token of the last page."""

    def __init__(self, port):
        self.port, self.cookies, self.token = port, {}, ""

    def get(self, path):
        return self._send("GET", path, None, {})

    def post(self, path, **fields):
        body = urllib.parse.urlencode([("_token", self.token), *((name.replace("__", "."), value) for name, value in fields.items())])
        return self._send("POST", path, body, {"content-type": "application/x-www-form-urlencoded"})

    def post_file(self, path, field, name, content):
        mark = "----zhunsheng-faults"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="_token"\r\n\r\n{self.token}\r\n--{mark}\r\n'
        head += f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self._send("POST", path, body, {"content-type": f"multipart/form-data; boundary={mark}"})

    def _send(self, method, path, body, headers):
        """Status, address to go on to (or None), text."""
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"origin": origin, "cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("set-cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="_token" value="([^"]+)"', text)
        if found:
            self.token = html.unescape(found[1])
        return answer.status, answer.headers.get("location"), text
