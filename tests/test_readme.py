import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab import data, readme
from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast import demand, saving
from lab.forecast.intervals import Calibration
from lab.forecast.naive import Naive
from lab.forecast.published import Recipe, publish
from lab.runner import run
from lab.runner.study import find, names

ROOT = Path(__file__).resolve().parents[1]


def test_a_study_without_result_shows_its_question(project):
    assert readme.table(project).splitlines()[2] == (
        "| `tiny` | How many rows does a table of a few rows have? |  |"
    )


def test_the_computed_sentence_is_written_between_the_marks(project):
    path = project / "README.md"
    path.write_text(f"# A\n\n{readme.BEGIN}\nold\n{readme.END}\n\nend\n", encoding="utf-8")
    run("tiny")
    assert readme.update(project)
    assert not readme.update(project)
    text = path.read_text(encoding="utf-8")
    assert "| The table has 3 rows. |" in text
    assert "old" not in text
    assert text.startswith("# A\n\n<!--")
    assert text.endswith("-->\n\nend\n")


def test_a_study_with_a_matrix_shows_the_sentence_of_each_variant_that_ran(parts):
    def shown() -> str:
        (row,) = [row for row in readme.table(parts).splitlines() if "`parts`" in row]
        return row

    assert shown() == "| `parts` *by name* | What is their sum? |  |"
    run("parts", ["part=BB"])
    assert shown().endswith("| BB sums to 7. |")
    run("parts", ["part=AA"])
    assert shown().endswith("| AA sums to 3. BB sums to 7. |")


def test_without_marks_nothing_is_written(project):
    (project / "README.md").write_text("# A\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"README.md must hold the lines"):
        readme.update(project)


def test_a_project_without_readme_is_left_alone(project):
    assert readme.update(project) is False


def test_the_committed_readme_holds_the_committed_headlines(tmp_path):
    """Both as git's HEAD holds them: a run may have moved the working tree's metrics."""
    studies = [find(name, ROOT) for name in names(ROOT) if name != "index"]
    held = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    studies = [variant for study in studies for variant in study.variants]
    missing = [s.label for s in studies if s.metrics not in held and not s.by_name]
    assert missing == [], "only a study by name may not have run yet"
    paths = ["README.md", *[s.metrics for s in studies if s.metrics in held]]
    for path in paths:
        shown = subprocess.run(
            ["git", "show", f"HEAD:{path}"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(shown.stdout, encoding="utf-8")
    for name in ("notebooks", "dvc.yaml", "benchmarks", "params.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    assert readme.table(tmp_path) in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_readme_forecasts_with_a_saved_combination(tmp_path):
    """Its code as it stands, but for the file: a combination of two rules, published here."""
    raw, place = data.load("vic_demand"), ("Australia/Melbourne", "AU", "VIC")
    table = demand.day_table(raw, place[0], demand.holiday_dates(raw, *place))
    period = Backtest(table, "2014-11-01", str(table.dates[-1]))
    rules = [Naive("yesterday"), Naive("last_week")]
    past = [period.run(rule).forecasts for rule in rules]
    last = period.last - period.first
    recipe = Recipe(Calibration(min_days=20, window_days=30))
    made = publish(rules, past, period.actual(), recipe, issue=last)
    saving.save(made, tmp_path / "combination.zip")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code, _ = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert "models/demand_forecast/combination.zip" in code
    told: dict[str, object] = {}
    exec(code.replace("models/demand_forecast", tmp_path.as_posix()), told)
    forecast = np.asarray(told["forecast"])
    of_day = past[0].day == last
    middle = (past[0].median[of_day] + past[1].median[of_day]) / 2
    assert forecast[:48, made.levels.index(0.5)] == pytest.approx(middle, rel=0.05)
    assert np.isnan(forecast[48:]).all()


def test_the_readme_decides_and_proves_it(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, code = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    told: dict[str, Any] = {}
    exec(code, told)
    best = told["best"]
    assert best.violations == 0
    assert 0 < best.saving < best.nothing.cost
    assert capsys.readouterr().out == f"{best.saving:.2f} of 4.80 saved. Proven optimal.\n"
