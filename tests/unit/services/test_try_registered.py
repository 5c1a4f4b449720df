"""Published texts held against what accounts have registered, before anybody is written to."""

import pytest

from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory, Pool, RouteStep
from gateway.domain.dossier import EventKind
from gateway.domain.registration import RegisteredText
from gateway.rendering.publication import Publication, TemplateKey, TemplateVersion
from gateway.rendering.renderer import Renderer
from gateway.rendering.samples import load_samples
from gateway.services.try_registered import Trial, trials
from gateway.wiring import TEMPLATES

SAMPLES = load_samples(TEMPLATES / "samples.toml")
UNITS = SAMPLES[0].around.directory.units
CENTRE = "Trung tam Phuc vu hanh chinh cong huyen Bu Dop"


def _version(kind: EventKind, body: str, unit: str | None = None) -> TemplateVersion:
    key = TemplateKey(kind=kind, channel=Channel.SMS, unit=unit)
    return TemplateVersion(key=key, version=1, body=body)


VERSIONS = (
    _version(EventKind.RESULT_READY, "{{ centre }}: ho so {{ code }} da co ket qua."),
    _version(EventKind.FEE_DUE, "{{ centre }}: ho so {{ code }} can nop phi."),
)


def _trials(*texts: RegisteredText, provider: str = "esms", **more: str) -> list[Trial]:
    account = Account(code="esms", provider=provider, base_url="http://x", registered=texts)
    spoken = Pool(code="calls", channel=Channel.VOICE, accounts=("esms",))
    units = {
        "H10.12": UNITS["H10.12"],
        "H10.99": UNITS["H10.99"].model_copy(
            update={"route": (RouteStep(channel=Channel.VOICE, pool="calls"),)}
        ),
    }
    directory = Directory(
        revision=1,
        accounts={"esms": account},
        pools={"sms": Pool(code="sms", channel=Channel.SMS, accounts=("esms",)), "calls": spoken},
        units=units,
        pickup_points=SAMPLES[0].around.directory.pickup_points,
    )
    own = [_version(EventKind.FEE_DUE, body, unit) for unit, body in more.items()]
    renderer = Renderer(Publication.of(1, [*VERSIONS, *own]))
    return trials(directory, renderer, SAMPLES, ["vnpt"])


def _text(kind: EventKind, text: str, **longest: int) -> RegisteredText:
    return RegisteredText(kind=kind, id=f"T-{kind}", text=text, longest=longest)


READY = _text(EventKind.RESULT_READY, f"{CENTRE}: ho so {{code}} da co ket qua.")


def test_each_template_is_tried_as_each_unit_that_uses_the_account_says_it() -> None:
    fee = _text(EventKind.FEE_DUE, f"{CENTRE}: ho so {{code}} can nop phi.")
    found = _trials(READY, fee)
    assert [(one.unit, one.template.kind, one.finding) for one in found] == [
        ("H10.12", "result-ready", "ok"),
        ("H10.12", "fee-due", "ok"),
    ]
    assert not any(one.wrong for one in found)
    assert str(found[0]) == "esms  H10.12  result-ready/sms.vi  ok"


def test_a_difference_is_told_with_the_sample_that_shows_it() -> None:
    short = _text(EventKind.RESULT_READY, f"{CENTRE}: ho so {{code}} da co ket qua.", code=10)
    [found, _] = _trials(short)
    assert found.wrong
    assert "{code} of at most 10 characters" in found.finding
    assert found.sample == SAMPLES[0].name


@pytest.mark.parametrize(
    ("provider", "wrong"), [("esms", False), ("vnpt", True)], ids=["free text", "none taken"]
)
def test_a_kind_without_registration_is_told(provider: str, wrong: bool) -> None:
    [_, fee] = _trials(READY, provider=provider)
    assert (fee.finding, fee.wrong) == ("nothing registered for fee-due", wrong)


def test_an_account_that_needs_none_and_has_none_is_not_tried() -> None:
    assert _trials() == []


def test_a_template_of_the_units_own_stands_in_for_the_common_one() -> None:
    account_text = _text(EventKind.FEE_DUE, "Nop phi {code}.")
    found = _trials(account_text, **{"H10.12": "Nop phi {{ code }}."})
    assert [(str(one.template), one.finding) for one in found] == [
        ("result-ready/sms.vi", "nothing registered for result-ready"),
        ("fee-due/sms.vi/H10.12", "ok"),
    ]
