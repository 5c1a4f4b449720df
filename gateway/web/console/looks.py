"""Templates made into pages: everything in them is escaped, and a name they lack is an error."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

from gateway.domain.balance import Balance
from gateway.web.console.static_files import url_of

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def _when(moment: datetime | None) -> str:
    return moment.astimezone(_HANOI).strftime("%d/%m/%Y %H:%M") if moment else ""


def _moment(moment: datetime) -> str:
    return moment.astimezone(_HANOI).strftime("%d/%m/%Y %H:%M:%S")


def _day(moment: date) -> str:
    return moment.strftime("%d/%m/%Y")


def _money(amount_vnd: int) -> str:
    return f"{amount_vnd:,} ₫".replace(",", ".")


def _amount(amount: Decimal | float) -> str:
    """Without a fraction where there is none, else with the two digits of a cent."""
    shown = f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.2f}"
    return shown.translate(str.maketrans(",.", ".,"))


def _balance(left: Balance) -> str:
    return f"{_amount(left.amount)} {left.currency}".strip()


def _number(count: int) -> str:
    """With a point for thousands, as Vietnamese and English readers of this console are used to."""
    return f"{count:,}".replace(",", ".")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}".replace(".", ",").replace("%", " %")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}".replace(".", ",")


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "html"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.filters |= {
    "when": _when,
    "day": _day,
    "minutes": _minutes,
    "money": _money,
    "amount": _amount,
    "balance": _balance,
    "moment": _moment,
    "number": _number,
    "percent": _percent,
}
_TEMPLATES.globals["asset"] = url_of


def render(template: str, values: Mapping[str, Any]) -> str:
    return _TEMPLATES.get_template(template).render(values)
