"""One limit for all threads: it ends with the last of them, whatever their order."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from lab.forecast.one_thread import one_thread


def limits():
    assert np.ones((2, 2)).shape == (2, 2)
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_the_limit_ends_with_the_last_that_asked_for_it():
    with threadpool_limits(2, "blas"):
        before = limits()
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        assert limits() == {1}
        # The first that came is the first that goes: nested contexts alone would not do.
        first.__exit__(None, None, None)
        assert limits() == {1}
        second.__exit__(None, None, None)
        assert limits() == before


def test_an_error_within_ends_it_too():
    with threadpool_limits(2, "blas"):
        before = limits()
        try:
            with one_thread():
                raise ValueError
        except ValueError:
            pass
        assert limits() == before
