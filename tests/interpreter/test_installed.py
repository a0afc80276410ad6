"""What is installed: sound, broken, doubled and hidden distributions."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from clearway.errors import TargetError
from clearway.interpreter.egg_info import parse_requires_txt
from clearway.interpreter.installed import installed, read_metadata
from clearway.model.installed import Installed
from clearway.model.requirements import parse_requirement
from clearway.model.targets import Environment, Scheme


def _environment(*folders: Path) -> Environment:
    scheme = Scheme("", "", "", "", "")
    return Environment("python", "", "", {}, (), scheme, tuple(str(folder) for folder in folders))


def _put(folder: Path, name: str, metadata: str | None = "Name: project\nVersion: 1.0\n", **files: str) -> Path:
    info = folder / name
    info.mkdir(parents=True)
    if metadata is not None:
        (info / ("METADATA" if name.endswith(".dist-info") else "PKG-INFO")).write_text(metadata)
    for file, content in files.items():
        (info / file.replace("__", ".")).write_text(content)
    return info


def _only(folder: Path) -> Installed:
    (distribution,) = installed(_environment(folder))
    return distribution


def test_a_distribution_is_read_from_its_folder(tmp_path: Path) -> None:
    info = _put(
        tmp_path, "Zope.Interface-5.0.post1.dist-info", INSTALLER="pip\n", REQUESTED="", direct_url__json='{"url": ""}'
    )
    status = (info / "METADATA").stat()
    assert _only(tmp_path) == Installed(
        name=parse_requirement("zope-interface").name,
        spelling="Zope.Interface",
        version="5.0.post1",
        location=str(tmp_path),
        info=str(info),
        stamp=(status.st_mtime_ns, status.st_size),
        installer="pip",
        requested=True,
        direct_url='{"url": ""}',
    )


def test_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    _put(tmp_path, "project-1.0.dist-info")
    for name in ("project", "__pycache__", "other-1.0.data"):
        (tmp_path / name).mkdir()
    (tmp_path / "project.py").write_text("")
    assert [distribution.name for distribution in installed(_environment(tmp_path, tmp_path / "gone"))] == ["project"]


def test_the_order_is_that_of_the_names(tmp_path: Path) -> None:
    for name in ("c", "a", "b"):
        _put(tmp_path, f"{name}-1.dist-info")
    assert [distribution.name for distribution in installed(_environment(tmp_path))] == ["a", "b", "c"]


def test_the_first_folder_wins(tmp_path: Path) -> None:
    _put(tmp_path / "first", "project-1.0.dist-info")
    _put(tmp_path / "second", "Project-2.0.dist-info")
    _put(tmp_path / "second", "other-2.0.dist-info")
    found = installed(_environment(tmp_path / "first", tmp_path / "second"))
    assert [(one.name, one.version) for one in found] == [("other", "2.0"), ("project", "1.0")]


def test_a_folder_that_cannot_be_listed_is_not_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where installations go, that is; in one that is merely looked into Python finds nothing either."""
    own, other = tmp_path / "own", tmp_path / "other"
    _put(own, "project-1.0.dist-info")
    refused = {str(other)}
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path in refused:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    environment = msgspec.structs.replace(_environment(own, other), scheme=Scheme(str(own), str(own), "", "", ""))
    assert [one.name for one in installed(environment)] == ["project"]
    refused.add(str(own))
    with pytest.raises(TargetError, match="cannot be listed: Permission denied") as caught:
        installed(environment)
    assert caught.value.code == "environment-unreadable"


def test_two_copies_in_one_folder_are_told(tmp_path: Path) -> None:
    old, new = _put(tmp_path, "project-1.0.dist-info"), _put(tmp_path, "project-2.0.dist-info")
    os.utime(old, ns=(1, 1))
    os.utime(new, ns=(2, 2))
    first, second = installed(_environment(tmp_path))
    assert (first.version, first.broken) == ("2.0", "")
    assert second.version == "1.0"
    assert "second copy" in second.broken


def test_a_sound_copy_is_believed_before_a_broken_one(tmp_path: Path) -> None:
    sound, broken = _put(tmp_path, "project-1.0.dist-info"), _put(tmp_path, "project-2.0.dist-info", None)
    os.utime(sound, ns=(1, 1))
    os.utime(broken, ns=(2, 2))
    assert [bool(copy.broken) for copy in installed(_environment(tmp_path))] == [False, True]


def test_a_dist_info_is_believed_before_an_egg_info(tmp_path: Path) -> None:
    _put(tmp_path, "project.egg-info", "Name: project\nVersion: 3.0\n")
    os.utime(_put(tmp_path, "project-2.0.dist-info"), ns=(1, 1))
    assert [copy.version for copy in installed(_environment(tmp_path))] == ["2.0", "3.0"]


@pytest.mark.parametrize(
    ("folder", "name", "version"),
    [
        ("project-1.0-py3.11.egg-info", "project", "1.0"),
        ("project-1.0.egg-info", "project", "1.0"),
        ("project-1.0-py3.11-linux-x86_64.egg-info", "project", "1.0"),
        ("project.egg-info", "named", "9.0"),
        ("project-1!2.0.dist-info", "project", "1!2.0"),
        ("project-1.0+local_1.dist-info", "project", "1.0+local_1"),
        ("project-v1.0.dist-info", "project", "v1.0"),
        ("my-project-1.0.dist-info", "named", "9.0"),
        ("project-unknown.dist-info", "named", "9.0"),
    ],
)
def test_names_of_folders(tmp_path: Path, folder: str, name: str, version: str) -> None:
    _put(tmp_path, folder, "Metadata-Version: 1.1\nName: named\nVersion: 9.0\n")
    one = _only(tmp_path)
    assert (one.name, one.version, one.broken) == (name, version, "")


