"""Forecasts of daily totals, up to weeks ahead."""
