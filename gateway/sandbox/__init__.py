"""Simulators of the providers' wire APIs and of the citizen's phone, strangers to the gateway."""
