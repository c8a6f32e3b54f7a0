import numpy as np
import pandas as pd
import pytest

from lab.optimise.storage.site import Site


@pytest.fixture(scope="session")
def site():
    """Build a site from a list of prices and columns, hourly from the begin of 2020."""

    def build(prices, *, start="2020-01-01", step="h", clock="UTC", name="site", **columns):
        limits = {
            k: columns.pop(k)
            for k in ("import_limit_kw", "export_limit_kw", "demand_charge_per_kw")
            if k in columns
        }
        index = pd.date_range(start, periods=len(prices), freq=step, tz="UTC")
        table = pd.DataFrame({"import_price": np.asarray(prices, float), **columns}, index=index)
        return Site(table, clock=clock, name=name, **limits)

    return build
