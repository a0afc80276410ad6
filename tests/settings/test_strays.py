"""Settings that are not understood: what is warned of, what is told to who asks, what is nobody's business."""

from __future__ import annotations

import pytest

from clearway.settings.foreign import FOREIGN
from clearway.settings.ini import parse_ini
from clearway.settings.strays import Stray, find_strays
from clearway.settings.table import BY_NAME


def strays(*, pip: str = "", **environ: str) -> tuple[Stray, ...]:
    return find_strays(environ, [("/etc/pip.conf", parse_ini(pip, ""))], ["corp", "two.b"])


@pytest.mark.parametrize(
    ("variable", "says", "matters"),
    [
        ("CLEARWAY_TIMOUT", "did you mean CLEARWAY_TIMEOUT", True),
        ("CLEARWAY_INDX_URL", "did you mean CLEARWAY_INDEX_URL", True),
        ("CLEARWAY_CONFIGFILE", "did you mean CLEARWAY_CONFIG_FILE", True),
        ("CLEARWAY_XYZZY", "is no variable that clearway knows", True),
        ("CLEARWAY_INDEX_CROP_URL", "did you mean CLEARWAY_INDEX_CORP_URL", True),
        ("CLEARWAY_INDEX_ELSEWHERE_TOKEN", "is for an index that is not configured here", False),
        ("CLEARWAY_INDEX_CORP_TOKN", "is no variable that clearway knows", True),
        ("PIP_USE_DEPRECATED", "PIP_USE_DEPRECATED sets pip's use-deprecated, which is passed over: ", True),
        ("PIP_NO_CLEAN_UP", "PIP_NO_CLEAN_UP sets no-clean-up, which clearway does not have", False),
        ("PIP_NO_VERIFY", "PIP_NO_VERIFY sets pip's no-verify", False),
        ("PIP_ON_REFUSAL", "PIP_ON_REFUSAL sets on-refusal, which clearway does not have", False),
    ],
)
def test_variables(variable: str, says: str, matters: bool) -> None:
    (stray,) = strays(**{variable: "x"})
    assert says in stray.text
    assert stray.matters is matters
    assert not stray.text.endswith((".", "?"))


@pytest.mark.parametrize(
    "variable",
    [
        "CLEARWAY_TIMEOUT",
        "CLEARWAY_CONFIG_FILE",
        "CLEARWAY_ISOLATED",
        "CLEARWAY_INDEX_CORP_TOKEN",
        "CLEARWAY_INDEX_TWO_B_URL",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_CONFIG_FILE",
        "PIP_DISABLE_PIP_VERSION_CHECK",
        "PIP_VERSION",
        "PIPX_HOME",
        "PATH",
    ],
)
def test_what_is_understood_is_no_stray(variable: str) -> None:
    assert strays(**{variable: "x"}) == ()


def test_an_empty_value_says_nothing() -> None:
    assert strays(CLEARWAY_TIMOUT="", PIP_USE_DEPRECATED=" ", pip="[global]\nuse-deprecated =\n") == ()


def test_files() -> None:
    found = strays(pip="[global]\ntimeout = 3\nuse_deprecated = legacy-resolver\n[install]\nfrobnicate = 1\n")
    assert [stray.matters for stray in found] == [True, False]
    assert found[0].text.startswith("/etc/pip.conf, line 3 sets pip's use-deprecated")
    assert found[1].text.startswith("/etc/pip.conf, line 5 sets frobnicate")


def test_no_value_is_shown() -> None:
    found = strays(CLEARWAY_INDEX_CROP_TOKEN="secret", CLEARWAY_PASSWORT="secret", PIP_TOKEN="secret")
    assert len(found) == 3
    assert "secret" not in str(found)


def test_what_we_have_is_not_called_foreign() -> None:
    assert set(FOREIGN) & set(BY_NAME) == set()
    for foreign in FOREIGN.values():
        assert foreign.advice.endswith(".")
        assert not foreign.why.endswith(".")
