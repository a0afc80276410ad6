"""Refusals as people see them: the summary, ``-v``, ``-q``, the report, failures, exit codes and the options."""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from support.simulator import Answer
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from end_to_end.world import World

HELD = "held: not yet scanned (policy new-releases)"


def publish(world: World, releases: Mapping[str, Sequence[str]], refused: Mapping[str, int | Answer]) -> None:
    """Publish releases, ``"name version"``, with their requirements, and refuse some of them."""
    for release, requires in releases.items():
        name, version = release.split()
        wheel = make_wheel(name, version, requires=requires)
        world.index.add(wheel)
        if release in refused:
            said = refused[release]
            answer = Answer(said, HELD) if isinstance(said, int) else said
            world.index.on(answer, stage="file", filename=wheel.filename)


def plain(*releases: str) -> dict[str, Sequence[str]]:
    return dict.fromkeys(releases, ())


def summary(text: str) -> list[str]:
    """Return the lines of a summary, its seconds taken out."""
    return [re.sub(r" in \d+\.\d s", "", line) for line in text.splitlines()]


# -- what is said ------------------------------------------------------------------------------------------------------


def test_the_summary_says_what_was_held_back_and_why(world: World) -> None:
    releases = {
        "app 1.0": ["lib<2"],
        "app 2.0": ["lib>=2"],
        **plain("lib 1.0", "lib 2.0", "lib 2.1", "lost 1.0", "lost 2.0", "open 1.0"),
    }
    publish(world, releases, {"lib 2.0": 403, "lib 2.1": 403, "lost 2.0": 410})
    result = world.installed("app", "lost", "open")
    index = world.index.url
    assert summary(result.out)[-7:] == [
        "Installed 4 packages",
        "Held back by policy:",
        f'  app  2.0 -> 1.0   needs lib>=2: 403 from {index}: "{HELD}"',
        f'  lib  2.1, 2.0 -> 1.0   403 from {index}: "{HELD}"',
        "Listed, but not there:",
        f"  lost  2.0 -> 1.0   410 from {index}",
        "Successfully installed app-1.0 lib-1.0 lost-1.0 open-1.0",
    ]
    assert result.err == ""
    assert world.versions() == {"app": "1.0", "lib": "1.0", "lost": "1.0", "open": "1.0"}


def test_a_reason_phrase_that_does_not_come_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, over = threading.Event(), threading.Event()

    def phrase(*_: object) -> str:
        asked.set()
        over.wait(10)
        return "too late to be told"

    monkeypatch.setattr("clearway.commands.solving.PHRASE_PATIENCE", 0.05)
    monkeypatch.setattr("clearway.transport.fetcher.HttpFetcher.phrase", phrase)
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": Answer(403)})
    assert f"  demo  2.0 -> 1.0   403 from {world.index.url}" in world.installed("demo").out.splitlines()
    assert asked.is_set()
    over.set()


@pytest.mark.parametrize("policed", [True, False])
def test_what_lies_in_the_cache_is_asked_for_before_nothing_is_said_to_come(world: World, *, policed: bool) -> None:
    names = ("a", "b", "c")
    world.index.default.cache_control = "no-cache"
    publish(world, plain(*(f"{name} 1.0" for name in names)), {})
    world.installed(*names)
    assert world.clearway("uninstall", "--yes", *world.place(), *names).status == 0
    held = [f"{name} {version}.0" for name in names for version in range(2, 6)]
    publish(world, plain(*held), dict.fromkeys(held, 403))
    world.installed(*names, *(["--policed"] if policed else []))
    assert world.versions() == dict.fromkeys(names, "1.0")


