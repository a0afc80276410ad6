"""A choice of the lines of :mod:`drop_in`, with the pip of this Python and with clearway; and that all are in order.

All of them are run by ``python -m tests.drop_in``, which takes minutes.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drop_in.scripts import Line, Played, Script, compare, play, possible, read_scripts, topics
from drop_in.state import Yard
from support.simulator import IndexSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPTS = read_scripts()
QUICK = [script for script in SCRIPTS if script.quick]
PIP = importlib.util.find_spec("pip")
needs_pip = pytest.mark.skipif(
    PIP is None or int(importlib.metadata.version("pip").partition(".")[0]) < 24,
    reason="there is no pip of 24 or newer to compare with",
)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """The folders of all scripts, one after the other."""
    assert PIP is not None
    assert PIP.origin is not None
    with IndexSimulator() as index:
        yield Yard(tmp_path_factory.mktemp("yard").resolve(), index, Path(PIP.origin).parent.parent)


@needs_pip
@pytest.mark.parametrize("script", QUICK, ids=[script.name for script in QUICK])
def test_a_script_runs_unchanged(yard: Yard, script: Script) -> None:
    release = importlib.metadata.version("pip")
    pips, ours = (play(yard, script, tool, release) for tool in ("pip", "clearway"))
    wrong = [
        (line.run, *compare(line, *came)) for line, *came in zip(possible(script, release), pips, ours, strict=True)
    ]
    assert [told for told in wrong if len(told) > 1] == []


def test_there_are_two_hundred_invocations() -> None:
    lines = [line.run for script in SCRIPTS for line in script.lines]
    assert len([line for line in lines if "pip" in line]) >= 200
    assert len({script.name for script in SCRIPTS}) == len(SCRIPTS)


def test_what_differs_on_purpose_is_documented() -> None:
    lines = [line for script in SCRIPTS for line in script.lines]
    assert {line.because for line in lines if line.because} <= topics()
    assert [line.run for line in lines if (line.differs or line.status) and not line.because] == []


SAID = "Collecting app\nSuccessfully installed app-2.0 base-2.0\n"
SAME = Played(0, SAID, "", {"env/app.py": "1"})


@pytest.mark.parametrize(
    ("line", "ours", "wrong"),
    [
        (Line("pip install app"), SAME, []),
        (Line("pip install app"), Played(0, "Successfully installed base-2.0 app-2.0\n", "", SAME.contents), []),
        (Line("pip install app"), Played(0, SAID.replace("app-2", "app-1"), "", SAME.contents), ["said"]),
        (Line("pip list"), Played(0, "", "", SAME.contents), ["said"]),
        (Line("pip install app"), Played(1, SAID, "", SAME.contents), ["ended with 0 and 1"]),
        (Line("pip install app"), Played(0, SAID, "", {"env/app.py": "2"}), ["env/app.py"]),
        (Line("pip install app"), Played(0, SAID, "", {}), ["env/app.py: only the first"]),
        (Line("pip install app", differs=["env/*.py"]), Played(0, SAID, "", {}), []),
        (Line("pip install app", differs=["env/*.py"], because="files"), SAME, ["env/*.py: the same, in spite of"]),
        (Line("pip install app", says=["^Collecting app$"]), SAME, []),
        (Line("pip install app", warns=["careful"]), SAME, ["pip does not warn", "clearway does not warn"]),
        (Line("pip install app", status=[0, 5]), Played(5, SAID, "", SAME.contents), []),
    ],
)
def test_what_is_compared(line: Line, ours: Played, wrong: list[str]) -> None:
    """No line is the same by accident."""
    found = list(compare(line, SAME, ours))
    assert len(found) == len(wrong)
    assert all(text in told for text, told in zip(wrong, found, strict=True))


@pytest.mark.parametrize(
    ("pips", "ours", "sound"), [(1, 1, True), (1, 6, True), (1, 2, False), (2, 1, False), (1, 0, False)]
)
def test_a_failure_is_a_failure(pips: int, ours: int, sound: bool) -> None:
    found = list(compare(Line("pip install app"), Played(pips, "", "", {}), Played(ours, "", "", {})))
    assert (found == []) is sound
