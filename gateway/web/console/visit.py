"""One request to the console: who is there, in which language, and the answers a page can give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.domain.staff import Staff
from gateway.ledger.pauses import Pause
from gateway.web.console.banner import told
from gateway.web.console.cookies import Cookies
from gateway.web.console.forgery import token_for
from gateway.web.console.looks import render
from gateway.web.console.nav import menu_for
from gateway.web.console.parts import Console
from gateway.web.console.posted import Fields, posted
from gateway.web.console.words_book import Language, Words, words_in


@dataclass(kw_only=True)
class Visit:
    """`token` is the session's, or of somebody who has none yet: then it only guards their forms.
    `visitor` and what is `paused` are filled in by the guard."""

    request: web.Request
    console: Console
    cookies: Cookies
    token: str
    visitor: Staff | None = None
    paused: Sequence[Pause] = ()

    @property
    def staff(self) -> Staff:
        """Who is signed in. Pages that are not public may count on it."""
        if self.visitor is None:
            raise RuntimeError("a public page has nobody signed in")
        return self.visitor

    @property
    def language(self) -> Language:
        return self.cookies.language(self.request)

    @property
    def words(self) -> Words:
        return words_in(self.language)

    @property
    def is_htmx(self) -> bool:
        """Asked for by a part of a page, which is all that the answer replaces."""
        return self.request.headers.get("HX-Request") == "true"

    def query(self, name: str) -> str:
        return _storable(self.request.query.get(name, ""))

    async def form(self) -> "Form":
        return Form(await posted(self.request))

    def page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """A template with these values; `frame.html` says what else it finds."""
        said = self.cookies.flash(self.request)
        text = self._text(template, said, values)
        answer = web.Response(status=status, text=text, content_type="text/html", charset="utf-8")
        if said and not self.is_htmx:
            self.cookies.drop_flash(answer)
        if self.cookies.session(self.request) != self.token:
            self.cookies.keep_session(answer, self.token)
        return answer

    def part(self, template: str, **values: Any) -> str:
        """A template alone, for an answer that is sent in pieces."""
        return self._text(template, None, values)

    def _text(
        self, template: str, said: tuple[str, dict[str, str]] | None, values: Mapping[str, Any]
    ) -> str:
        return render(template, {**self._surroundings(said), **values})

    def go(self, path: str, say: str | None = None, **values: str) -> web.Response:
        """Send the browser on, and say a sentence of the catalogue there."""
        answer = web.Response(status=303, headers={"Location": path})
        if say:
            self.cookies.keep_flash(answer, say, values)
        return answer

    def _surroundings(self, said: tuple[str, dict[str, str]] | None) -> Mapping[str, Any]:
        words = self.words
        return {
            "t": words,
            "languages": Language,
            "centre": self.console.look.centre,
            "staff": self.visitor,
            "nav": menu_for(self.visitor) if self.visitor else (),
            "here": self.request.path,
            "back": str(self.request.rel_url),
            "paused": told(self.paused, self.visitor, words, self.console.directory()),
            "csrf": token_for(self.token),
            "flash": _sentence(words, said) if said else None,
        }


def _sentence(words: Words, said: tuple[str, dict[str, str]]) -> str | None:
    """None for what another release, or no page of ours, left to be said."""
    try:
        return words(said[0], **said[1])
    except KeyError:
        return None


class Form:
    """What was typed: every field a text without blanks around it, unless asked for as it is."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self.exact(name).strip()

    def exact(self, name: str) -> str:
        value = self._fields.get(name, "")
        return _storable(value) if isinstance(value, str) else ""

    def has(self, name: str) -> bool:
        """Whether it was sent at all: an empty text is one."""
        return name in self._fields

    def file(self, name: str) -> bytes:
        """The content of an uploaded file; empty where there is none."""
        found = self._fields.get(name)
        return found if isinstance(found, bytes) else b""

    def number(self, name: str) -> int:
        """One of the size that versions and revisions have; 0 for anything else."""
        return small_number(self[name])

    def many(self, name: str) -> list[str]:
        """All values of a field that may be chosen several times."""
        values = self._fields.getall(name, [])
        return [_storable(value) for value in values if isinstance(value, str)]


def small_number(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else otherwise


def _storable(text: str) -> str:
    """Without what no browser types and PostgreSQL does not take."""
    return text.replace("\0", "").encode(errors="ignore").decode()
