"""Dates and sums of money as dossier systems write them."""

from datetime import UTC, datetime

import pytest

from gateway.intake.mapping_values import NotAnAmount, amount_vnd_of, moment_of

FORMATS = ("%Y%m%d%H%M%S",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("20241231000000", datetime(2024, 12, 30, 17, tzinfo=UTC), id="digits"),
        pytest.param(
            "2026-06-08 14:07:53", datetime(2026, 6, 8, 7, 7, 53, tzinfo=UTC), id="with a space"
        ),
        pytest.param(
            "2026-06-08T07:47:28.329",
            datetime(2026, 6, 8, 0, 47, 28, 329_000, tzinfo=UTC),
            id="with a T and a fraction",
        ),
        pytest.param("2024111093000", None, id="a digit short"),
        pytest.param("20241232000000", None, id="a day that does not exist"),
        pytest.param("00010101000000", None, id="the year 1"),
        pytest.param("21/11/2024", None, id="day first"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_three_forms_of_one_ministry_are_read(written: str, meant: datetime | None) -> None:
    assert moment_of(written, FORMATS) == meant


@pytest.mark.parametrize(
    ("sent", "amount_vnd"),
    [
        pytest.param("50000", 50_000, id="digits"),
        pytest.param(50_000, 50_000, id="a number"),
        pytest.param(50_000.0, 50_000, id="a number with a point"),
        pytest.param("50.000", 50_000, id="dots group thousands"),
        pytest.param("1,250,000", 1_250_000, id="commas group thousands"),
        pytest.param("50000.00", 50_000, id="an empty fraction"),
        pytest.param("50000.0000", 50_000, id="a long empty fraction"),
        pytest.param(" 50 000 đ ", 50_000, id="spaces and the currency"),
        pytest.param("0", 0, id="nothing"),
    ],
)
def test_sums_of_money_are_read_in_whole_vnd(sent: object, amount_vnd: int) -> None:
    assert amount_vnd_of(sent) == amount_vnd


@pytest.mark.parametrize("sent", ["", "-5", "50000.5", "12.34", "50k", "năm mươi", True, [], {}])
def test_what_is_no_sum_in_vnd_is_refused(sent: object) -> None:
    with pytest.raises(NotAnAmount):
        amount_vnd_of(sent)
