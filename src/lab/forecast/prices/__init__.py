"""Day-ahead electricity prices: markets of the open benchmark, and what is asked of a forecast."""
