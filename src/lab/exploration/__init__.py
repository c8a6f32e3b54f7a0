"""What measured series look like: profiles, seasons, weather response, relations, stationarity.

Descriptions only: nothing here forecasts or repairs. Every function takes the part of a table
that a study may look at and does not know where that part ends.
"""
