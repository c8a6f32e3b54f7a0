import hashlib
import json
import threading
from pathlib import Path

import pytest

from lab import notebooks
from lab.errors import BusyError, LabError, UsageError
from lab.runner import run
from lab.runner.run import StudyError
from lab.runner.study import find, names
from lab.runner.workspace import is_running, locked

OUTPUTS = ["data/clean/tiny.parquet", "reports/metrics/tiny.json", "reports/tiny.html"]


def hashes(folder: Path) -> dict[str, str]:
    return {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in OUTPUTS}


def test_a_run_publishes_exactly_the_declared_outputs(project, metrics):
    result = run("tiny")
    assert result.files == OUTPUTS
    assert metrics()["headline"]["sentence"] == "The table has 3 rows."
    report = result.report.read_text(encoding="utf-8")
    assert "How many rows" in report
    assert "The table has 3 rows." in report
    assert not (project / ".lab" / "run" / "tiny").exists()


def test_two_runs_give_the_same_bytes(project):
    run("tiny")
    first = hashes(project)
    run("tiny")
    assert hashes(project) == first


def test_an_experiment_writes_to_scratch_only(project):
    run("tiny")
    before = hashes(project)
    result = run("tiny", ["rows=5"])
    assert hashes(project) == before
    assert result.folder == project / ".lab" / "scratch" / "tiny"
    scratch = json.loads((result.folder / "reports/metrics/tiny.json").read_text(encoding="utf-8"))
    assert scratch["headline"]["value"] == 5


def test_a_failing_cell_leaves_outputs_and_a_half_report(project, rewrite):
    run("tiny")
    before = hashes(project)
    rewrite("done = rows + 1", "wrong_name\n1")
    with pytest.raises(StudyError) as error:
        run("tiny")
    assert "in cell 4 (wrong_name): NameError: name 'wrong_name' is not defined" in str(error.value)
    assert hashes(project) == before
    half = (project / ".lab" / "failed" / "tiny.html").read_text(encoding="utf-8")
    assert "wrong_name" in half
    assert "NameError" in half


def test_a_success_removes_the_failed_report(project, rewrite):
    failed = project / ".lab" / "failed" / "tiny.html"
    failed.parent.mkdir(parents=True)
    failed.write_text("old", encoding="utf-8")
    run("tiny")
    assert not failed.exists()


