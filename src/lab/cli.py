"""The command `lab`: run, list, fetch, sync, verify."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import __version__, paths
from lab.errors import LabError

EXIT_CODES = """\
exit codes:
  0  done
  1  a study failed: a cell raised, its kernel died or a declared output is missing
  2  unknown study, parameter, table or option, or a value of the wrong type
  3  a measurement file is missing, damaged or breaks its declared contract
  4  a download could not be completed or verified
  5  a reproduced result differs from the committed one
  6  the same study is being run by another process
  130, 143  stopped by Ctrl-C or SIGTERM; earlier outputs are unchanged
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.call(options) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("lab: stopped; every earlier output is unchanged.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab",
        description="Reproducible energy analytics: run studies and check their results.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lab {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for add in (_add_run, _add_list, _add_fetch, _add_sync, _add_verify):
        add(verbs)
    return parser


def _verb(verbs: "argparse._SubParsersAction", name: str, text: str, example: str, call):  # type: ignore[no-untyped-def]
    parser = verbs.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"example:\n  {example}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(call=call)
    return parser


def _add_run(verbs) -> None:  # type: ignore[no-untyped-def]
    parser = _verb(
        verbs,
        "run",
        "Execute a study's notebook, render its report and publish its outputs.",
        "lab run demand_forecast -p test_days=28",
        _run,
    )
    parser.add_argument("study", help="name of the study, as `lab list` shows it")
    parser.add_argument(
        "-p",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="try another value: the run is an experiment and writes to .lab/scratch/ only; "
        "a key of the stage's matrix chooses the variant instead",
    )


def _add_list(verbs) -> None:  # type: ignore[no-untyped-def]
    _verb(verbs, "list", "List the studies: question, state, last runtime.", "lab list", _list)


def _add_fetch(verbs) -> None:  # type: ignore[no-untyped-def]
    parser = _verb(
        verbs,
        "fetch",
        "Bring a data set of data/sources.yaml into data/benchmarks, checksum verified.",
        "lab fetch epf --from ~/Downloads/epf",
        _fetch,
    )
    parser.add_argument("name", help="name of the data set in data/sources.yaml")
    parser.add_argument(
        "--from", dest="folder", type=Path, metavar="DIR", help="copy from a folder, no download"
    )


def _add_sync(verbs) -> None:  # type: ignore[no-untyped-def]
    parser = _verb(
        verbs,
        "sync",
        "Write params.yaml into the notebooks' parameters cells, headlines into the README.",
        "lab sync --check",
        _sync,
    )
    parser.add_argument("--check", action="store_true", help="only report differences; exit 5")


def _add_verify(verbs) -> None:  # type: ignore[no-untyped-def]
    parser = _verb(
        verbs,
        "verify",
        "Compare reports/metrics with the committed ones and print what moved.",
        "lab verify --twice",
        _verify,
    )
    parser.add_argument(
        "--twice",
        action="store_true",
        help="run every stage twice and compare every output's bytes",
    )
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="only these studies")


def _run(options: argparse.Namespace) -> None:
    from lab.runner import run

    result = run(options.study, options.overrides)
    shown = result.report
    if shown.is_relative_to(paths.root(strict=True)):
        shown = shown.relative_to(paths.root(strict=True))
    print(f"{result.study}: {len(result.files)} files in {result.seconds:.1f} s; report: {shown}")


def _list(options: argparse.Namespace) -> None:
    from lab.listing import table

    print(table(paths.root(strict=True)))


def _fetch(options: argparse.Namespace) -> None:
    from lab.data.fetch import fetch

    for path in fetch(options.name, from_dir=options.folder, root=paths.root(strict=True)):
        print(path.relative_to(paths.root(strict=True)))


def _sync(options: argparse.Namespace) -> int:
    from lab import readme
    from lab.sync import sync

    changes = sync(paths.root(strict=True), check=options.check)
    if not options.check and readme.update(paths.root(strict=True)):
        changes.append("README.md: the table of studies was written anew.")
    print("\n".join(changes) or "The notebooks hold the values of params.yaml.")
    return 5 if changes and options.check else 0


def _verify(options: argparse.Namespace) -> None:
    from lab import verify

    check = verify.twice if options.twice else verify.against_commit
    print(check(paths.root(strict=True), options.studies))
