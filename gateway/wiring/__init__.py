"""The one place where concrete parts meet: settings in, a working API, worker or clock out."""

from gateway.wiring.api import Api, wire_api
from gateway.wiring.clockwork import Clockwork, wire_clock, zalo_catalogue
from gateway.wiring.core import Core, wire_core
from gateway.wiring.delivery import Delivery, wire_delivery
from gateway.wiring.given import (
    CONFIG,
    TEMPLATES,
    installed,
    keyring_file,
    keyring_of,
    lifetimes_of,
    line_texts_of,
    open_database,
    prompts_of,
    reader_of,
    stage_of,
)
from gateway.wiring.telling import wire_telling
from gateway.wiring.work import wire_jobs

__all__ = [
    "CONFIG",
    "TEMPLATES",
    "Api",
    "Clockwork",
    "Core",
    "Delivery",
    "installed",
    "keyring_file",
    "keyring_of",
    "lifetimes_of",
    "line_texts_of",
    "open_database",
    "prompts_of",
    "reader_of",
    "stage_of",
    "wire_api",
    "wire_clock",
    "wire_core",
    "wire_delivery",
    "wire_jobs",
    "wire_telling",
    "zalo_catalogue",
]
