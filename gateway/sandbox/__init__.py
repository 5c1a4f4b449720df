"""Simulators of the providers' wire APIs and of the citizen's phone. Knows nothing of the gateway."""
