"""Remarks about boxes, with their places in the whole text that the boxes were taken from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.rendering.fields import Taken
from gateway.rendering.remarks import Place, Remark

BOX = "whole"


def in_whole(remarks: Iterable[Remark], taken: Taken, body: str) -> tuple[Remark, ...]:
    """A remark loses its place where its box stands in the text in other letters."""
    starts = _starts(taken, body)
    return tuple(replace(one, place=_moved(one.place, starts, body)) for one in remarks)


def _starts(taken: Taken, body: str) -> Mapping[str, int]:
    found: dict[str, int] = {}
    after = 0
    for field in taken.fields:
        start = body.find(field.text, after) if field.text else -1
        if start >= 0:
            found[field.name] = start
            after = start + len(field.text)
    return found


def _moved(place: Place | None, starts: Mapping[str, int], body: str) -> Place | None:
    if place is None or place.field not in starts:
        return None
    start = starts[place.field]
    return Place.of(BOX, body, start + place.start, start + place.end)
