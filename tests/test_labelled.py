"""The labelled set holds, and what is read is at least as right as it ever was."""

from __future__ import annotations

import pytest

from benchmarks import statements
from benchmarks.labelled import faults


def test_every_label_is_where_it_says_and_says_what_it_may() -> None:
    assert faults() == []


@pytest.mark.parametrize("place", statements.floors())
def test_no_score_falls_below_its_floor(place: str) -> None:
    language, part = place.split()
    reached = statements.scores(language, part).floors()
    fallen = {
        name: (reached.get(name), floor)
        for name, floor in statements.floors()[place].items()
        if reached.get(name, 0.0) < floor
    }
    assert fallen == {}
