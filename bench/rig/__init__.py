"""What every measurement stands on: the ground, an installation, a load, a stand-in, a report."""