def test_the_file_that_distutils_wrote(tmp_path: Path) -> None:
    (tmp_path / "project-1.0-py3.8.egg-info").write_text("Name: project\nVersion: 1.0\nRequires-Dist: other\n")
    one = _only(tmp_path)
    assert (one.name, one.version, one.broken) == ("project", "1.0", "")
    assert read_metadata(one).requires_dist == ("other",)


@pytest.mark.parametrize(
    ("folder", "metadata", "why"),
    [
        ("project-1.0.dist-info", None, "its metadata cannot be read"),
        ("project.egg-info", None, "its metadata"),
        ("project.dist-info", "Name: project\n", "no valid name and version"),
        ("-1.0.dist-info", None, "its metadata cannot be read"),
        ("~roject-1.0.dist-info", "Name: project\nVersion: 1.0\n", "did not finish"),
    ],
)
def test_what_is_broken_is_flagged(tmp_path: Path, folder: str, metadata: str | None, why: str) -> None:
    _put(tmp_path, folder, metadata)
    one = _only(tmp_path)
    assert why in one.broken
    assert "\n" not in one.broken


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_links_into_nowhere_are_flagged(tmp_path: Path) -> None:
    info = _put(tmp_path, "project-1.0.dist-info", None)
    for name in ("METADATA", "INSTALLER", "direct_url.json"):
        (info / name).symlink_to("/gone")
    one = _only(tmp_path)
    assert (bool(one.broken), one.installer, one.direct_url) == (True, "", "")


def test_a_project_in_development_is_found_through_its_link(tmp_path: Path) -> None:
    info = _put(tmp_path / "src", "my_project.egg-info", "Name: my-project\nVersion: 3.0\n")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "my-project.egg-link").write_text(f"\n{tmp_path / 'src'}\n../\n")
    (tmp_path / "site" / "gone.egg-link").write_text("/gone\n")
    one = _only(tmp_path / "site")
    assert (one.name, one.version, one.location, one.info) == ("my-project", "3.0", str(tmp_path / "site"), str(info))


def test_metadata_is_read_whole(tmp_path: Path) -> None:
    requirements = "".join(f"Requires-Dist: package-number-{number}\n" for number in range(5000))
    _put(tmp_path, "project-1.0.dist-info", f"Name: project\nVersion: 1.0\n{requirements}\nText.")
    assert len(read_metadata(_only(tmp_path)).requires_dist) == 5000


NAMELESS = "its metadata has no valid name and version"
UNREADABLE = {
    "missing": (None, "its metadata cannot be read: No such file or directory"),
    "empty": ("", NAMELESS),
    "without a version": ("Name: project\n", NAMELESS),
    "with a bad version": ("Name: project\nVersion: newest\n", NAMELESS),
}


@pytest.mark.parametrize(("metadata", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_metadata_that_cannot_be_read(tmp_path: Path, metadata: str | None, why: str) -> None:
    _put(tmp_path, "project-1.0.dist-info", metadata)
    with pytest.raises(TargetError) as caught:
        read_metadata(_only(tmp_path))
    assert caught.value.code == "broken-distribution"
    assert caught.value.message == f"The installed project 1.0 is broken: {why}"
    assert caught.value.context == (str(tmp_path / "project-1.0.dist-info"),)
    assert "--force-reinstall project" in caught.value.hint


REQUIRES_TXT = """\
first>=1
second @ https://example.com/second.whl

[:python_version < "3"]
# a comment
third

[fast]
fourth

[fast:sys_platform == "win32" or sys_platform == "darwin"]
fifth<2
"""


def test_requirements_of_an_egg(tmp_path: Path) -> None:
    _put(tmp_path, "project-1.0.egg-info", requires__txt=REQUIRES_TXT)
    metadata = read_metadata(_only(tmp_path))
    assert metadata.provides_extra == ("fast",)
    assert [str(parse_requirement(text)) for text in metadata.requires_dist] == [
        "first>=1",
        "second @ https://example.com/second.whl",
        'third ; python_version < "3"',
        'fourth ; extra == "fast"',
        'fifth<2 ; (sys_platform == "win32" or sys_platform == "darwin") and extra == "fast"',
    ]


def test_an_egg_without_requirements(tmp_path: Path) -> None:
    _put(tmp_path, "project-1.0.egg-info")
    assert read_metadata(_only(tmp_path)).requires_dist == ()


def test_an_egg_whose_metadata_says_what_it_requires(tmp_path: Path) -> None:
    _put(
        tmp_path, "project-1.0.egg-info", "Name: project\nVersion: 1.0\nRequires-Dist: other\n", requires__txt="stale\n"
    )
    assert read_metadata(_only(tmp_path)).requires_dist == ("other",)


def test_a_requires_txt_without_content() -> None:
    assert parse_requires_txt("\n[]\n[test]\n") == ((), ("test",))
