"""Merging: who beats whom, how lists add up, and where each value came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.errors import InputError
from clearway.model.inputs import Given, Inputs
from clearway.settings.ini import Entry, parse_ini
from clearway.settings.merge import merge
from clearway.settings.settings import Settings, with_inputs
from clearway.settings.table import TABLE

File = tuple[str, tuple[Entry, ...]]


def _file(text: str, path: str = "/etc/pip.conf") -> File:
    return path, parse_ini(text, path)


def _merge(*flags: tuple[str, str], files: tuple[File, ...] = (), command: str = "install", **environ: str) -> Settings:
    return merge(command, flags, environ, files)


def test_nothing_said_is_the_defaults() -> None:
    assert _merge() == Settings()


def test_the_order_of_the_sources() -> None:
    low = _file("[global]\ntimeout = 1\n", "/etc/pip.conf")
    high = _file("[global]\ntimeout = 2\n", "/home/pip.conf")
    section = _file("[global]\ntimeout = 4\n[install]\ntimeout = 3\n", "/etc/xdg/pip.conf")
    assert _merge(files=(low,)).timeout == 1
    assert _merge(files=(low, high)).timeout == 2
    assert _merge(files=(section, high)).timeout == 3
    assert _merge(files=(section,), PIP_TIMEOUT="5").timeout == 5
    assert _merge(files=(section,), PIP_TIMEOUT="5", CLEARWAY_TIMEOUT="6").timeout == 6
    assert _merge(("timeout", "7"), files=(section,), PIP_TIMEOUT="5", CLEARWAY_TIMEOUT="6").timeout == 7


def test_where_it_came_from() -> None:
    text = "[global]\nno-index = yes\n[install]\nindex-url = https://example.com/\n"
    settings = _merge(
        ("pre", ""), files=(_file(text),), PIP_RETRIES="1", CLEARWAY_CERT="/c.pem", SSL_CERT_FILE="/d.pem"
    )
    assert settings.sources == {
        "no-index": "/etc/pip.conf, line 2",
        "index-url": "/etc/pip.conf, line 4",
        "retries": "PIP_RETRIES",
        "cert": "CLEARWAY_CERT",
        "pre": "--pre",
    }
    assert settings.index_url == Given("https://example.com/", "/etc/pip.conf, line 4")


def test_the_section_of_another_command_says_nothing() -> None:
    assert _merge(files=(_file("[list]\npre = yes\n[uninstall]\nyes = yes\n"),)) == Settings()


def test_a_section_of_defaults_is_the_weakest() -> None:
    assert _merge(files=(_file("[DEFAULT]\nretries = 1\n"),)).retries == 1
    assert _merge(files=(_file("[DEFAULT]\nretries = 1\n[global]\nretries = 2\n"),)).retries == 2


@pytest.mark.parametrize("key", ["index-url", "index_url", "INDEX-URL", "--index-url", "pypi-url"])
def test_spellings_of_keys(key: str) -> None:
    settings = _merge(files=(_file(f"[global]\n{key} = https://example.com/\n"),))
    assert settings.index_url == Given("https://example.com/", "/etc/pip.conf, line 2")


@pytest.mark.parametrize("variable", ["PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT", "CLEARWAY_TIMEOUT"])
def test_spellings_of_variables(variable: str) -> None:
    assert _merge(**{variable: "3"}).timeout == 3


def test_what_pip_does_not_have_is_read_from_our_variables_alone() -> None:
    text = _file("[global]\nlink-mode = copy\nindex-strategy = nonsense\n")
    assert _merge(files=(text,), PIP_LINK_MODE="copy") == Settings()
    assert _merge(CLEARWAY_LINK_MODE="copy").link_mode == "copy"


def test_what_another_command_takes_is_left_alone() -> None:
    assert merge("check", [], {"PIP_PRE": "nonsense", "CLEARWAY_LINK_MODE": "nonsense"}, []) == Settings()


@pytest.mark.parametrize("text", ["", "  "])
def test_empty_values_say_nothing(text: str) -> None:
    file = _file("[global]\nindex-url =\n")
    assert _merge(files=(file,), PIP_INDEX_URL=text, PIP_EXTRA_INDEX_URL=text, PIP_PRE=text) == Settings()


def test_lists_replace_each_other_and_flags_add() -> None:
    file = _file("[global]\nextra-index-url =\n    https://a.example\n    https://b.example\n")
    assert [given.value for given in _merge(files=(file,)).extra_index_url] == [
        "https://a.example",
        "https://b.example",
    ]
    settings = _merge(
        ("extra-index-url", "https://e.example"),
        ("extra-index-url", "https://f.example/a b"),
        files=(file,),
        PIP_EXTRA_INDEX_URL="https://c.example  https://d.example",
    )
    assert settings.extra_index_url == (
        Given("https://c.example", "PIP_EXTRA_INDEX_URL"),
        Given("https://d.example", "PIP_EXTRA_INDEX_URL"),
        Given("https://e.example", "--extra-index-url"),
        Given("https://f.example/a b", "--extra-index-url"),
    )


def test_counts_add_up_from_flags() -> None:
    settings = _merge(("verbose", ""), ("verbose", ""), ("quiet", ""), PIP_VERBOSE="1", PIP_QUIET="no")
    assert (settings.verbose, settings.quiet, settings.verbosity) == (3, 1, 2)


def test_statements_about_formats_keep_their_order_over_all_sources() -> None:
    settings = _merge(
        ("only-binary", ":all:"),
        ("no-binary", "c"),
        files=(_file("[global]\nno-binary = a\n[install]\nonly-binary = b\n"),),
        PIP_NO_BINARY=":none:",
    )
    assert settings.formats == (
        ("no-binary", "a"),
        ("only-binary", "b"),
        ("no-binary", ":none:"),
        ("only-binary", ":all:"),
        ("no-binary", "c"),
    )


@pytest.mark.parametrize(("text", "value"), [("1", True), ("YES", True), ("on", True), ("0", False), ("no", False)])
def test_booleans(text: str, value: bool) -> None:
    assert _merge(PIP_PRE=text).pre is value


@pytest.mark.parametrize("text", ["1", "true", "0", "off"])
def test_any_boolean_of_pips_switches_the_cache_off(text: str) -> None:
    """pip took PIP_NO_CACHE_DIR=off for "cache off", and images were built that rely on it."""
    assert _merge(PIP_NO_CACHE_DIR=text).no_cache_dir is True
    assert _merge(files=(_file(f"[global]\nno-cache-dir = {text}\n"),)).no_cache_dir is True


def test_our_own_variables_mean_what_they_say() -> None:
    assert _merge(CLEARWAY_NO_CACHE_DIR="off").no_cache_dir is False


def test_flags_that_give_another_option_its_value() -> None:
    assert _merge(("compile", "")).compile is True
    assert _merge(("compile", ""), ("no-compile", "")).compile is False
    assert _merge(("no-compile", ""), ("compile", "")).compile is True
    assert _merge(("no-compile", ""), CLEARWAY_COMPILE="1").compile is False
    assert _merge(PIP_COMPILE="1").compile is True
    assert _merge(CLEARWAY_COMPILE="1", CLEARWAY_NO_COMPILE="0").compile is True
    settings = _merge(("no-progress", ""), PIP_PROGRESS_BAR="on")
    assert (settings.progress_bar, settings.sources["progress-bar"]) == ("off", "--no-progress")


def test_fallbacks_come_last() -> None:
    assert _merge(REQUESTS_CA_BUNDLE="/a.pem", SSL_CERT_FILE="/b.pem").cert == "/a.pem"
    assert _merge(SSL_CERT_FILE="/b.pem").cert == "/b.pem"
    assert _merge(SSL_CERT_FILE="/b.pem", files=(_file("[global]\ncert = /c.pem\n"),)).cert == "/c.pem"


@pytest.mark.parametrize("variable", ["HOME", "USERPROFILE"])
def test_the_home_folder_is_put_in(variable: str) -> None:
    settings = _merge(
        ("target", "~/t"), PIP_CACHE_DIR="~", PIP_CERT="a~/b", PIP_FIND_LINKS="~/links", **{variable: "/home/me"}
    )
    assert (settings.target, settings.cache_dir, settings.cert) == ("/home/me/t", "/home/me", "a~/b")
    assert settings.find_links == (Given("/home/me/links", "PIP_FIND_LINKS"),)


@pytest.mark.parametrize(
    ("flags", "environ", "text", "place"),
    [
        ([], {"PIP_PRE": "perhaps"}, "", "PIP_PRE is 'perhaps', but --pre takes yes or no"),
        ([], {"CLEARWAY_RETRIES": "-1"}, "", "CLEARWAY_RETRIES is '-1'"),
        ([], {"PIP_TIMEOUT": "0"}, "", "above 0"),
        ([], {"PIP_TIMEOUT": "8d"}, "", "up to 7 days"),
        ([("proof-age", "1 day")], {}, "", "--proof-age is '1 day', but --proof-age takes a duration as 90, 30m"),
        ([("refusal-status", "403,200")], {}, "", "statuses from 400 to 599"),
        ([("refusal-status", "403 401")], {}, "", "no 401: it says that the credential is wrong or missing"),
        ([("refusal-status", "404")], {}, "", "no 404: it says that the file is gone"),
        (
            [],
            {"CLEARWAY_ABSENT_STATUS": "407"},
            "",
            "CLEARWAY_ABSENT_STATUS is '407', but --absent-status takes no 407",
        ),
        ([("on-refusal", "skip")], {}, "", "one of next-version, next-file, next-file-or-sdist, fail"),
        ([("max-refusals", "-1")], {}, "", "a whole number"),
        ([], {"CLEARWAY_POLICED": "very"}, "", "--policed takes yes or no"),
        ([], {"PIP_TIMEOUT": "inf"}, "", "PIP_TIMEOUT"),
        ([], {"PIP_VERBOSE": "loud"}, "", "PIP_VERBOSE"),
        ([("link-mode", "glue")], {}, "", "--link-mode is 'glue', but --link-mode takes one of auto, clone"),
        ([], {}, "[install]\n\nretries = many\n", "/etc/pip.conf, line 3 is 'many'"),
        ([], {"PIP_NO_CACHE_DIR": "x"}, "", "PIP_NO_CACHE_DIR"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    flags: list[tuple[str, str]], environ: dict[str, str], text: str, place: str
) -> None:
    with pytest.raises(InputError) as caught:
        merge("install", flags, environ, [_file(text)])
    assert caught.value.code == "malformed-option"
    assert place in caught.value.message
    assert caught.value.hint


def test_no_error_shows_user_info() -> None:
    with pytest.raises(InputError) as caught:
        _merge(PIP_RETRIES="https://me:secret@example.com/")
    assert "secret" not in caught.value.message


NAMES = st.sampled_from([option for option in TABLE if option.kind in {"url", "path"}])


@given(NAMES, st.lists(st.sampled_from(["flag", "CLEARWAY", "PIP", "file"]), unique=True, min_size=1))
def test_the_strongest_source_wins_whatever_else_is_said(option: object, sources: list[str]) -> None:
    assert option in TABLE
    name = option.name  # type: ignore[attr-defined]
    command = option.commands[0]  # type: ignore[attr-defined]
    variable = name.replace("-", "_").upper()
    environ = {f"{source}_{variable}": source for source in sources if source.isupper()}
    files = [_file(f"[global]\n{name} = file\n")] if "file" in sources else []
    flags = [(name, "flag")] if "flag" in sources else []
    settings = merge(command, flags, environ, files)
    value = getattr(settings, name.replace("-", "_"))
    winner = next(source for source in ("flag", "CLEARWAY", "PIP", "file") if source in sources)
    assert (value.value if isinstance(value, Given) else value) == winner


def test_what_requirement_files_say_is_added() -> None:
    settings = _merge(
        ("index-url", "https://a.example"),
        ("find-links", "x"),
        ("extra-index-url", "https://b.example"),
        ("no-binary", "a"),
    )
    inputs = Inputs(
        index_url=Given("https://c.example", "-r r.txt, line 1"),
        extra_index_urls=(Given("https://d.example", "-r r.txt, line 2"),),
        find_links=(Given("y", "-r r.txt, line 3"),),
        formats=(("only-binary", "a"),),
        no_index=True,
        pre=True,
        require_hashes=True,
    )
    both = with_inputs(settings, inputs)
    assert both.index_url == inputs.index_url
    assert both.sources["index-url"] == "-r r.txt, line 1"
    assert [given.value for given in both.extra_index_url] == ["https://b.example", "https://d.example"]
    assert [given.value for given in both.find_links] == ["x", "y"]
    assert both.formats == (("no-binary", "a"), ("only-binary", "a"))
    assert (both.no_index, both.pre, both.require_hashes) == (True, True, True)


def test_requirement_files_that_say_nothing_change_nothing() -> None:
    settings = _merge(("pre", ""), ("index-url", "https://a.example"), ("no-index", ""), ("require-hashes", ""))
    assert with_inputs(settings, Inputs()) == settings
    assert with_inputs(Settings(), Inputs()) == Settings()
