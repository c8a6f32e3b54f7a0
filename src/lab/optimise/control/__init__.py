"""Learned control: one battery against simulated one-minute prices, every strategy on one stage."""
