"""Forecasts of a series: models, their inputs, the forecast table and its intervals."""