@pytest.mark.parametrize("asked", [("evil", "lib"), ("lib", "evil")])
def test_what_one_index_lists_of_another_is_not_refused_there(world: World, asked: Sequence[str]) -> None:
    """Any index may list any URL; what it is refused there, without a credential, is its own affair."""
    stranger = world.index.repository("stranger")
    private = world.index.repository("private", users={"zoe": "password-of-zoe"})
    world.index.on(Answer(403), repository="private", authorized=False)
    for version in ("1.0", "2.0"):
        private.add(make_wheel("lib", version))
    lib = make_wheel("lib", "2.0")
    stranger.add(make_wheel("evil", "1.0"))
    stranger.add(make_wheel("evil", "2.0"), sidecar=False, entry={"url": private.file_url(lib)}, served=False)
    url = world.with_user(private.url, "zoe", "password-of-zoe")
    world.installed(*asked, "--extra-index-url", stranger.url, index=url)
    assert world.versions() == {"evil": "1.0", "lib": "2.0"}


def test_the_statuses_that_are_configured_are_kept_in_the_hint(world: World) -> None:
    publish(world, plain("demo 1.0"), {"demo 1.0": 422})
    world.fails(3, "demo", "--refusal-status", "451", says=["--refusal-status 451,422"])


def test_an_installation_without_refusals_says_nothing_of_them(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 1.0": 403})
    told = summary(world.installed("demo").out)
    assert told[2:] == [
        "Installing collected packages: demo",
        "Installed 1 package",
        "Successfully installed demo-2.0",
    ]


def test_many_releases_are_told_in_one_line(world: World) -> None:
    publish(
        world, plain(*(f"demo {number}.0" for number in range(1, 13))), {f"demo {one}.0": 403 for one in range(2, 13)}
    )
    (line,) = (line for line in world.installed("demo").out.splitlines() if "->" in line)
    assert line.startswith("  demo  12.0, 11.0, 10.0 ... 2.0 (11 releases) -> 1.0   403 from ")


def test_verbose_runs_tell_each_attempt(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0", "demo 3.0"), {"demo 2.0": 404, "demo 3.0": 451})
    result = world.installed("-v", "demo")
    index = world.index.url
    assert f'  demo 3.0: demo-3.0-py3-none-any.whl is refused by {index} (451: "{HELD}")' in result.text.splitlines()
    assert f"  demo 2.0: demo-2.0-py3-none-any.whl is listed by {index} but not there (404)" in result.text.splitlines()
    assert result.text.index("demo 3.0:") < result.text.index("demo 2.0:")


def test_quiet_runs_say_nothing(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": 403})
    assert world.installed("-q", "demo").text == ""
    assert world.versions() == {"demo": "1.0"}


def test_what_a_server_says_cannot_steer_the_terminal(world: World) -> None:
    evil = Answer(403, body=b"\x1b]0;owned\x07\x1b[2Jheld:\r not yet\x08 scanned \xe2\x80\xae" + b"x" * 5000)
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": evil})
    result = world.installed("-v", "demo")
    assert all(each.isprintable() or each == "\n" for each in result.text)
    assert max(map(len, result.text.splitlines())) < 400
    assert "held:" in result.out


@pytest.mark.parametrize("dry_run", [False, True], ids=["install", "dry-run"])
def test_the_report_holds_what_was_not_handed_out(world: World, *, dry_run: bool) -> None:
    releases = {"app 1.0": ["lib<2"], "app 2.0": ["lib>=2"], **plain("lib 1.0", "lib 2.0", "lib 3.0")}
    publish(world, releases, {"lib 2.0": 403, "lib 3.0": 404})
    options: list[Any] = ["--report", world.root / "report.json", *(["--dry-run"] if dry_run else [])]
    world.installed("app", *options)
    told = json.loads((world.root / "report.json").read_text())
    assert {item["metadata"]["name"]: item["metadata"]["version"] for item in told["install"]} == {
        "app": "1.0",
        "lib": "1.0",
    }
    index = world.index.url
    refused = {"kind": "refused", "status": 403, "index": index, "filename": "lib-2.0-py3-none-any.whl", "reason": HELD}
    gone = {"kind": "gone", "status": 404, "index": index, "filename": "lib-3.0-py3-none-any.whl", "reason": None}
    held_back = told["x_clearway"]["held_back"]
    assert {"name": "lib", "chosen": "1.0", "versions": ["2.0"], "needs": None, **refused} in held_back
    assert {"name": "lib", "chosen": "1.0", "versions": ["3.0"], "needs": None, **gone} in held_back
    assert [(one["name"], one["versions"], one["needs"]) for one in held_back if one["name"] == "app"] == [
        ("app", ["2.0"], "lib>=2")
    ]
    assert told["x_clearway"]["not_handed_out"] == [
        {"name": "lib", "version": "3.0", **gone},
        {"name": "lib", "version": "2.0", **refused},
    ]


def test_a_report_without_refusals_holds_none(world: World) -> None:
    publish(world, plain("demo 1.0"), {})
    world.installed("demo", "--report", world.root / "report.json")
    told = json.loads((world.root / "report.json").read_text())
    assert "x_clearway" not in told  # then it is pip's report, no more and no less


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_pinned_refused_release_is_an_error_with_its_reason(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 1.5", "demo 2.0"), {"demo 2.0": 403})
    result = world.fails(1, "demo==2.0", says=["demo==2.0", f'403: "{HELD}"', "demo", "1.5, 1.0"])
    assert len(result.error.splitlines()) <= 6


def test_a_pin_says_where_it_stands(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": 403})
    (world.root / "pins.txt").write_text("# pins\ndemo==2.0\n")
    world.fails(1, "-r", world.root / "pins.txt", says=["demo==2.0", "pins.txt, line 2", HELD])
    world.fails(1, "demo", "-c", world.root / "pins.txt", says=["demo==2.0", "pins.txt, line 2", HELD])


def test_a_failure_is_told_as_a_derivation(world: World) -> None:
    releases = {"boto 1.40": ["urllib>=2.6"], **plain("urllib 2.5", "urllib 2.6.0", "urllib 2.6.1")}
    publish(world, releases, {"urllib 2.6.0": 403, "urllib 2.6.1": 403})
    result = world.fails(
        1, "boto", says=["urllib 2.6.0 to 2.6.1 were refused by", f'403: "{HELD}"', "boto 1.40", "urllib>=2.6", "2.5"]
    )
    assert result.error.count(HELD) == 1
    assert len(result.error.splitlines()) <= 6


FAILURES: dict[str, tuple[int, Answer, list[str], list[str]]] = {
    "credential": (3, Answer(401), [], ["answered 401", "none was given"]),
    "other status": (3, Answer(418, "teapots only"), [], ["answered 418", "teapots only", "--refusal-status"]),
    "substituted": (4, Answer(200, body=b"PK"), [], ["not the file that was promised"]),
    "login": (
        3,
        Answer(200, body=b"<html><title>Sign in</title></html>", headers={"Content-Type": "text/html"}),
        [],
        ["Sign in"],
    ),
    "no refusals": (3, Answer(403, HELD), ["--on-refusal", "fail"], [HELD, "--on-refusal"]),
    "too many": (3, Answer(403, HELD), ["--max-refusals", "0"], ["missing permission", "--max-refusals"]),
    "not that status": (3, Answer(403, HELD), ["--refusal-status", "451"], ["answered 403", "--refusal-status"]),
    "broken": (3, Answer(500), ["--retries", "0"], ["answered 500"]),
}


@pytest.mark.parametrize(("status", "answer", "options", "says"), FAILURES.values(), ids=FAILURES)
def test_what_must_not_be_stepped_around(
    world: World, status: int, answer: Answer, options: list[str], says: list[str]
) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": answer})
    world.fails(status, "demo", *options, says=says)
    assert world.index.seen(filename="demo-1.0-py3-none-any.whl", stage="file") == []


def test_a_url_pins_its_file(world: World) -> None:
    wheel = make_wheel("demo", "2.0")
    world.index.add(wheel)
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(Answer(403, HELD), stage="file", filename=wheel.filename)
    world.fails(3, f"demo @ {world.index.default.file_url(wheel)}", says=["refused by", HELD, "A URL pins one file"])


# -- options -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_held_is_passed_over(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": Answer(hold=threading.Event())})
    result = world.installed("demo", "--first-byte-timeout", "0.2")
    assert "Held back, because there was no answer in time:" in result.out
    assert "  demo  2.0 -> 1.0   no answer from " in result.out
    world.fails(
        3, "--force-reinstall", "demo", "--first-byte-timeout", "0.2", "--on-pending", "fail", says=["--on-pending"]
    )


def test_another_file_may_be_taken(world: World) -> None:
    native = make_wheel("demo", "2.0", tags="py3-none-manylinux_2_17_x86_64.manylinux_2_17_aarch64")
    for wheel in (native, make_wheel("demo", "2.0"), make_wheel("demo", "1.0")):
        world.index.add(wheel)
    world.index.on(Answer(403, HELD), stage="file", filename=native.filename)
    assert "demo  2.0 -> 1.0" in world.installed("demo", "--dry-run").out
    assert "Held back" not in world.installed("demo", "--on-refusal", "next-file").out
    assert world.versions() == {"demo": "2.0"}


def test_options_may_come_from_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": Answer(418, HELD)})
    monkeypatch.setenv("CLEARWAY_REFUSAL_STATUS", "403,418")
    assert f'demo  2.0 -> 1.0   418 from {world.index.url}: "{HELD}"' in world.installed("demo").out


def test_rules_of_one_index_come_from_its_configuration(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": Answer(418, HELD)})
    rules = "refusal-status = [403, 418]\npoliced = true\n"
    given = f'index-url = "corp"\n[[index]]\nname = "corp"\nurl = "{world.index.url}"\n{rules}'
    (world.root / "given.toml").write_text(given)
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(world.root / "given.toml"))
    line = ("install", *world.place(), "demo")
    result = world.clearway(*line)
    assert result.status == 0, result.text
    assert f'demo  2.0 -> 1.0   418 from corp: "{HELD}"' in result.out
    before = len(world.index.seen(stage="file"))
    assert world.clearway(*line, "--force-reinstall").status == 0
    assert len(world.index.seen(stage="file")) > before  # policed: what the cache has is proven again


# -- good states are kept ----------------------------------------------------------------------------------------------


def test_an_upgrade_to_a_refused_release_changes_nothing(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 1.5"), {})
    world.installed("demo")
    before = world.snapshot()
    publish(world, plain("demo 2.0"), {"demo 2.0": 403})
    world.index.on(Answer(403, "withdrawn"), stage="file", filename="demo-1.5-py3-none-any.whl")
    result = world.installed("--upgrade", "demo", "--cache-dir", world.root / "other")
    assert world.changes(before) == []
    assert "Requirement already satisfied: demo in " in result.out
    assert "demo  2.0 -> 1.5   403" in result.out


def test_what_is_refused_now_is_not_replaced_by_something_older(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {})
    world.installed("demo")
    world.index.on(Answer(403, HELD), stage="file", filename="demo-2.0-py3-none-any.whl")
    before = world.snapshot()
    result = world.installed("--force-reinstall", "demo", "--cache-dir", world.root / "other")
    assert world.changes(before) == []
    assert [line.partition(" (")[0] for line in result.warnings] == [
        "demo 2.0 stays as it is installed, for demo-2.0-py3-none-any.whl is refused by " + world.index.url
    ]


def test_what_was_lifted_is_picked_up_by_the_next_run(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {"demo 2.0": 403})
    world.installed("demo")
    world.index.clear()
    result = world.installed("--upgrade", "demo")
    assert world.versions() == {"demo": "2.0"}
    assert "Held back" not in result.out


def test_a_release_that_appears_when_another_is_refused_is_taken_at_once(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0"), {})
    assert "demo-2.0" in world.installed("demo", "--dry-run").out
    publish(world, plain("demo 2.1"), {})
    world.index.on(Answer(403, "withdrawn"), stage="file", filename="demo-2.0-py3-none-any.whl")
    world.installed("demo")
    assert world.versions() == {"demo": "2.1"}


def test_a_refusal_leaves_nothing_behind(world: World) -> None:
    publish(world, plain("demo 1.0", "demo 2.0", "demo 3.0"), {"demo 2.0": 403, "demo 3.0": 404})
    world.installed("demo")
    world.check_sound()
    cached = b"".join(path.read_bytes() for path in world.cache.rglob("*") if path.is_file())
    assert HELD.encode() not in cached
