"""Working days, the hours in which a channel may be used, and when a pick-up point is open.

All of it is local time of Vietnam, which has kept one offset since 1975: a day has 24 hours.
"""

from gateway.domain.hours.calendar import ZONE, Calendar, local
from gateway.domain.hours.opening import Opening, next_opening
from gateway.domain.hours.sending import ChannelHours, SendingHours, next_morning

__all__ = [
    "ZONE",
    "Calendar",
    "ChannelHours",
    "Opening",
    "SendingHours",
    "local",
    "next_morning",
    "next_opening",
]
