"""The console's cookies: the session, the chosen language, and what to say on the next page."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from aiohttp import web

from gateway.web.console.parts import Look
from gateway.web.console.words_book import Language

_SESSION, _LANGUAGE, _FLASH = "baotin-session", "baotin-language", "baotin-flash"
_A_YEAR_S = 365 * 86_400
_FLASH_S = 60


class Cookies:
    """Their names and flags. Behind TLS they are tied to exactly this host by their name."""

    def __init__(self, look: Look) -> None:
        self._is_secure = look.is_secure
        self._prefix = "__Host-" if look.is_secure else ""
        self._session_s = int(look.session_s)

    def session(self, request: web.Request) -> str | None:
        return request.cookies.get(self._prefix + _SESSION)

    def keep_session(self, answer: web.Response, token: str) -> None:
        self._set(answer, _SESSION, token, self._session_s)

    def drop_session(self, answer: web.Response) -> None:
        self._drop(answer, _SESSION)

    def language(self, request: web.Request) -> Language:
        chosen = request.cookies.get(self._prefix + _LANGUAGE)
        return Language(chosen) if chosen in set(Language) else Language.VI

    def keep_language(self, answer: web.Response, language: Language) -> None:
        self._set(answer, _LANGUAGE, language, _A_YEAR_S)

    def flash(self, request: web.Request) -> tuple[str, dict[str, str]] | None:
        """The key of a sentence and its values, as the page before left them."""
        stored = request.cookies.get(self._prefix + _FLASH)
        try:
            key, values = json.loads(urlsafe_b64decode(stored or ""))
            return str(key), {str(name): str(value) for name, value in values.items()}
        except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
            return None

    def keep_flash(self, answer: web.Response, key: str, values: dict[str, str]) -> None:
        packed = urlsafe_b64encode(json.dumps([key, values]).encode()).decode()
        self._set(answer, _FLASH, packed, _FLASH_S)

    def drop_flash(self, answer: web.Response) -> None:
        self._drop(answer, _FLASH)

    def _set(self, answer: web.Response, name: str, value: str, max_age_s: int) -> None:
        answer.set_cookie(
            self._prefix + name,
            value,
            max_age=max_age_s,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Lax",
        )

    def _drop(self, answer: web.Response, name: str) -> None:
        answer.del_cookie(
            self._prefix + name, path="/", httponly=True, secure=self._is_secure, samesite="Lax"
        )
