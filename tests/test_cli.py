import subprocess
import sys
import time

import pytest

from lab import cli

VERBS = ["run", "list", "fetch", "sync", "verify"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb_has_an_example_and_the_exit_codes(verb, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([verb, "--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    assert f"example:\n  lab {verb}" in text
    assert "exit codes:" in text


def test_run_prints_where_the_report_is(project, capsys):
    assert cli.main(["run", "tiny"]) == 0
    assert "report: reports/tiny.html" in capsys.readouterr().out


def test_an_experiment_says_that_it_went_to_scratch(project, capsys):
    assert cli.main(["run", "tiny", "-p", "rows=4"]) == 0
    assert "report: .lab/scratch/tiny/reports/tiny.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["run", "nothing"], 2, "Unknown study 'nothing'", id="study"),
        pytest.param(["run", "tiny", "-p", "x=1"], 2, "Unknown parameter 'x'", id="parameter"),
        pytest.param(["verify", "nothing"], 2, "Unknown study", id="verify"),
        pytest.param(["fetch", "nothing"], 2, "nothing", id="fetch"),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_code(project, capsys, arguments, code, says):
    assert cli.main(arguments) == code
    error = capsys.readouterr().err
    assert error.startswith("lab: ")
    assert says in error
    assert "Traceback" not in error


def test_an_unknown_verb_is_refused_with_the_allowed_ones(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["dance"])
    assert stop.value.code == 2
    assert "run, list, fetch, sync, verify" in capsys.readouterr().err.replace("'", "")


def test_sync_reports_then_writes(project, capsys):
    path = project / "params.yaml"
    path.write_text(path.read_text("utf-8").replace("rows: 3", "rows: 8"), "utf-8")
    assert cli.main(["sync", "--check"]) == 5
    assert cli.main(["sync"]) == 0
    assert cli.main(["sync", "--check"]) == 0
    assert "rows = 8" in (project / "notebooks" / "tiny.ipynb").read_text("utf-8")
    assert capsys.readouterr().out


def test_importing_lab_is_quick():
    code = "import time; t = time.perf_counter(); import lab; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            for _ in range(3)]  # fmt: skip
    assert min(float(run.stdout) for run in runs) < 0.3


def test_the_command_line_itself_imports_nothing_heavy():
    code = (
        "import sys, lab.cli; print([m for m in ('pandas', 'nbformat', 'dvc') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_help_answers_at_once():
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "lab", "--help"], check=True, capture_output=True)
    assert time.perf_counter() - begin < 2
