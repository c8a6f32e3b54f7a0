"""lab: a Jupyter-centred, reproducible research workbench for energy analytics."""

__version__ = "0.1.0"
