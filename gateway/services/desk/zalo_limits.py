"""A Zalo text beside what the official accounts say of the template registered with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain.directory import Account
from gateway.ledger import zalo_catalogue
from gateway.ledger.database import Database
from gateway.ledger.zalo_catalogue import KnownTemplate
from gateway.rendering.fields import TEMPLATE, WORDING, Taken
from gateway.rendering.remarks import Place, Remark, remark
from gateway.services.zalo_misfits import IN_FORCE


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One account's template. `id` "" where the directory names none for this text; `found` None
    where the account was not read or does not have it."""

    account: str
    id: str
    found: KnownTemplate | None

    @property
    def is_approved(self) -> bool:
        return self.found is not None and self.found.status == IN_FORCE

    def limit(self, param: str) -> int | None:
        params = (self.found.params if self.found else None) or ()
        most = next((one.get("max") for one in params if one["name"] == param), None)
        return most if isinstance(most, int) else None


async def registered(
    database: Database, accounts: Sequence[Account], template: str
) -> list[Registered]:
    """As the accounts were read last."""
    found = []
    async with database.connection() as connection:
        for account in accounts:
            known = await zalo_catalogue.templates(connection, account.code)
            number = account.templates.get(template, "")
            here = (one for one in known if one.template_id == number and one.gone_at is None)
            found.append(Registered(account=account.code, id=number, found=next(here, None)))
    return found


def remarks_of(taken: Taken, registered: Sequence[Registered]) -> Iterator[Remark]:
    """What an account would refuse, or has not approved."""
    for one in registered:
        if one.found is None:
            continue
        if not one.is_approved:
            state = one.found.status or "?"
            yield remark(
                "zalo_state",
                f"Tài khoản {one.account}: mẫu Zalo {one.id} đang ở trạng thái {state}, chưa gửi"
                " được.",
                f"Account {one.account}: Zalo template {one.id} is {state} and cannot be sent.",
            )
        yield from _misfits(taken, one)


def _misfits(taken: Taken, one: Registered) -> Iterator[Remark]:
    assert one.found is not None
    if one.found.params is None:
        return
    wanted = {str(param["name"]): param for param in one.found.params}
    ours = [field for field in taken.fields if field.name not in (TEMPLATE, WORDING)]
    for field in ours:
        place = Place.of(field.name, field.text, 0, len(field.text))
        most = one.limit(field.name)
        if field.name not in wanted:
            yield remark(
                "zalo_limit",
                f"Mẫu đã đăng ký ở tài khoản {one.account} không có tham số {field.name}.",
                f"The template registered with account {one.account} has no parameter"
                f" {field.name}.",
                place,
            )
        elif most is not None and field.longest is not None and most < field.longest:
            yield remark(
                "zalo_limit",
                f"Tài khoản {one.account} chỉ nhận {most} ký tự cho {field.name}; ở đây cho đến"
                f" {field.longest}.",
                f"Account {one.account} takes {most} characters of {field.name}; here it may have"
                f" {field.longest}.",
                place,
            )
    for name, param in wanted.items():
        if param["required"] and name not in {field.name for field in ours}:
            yield remark(
                "zalo_limit",
                f"Mẫu đã đăng ký ở tài khoản {one.account} cần tham số {name}, ở đây không có.",
                f"The template registered with account {one.account} wants parameter {name},"
                " which is missing here.",
            )
