"""A ledger as a province has it after some months: millions of notifications with all that belongs
to them, skewed as life is, and every sealed payload one that a page can open."""

from bench.rig.province.filling import fill
from bench.rig.province.skew import BIG_UNIT, HANOI, unit_codes
from bench.rig.province.units import directory

# Another one where what is filled becomes another.
FILLING = 1

__all__ = ["BIG_UNIT", "FILLING", "HANOI", "directory", "fill", "unit_codes"]
