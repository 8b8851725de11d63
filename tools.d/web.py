"""What a web page says, without what it does: the text that a reader sees, and where its links lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

LONGEST = 50_000
"""Characters of a page that are given."""
MOST_LINKS = 100
LONGEST_ADDRESS = 2_000
UNSEEN = frozenset({"script", "style", "template", "noscript", "svg", "math", "iframe", "object", "select", "head"})
"""Elements whose inside no reader sees."""
LINES = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
        *("li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tr", "ul"),
    )
)
"""Elements that begin a new line."""
HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|title|meta)\b", re.IGNORECASE | re.DOTALL)


def page(text: str, status: int, url: str) -> dict[str, Any]:
    """The title, the text and the links of a page; of anything that is no HTML the text as it stands."""
    if not HTML.match(text[:10_000]):
        return _cut("", text, [])
    reader = Reader(url)
    reader.feed(text)
    reader.close()
    return _cut(" ".join("".join(reader.title).split()), _lines("".join(reader.words)), reader.links)


class Reader(HTMLParser):
    """Gathers what a reader of the page sees."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.words: list[str] = []
        self.links: list[dict[str, str]] = []
        self._base = url
        self._unseen: list[str] = []
        self._in_title = False
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        named = dict(attrs)
        if tag == "title" and self._unseen in ([], ["head"]):
            self._in_title = not self.title
        elif tag in UNSEEN:
            self._unseen.append(tag)
        elif tag in LINES:
            self._begin(tag)
        elif tag in ("td", "th"):
            self.words.append("\t")
        elif tag == "base" and named.get("href"):
            self._base = _joined(self._base, named["href"] or "") or self._base
        elif tag == "a" and not self._unseen:
            self._end_link()
            self._link = (_joined(self._base, named.get("href") or ""), len(self.words))

    def handle_endtag(self, tag: str) -> None:
        """An element ends; one that was left open inside of it ends, too."""
        if tag == "title":
            self._in_title = False
        elif tag in self._unseen:
            del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
        elif tag == "a":
            self._end_link()
        elif tag in LINES and not self._unseen:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._in_title:
            self.title.append(data)
        elif not self._unseen:
            self.words.append(re.sub(r"\s+", " ", data))

    def _begin(self, tag: str) -> None:
        if "head" in self._unseen:  # its end may be left out
            self._unseen.clear()
        if not self._unseen:
            mark = "- " if tag == "li" else "#" * int(tag[1]) + " " if re.fullmatch("h[1-6]", tag) else ""
            self.words.append(f"\n{mark}")

    def _end_link(self) -> None:
        if self._link and self._link[0] and len(self.links) < MOST_LINKS:
            words = " ".join("".join(self.words[self._link[1] :]).split())
            self.links.append({"text": words[:200], "url": self._link[0]})
        self._link = None


def _joined(base: str, address: str) -> str:
    """Where a link leads; empty when it is no page."""
    try:
        found = urljoin(base, address.strip()).partition("#")[0]
    except ValueError:
        return ""
    return found if found.startswith(("http://", "https://")) and len(found) <= LONGEST_ADDRESS else ""


def _lines(text: str) -> str:
    """The text without blank lines, each line without blanks at its ends."""
    lines = (re.sub(r"[ \t\r\f\v]*\t[ \t\r\f\v]*", "\t", re.sub(r" +", " ", line)).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line.strip("-# "))


def _cut(title: str, text: str, links: list[dict[str, str]]) -> dict[str, Any]:
    return {"title": title[:500], "text": text[:LONGEST], "more": max(0, len(text) - LONGEST), "links": links}
