"""The model year of position 10: a code that repeats every thirty years (49 CFR 565.15, table VII)."""

from __future__ import annotations

from typing import Final

YEAR_POSITION: Final = 10
CYCLE: Final = 30
FIRST_YEAR: Final = 1980
CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"


def candidate_years(vin: str, *, this_year: int, decade_rule: bool) -> tuple[int, ...]:
    """Model years that position 10 can mean, the latest first; none later than `this_year` + 1, none before 1980.

    `decade_rule` says that position 7 chooses between the cycles, as it does for North American light vehicles only:
    a digit is 1980–2009, a letter 2010–2039. Where that leaves a year still to come, the rule was not followed and
    the other years stand. Empty for a VIN that ends before position 10 or holds no year code there.
    """
    code = vin[YEAR_POSITION - 1 : YEAR_POSITION]
    if not code or code not in CODES:
        return ()
    first = FIRST_YEAR + CODES.index(code)
    years = tuple(year for year in range(first, this_year + 2, CYCLE))[::-1]
    if not decade_rule:
        return years
    early = vin[6].isdigit()
    ruled = tuple(year for year in years if (year < FIRST_YEAR + CYCLE) is early)
    return ruled or years
