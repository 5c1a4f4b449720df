"""Sample dossiers as facts, worked out once for each kind, unit and state of the directory."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.domain.dossier import EventKind
from gateway.errors import DirectoryError
from gateway.rendering.facts import Surroundings
from gateway.rendering.proof import Example
from gateway.rendering.samples import Sample

_MOST_KEPT = 200


class Examples:
    """A unit's own text is tried in its own name, a common one in that of invented centres."""

    def __init__(self, samples: Sequence[Sample], surroundings: Callable[[], Surroundings]) -> None:
        self._samples = samples
        self._surroundings = surroundings
        self._kept: dict[tuple[EventKind, str, int], tuple[Example, ...]] = {}

    def of(self, kind: EventKind, unit: str = "") -> tuple[Example, ...]:
        key = (kind, unit, self._surroundings().directory.revision)
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._made(kind, unit)
        return self._kept[key]

    def _made(self, kind: EventKind, unit: str) -> tuple[Example, ...]:
        samples = [_of_unit(one, unit, self._surroundings()) for one in self._samples]
        try:
            return tuple(Example(name=one.name, facts=one.facts(kind)) for one in samples)
        except DirectoryError:
            # The unit is gone from the directory: its text is shown in invented names.
            return self._made(kind, "") if unit else ()


def _of_unit(sample: Sample, unit: str, around: Surroundings) -> Sample:
    if not unit:
        return sample
    own = replace(sample.around, directory=around.directory, calendar=around.calendar)
    return replace(sample, event={**sample.event, "unit": unit}, around=own)
