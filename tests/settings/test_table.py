"""The option table, and the page that follows from it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from clearway.policy.rules import Rules
from clearway.settings.documentation import render_options
from clearway.settings.option import COMMANDS, Option
from clearway.settings.settings import Settings
from clearway.settings.table import TABLE, options_for
from clearway.settings.values import Level, Statement, read_value


def test_the_reference_page_is_what_the_table_renders() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "options.md"
    assert page.read_text(encoding="utf-8") == render_options(), "render it again: see render_options()"


def test_no_two_options_are_spelled_alike() -> None:
    for command in COMMANDS:
        spellings = [flag for option in options_for(command) for flag in option.flags]
        assert len(spellings) == len(set(spellings))


def test_options_of_one_name_are_of_different_commands_and_in_no_file() -> None:
    for option in TABLE:
        alike = [other for other in TABLE if set(other.names) & set(option.names)]
        assert len(alike) == 1 or all(other.files == "none" for other in alike)
        assert len(alike) == len({other.field for other in alike})
        assert option.sets is None or [row.name for row in TABLE].count(option.sets[0]) == 1


def test_every_field_of_the_settings_is_filled_by_an_option() -> None:
    fields = {field.name for field in msgspec.structs.fields(Settings)} - {"sources", "rules", "indexes"}
    filling = [option for option in TABLE if not (option.per_index or option.inert)]
    assert fields == {option.field for option in filling}


def test_every_rule_of_an_index_is_an_option() -> None:
    rules = {field.name for field in msgspec.structs.fields(Rules)}
    assert {option.field for option in TABLE if option.per_index} == {*rules, "policed"}


FOLLOW = frozenset({"jobs", "resume-retries"})
"""Options whose value follows from something else where nobody gives one: words tell from what."""


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_the_defaults_that_are_told_are_those_of_the_settings(option: Option) -> None:
    if option.name in FOLLOW:
        assert option.default
        assert not getattr(Settings(), option.field)
    elif option.kind in {"choice", "whole", "wait", "age", "statuses"}:
        told = read_value(Statement(option, option.default, "", Level.FLAG))
        assert told == getattr(Rules() if option.per_index else Settings(), option.field)


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_every_option_is_described_and_taken_by_a_command(option: Option) -> None:
    assert option.help.endswith(".")
    assert option.commands
    assert set(option.commands) <= set(COMMANDS)
    assert (option.kind == "choice") == bool(option.choices) or option.inert
    assert option.kind == "statuses" or not option.excluded
    assert (option.kind in {"flag", "count", "choice"}) == (not option.metavar)


def test_commands_take_their_own_options() -> None:
    assert {"index-url", "requirement", "verbose"} <= {option.name for option in options_for("install")}
    assert {option.name for option in options_for("cache") if not option.is_general} == {"format"}
    assert {"cache-dir", "timeout", "verbose", "isolated"} <= {option.name for option in TABLE if option.is_general}
    assert "yes" in {option.name for option in options_for("uninstall")}
