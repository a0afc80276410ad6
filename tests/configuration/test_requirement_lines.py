"""The grammar of requirement files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.configuration.requirement_lines import Line, decode, parse_lines
from clearway.errors import InputError


def _lines(text: str, **environ: str) -> list[Line]:
    return list(parse_lines(text, environ, "-r file.txt"))


def _requirements(text: str, **environ: str) -> list[tuple[int, str]]:
    return [(line.number, line.requirement) for line in _lines(text, **environ)]


def _fails(text: str, code: str) -> InputError:
    with pytest.raises(InputError) as caught:
        _lines(text)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n  \n# nothing\n  # nothing\n", []),
        ("flask\n", [(1, "flask")]),
        ("  flask >= 1  # the web\r\nother", [(1, "flask >= 1"), (2, "other")]),
        ("pkg@https://example.com/a.whl#egg=pkg\n", [(1, "pkg@https://example.com/a.whl#egg=pkg")]),
        ("pkg @ https://example.com/a.whl #egg=pkg\n", [(1, "pkg @ https://example.com/a.whl")]),
        ("one \\\n  >= 1, \\\n  < 2\nthree", [(1, "one   >= 1,   < 2"), (4, "three")]),
        ("one \\\n# note\ntwo", [(1, "one"), (3, "two")]),
        ("# note \\\none", [(2, "one")]),
        ("one # note \\\ntwo\nthree", [(1, "one"), (3, "three")]),
        ("one \\", [(1, "one")]),
        ("one\\\ntwo", [(1, "onetwo")]),
        ('a ; python_version < "3.9"', [(1, 'a ; python_version < "3.9"')]),
        ("a-b==1-2", [(1, "a-b==1-2")]),
        ("a" + " " * 100_000 + "# note", [(1, "a")]),
    ],
)
def test_lines(text: str, expected: list[tuple[int, str]]) -> None:
    assert _requirements(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${NAME}==1", "flask==1"),
        ("x${NAME}${NAME}", "xflaskflask"),
        ("${name}", "${name}"),
        ("$NAME", "$NAME"),
        ("${OTHER}", "${OTHER}"),
        ("${EMPTY}", "${EMPTY}"),
        ("${TWICE}", "${NAME}"),
    ],
)
def test_variables(text: str, expected: str) -> None:
    assert _requirements(text, NAME="flask", name="no", EMPTY="", TWICE="${NAME}") == [(1, expected)]


def test_a_comment_is_cut_before_variables_are_put_in() -> None:
    assert _requirements("${NAME}", NAME="one # two") == [(1, "one # two")]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("-r other.txt", [("requirement", "other.txt")]),
        ("-rother.txt", [("requirement", "other.txt")]),
        ("--requirement=other.txt", [("requirement", "other.txt")]),
        ("-c  other.txt", [("constraint", "other.txt")]),
        ("-C a=b", [("config-settings", "a=b")]),
        ("--config-setting a=b --config-settings=c=d", [("config-settings", "a=b"), ("config-settings", "c=d")]),
        ("-i https://example.com/simple", [("index-url", "https://example.com/simple")]),
        ("--pypi-url https://example.com/simple", [("index-url", "https://example.com/simple")]),
        ("--extra-index-url=https://a.example/?a=b", [("extra-index-url", "https://a.example/?a=b")]),
        ("-f ./links --no-index --pre", [("find-links", "./links"), ("no-index", ""), ("pre", "")]),
        ("--find-links 'a folder' # note", [("find-links", "a folder")]),
        ("--only-binary :all: --no-binary=a,b", [("only-binary", ":all:"), ("no-binary", "a,b")]),
        ("--require-hashes", [("require-hashes", "")]),
        ("--prefer-binary", [("prefer-binary", "")]),
    ],
)
def test_options(text: str, options: list[tuple[str, str]]) -> None:
    assert _lines(text) == [Line(1, "", tuple(options))]


@pytest.mark.parametrize(
    ("text", "requirement", "options"),
    [
        ("-e .", ".", ()),
        ("-e.", ".", ()),
        ("-e  ./a  # note", "./a", ()),
        ("--editable=.[b]", ".[b]", ()),
        ("--editable ./a -C b=c", "./a", (("config-settings", "b=c"),)),
        ("-e './a b'[c] -C d=e", "./a b[c]", (("config-settings", "d=e"),)),
        ("-e './a b'", "./a b", ()),
        ("-e . ; os_name == 'nt'", ". ; os_name == 'nt'", ()),
        ("-e \"a @ file:///b ; os_name == 'nt'\"", "a @ file:///b ; os_name == 'nt'", ()),
        ("-e git+https://example.com/a-b@c-d#egg=e", "git+https://example.com/a-b@c-d#egg=e", ()),
    ],
)
def test_what_is_editable(text: str, requirement: str, options: tuple[tuple[str, str], ...]) -> None:
    assert _lines(text) == [Line(1, requirement, options, editable=True)]


def test_variables_that_are_not_set() -> None:
    assert [line.unset for line in _lines("${A}${B}${B}\n-e ${B}\n-f ${C}", A="a", C="")] == [("B",), ("B",), ("C",)]


def test_hashes_belong_to_their_requirement() -> None:
    text = "flask==1 ; python_version > '3' \\\n    --hash=sha256:aa \\\n    --hash sha256:bb\n"
    hashes = (("hash", "sha256:aa"), ("hash", "sha256:bb"))
    assert _lines(text) == [Line(1, "flask==1 ; python_version > '3'", hashes)]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("\n--colour\n", "unknown-option", "line 2: there is no option --colour"),
        ("--colour=red", "unknown-option", "no option --colour"),
        ("-x", "unknown-option", "no option -x"),
        ("--pre flask", "unknown-option", "no option flask"),
        ("--trusted-host example.com", "unknown-option", "trusted"),
        ("a --global-option=--quiet", "unknown-option", "setup.py mean nothing"),
        ("a --install-option=--prefix=/", "unknown-option", "setup.py mean nothing"),
        ("-e", "malformed-options", "-e needs a value"),
        ("-e 'open", "malformed-options", "No closing quotation"),
        ("--use-feature fast", "unknown-option", "Features of pip"),
        ("-r", "malformed-options", "--requirement needs a value"),
        ("--index-url=", "malformed-options", "--index-url needs a value"),
        ("--pre=yes", "malformed-options", "--pre takes no value"),
        ("-f 'open", "malformed-options", "No closing quotation"),
    ],
)
def test_bad_options_are_told_with_their_line(text: str, code: str, said: str) -> None:
    assert said in _fails(text, code).message


def test_no_error_shows_user_info() -> None:
    assert "secret" not in _fails("-i 'https://me:secret@example.com/simple", "malformed-options").message
    assert "secret" not in _fails("--pre https://me:secret@example.com/", "unknown-option").message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_byte_order_marks(encoding: str) -> None:
    assert decode("flask # grün\n".encode(encoding), "file") == "flask # grün\n"


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be", "utf-16-le", "utf-32-le"])
def test_byte_order_marks_of_either_order(encoding: str) -> None:
    assert decode("\ufeffflask # grün".encode(encoding), "file") == "flask # grün"


@pytest.mark.parametrize("start", ["# -*- coding: latin-1 -*-\n", "#!/bin/x\n# vim: set fileencoding=latin-1 :\n"])
def test_coding_lines(start: str) -> None:
    text = f"{start}flask # grün\n"
    assert decode(text.encode("latin-1"), "file") == text


def test_a_coding_line_after_the_second_does_not_count() -> None:
    text = "\n\n# coding: latin-1\n# grün"
    assert decode(text.encode(), "file") == text


def test_the_encoding_of_the_locale_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _setlocale: "cp1252")
    assert decode("# grün".encode("cp1252"), "file") == "# grün"


@pytest.mark.parametrize(
    "content", [b"# coding: none-such\n", b"# coding: ascii\n\xff", b"\xff\xfea", b"# coding: hex\n", b"\xff"]
)
def test_a_file_that_is_no_text(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _setlocale: "utf-8")
    with pytest.raises(InputError) as caught:
        decode(content, "-r file.txt")
    assert caught.value.code == "undecodable-file"
    assert caught.value.message.startswith("-r file.txt cannot be read as text: ")


@given(st.text(alphabet="ab-r= \\#'\"${}\n@/:.", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        lines = _lines(text, A="b")
    except InputError as error:
        message = error.message
    else:
        assert all(line.requirement or line.options for line in lines)
        return
    assert message.startswith("-r file.txt, line ")
