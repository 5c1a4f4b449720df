"""Measurements of the gateway: how fast it is and at what cost, and what is hard to break."""
