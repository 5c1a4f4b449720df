"""The reader of an installation that sets nothing, and those of other regions."""

from pathlib import Path

from gateway.domain.speech import Dialect
from gateway.rendering.pronunciations import load_reader

LIST = Path(__file__).parents[3] / "config" / "pronunciations.toml"
SHIPPED = load_reader(Dialect(), LIST)
NORTHERN = load_reader(Dialect(zero_tens="linh"), LIST)
SOUTHERN = load_reader(Dialect(thousand="ngàn"), LIST)
