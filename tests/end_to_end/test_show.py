"""``show`` and ``inspect``: what pip tells of the same distributions, and what is told of broken ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.comparison import ask_pip, needs_pip, needs_recent_pip, same
from end_to_end.world import check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World

PROSE = """\
Summary: Äpfel & Birnen
Home-page: https://example.com/?a=b
Author: Ann
Author-email: "Ann" <ann@example.com>
License: MIT
        and more
          of it
Classifier: Topic :: Software Development
Classifier: Typing :: Typed
Keywords: one,two three
Project-URL: Documentation, https://example.com/docs
Platform: any
Description-Content-Type: text/markdown
"""


@pytest.fixture
def filled(world: World) -> World:
    world.index.add(
        make_wheel(
            "Demo.Project",
            "1.0",
            requires=["dep>=1", "zeta; python_version<'3'", "Other ; sys_platform != 'x'", 'dep; extra == "more"'],
            extras={"more": ["zeta"]},
            requires_python=">=3.8",
            entry_points={"console_scripts": {"demo": "demo:main"}},
            scripts={"run": "#!python\n"},
            metadata_extra=PROSE,
        )
    )
    world.index.add(make_wheel("dep", "2.0", metadata_extra="Project-URL: Home-Page, https://example.com/dep"))
    world.index.add(make_wheel("other", "1.0", requires=["dep"], metadata_extra="Summary: alone"))
    world.installed("demo-project")
    return world


def inspected(text: str) -> dict[str, Any]:
    """Return a report with its installed distributions by name."""
    report: dict[str, Any] = json.loads(text)
    report["installed"] = {item["metadata"]["name"]: item for item in report["installed"]}
    return report


# -- beside pip --------------------------------------------------------------------------------------------------------


@needs_recent_pip
def test_what_pip_shows(filled: World) -> None:
    for line in (["demo_project"], ["-f", "DEP", "demo.project", "other"], ["-v", "other", "absent", "dep"]):
        same(filled, "show", *line)
    same(filled, "show", "absent", "nowhere")


@needs_pip
def test_what_pip_inspects(filled: World) -> None:
    placed = make_wheel("placed", "0.1").write(filled.root)
    filled.installed(f"placed @ {placed.as_uri()}")
    (filled.site / "placed-0.1.dist-info" / "INSTALLER").unlink()
    run = filled.clearway("inspect", *filled.place())
    ours, pips = inspected(run.out), inspected(ask_pip(filled, "inspect").out)
    assert ours.pop("pip_version") != pips.pop("pip_version")
    assert ours == pips
    assert [list(item["metadata"]) for _, item in sorted(ours["installed"].items())] == [
        list(item["metadata"]) for _, item in sorted(pips["installed"].items())
    ]
    assert "installer" not in ours["installed"]["placed"]
    assert ours["installed"]["placed"]["direct_url"]["url"] == placed.as_uri()
    assert [name for name, item in ours["installed"].items() if item["requested"]] == ["Demo.Project", "placed"]


# -- what only we decide -----------------------------------------------------------------------------------------------


def test_what_nobody_installed(filled: World) -> None:
    run = filled.clearway("show", *filled.place(), "absent", "dep", "Absent")
    assert (run.status, run.warnings) == (0, ["Package(s) not found: Absent, absent"])
    assert run.out.startswith("Name: dep\n")
    assert filled.clearway("show", *filled.place(), "absent").status == 1
    check_failure(filled.clearway("show", *filled.place()), 2, ["clearway show NAME"])


def test_license_expressions(world: World) -> None:
    """PEP 639: the expression takes the place of the license since metadata 2.4."""
    for version in ("2.4", "2.1"):
        metadata = f"Metadata-Version: {version}\nName: demo\nVersion: 1.0\nLicense: old\nLicense-Expression: MIT\n"
        metadata += "License-File: LICENSE\n"
        world.index.add(make_wheel("demo", "1.0", metadata=metadata.encode()))
        world.installed("demo", "--force-reinstall", "--no-cache-dir")
        lines = world.clearway("show", *world.place(), "demo").out.splitlines()
        assert ("License-Expression: MIT" in lines) == (version == "2.4")
        assert ("License: old" in lines) == (version == "2.1")
        item = inspected(world.clearway("inspect", *world.place()).out)["installed"]["demo"]
        assert item["metadata"]["license_expression"] == "MIT"
        assert item["metadata"]["license_file"] == ["LICENSE"]


def test_no_record(filled: World) -> None:
    (filled.site / "dep-2.0.dist-info" / "RECORD").unlink()
    run = filled.clearway("show", "-f", *filled.place(), "dep")
    assert run.out.endswith("Files:\nCannot locate RECORD or installed-files.txt\n")


def test_requirements_that_nobody_can_read(filled: World) -> None:
    metadata = filled.site / "other-1.0.dist-info" / "METADATA"
    metadata.write_text("Name: other\nVersion: 1.0\nRequires-Dist: dep\nRequires-Dist: !!!\n")
    assert "Requires: !!!, dep\n" in filled.clearway("show", *filled.place(), "other").out
    assert "Required-by: Demo.Project, other\n" in filled.clearway("show", *filled.place(), "dep").out


def test_text_that_steers_terminals(filled: World) -> None:
    metadata = filled.site / "other-1.0.dist-info" / "METADATA"
    metadata.write_text("Name: other\nVersion: 1.0\nSummary: \x1b[31mred\u202e\n\nbody \x1b]0;x\x07\u202e\n")
    assert "\x1b" not in filled.clearway("show", *filled.place(), "other").out
    out = filled.clearway("inspect", *filled.place()).out
    assert out.isascii()
    assert "\x1b" not in out
    told = inspected(out)["installed"]["other"]["metadata"]
    assert (told["summary"], told["description"]) == ("\x1b[31mred\u202e", "body \x1b]0;x\x07\u202e\n")


def test_a_password_in_a_direct_url_is_not_inspected(filled: World) -> None:
    given = filled.root / "given"
    given.mkdir()  # what is there already is not ours to hide
    info = given / "dep-2.0.dist-info"
    (filled.site / "dep-2.0.dist-info").rename(info)
    url = filled.with_user("https://example.com/dep.zip", "me", filled.secret())
    (info / "direct_url.json").write_text(json.dumps({"url": url, "archive_info": {"hash": "sha256=0"}}))
    item = inspected(filled.clearway("inspect", "--path", given, *filled.place()).out)["installed"]["dep"]
    assert item["direct_url"] == {
        "url": "https://example.com/dep.zip",
        "archive_info": {"hash": "sha256=0", "hashes": {"sha256": "0"}},
    }
