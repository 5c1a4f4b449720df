"""The console says the same in every language, and says nothing that is not in its catalogue."""

import re
from pathlib import Path
from string import Formatter

import pytest

import gateway.web.console
from gateway.domain.alert import AlertKind
from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.held import Prospect
from gateway.domain.notification import Skip
from gateway.domain.outcome import STOPPING, Reason, Verdict
from gateway.domain.staff import PasswordFault, Role
from gateway.domain.statistics import Concern, Group
from gateway.domain.status import State
from gateway.intake.hand_rows import FIELDS
from gateway.intake.problems import ProblemCode
from gateway.ledger.statistics import By
from gateway.services.jobs import ASKED, BROKEN, RIGHTS_GONE
from gateway.services.mass_steer import ACTS
from gateway.services.moments import Reach, Turn
from gateway.services.suppress import Why
from gateway.services.work_list import CONTENT_GONE, NOT_SENT, SOURCE_GONE
from gateway.web.console.entry_fields import fields_of
from gateway.web.console.entry_forms import DAYS
from gateway.web.console.entry_forms import FAULTS as ENTRY_FAULTS
from gateway.web.console.nav import ENTRIES
from gateway.web.console.pages.directory import SHOWN
from gateway.web.console.pages.message import RESEND_WHY, WHY
from gateway.web.console.pages.templates.listing import STATES
from gateway.web.console.words_book import Language, words_in

HERE = Path(gateway.web.console.__file__).parent
SOURCES = [*HERE.rglob("*.py"), *HERE.rglob("*.html")]

# What the ledger can say of a notification: every word of it is told.
TOLD = {
    *(f"told.state{part}.{state}" for state in State for part in ("", "_text")),
    *(f"told.reason.{reason}.{part}" for reason in Reason for part in ("title", "text")),
    *(f"told.reason.{skip}.{part}" for skip in Skip for part in ("title", "text")),
    *(f"told.turn.{turn}" for turn in Turn),
    *(f"told.way.{channel}" for channel in Channel),
    *(f"told.verdict.{verdict}" for verdict in Verdict),
}
HELD_BECAUSE = ("storm_guard", "restored", "by_operator")
# Why what a source posts may be refused, as a whole and by field.
OF_FIELDS = list(ProblemCode)[: list(ProblemCode).index(ProblemCode.INVALID) + 1]
REFUSED = {
    *(set(ProblemCode) - set(OF_FIELDS)),
    *("unauthorised", "scope_missing", "source_not_yours", "unit_not_yours", "unknown_unit"),
    *("unknown_pickup_point", "too_large", "too_fast", "other_content", "not_storable"),
    "no_mapping",
}
_LIST_REFUSED = re.compile(r"""(?:NotATable|ListRefused)\("(\w+)"\)""")

_ACT_REFUSED = re.compile(r"""(?:ActRefused\(word=|refused\(\d+, )"(\w+)\"""")


def _words_of_lists() -> set[str]:
    """What a page of lists can be told, besides that one is not there."""
    gateway = HERE.parents[1]
    files = (gateway / "intake" / "hand_file.py", gateway / "services" / "hand_list.py")
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = set(_LIST_REFUSED.findall(text)) - {
        "missing",
        "no_draft",
        "lacks_columns",
        "read_otherwise",
    }
    return {*found, "no_file"}


