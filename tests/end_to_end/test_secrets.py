"""A secret shows up nowhere: not in what goes wrong, not in what is written. The ``world`` fixture looks everywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from support.simulator import Answer, login_page, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World


def test_the_search_finds_what_is_there(world: World) -> None:
    """Plain, percent-encoded and in base64, in a file, in a file's name and in what a run said."""
    secret = world.secret()
    assert world.leaks(secret) == []
    (world.site / "plain").write_text(f"x{secret}x")
    (world.cache / "deep").mkdir(parents=True)
    (world.cache / "deep" / "encoded").write_text(world.with_user("http://example.com", "zoe", secret))
    for shift, name in enumerate(["one", "three", "five"]):
        (world.root / name).write_text(world.basic("u" * shift, secret))
    found = world.leaks(secret)
    assert {path.rpartition("/")[2] for path in found} == {"plain", "encoded", "one", "three", "five"}
    for path in found:
        (world.root / path).unlink()


ANSWERS = {
    "server error": Answer(500),
    "forbidden": Answer(403),
    "unauthorized": Answer(401),
    "not found": Answer(404),
    "login page": login_page("Sign in"),
    "circle": redirect("/private/simple/demo/"),
    "broken": Answer(drop_after=5),
    "nonsense": Answer(body=b"\0", headers={"Content-Type": "application/vnd.pypi.simple.v1+json"}),
}


@pytest.mark.parametrize("stage", ["listing", "file"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_failures_of_a_private_index(world: World, answer: Answer, stage: str) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"zoe": secret})
    private.add(make_wheel("demo", "1.0"))
    world.index.on(answer, stage=stage)
    url = world.with_user(private.url, "zoe", secret)
    failure = world.install("demo", "--retries", "0", "-vv", "--report", "report.json", index=url)
    assert failure.status in {1, 3, 4}
    assert "zoe" not in failure.text


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("in_name", [False, True])
@pytest.mark.parametrize("how", ["text", "json", "header"])
def test_a_refusal_that_says_the_credential_back(world: World, how: str, *, plain: bool, in_name: bool) -> None:
    """Looked for by the world, in all that was said and written, when the test is over."""
    secret = world.secret(plain=plain)
    user, password = (secret, "x") if in_name else ("zoe", secret)
    said = f"no permission for {secret} or {quote(secret, '')} or {world.basic(user, password)} here"
    if not plain and how == "header":
        said = f"no permission for {quote(secret, '')} here"
    answer = {
        "text": Answer(403, said),
        "json": Answer(403, body=json.dumps({"message": said}).encode()),
        "header": Answer(403, headers={"X-Error-Message": said}),
    }[how]
    private = world.index.repository("private", users={user: password})
    for version in ("1.0", "2.0"):
        private.add(make_wheel("demo", version))
    world.index.on(answer, filename="demo-2.0-py3-none-any.whl", stage="file")
    url = world.with_user(private.url, quote(user, ""), password)
    held = world.install("demo", "-v", "--report", world.root / "report.json", index=url)
    assert held.status == 0
    assert "no permission for [secret]" in held.text
    failed = world.install("demo==2.0", "--force-reinstall", index=url)
    assert failed.status == 1
    world.index.on(answer, stage="listing")
    assert world.install("demo", "--upgrade", index=url).status == 3


MISTAKES = {
    "unknown option": ["--index-urll", "http://zoe:{}@example.com/", "demo"],
    "odd scheme": ["--index-url", "ftp://zoe:{}@example.com/", "demo"],
    "no host": ["--extra-index-url", "http://zoe:{}@/simple/", "demo"],
    "odd port": ["--find-links", "http://zoe:{}@example.com:port/", "demo"],
    "spaces": ["--index-url", "http://zoe:{} x@example.com/", "demo"],
    "query": ["--index-url", "http://zoe:{}@example.com/?x=1", "demo"],
    "source archive": ["demo @ http://zoe:{}@example.com/demo-1.0.tar.gz"],
    "archive without name": ["http://zoe:{}@example.com/demo.whl"],
    "malformed requirement": ["demo == 1.0 @ http://zoe:{}@example.com/demo-1.0-py3-none-any.whl"],
    "wrong platform": ["http://zoe:{}@example.com/demo-1.0-cp39-cp39-win_amd64.whl"],
    "version control": ["git+https://zoe:{}@example.com/demo.git"],
    "version control by ssh": ["demo @ git+ssh://zoe:{}@example.com/demo.git"],
    "nobody there": ["http://zoe:{}@127.0.0.1:9/demo-1.0-py3-none-any.whl"],
    "no such file": ["-r", "http://zoe:{}@127.0.0.1:9/list.txt"],
    "index not there": ["--index-url", "http://zoe:{}@127.0.0.1:9/", "demo"],
    "links not there": ["--no-index", "--find-links", "http://zoe:{}@127.0.0.1:9/", "demo"],
    "certificate": ["--cert", "http://zoe:{}@example.com/", "demo"],
    "choice": ["--link-mode", "http://zoe:{}@example.com/", "demo"],
    "two secrets": ["--index-url", "http://zoe:{}@x@example.com:port/", "demo"],
}


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_with_a_secret_in_them(world: World, arguments: list[str]) -> None:
    token = world.secret(plain=True)
    failure = world.install(*(argument.replace("{}", token) for argument in arguments), "--retries", "0")
    assert failure.status in {2, 3, 5}
    assert failure.error != ""


LINES = {
    "unknown option": "--index-urll http://zoe:{}@example.com/\n",
    "odd scheme": "--index-url ftp://zoe:{}@example.com/\n",
    "beside a requirement": "demo --index-url http://zoe:{}@example.com/\n",
    "open quote": "--index-url 'http://zoe:{}@example.com/\n",
    "editable": "-e git+https://zoe:{}@example.com/demo.git\n",
    "malformed requirement": "demo = 1.0 @ http://zoe:{}@example.com/demo-1.0-py3-none-any.whl\n",
    "constraint": "-c http://zoe:{}@127.0.0.1:9/limits.txt\n",
    "variable": "--index-url http://${{NAME}}:{}@example.com:port/\n",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_files_with_a_secret_in_them(world: World, line: str) -> None:
    (world.root / "given.txt").write_text(line.replace("{}", world.secret(plain=True)))
    failure = world.install("-r", "given.txt", "demo", "--retries", "0")
    assert failure.status in {2, 3}
    assert failure.error != ""


@pytest.mark.parametrize("key", ["index-url", "timeout"])
def test_configuration_with_a_secret_in_it(world: World, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """One of the two keys is there twice, the other takes a number."""
    configuration = world.root / "given.conf"
    line = f"{key} = http://zoe:{world.secret(plain=True)}@example.com\n"
    configuration.write_text("[global]\n" + line * (2 if key == "index-url" else 1))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    failure = world.clearway("install", *world.place(), "demo")
    assert failure.status == 2
    assert "given.conf, line" in failure.error


def test_a_bug_shows_no_secret(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What must not happen is told with a traceback; whatever URL an exception holds is masked there too."""
    url = world.with_user("http://example.com/simple/", "zoe", world.secret())
    monkeypatch.setattr("clearway.cli.inputs.read_inputs", lambda *_: {}[url])
    failure = world.install("demo", index=url)
    assert failure.status == 70
    assert "This is a bug of clearway" in failure.error
    assert "****@example.com" in failure.error
