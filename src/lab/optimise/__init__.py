"""Decisions under constraints: models stated in cvxpy, solved by HiGHS, checked without either."""