def _in_the_way() -> set[str]:
    """What may keep one of many messages from being cancelled or sent again."""
    services = HERE.parents[1] / "services"
    files = (services / f"{name}.py" for name in ("steer", "resend", "resend_check"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = set(_ACT_REFUSED.findall(text))
    assert {"already_ended", "source_gone", "other_content", "no_such_step"} <= found
    return found


# Keys that are put together while a page is made: every key of such a family counts as used, and
# these of it have to be there.
IN_USE = ("unit", "pool", "account", "keys")

FAMILIES: dict[str, set[str]] = {
    "language.": {f"language.{one.value}" for one in Language},
    "nav.": {f"nav.{word}" for entry in ENTRIES for word in (entry.word, entry.group) if word},
    "role.": {f"role.{role}.{part}" for role in Role for part in ("name", "text")},
    "password.": {f"password.{fault}" for fault in PasswordFault},
    "fault.": set(),
    "overview.concern.": {f"overview.concern.{one}" for one in Concern},
    "group.": {f"group.{one}" for one in Group},
    "chart.": {f"chart.{one}" for one in ("hour", "day", "month", "days")},
    "by.": {f"by.{one}" for one in By},
    "users.refused.": set(),
    "audit.action.": set(),
    "kind.": {f"kind.{kind}" for kind in EventKind},
    "channel.": {f"channel.{channel}" for channel in Channel},
    "tongue.": {"tongue.vi"},
    "templates.state.": {f"templates.state.{state}" for state in STATES},
    "templates.letters.": {f"templates.letters.{one}" for one in ("unit", "plain", "accented")},
    "templates.box.": set(),
    "templates.box_hint.": set(),
    "templates.specimen.": {
        f"templates.specimen.{outcome}"
        for outcome in ("accepted", "deferred", "rejected", "unknown")
    },
    "templates.if_": {"templates.if_accented", "templates.if_plain"},
    "told.": TOLD,
    "messages.resend_why_is.": {f"messages.resend_why_is.{word}" for word in RESEND_WHY},
    "messages.refused.": set(),
    "counter.reach.": {f"counter.reach.{one}" for one in Reach if one is not Reach.YES},
    "attention.refused.": {
        f"attention.refused.{code}.{part}" for code in REFUSED for part in ("title", "text")
    },
    "attention.field.": {f"attention.field.{code}" for code in OF_FIELDS},
    "attention.more.": {
        f"attention.more.{word}.{part}"
        for word in ("sources", "unmatched", "untold")
        for part in ("title", "text")
    },
    **{
        f"acts.{part}.": {f"acts.{part}.{act}" for act in ACTS}
        for part in ("title", "fitting", "nothing_fits", "safe", "begin")
    },
    "acts.refused.": {f"acts.refused.{word}" for word in _in_the_way()},
    "messages.why_is.": {f"messages.why_is.{word}" for word in WHY},
    "accounts.state.": {
        f"accounts.state.{state}"
        for state in (
            *("unusable", "shut", "well", "less", "trial", "drained", "paused", "stopped"),
        )
    },
    "accounts.because.": {f"accounts.because.{why}" for why in ("faults", "late", "well")},
    "accounts.why.": {f"accounts.why.{reason}" for reason in STOPPING},
    "directory.in_use.": {f"directory.in_use.{what}" for what in IN_USE},
    "pause.scope.": {f"pause.scope.{scope}" for scope in ("everything", "unit", "pool", "account")},
    "pause.reason.": set(),
    "pause.refused.": {"pause.refused.no_reason"},
    "alert.kind.": {f"alert.kind.{kind}" for kind in AlertKind},
    "alert.do.": set(),
    "held.because.": {f"held.because.{why}" for why in HELD_BECAUSE},
    "held.prospect.": {f"held.prospect.{one}" for one in Prospect},
    "held.working.": {f"held.working.{one}" for one in ("release", "discard")},
    "hand_list.is.": {f"hand_list.is.{one}" for one in ("draft", "running", "done")},
    "hand_list.field.": {f"hand_list.field.{name}" for name in FIELDS},
    "hand_list.fault.": {
        f"hand_list.fault.{one}"
        for one in (
            *("conflict", "refused", "failed", "not_sent", "not_reached", *NOT_SENT),
            *("erased", "no_code", "no_phone", "bad_phone", "bad_day", "future_day", "twice"),
            *(f"bad_{one}" for one in ("code", "name", "phone", "procedure", "row")),
            *(f"lost_letters_{one}" for one in ("name", "procedure")),
        )
    },
    "hand_list.lacks": {"hand_list.lacks_columns"},
    "hand_list.read_": {"hand_list.read_otherwise"},
    "jobs.kind.": {
        "jobs.kind.hand_list",
        *(f"jobs.kind.mass_act.{act}" for act in ACTS),
        *(f"jobs.kind.held_act.{act}" for act in ("release", "discard")),
    },
    "jobs.stopped.": {
        f"jobs.stopped.{word}"
        for word in (ASKED, RIGHTS_GONE, BROKEN, CONTENT_GONE, SOURCE_GONE, "restored")
    },
    "hand_list.refused.": {f"hand_list.refused.{word}" for word in _words_of_lists()},
    "directory.kind.": {f"directory.kind.{kind}" for kind in SHOWN},
    "directory.day.": {f"directory.day.{day}" for day in DAYS},
    "directory.scope.": {f"directory.scope.{one}" for one in ("post", "read", "act")},
    "directory.option.": set(),
    "directory.fault.": {f"directory.fault.{word}" for word in ENTRY_FAULTS.values()},
    "trial.": {"trial.ignored", "trial.faulty"},
    **{
        f"directory.{kind}.": {f"directory.{kind}.{one.name}" for one in fields_of(kind)}
        for kind in SHOWN
    },
    **{f"directory.{kind}-help.": set() for kind in SHOWN},
    "suppressions.reason.": {f"suppressions.reason.{why}" for why in Why},
}
_ACTION = re.compile(
    r"""["']((?:user|session|suppressions|keys|message|pause|alert|directory|held|hand_list|job)\.(?!toml)[a-z_]+)["']"""
)
_T_CALL = re.compile(r"""(?<![\w.])(?:t|words|visit\.words)\(\s*["']([\w.]+)["']\s*[,)]""")
_SAY = re.compile(r"""sa(?:y=|id = )["']([\w.]+)["']|else ["']([a-z]+\.[\w.]+)["']""")
_SAID = re.compile(r"""said = ["']([\w.]+)["']""")
_SORRY = re.compile(r"""Sorry\([^"]*"(\w+)\"""")
_REFUSED = re.compile(r"""UserRefused\(\s*"(\w+)\"""")


def used() -> set[str]:
    """Every key that stands literally in a template or a module."""
    text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    said = {first or second for first, second in _SAY.findall(text)} | set(_SAID.findall(text))
    return set(_T_CALL.findall(text)) | said


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_keys_with_the_same_placeholders(language: Language) -> None:
    first, other = words_in(Language.VI).sentences, words_in(language).sentences
    assert set(first) == set(other)
    differing = {key for key in first if placeholders(first[key]) != placeholders(other[key])}
    assert differing == set()


@pytest.mark.parametrize("language", Language)
def test_no_sentence_is_empty(language: Language) -> None:
    assert [key for key, words in words_in(language).sentences.items() if not words.strip()] == []


def test_every_key_that_is_used_is_there() -> None:
    wanted = used() | set().union(*FAMILIES.values())
    assert wanted - set(words_in(Language.VI).sentences) == set()


def test_every_key_that_is_there_is_used() -> None:
    known = set(words_in(Language.VI).sentences)
    in_families = {key for key in known if key.startswith(tuple(FAMILIES))}
    assert known - in_families - used() == set()


def test_every_fault_and_refusal_has_its_words() -> None:
    known = set(words_in(Language.VI).sentences)
    console = "\n".join(path.read_text(encoding="utf-8") for path in HERE.rglob("*.py"))
    faults = set(_SORRY.findall(console)) | {"missing", "wrong_method", "too_large", "bad_request"}
    wanted = {f"fault.{word}.{part}" for word in faults for part in ("title", "text")}
    services = HERE.parents[1] / "services" / "users.py"
    refusals = set(_REFUSED.findall(services.read_text(encoding="utf-8"))) - {"no_such_user"}
    wanted |= {f"users.refused.{word}" for word in refusals}
    assert len(faults) > 5
    assert len(refusals) > 3
    assert wanted - known == set()


def test_every_act_in_the_audit_has_its_name() -> None:
    gateway = HERE.parents[1]
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (*gateway.glob("*.py"), *(gateway / "services").glob("*.py"))
    )
    acts = set(_ACTION.findall(text))
    assert len(acts) > 10
    assert {f"audit.action.{act}" for act in acts} - set(words_in(Language.VI).sentences) == set()
