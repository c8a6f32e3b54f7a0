"""What lab says when something is wrong: one full sentence, and an exit code."""


class LabError(Exception):
    """A fault of the input or the environment that one sentence explains.

    The message says what is wrong, what was got and what is allowed. The command
    line prints it without a traceback and exits with `exit_code`.
    """

    exit_code = 1


class UsageError(LabError):
    """An unknown study, parameter, table or option, or a value of the wrong type."""

    exit_code = 2


class DataError(LabError):
    """A measurement file that is missing, damaged or breaks its declared contract."""

    exit_code = 3


class FetchError(LabError):
    """A download that could not be completed or verified."""

    exit_code = 4


class VerifyError(LabError):
    """A reproduced result that differs from the committed one."""

    exit_code = 5


class BusyError(LabError):
    """Another run of the same study holds the lock."""

    exit_code = 6


class SolveError(LabError):
    """A decision that cannot be found: infeasible, unbounded, or no schedule within the time."""

    exit_code = 7


class InfeasibleError(SolveError):
    """A decision that no schedule can keep: its constraints contradict each other."""
