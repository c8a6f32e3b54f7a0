"""The LSTM under its first name; see `lab.forecast.networks.lstm`."""

from lab.forecast.networks.lstm import Lstm

__all__ = ["Lstm"]
