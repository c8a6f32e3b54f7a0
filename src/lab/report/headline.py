"""A study's key metric beside its baseline, as words and as two bars of plain HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, TypeGuard

from lab import style

METRICS = {"mae": "MAE", "mape": "MAPE", "mase": "MASE", "mse": "MSE", "r2": "R²"}
METRICS |= {"rmse": "RMSE", "smape": "sMAPE", "crps": "CRPS"}
# Of the keys of metrics; where nothing is told, the unit in small letters.
UNIT_SUFFIXES = {"%": "_percent", "currency/MWh": "_per_mwh"}
THOUSAND = 1000
# Words of metrics of which less, or more, is better.
LESS = {"mae", "mape", "mase", "mse", "rmse", "smape", "crps", "area", "lost", "cost", "objective"}
MORE = {"f1", "r2", "explained", "welfare", "share", "saving", "gain"}


def metric_name(metric: str, unit: str) -> str:
    """Return a metric's name for readers, without the unit that its key carries.

    Examples
    --------
    >>> metric_name("mape_percent", "%")
    'MAPE'
    >>> metric_name("mae_kwh", "kWh")
    'MAE'
    >>> metric_name("mae_usd_per_mwh", "USD/MWh")
    'MAE'
    >>> metric_name("missing_share", "")
    'Missing share'
    """
    name = metric.removesuffix(UNIT_SUFFIXES.get(unit, f"_{unit.lower().replace('/', '_per_')}"))
    words = [METRICS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if words[0] == name.split("_")[0] else text


def number(value: float, unit: str = "") -> str:
    """Return a number with at most four significant digits and its unit.

    Examples
    --------
    >>> number(4.0234567, "%")
    '4.023 %'
    >>> number(56825.71, "EUR")
    '56,826 EUR'
    """
    text = f"{value:,.0f}" if abs(value) >= THOUSAND else f"{value:.4g}"
    return f"{text} {unit}".strip()


def side_by_side(values: Sequence[float], unit: str = "") -> list[str]:
    """Return numbers that stand beside each other with equally many decimals.

    Examples
    --------
    >>> side_by_side([37.302, 36.24], "%")
    ['37.30 %', '36.24 %']
    """
    texts = [number(value) for value in values]
    if "e" in "".join(texts) or max(map(abs, values)) >= THOUSAND:
        return [number(value, unit) for value in values]
    decimals = max(len(text.partition(".")[2]) for text in texts)
    return [f"{value:.{decimals}f} {unit}".strip() for value in values]


def better(metric: str) -> str:
    """Return "less" or "more": what is better of a metric; "" where its name does not tell.

    Examples
    --------
    >>> better("mae_usd_per_mwh"), better("saving_percent"), better("figures")
    ('less', 'more', '')
    """
    words = set(metric.split("_"))
    return "less" if words & LESS else "more" if words & MORE else ""


def comparison(headline: Mapping[str, Any]) -> str:
    """Return the key metric against its baseline as HTML, "" where there is no number.

    Parameters
    ----------
    headline : mapping
        The `headline` of a metrics file: model, metric, value, unit, baseline and
        baseline_value. Bars are drawn where both numbers are 0 or more.
    """
    value, baseline = headline.get("value"), headline.get("baseline_value")
    if not _is_number(value):
        return ""
    unit = str(headline.get("unit") or "")
    pairs = [(str(headline.get("model") or "this study"), value)]
    if _is_number(baseline):
        pairs.append((str(headline.get("baseline") or "baseline"), baseline))
    longest = max(each for _, each in pairs)
    drawn = len(pairs) > 1 and min(each for _, each in pairs) >= 0 and longest > 0
    texts = side_by_side([each for _, each in pairs], unit)
    rows = "".join(
        _row(label, text, each / longest if drawn else None, "base" if i else "result")
        for i, ((label, each), text) in enumerate(zip(pairs, texts, strict=True))
    )
    metric = str(headline.get("metric") or "")
    name, good = escape(metric_name(metric, unit)), better(metric) if len(pairs) > 1 else ""
    name += f" · {good} is better" if good else ""
    return f'<div class="lab-compare"><p class="lab-metric">{name}</p>{rows}</div>'


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _row(label: str, text: str, share: float | None, kind: str) -> str:
    """Return one line: label, bar (0 to 1 of the longest) and number."""
    name = escape(style.label(label))
    bar = ""
    if share is not None:
        bar = f'<span class="lab-fill" style="width: {100 * share:.1f}%"></span>'
    return (
        f'<div class="lab-row lab-{kind}"><span class="lab-label">{name}</span>'
        f'<span class="lab-track" aria-hidden="true">{bar}</span>'
        f'<strong class="lab-number">{escape(text)}</strong></div>'
    )
