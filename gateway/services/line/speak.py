"""The words of the line about a unit, a dossier or a notice: to be heard, or to be read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from gateway.domain import speech
from gateway.domain.directory import Directory, Unit
from gateway.domain.dossier import Pickup
from gateway.domain.hours import local
from gateway.domain.speech import Reader
from gateway.domain.text import plain
from gateway.errors import DirectoryError
from gateway.rendering.facts import Surroundings
from gateway.rendering.phrases import written_date
from gateway.services.line.enquiry import Genuine, Standing
from gateway.services.line.texts import LineTexts

SMS = "sms"


class LineWords:
    """Everything that the line of a unit says."""

    def __init__(
        self,
        *,
        texts: LineTexts,
        reader: Reader,
        surroundings: Callable[[], Surroundings],
        now: Callable[[], datetime],
    ) -> None:
        self._texts = texts
        self._reader = reader
        self._surroundings = surroundings
        self._now = now

    def phone(self, unit: str) -> str:
        """The centre's number, as it is written."""
        return self._centre(unit)["phone"]

    def said(self, name: str, unit: str) -> str:
        """A text about the unit alone, as a voice says it."""
        return self._aloud(self._texts.text(name, self._centre_aloud(unit)))

    def sorry(self, unit: str) -> str:
        """That the line is out of order; without a number to ring where the unit is gone, too."""
        try:
            return self.said("sorry", unit)
        except DirectoryError:
            return self._aloud(self._texts.text("sorry_alone", {}))

    def own(self, found: Sequence[Standing], unit: str) -> list[str]:
        centre = self._centre_aloud(unit)
        count = self._texts.text("own", {**centre, "count": str(len(found))})
        return [self._aloud(count), *(self.dossier(one, unit) for one in found)]

    def dossier(self, one: Standing, unit: str) -> str:
        return self._aloud(self._dossier(one, self._centre_aloud(unit), speech.digits(one.ending)))

    def genuine(self, found: Sequence[Genuine], unit: str) -> list[str]:
        """All of them, with what to make of it where there are several."""
        said = [self._genuine(one, unit) for one in found]
        if len(found) > 1:
            several = {**self._centre_aloud(unit), "count": str(len(found))}
            said.insert(0, self._aloud(self._texts.text("several", several)))
        return said

    def _genuine(self, one: Genuine, unit: str) -> str:
        told = self._notice(one, unit) | {
            "phone": self._centre_aloud(unit)["phone"],
            "ending": speech.digits(one.ending),
            "phone_ending": speech.digits(one.phone_ending),
        }
        return self._aloud(self._texts.text(_name(one), told))

    def dossier_in_writing(self, one: Standing, unit: str) -> str:
        return plain(self._dossier(one, self._centre(unit), one.ending, SMS))

    def genuine_in_writing(self, found: Sequence[Genuine], unit: str) -> str:
        said = [self._texts.text(_name(one), self._notice(one, unit), SMS) for one in found]
        if len(found) > 1:
            several = {**self._centre(unit), "count": str(len(found))}
            said.insert(0, self._texts.text("several", several, SMS))
        return plain(" ".join(said))

    def in_writing(self, name: str, unit: str) -> str:
        return plain(self._texts.text(name, self._centre(unit), SMS))

    def _dossier(
        self, one: Standing, centre: Mapping[str, str], ending: str, group: str = ""
    ) -> str:
        facts = {
            **centre,
            "ending": ending,
            "state": self._texts.state(one.kind, one.facts, centre),
            "procedure": self._texts.procedure(one.facts),
        }
        return self._texts.text("dossier", facts, group)

    def _notice(self, one: Genuine, unit: str) -> dict[str, str]:
        return {
            **self._centre(unit),
            "centre": one.centre,
            "day": written_date(local(one.day).date()),
            "phone_ending": one.phone_ending,
            "ending": one.ending,
        }

    def _centre_aloud(self, unit: str) -> dict[str, str]:
        centre = self._centre(unit)
        return centre | {"phone": speech.phone(centre["phone"])}

    def _centre(self, unit: str) -> dict[str, str]:
        """Raises DirectoryError for a unit that is gone."""
        around = self._surroundings()
        found = _unit(around.directory, unit, self._now())
        visit = around.visits.of(found, Pickup(), self._now())
        return {
            "centre": visit.centre,
            "centre_short": visit.centre_short,
            "phone": visit.verify_phone,
            "hours": visit.hours,
            "place": visit.where,
        }

    def _aloud(self, text: str) -> str:
        return speech.read_aloud(text, self._reader)


def _name(one: Genuine) -> str:
    return "genuine_erased" if one.erased else "genuine"


def _unit(directory: Directory, code: str, now: datetime) -> Unit:
    unit = directory.unit(code, local(now).date())
    if unit is None:
        raise DirectoryError(f"the unit {code!r} is not in the directory")
    return unit
