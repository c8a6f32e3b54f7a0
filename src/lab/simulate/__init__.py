"""Simulated data, which say so in every name: for scale and for tests, never for findings."""

from lab.simulate.households import CLUSTERS, households
from lab.simulate.meters import ZONE, meters, temperature_c

__all__ = ["CLUSTERS", "ZONE", "households", "meters", "temperature_c"]
