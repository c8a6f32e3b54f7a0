"""Forecasts of the next 24 hours, issued at any whole hour."""
