import pytest

from lab.errors import LabError
from lab.scale import loopback


def test_a_scheduler_that_ends_at_once_is_said(monkeypatch):
    monkeypatch.setattr(loopback, "LOCAL", ("--no-such-option",))
    with (
        pytest.raises(LabError, match="Dask scheduler did not start within 60 s"),
        loopback.cluster(1),
    ):
        pytest.fail("there is no cluster")
