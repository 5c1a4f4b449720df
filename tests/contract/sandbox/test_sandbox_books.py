"""The books: one row per reference, counts that can be compared with the gateway's."""

from datetime import datetime

from sandbox_site import PERSON, Site

from gateway.sandbox.books import Books, Entry
from gateway.sandbox.handsets import Handsets, SmsBubble
from gateway.sandbox.world import now


async def test_a_row_tells_everything_about_one_message(site: Site) -> None:
    await site.esms()
    row = await site.row()
    first, last = (datetime.fromisoformat(row.pop(name)) for name in ("first_at", "last_at"))
    assert first == last
    assert first.tzinfo is not None
    assert row == {
        "provider": "esms",
        "account": "esms",
        "reference": "request-1",
        "phone": PERSON,
        "content": "Ho so H10-1 da co ket qua.",
        "submissions": 1,
        "taken": 1,
        "delivered": 1,
    }


async def test_what_was_never_taken_is_shown_on_request(site: Site) -> None:
    (await site.esms_raw(Phone="84900000033")).release()
    assert await site.rows() == []
    (row,) = (await site.get("/books?untaken=1"))["rows"]
    assert (row["submissions"], row["taken"], row["delivered"]) == (1, 0, 0)


async def test_the_summary_counts_by_account(site: Site) -> None:
    await site.esms()
    await site.zalo()
    await site.zalo()
    summary = await site.get("/books?summary=1")
    accounts = summary.pop("accounts")
    assert summary == {
        "messages": 2,
        "submissions": 3,
        "taken": 3,
        "delivered": 3,
        "doubled": 1,
    }
    assert accounts["zalo"]["doubled"] == 1
    assert accounts["esms"]["messages"] == 1


async def test_emptied_books_are_empty(site: Site) -> None:
    await site.esms()
    async with site.client.delete(f"{site.url}/books") as answer:
        assert answer.status == 204
    assert await site.rows() == []


def test_twenty_thousand_messages_are_twenty_thousand_rows() -> None:
    books = Books()
    for n in range(20_000):
        entry = Entry(provider="esms", account="esms", reference=f"r-{n}", phone=PERSON)
        books.submitted(entry).taken += 1
    assert sum(1 for _ in books.rows()) == 20_000


def test_phones_forget_the_oldest_message_first() -> None:
    handsets = Handsets(limit=2)
    for phone in ("841", "842", "842"):
        handsets.show(phone, SmsBubble(at=now(), sender="TTHCC", text="x", segments=1))
    assert [handset.phone for handset in handsets.recent()] == ["842"]
    assert handsets.get("841") is None
