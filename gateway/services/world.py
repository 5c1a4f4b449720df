"""What depends on the directory and is costly to make: calendar, sending hours, surroundings."""

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory
from gateway.domain.hours import Calendar, ChannelHours, SendingHours
from gateway.rendering.facts import Surroundings
from gateway.rendering.procedures import Procedures


class World:
    """Renewed with the directory; read at every event and message."""

    def __init__(self, channels: dict[Channel, ChannelHours], procedures: Procedures) -> None:
        self._channels = channels
        self._procedures = procedures
        self.update(Directory(revision=-1))

    def update(self, directory: Directory) -> None:
        calendar = Calendar.of(directory.calendar_days.values())
        self._hours = SendingHours(calendar, self._channels)
        self._surroundings = Surroundings(
            directory=directory, calendar=calendar, procedures=self._procedures
        )

    def hours(self) -> SendingHours:
        return self._hours

    def surroundings(self) -> Surroundings:
        return self._surroundings