def test_a_kernel_that_dies_is_one_sentence(project, rewrite):
    rewrite("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(StudyError, match="DeadKernelError: the kernel's process ended"):
        run("tiny")


def test_an_output_that_was_not_written_is_a_failure(project, rewrite):
    rewrite("rows")
    with pytest.raises(LabError, match=r"declares data/clean/tiny.parquet, reports/metrics/tiny"):
        run("tiny")
    assert not (project / "reports").exists()
    assert (project / ".lab" / "failed" / "tiny.html").is_file()


def test_without_a_stage_nothing_outside_scratch_is_touched(project, rewrite):
    (project / "dvc.yaml").unlink()
    rewrite("from lab import paths\npaths.output('params.yaml').write_text('mine')")
    result = run("tiny")
    assert result.folder == project / ".lab" / "scratch" / "tiny"
    assert "compute" in (project / "params.yaml").read_text(encoding="utf-8")


def test_one_of_our_errors_keeps_its_exit_code(project, rewrite):
    rewrite("from lab.errors import DataError\nraise DataError('A file is damaged.')")
    with pytest.raises(StudyError, match=r"DataError: A file is damaged.") as error:
        run("tiny")
    assert error.value.exit_code == 3


def test_an_experiment_leaves_a_failed_report_alone(project):
    failed = project / ".lab" / "failed" / "tiny.html"
    failed.parent.mkdir(parents=True)
    failed.touch()
    run("tiny", ["rows=5"])
    assert failed.is_file()


def test_a_notebook_without_kernelspec_runs(project):
    path = project / "notebooks" / "tiny.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "metadata": {}}), encoding="utf-8")
    assert run("tiny").files == OUTPUTS


def test_stderr_goes_to_a_log_and_never_into_the_report(project, rewrite):
    (project / "dvc.yaml").unlink()
    rewrite("import sys\nprint('loud', file=sys.stderr)\nprint('shown')")
    report = run("tiny").report.read_text(encoding="utf-8")
    assert "shown" in report
    assert "loud\n" not in report.replace("print(&#39;loud&#39;", "")
    assert "loud" in (project / ".lab" / "logs" / "tiny.log").read_text(encoding="utf-8")


def test_the_kernel_has_folders_of_its_own_and_fixed_conditions(project, rewrite):
    (project / "dvc.yaml").unlink()
    rewrite(
        "import os, tempfile\nfrom pathlib import Path\nfrom lab import paths\n"
        "paths.output('seen.txt').write_text('\\n'.join([str(Path.cwd()), tempfile.gettempdir(),"
        " os.environ['IPYTHONDIR'], os.environ['LAB_SEED'], os.environ['OMP_NUM_THREADS']]))"
    )
    run("tiny")
    seen = project / ".lab" / "scratch" / "tiny" / "seen.txt"
    cwd, tmp, ipython, seed, threads = seen.read_text("utf-8").splitlines()
    assert cwd == str(project)
    assert Path(tmp).is_relative_to(project / ".lab" / "run" / "tiny")
    assert Path(ipython).is_relative_to(project / ".lab" / "run" / "tiny")
    assert (seed, threads) == ("7", "1")


def test_a_wrong_parameter_starts_no_kernel(project):
    with pytest.raises(UsageError, match="Unknown parameter"):
        run("tiny", ["nothing=1"])
    assert not (project / ".lab").exists()


def test_a_missing_input_starts_no_kernel(project):
    text = (project / "dvc.yaml").read_text(encoding="utf-8")
    text = text.replace("notebooks/tiny.ipynb]", "notebooks/tiny.ipynb, data/clean/x.parquet]")
    (project / "dvc.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"tiny reads data/clean/x.parquet, which does not exist"):
        run("tiny")
    assert not (project / ".lab").exists()


def test_a_second_run_of_the_same_study_is_refused(project):
    held, free = threading.Event(), threading.Event()

    def hold():
        with locked(project, "tiny"):
            held.set()
            free.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        assert is_running(project, "tiny")
        with pytest.raises(BusyError, match="'tiny' is being run by another process"):
            run("tiny")
    finally:
        free.set()
        thread.join()
    assert not is_running(project, "tiny")


def test_folders_of_dead_runs_are_swept(project):
    dead = project / ".lab" / "run" / "other"
    dead.mkdir(parents=True)
    with locked(project, "tiny"):
        assert not dead.exists()


def test_what_a_study_states_of_itself_is_in_its_report_only(project, rewrite):
    state = 'outputs.provenance("leak guard", "None of 12 forecasts moved.")'
    body = notebooks.read(project / "notebooks/tiny.ipynb")["cells"][-1]["source"]
    rewrite("".join(body), state)
    first = run("tiny")
    assert first.files == OUTPUTS
    report = first.report.read_bytes()
    assert b'<td class="sentence">None of 12 forecasts moved.</td>' in report
    assert run("tiny").report.read_bytes() == report


def test_a_half_report_has_the_checks_made_so_far(project, rewrite):
    rewrite('from lab import outputs\noutputs.provenance("guard", "None moved.")', "wrong_name")
    with pytest.raises(StudyError):
        run("tiny")
    assert "None moved." in (project / ".lab/failed/tiny.html").read_text(encoding="utf-8")


def test_a_stage_by_name_runs_like_any_other(project, metrics):
    (project / "benchmarks").mkdir()
    (project / "dvc.yaml").rename(project / "benchmarks" / "dvc.yaml")
    assert run("tiny").files == OUTPUTS
    assert metrics()["headline"]["value"] == 3
    assert find("tiny", project).by_name
    assert names(project) == ["tiny"]


def test_a_stage_in_both_pipelines_is_refused(project):
    (project / "benchmarks").mkdir()
    text = (project / "dvc.yaml").read_text(encoding="utf-8")
    (project / "benchmarks" / "dvc.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="got 'tiny' in both"):
        run("tiny")
