"""Posts one invented result-ready event to the demo, as a dossier system would."""

import json
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

from gateway.demo import UNIT, Demo
from gateway.errors import ConfigurationError
from gateway.settings import Settings

_PHONE = "0984 765 321"
_LOOKS, _LOOK_EVERY_S = 12, 0.25


def post_demo_event(settings: Settings, phone: str | None) -> str:
    """Answers where to look. Raises ConfigurationError where nothing runs."""
    demo = Demo(settings)
    if not demo.file.exists():
        raise ConfigurationError("there is no demo yet; start it with `make run`")
    found = json.loads(demo.file.read_text(encoding="utf-8"))
    event = _event(phone or _PHONE)
    answer = _post(found["base_url"], found["api_key"], event)
    ids = ", ".join(one["id"] for one in answer["notifications"])
    shown = event["data"]["applicant"]["phones"][0]
    return (
        f"accepted: {ids}\n"
        f"{_after_a_moment(found, answer['notifications'][0]['href'])}\n"
        f"the phone {shown}: {found['sandbox_url']}/phones/{_digits(shown)}\n"
        f"its story: curl -H 'Authorization: Bearer {found['api_key']}' "
        f"{found['base_url']}{answer['notifications'][0]['href']}"
    )


def _after_a_moment(found: dict[str, Any], href: str) -> str:
    """How the notice stands once it has ended, or after a few seconds."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        found["base_url"] + href, headers={"Authorization": f"Bearer {found['api_key']}"}
    )
    for _ in range(_LOOKS):
        time.sleep(_LOOK_EVERY_S)
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            notice = json.load(answer)
        if notice["ended_at"]:
            break
    channel = notice["steps"][notice["current_step"]]["channel"] if notice["steps"] else "nothing"
    waits = f", waits until {notice['due_at']}" if notice["due_at"] else ""
    return f"{notice['state']} over {channel}{waits}"


def _event(phone: str) -> dict[str, Any]:
    serial = f"{secrets.randbelow(10_000):04d}"
    code = f"000.00.12.H10-241105-{serial}"
    return {
        "specversion": "1.0",
        "id": f"demo-{code}-9-{secrets.token_hex(4)}",
        "source": "/h10/bu-dop/igate",
        "type": "vn.dossier.result-ready",
        "datacontenttype": "application/json",
        "data": {
            "dossier": {
                "code": code,
                "procedure": {"code": "1.002835", "name": "Đổi giấy phép lái xe"},
            },
            "applicant": {"name": "NGUYỄN THỊ MINH ÁNH", "kind": "person", "phones": [phone]},
            "unit": UNIT,
            "pickup": {"point": "bu-dop"},
            "return_by": "desk",
        },
    }


def _post(base_url: str, api_key: str, event: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{base_url}/v1/events",
        data=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {api_key}",
            "Content-Type": "application/cloudevents+json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            accepted: dict[str, Any] = json.load(answer)
            return accepted
    except urllib.error.HTTPError as error:
        raise ConfigurationError(
            f"the gateway refused the event: {error.read().decode()}"
        ) from None
    except OSError:
        raise ConfigurationError(
            f"nothing answers at {base_url}; start it with `make run`"
        ) from None


def _digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))
