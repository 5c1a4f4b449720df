"""Pure values and rules. No input or output, no clock, no randomness: those are arguments."""
