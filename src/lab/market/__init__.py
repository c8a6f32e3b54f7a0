"""Prices: auctions, exchange between homes, tariffs, and prices that are best by a stated rule."""
