"""A browser without scripts: it keeps cookies, follows redirects, and sends the forms that pages hold."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass
class Form:
    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    button: str = ""


class Page(HTMLParser):
    """What a person without scripts sees of a page."""

    def __init__(self, status: int, headers: Any, html: str) -> None:
        super().__init__()
        self.status, self.headers, self.html = status, headers, html
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.text = ""
        self._link = self._select = ""
        self._in_form = self._in_button = False
        self._option: list[tuple[str, bool]] = []
        self.feed(html)

    def form(self, button: str) -> Form:
        return next(form for form in self.forms if form.button == button)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["method"], given["action"]))
            self._in_form = True
        elif tag == "a":
            self._link = given.get("href", "")
        elif tag == "button":
            self._in_button = True
        elif self._in_form and tag == "input" and ("checked" in given or given.get("type") not in ("checkbox", "radio")):
            self.forms[-1].fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select, self._option = given["name"], []
        elif tag == "option":
            self._option.append((given["value"], "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "a":
            self._link = ""
        elif tag == "button":
            self._in_button = False
        elif tag == "select":
            chosen = next((value for value, selected in self._option if selected), self._option[0][0])
            self.forms[-1].fields.append((self._select, chosen))

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._link and data.strip():
            self.links.setdefault(data.strip(), self._link)
        if self._in_button and self._in_form and data.strip():
            self.forms[-1].button = data.strip()


class Browser:
    """``link`` is what the server printed."""

    def __init__(self, link: str) -> None:
        where = urlsplit(link)
        self.host, self.port = str(where.hostname), int(where.port or 0)
        self.first = f"{where.path}?{where.query}"
        self.cookie = ""

    def ask(self, method: str, target: str, fields: list[tuple[str, str]] | None = None, **headers: str) -> Page:
        """One request, without following where it leads."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie and "Cookie" not in sent:
            sent["Cookie"] = self.cookie
        if fields is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, target, None if fields is None else urlencode(fields), sent)
            response = connection.getresponse()
            cookie = response.getheader("Set-Cookie")
            if cookie:
                self.cookie = cookie.partition(";")[0]
            return Page(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def get(self, target: str) -> Page:
        """A page, wherever redirects lead."""
        page = self.ask("GET", target)
        return self.get(page.headers["Location"]) if page.status == 303 else page

    def open(self) -> Page:
        return self.get(self.first)

    def press(self, page: Page, button: str, **changes: str | None) -> Page:
        """Sends a form; ``changes`` are fields to fill in (``dry_run``), None to take one out."""
        form = page.form(button)
        names = {name.replace("_", "-"): value for name, value in changes.items()}
        fields = [(name, value) for name, value in form.fields if name not in names]
        fields += [(name, value) for name, value in names.items() if value is not None]
        if form.method == "get":
            return self.get(f"{form.action}?{urlencode(fields)}")
        answer = self.ask("POST", form.action, fields, Origin=f"http://{self.host}:{self.port}")
        return self.get(answer.headers["Location"]) if answer.status == 303 else answer
