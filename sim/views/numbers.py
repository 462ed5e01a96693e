"""Numbers as all views print them: probabilities, changes and errors."""

from __future__ import annotations

__all__ = ["choose_digits", "print_change", "print_error", "print_odds", "print_range"]


def choose_digits(low: float, high: float) -> int:
    """Choose the decimals of a probability in per cent by its range: none if that is a point wide, or wider.

    Examples
    --------
    >>> choose_digits(0.22, 0.44), choose_digits(0.931, 0.933), choose_digits(float("nan"), float("nan"))
    (0, 1, 1)
    """
    return 0 if high - low >= 0.01 else 1


def print_odds(share: float, digits: int = 0) -> str:
    """Print a probability in per cent, without the sign; what is not certain is never printed as 0 or 100.

    Parameters
    ----------
    share : float
        From 0 to 1; NaN is printed as a dash.
    digits : int
        Decimals.

    Returns
    -------
    str

    Examples
    --------
    >>> [print_odds(share) for share in (0.0, 0.001, 0.354, 0.9999, 1.0)]
    ['0', '<1', '35', '>99', '100']
    >>> print_odds(0.99999, digits=1), print_odds(float("nan"))
    ('>99.9', '–')
    """
    if share != share:
        return "–"
    text, step = f"{100 * share:.{digits}f}", 10.0**-digits
    if share > 0 and float(text) == 0:
        return f"<{step:g}"
    return f">{100 - step:g}" if share < 1 and float(text) == 100 else text


def print_change(points: float) -> str:
    """Print a change in percentage points with its sign.

    Parameters
    ----------
    points : float
        Percentage points.

    Returns
    -------
    str

    Examples
    --------
    >>> [print_change(points) for points in (1.25, -3.0, -0.04)]
    ['+1.2', '−3.0', '0.0']
    """
    words = f"{points:+.1f}"
    return "0.0" if words in ("+0.0", "-0.0") else words.replace("-", "−")


def print_range(low: float, high: float) -> str:
    """Print the range of a probability in per cent, with a decimal where it is narrow; nothing where there is none.

    Examples
    --------
    >>> print_range(0.221, 0.437), print_range(0.0004, 0.02), print_range(0.931, 0.933), print_range(float("nan"), 1.0)
    ('22–44', '<1–2', '93.1–93.3', '')
    """
    if low != low or high != high:
        return ""
    digits = choose_digits(low, high)
    ends = print_odds(low, digits), print_odds(high, digits)
    return ends[0] if ends[0] == ends[1] else "–".join(ends)


def print_error(error: float, digits: int = 1) -> str:
    """Print an error of a probability in percentage points; one too small to print is said to be below that.

    Parameters
    ----------
    error : float
        As a share; NaN is printed as a dash.
    digits : int
        Decimals.

    Returns
    -------
    str

    Examples
    --------
    >>> [print_error(error, digits=2) for error in (0.0651, 0.00001, float("nan"))]
    ['6.51', '<0.01', '–']
    """
    if error != error:
        return "–"
    return f"{100 * error:.{digits}f}" if 100 * error >= 0.5 * 10.0**-digits else f"<{10.0**-digits:g}"
