"""An entry of the directory in its form, with what is to be said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from gateway.domain.directory import Directory
from gateway.ledger.directory_history import Version
from gateway.services.directory_rules import DirectoryFault
from gateway.services.edit_directory import NEW
from gateway.services.whose_entries import CONNECTIONS, PLACES, is_theirs_alone, may_edit
from gateway.web.console import entry_forms, entry_texts
from gateway.web.console.entry_fields import fields_of
from gateway.web.console.visit import Visit

ADD = "_new"
# Before the name of a secret that is entered anew together with the rest of the form.
ANEW = "secret."
_HOME = "/console/directory"


def path_of(kind: str, code: str = "") -> str:
    return f"{_HOME}/{kind}/{code}".rstrip("/")


def post_to(kind: str, code: str) -> str:
    group = "places" if kind in PLACES else "connections"
    return f"/console/{group}/{kind}/{code}"


def may_edit_one(visit: Visit, kind: str, code: str) -> bool:
    theirs = is_theirs_alone(visit.staff, kind, code, visit.console.directory())
    return may_edit(visit.staff, kind) and theirs


@dataclass(frozen=True, kw_only=True)
class EntryPage:
    """`body` is what stands in the form, `version` what is in force, None for a new entry.

    `faults` are words of what is wrong, by field, `fault` one that a rule of the whole directory
    found. `stays` says why it cannot be removed, `differs` what would change, `anew` which secrets
    are to be entered for that, and `overtaken` that somebody else has changed it meanwhile.
    """

    kind: str
    version: Version | None
    body: Mapping[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)
    fault: DirectoryFault | None = None
    stays: str = ""
    differs: Any = None
    anew: Sequence[str] = ()
    overtaken: bool = False

    def answer(self, visit: Visit, status: int = 200) -> web.Response:
        now, kind, body = visit.console.directory(), self.kind, self.body
        code = self.version.code if self.version else None
        return visit.page(
            "directory/entry.html",
            status,
            back=path_of(kind, code or ADD),
            kind=kind,
            code=code,
            version=self.version,
            revision=self.version.revision if self.version else NEW,
            body=body,
            fields=fields_of(kind),
            faults=self._faults(visit),
            stays=self.stays,
            differs=self.differs,
            anew=self.anew,
            overtaken=self.overtaken,
            options=_options(visit, now),
            grid=entry_forms.grid(body.get("hours") or ()),
            steps=max(entry_forms.STEPS, len(body.get("route") or ())),
            texts=min(entry_texts.MOST, len(body.get("registered") or ()) + entry_texts.MORE),
            may_edit=may_edit_one(visit, kind, code) if code else may_edit(visit.staff, kind),
            post_to=post_to(kind, code or ADD),
            secrets=self._secrets(visit),
            keys=[one for one in now.keys.values() if kind == "source" and one.source == code],
        )

    def _faults(self, visit: Visit) -> Mapping[str, str]:
        words = {name: _fault(visit, word) for name, word in self.faults.items()}
        fault = self.fault
        if fault is None:
            return words
        said = visit.words(f"directory.fault.{fault.word}", **fault.values)
        if (fault.kind, fault.code) == (self.kind, self.body.get("code")):
            return words | {fault.field: said}
        named = visit.words(f"directory.kind.{fault.kind}")
        elsewhere = visit.words("directory.elsewhere", kind=named, code=fault.code, fault=said)
        return words | {"elsewhere": elsewhere}

    def _secrets(self, visit: Visit) -> list[str]:
        """The names of those that the entry has."""
        if self.version is None or self.kind not in CONNECTIONS:
            return []
        return list(visit.console.editor.secret_names(self.version))


def _fault(visit: Visit, word: str) -> str:
    word, _, number = word.partition(":")
    said = visit.words(f"directory.fault.{word}")
    return visit.words("directory.numbered", number=number, fault=said) if number else said


def _options(visit: Visit, now: Directory) -> Mapping[str, Mapping[str, str]]:
    """What a field that names other entries may name, with what people call it."""
    return {
        "account": {code: code for code in now.accounts},
        "pickup_point": {code: one.name for code, one in now.pickup_points.items()},
        "unit": {code: one.name for code, one in now.units.items()},
        "pool": {code: code for code in now.pools},
        "provider": {one: one for one in visit.console.installed.providers},
        "mapping": {one: one for one in visit.console.installed.mappings},
    }
