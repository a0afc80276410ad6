"""No secret anywhere: whatever it is made of, wherever it was given, whatever a server does with it (DESIGN 4.7).

Each secret holds a core of letters and digits that is nowhere else. Searched for it are all output, every file that was
written (environment, cache, reports) and the arguments of every program that was started: as it is, which is how it
stands in any percent-encoding and escaping as well, and in base64.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from end_to_end.world import check_failure, encoded
from support.simulator import Answer, Pattern, login_page, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from end_to_end.world import World
    from support.keyrings import FakeKeyring
    from support.repository import Repository

PREFIX = "CLEARWAY_INDEX_CORP_"
_NUMBERS = count(1)


class Case(NamedTuple):
    """A secret on its way: what it is, how it is given, to whom, and what is done with it there."""

    user: str
    secret: str
    source: str
    command: str
    answer: str
    stage: str


class Given(NamedTuple):
    """How a run is told the secret: options and operands, and variables."""

    options: list[object]
    variables: dict[str, str]


letters = st.one_of(
    st.sampled_from("%@:/?#[]!$&'()*+,;= \"\\~\t\r\n<>{}|^`.-_"),
    st.characters(codec="utf-8", exclude_characters="\0"),
)
ends = st.text(letters, max_size=6)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    core = hashlib.blake2s(draw(st.binary(min_size=4, max_size=4)), digest_size=8).hexdigest()
    secret = f"{draw(ends)}{core}q{draw(ends)}"
    user = draw(st.sampled_from(["zoe", "", "a@b:c", "__token__"]))
    if draw(st.booleans()) and draw(st.booleans()):  # a token in the user name's place
        user, secret = secret, draw(st.sampled_from(["", "x", "x-oauth-basic"]))
    return Case(
        user,
        secret,
        draw(st.sampled_from(sorted(SOURCES))),
        draw(st.sampled_from(sorted(COMMANDS))),
        draw(st.sampled_from(sorted(ANSWERS))),
        draw(st.sampled_from(["listing", "file", "sidecar", "root"])),
    )


# -- where it is given -------------------------------------------------------------------------------------------------


def _url(case: Case, url: str) -> str:
    return url.replace("://", f"://{quote(case.user, '')}:{quote(case.secret, '')}@", 1)


def _table(root: Path, url: str, *lines: str) -> dict[str, str]:
    path = root / "given.toml"
    text = "\n".join(["[[index]]", 'name = "corp"', f"url = {toml(url)}", "default = true", *lines, ""])
    path.write_text(text, encoding="utf-8")
    return {"CLEARWAY_CONFIG_FILE": str(path), "PIP_INDEX_URL": ""}


def toml(text: str) -> str:
    """Return a basic string of TOML, every character escaped."""
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


def _by_flag(case: Case, root: Path, url: str) -> Given:
    return Given(["--index-url", _url(case, url)], {})


def _by_variable(case: Case, root: Path, url: str) -> Given:
    return Given([], {"PIP_INDEX_URL": _url(case, url)})


def _by_file(case: Case, root: Path, url: str) -> Given:
    info = "${WHO}:${SECRET}" if case.user and case.secret else "${WHO}:" if case.user else ":${SECRET}"  # not empty
    (root / "given.txt").write_text(f"--index-url {url.replace('://', f'://{info}@', 1)}\n")
    variables = {"WHO": quote(case.user, ""), "SECRET": quote(case.secret, "")}
    return Given(["-r", root / "given.txt"], variables)


def _by_pip_conf(case: Case, root: Path, url: str) -> Given:
    (root / "given.conf").write_text(f"[global]\nindex-url = {_url(case, url)}\n")
    return Given([], {"PIP_CONFIG_FILE": str(root / "given.conf"), "PIP_INDEX_URL": ""})


def _by_table(case: Case, root: Path, url: str) -> Given:
    return Given([], _table(root, _url(case, url)))


def _by_name(case: Case, root: Path, url: str) -> Given:
    said = {f"{PREFIX}USERNAME": case.user, f"{PREFIX}PASSWORD": case.secret}
    return Given([], {**_table(root, url), **said})


def _by_token(case: Case, root: Path, url: str) -> Given:
    return Given([], {**_table(root, url), f"{PREFIX}TOKEN": _token(case)})


def _by_command(case: Case, root: Path, url: str) -> Given:
    words = _program(root, "get", f"sys.stdout.buffer.write({case.secret.encode()!r})")
    return Given([], _table(root, url, f"username = {toml(_user(case))}", f"password-command = {words}"))


def _by_helper(case: Case, root: Path, url: str) -> Given:
    said = json.dumps({"username": case.user, "password": case.secret})
    return Given([], _table(root, url, f"credential-helper = {_program(root, 'help', f'print({said!r})')}"))


def _by_netrc(case: Case, root: Path, url: str) -> Given:
    words = [re.sub(r'(["\\])', r"\\\1", word) for word in (case.user, case.secret)]
    path = root / "given.netrc"
    line = f'machine {urlsplit(url).netloc} login "{words[0]}" password "{words[1]}"'
    path.write_text(f"{line}\n", encoding="utf-8")
    path.chmod(0o600)
    return Given(["--index-url", url], {"NETRC": str(path)})


def _by_keyring(case: Case, root: Path, url: str) -> Given:
    state = {"kept": {url: {_user(case): case.secret}}, "asked": [], "words": [], "broken": ""}
    (root / "given-keyring.json").write_text(json.dumps(state))
    return Given(["--keyring-provider", "subprocess"], _table(root, url, "keyring = true"))


def _by_links(case: Case, root: Path, url: str) -> Given:
    return Given(["--no-index", "--find-links", _url(case, f"{url}demo/")], {})


def _by_direct_url(case: Case, root: Path, url: str) -> Given:
    wheel = url.replace("/simple/", "/files/demo/demo-2.0-py3-none-any.whl")
    return Given(["--index-url", url, f"demo @ {_url(case, wheel)}"], {})


def _by_remote_file(case: Case, root: Path, url: str) -> Given:
    return Given(["--index-url", url, "-r", _url(case, f"{url}demo/")], {})


def _by_proxy(case: Case, root: Path, url: str) -> Given:
    return Given(["--index-url", url], {"http_proxy": _url(case, url.rpartition("/corp")[0]), "no_proxy": ""})


def _program(root: Path, name: str, text: str) -> str:
    path = root / f"given-{name}.py"
    path.write_text(f"import sys\n{text}\n", encoding="utf-8")
    return json.dumps([sys.executable, "-S", str(path)])


SOURCES: dict[str, Callable[[Case, Path, str], Given]] = {
    "flag": _by_flag,
    "variable": _by_variable,
    "requirement file": _by_file,
    "pip.conf": _by_pip_conf,
    "table": _by_table,
    "variables of the name": _by_name,
    "token of the name": _by_token,
    "password-command": _by_command,
    "credential-helper": _by_helper,
    "netrc": _by_netrc,
    "keyring": _by_keyring,
    "links": _by_links,
    "proxy": _by_proxy,
    "direct URL": _by_direct_url,
    "remote file": _by_remote_file,
}

# -- what is done with it ----------------------------------------------------------------------------------------------

COMMANDS: dict[str, list[object]] = {
    "install": ["install", "-vv", "--report", "report.json", "demo"],
    "install again": ["install", "--force-reinstall", "--no-cache-dir", "demo"],
    "dry run": ["install", "--dry-run", "--upgrade", "--report", "-", "demo"],
    "why": ["why", "demo"],
    "why --json": ["why", "--json", "demo"],
    "index list": ["index", "list"],
    "index check": ["index", "check", "--json"],
    "index versions": ["index", "versions", "demo"],
    "list": ["list", "--outdated"],
}


def spellings(case: Case) -> str:
    """Return how servers write a credential in their error pages: as sent, decoded, escaped for whatever they write."""
    token = _token(case)
    forms = [
        token,
        quote(token, ""),
        quote(token),
        quote_plus(token),
        _in_lower_case(quote(token, "")),
        html.escape(token),
    ]
    forms += [json.dumps(token), repr(token)]
    if case.source != "token of the name":
        pair = f"{_user(case)}:{case.secret}".encode()
        sent = base64.b64encode(pair).decode()
        forms += [sent, quote(sent, ""), base64.urlsafe_b64encode(pair).decode()]
    return "; ".join(["No access with Authorization: Basic", *forms])


def _in_lower_case(text: str) -> str:
    """Return percent-encoded text with its escapes in lower case."""
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def _user(case: Case) -> str:
    """Return the user name that is sent."""
    return case.user or ("zoe" if case.source in {"password-command", "keyring"} else "")


def _header(case: Case) -> str:
    """Return what of that a header can hold."""
    return quote(spellings(case), " :;=%")


ANSWERS: dict[str, Callable[[Case, str], Answer]] = {
    "nothing": lambda case, host: Answer(),
    "401": lambda case, host: Answer(401, body=spellings(case).encode()),
    "403 text": lambda case, host: Answer(403, body=spellings(case).encode()),
    "403 json": lambda case, host: Answer(403, body=json.dumps({"message": spellings(case)}).encode()),
    "403 latin": lambda case, host: Answer(403, body=spellings(case).encode("latin-1", "replace")),
    "403 header": lambda case, host: Answer(403, headers={"X-Error-Message": _header(case)}),
    "403 phrase": lambda case, host: Answer(403, _header(case)),
    "403 page": lambda case, host: Answer(
        403, body=login_page(html.escape(spellings(case))).body, headers={"Content-Type": "text/html"}
    ),
    "404": lambda case, host: Answer(404, body=spellings(case).encode()),
    "418": lambda case, host: Answer(418, body=spellings(case).encode()),
    "500": lambda case, host: Answer(500, body=spellings(case).encode()),
    "later": lambda case, host: Answer(503, headers={"Retry-After": "999999"}, body=spellings(case).encode()),
    "login": lambda case, host: login_page(html.escape(spellings(case))),
    "odd type": lambda case, host: Answer(body=b"?", headers={"Content-Type": _header(case)}),
    "broken json": lambda case, host: Answer(body=json.dumps({"meta": spellings(case)}).encode()),
    "broken": lambda case, host: Answer(drop_after=5),
    "redirect, query": lambda case, host: redirect(f"{host}/gone?token={quote(_token(case), '')}"),
    "redirect, path": lambda case, host: redirect(f"{host}/gone/{quote(_token(case), '')}/"),
    "redirect, here": lambda case, host: redirect(f"/gone/{quote(_token(case), '')}/"),
    "redirect, user": lambda case, host: redirect(_url(case, f"{host}/gone/")),
    "redirect, odd": lambda case, host: redirect(f"ftp://{quote(_token(case), '')}/gone/"),
}


class Started(list[str]):
    """The arguments of every program that was started."""

    def __repr__(self) -> str:
        return f"{len(self)} words"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The arguments of every program that is started."""
    words = Started()

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, arguments: Any, *rest: Any, **options: Any) -> None:
            words.extend(map(str, [arguments] if isinstance(arguments, str) else arguments))
            super().__init__(arguments, *rest, **options)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    return words


