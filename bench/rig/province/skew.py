"""How a province is skewed: its names, units and kinds, and when things are accepted."""

import bisect
import itertools
import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = 200
BIG_UNIT = "H10.12"
_SURNAMES = "Nguyễn 38 Trần 11 Lê 9.5 Phạm 7 Huỳnh 5 Phan 4.5 Võ 3.9 Đặng 2.1 Bùi 2 Đỗ 1.4 Hồ 1.3"
_SURNAMES += " Ngô 1.3 Dương 1 Lý 0.5 Điểu 4 Thị 1.5 Trịnh 1 Đinh 1 Mai 1 Lâm 1"
_MIDDLE = "Văn 20 Thị 30 Minh 6 Ngọc 6 Hữu 4 Thanh 6 Đức 5 Kim 4 Xuân 3 Quốc 4 Thùy 4 Hồng 4 Bảo 4"
_GIVEN_NAMES = """
Anh Ánh Bình Châu Chi Cường Dung Dũng Duy Đạt Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hòa Hoàng
Hùng Hương Huy Khang Khánh Kiên Lan Liên Linh Loan Long Lộc Mai Mạnh My Nam Nga Ngân Nhung Oanh
Phát Phong Phúc Phương Quân Quang Quyên Sơn Tài Tâm Thảo Thắng Thịnh Thu Thủy Trang Trí Trinh
Trung Tú Tuấn Tùng Tuyết Vân Việt Vinh Vy Yến
"""
GIVEN = _GIVEN_NAMES.split()

KINDS = {"result-ready": 70, "received": 14, "supplement-required": 8, "fee-due": 5, "refused": 3}


class Weighted:
    """Chooses by weight, with one random number."""

    def __init__(self, choices: Sequence[Any], weights: Sequence[float]) -> None:
        self._choices = choices
        self._sums = list(itertools.accumulate(weights))

    def at(self, chance: float) -> Any:
        return self._choices[bisect.bisect_left(self._sums, chance * self._sums[-1])]


def _weighted(text: str) -> Weighted:
    words = text.split()
    return Weighted(words[::2], [float(one) for one in words[1::2]])


def unit_codes() -> list[str]:
    return [BIG_UNIT, *(f"H10.{number:03}" for number in range(100, 99 + UNITS))]


def units() -> Weighted:
    """One has 30 %; the others share the rest as cities and villages do."""
    codes = unit_codes()
    rest = [1 / (rank + 3) for rank in range(len(codes) - 1)]
    return Weighted(codes, [0.3 * sum(rest) / 0.7, *rest])


def surnames() -> Weighted:
    return _weighted(_SURNAMES)


def middle_names() -> Weighted:
    return _weighted(_MIDDLE)


def kinds() -> Weighted:
    return Weighted(list(KINDS), list(KINDS.values()))


def days_of(count: int, over_days: int, last: date) -> list[tuple[date, int]]:
    """How many were accepted on each day: few at weekends, more on Mondays."""
    weights = (1.25, 1.05, 1.0, 1.0, 1.05, 0.3, 0.08)
    days = [last - timedelta(days=back) for back in range(over_days)][::-1]
    whole = sum(weights[day.weekday()] for day in days)
    return [(day, round(count * weights[day.weekday()] / whole)) for day in days]


def moments(dice: random.Random, day: date, count: int, ends: datetime) -> list[int]:
    """Milliseconds of acceptance, none after `ends`: two humps of office hours, sorted."""
    midnight = datetime.combine(day, time(), HANOI).timestamp()
    humps = ((9.4, 1.1), (14.9, 1.0))
    found = sorted(
        midnight + 3600 * min(max(dice.gauss(*humps[n % 2]), 0.01), 23.98) for n in range(count)
    )
    return [int(1000 * one) for one in found if one < ends.timestamp()]
