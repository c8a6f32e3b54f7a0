"""Hyperparameters: where to look, how to search, and what was chosen."""