def _published(world: World, case: Case) -> Repository:
    """Return an index that lets nobody in but this user, with one release that is fine below one that may not be."""
    corp = world.index.repository(f"corp{next(_NUMBERS)}", users={_user(case): case.secret})
    corp.add(make_wheel("demo", "1.0"))
    corp.add(make_wheel("demo", "2.0"))
    answer = ANSWERS[case.answer](case, world.index.other_host)
    gone = f"/gone/{quote(_token(case), '')}/"
    world.index.on(Answer(403), path=gone)
    pattern = Pattern(repository=corp.name, stage=case.stage, authorized=True)
    if case.stage in {"file", "sidecar"}:
        pattern["filename"] = "demo-2.0-py3-none-any.whl"
    world.index.on(answer, **pattern)
    return corp


HARD = "%2F@:/?#%\n é\"'<&>\\0123456789abcdefq&=+"


@given(cases())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(Case("zoe", HARD, "flag", "install", "403 text", "file"))
@example(Case("zoe", HARD, "flag", "why --json", "403 json", "file"))
@example(Case("zoe", HARD, "table", "dry run", "403 page", "file"))
@example(Case("zoe", HARD, "flag", "index check", "403 header", "root"))
@example(Case("zoe", HARD, "netrc", "install", "redirect, path", "listing"))
@example(Case("zoe", HARD, "flag", "install", "login", "listing"))
@example(Case("zoe", HARD, "flag", "install", "odd type", "listing"))
@example(Case("zoe", HARD, "flag", "why", "redirect, odd", "file"))
@example(Case("zoe", HARD, "links", "install", "login", "listing"))
@example(Case(HARD, "", "flag", "install", "401", "listing"))
@example(Case(HARD, "x-oauth-basic", "variable", "install", "403 text", "file"))
def test_no_secret_is_told_or_written(
    world: World,
    keyring: FakeKeyring,
    started: Started,
    case: Case,
) -> None:
    event(case.answer)
    world.index.clear()
    world.forget()
    corp = _published(world, case)
    given = SOURCES[case.source](case, world.root, corp.url)
    words = COMMANDS[case.command]
    options = given.options if words[0] not in {"index", "list"} else [one for one in given.options if one != "-r"]
    with patch.dict(os.environ, given.variables):
        done = world.clearway(*words, *world.place(), "--retries", "0", "--no-input", *options)
    event(f"{case.command}: {done.status}")
    assert "Traceback" not in done.text, done.text
    core = _core(case)
    assert world.leaks(core) == [], done.text
    assert not any(form in word.encode() for word in started for form in (core.encode(), *encoded(core)))


def _token(case: Case) -> str:
    """Return what is secret: the password, or the token that stands in the user name's place."""
    return case.secret if len(case.secret) > len("x-oauth-basic") else case.user


def _core(case: Case) -> str:
    token = _token(case)
    start = token.find("q", 16)
    return token[start - 16 : start]


def test_bytes_that_are_no_text(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable may hold any bytes: they are sent as they are."""
    corp = world.index.repository("corp", users={"zoe": "never"})
    corp.add(make_wheel("demo", "1.0"))
    for name, value in _table(world.root, corp.url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(f"{PREFIX}USERNAME", "zoe")
    monkeypatch.setenv(f"{PREFIX}PASSWORD", os.fsdecode(b"0123456789abcdefq\xff"))
    done = world.clearway("install", *world.place(), "--no-input", "demo")
    check_failure(done, 3, [f"the credential from {PREFIX}PASSWORD was not accepted"])
    (seen,) = world.index.seen(repository="corp", project="demo")
    assert base64.b64decode(seen.headers["authorization"].partition(" ")[2]) == b"zoe:0123456789abcdefq\xff"
    assert world.leaks("0123456789abcdefq") == []
