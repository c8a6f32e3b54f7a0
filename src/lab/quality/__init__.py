"""What can be wrong with a measured table, found by rules that know no meter by name.

The rules see a table with a UTC index and units in its column names. Thresholds live in
params.yaml (`data_quality`), one group of them per module:

- `roles`: what a column measures, told by its unit.
- `timing`: step, span, gaps, duplicates.
- `stuck`: values that stand still, alone or together.
- `interpolated`: straight lines where a measurement should be.
- `outliers`: values far from the same time of day around them.
- `bounds`: what physics forbids, power in the dark, loads of exactly nothing.
- `siblings`: columns compared with their like: copies, dead, weak, silent for days.
- `clock`: the days on which clocks change.
- `sessions`: tables of events.
- `findings`: every rule over one table, as one tidy list.
- `checklist`: how many findings every check gives in every table.
- `repair`: blank what was not measured, fill from the past, mark every filled cell.
- `scores`: how well a rule finds labelled faults.
"""
