"""From a listing to an offer: what fits, in which order, and why the rest does not."""

from __future__ import annotations

import pytest

from clearway.catalog.offers import Offer, Sieve, make_offer
from clearway.index.records import File, Listing
from clearway.model.names import normalize
from clearway.settings.formats import Use
from support.jobs import make_target


def offer_of(*files: File | str, use: Use = "either") -> Offer:
    listed = tuple(File(one, f"https://example.com/{one}") if isinstance(one, str) else one for one in files)
    name = normalize("demo")
    return make_offer(Listing(name, listed), Sieve(name, make_target(), use))


def wheel(version: str, tags: str = "py3-none-any", **facts: object) -> File:
    name = f"demo-{version}-{tags}.whl"
    return File(name, f"https://example.com/{name}", **facts)  # type: ignore[arg-type]


def test_versions_are_in_the_order_of_pep_440() -> None:
    offer = offer_of(*(wheel(one) for one in ("1.10", "1.9", "1.9.post1", "1.10rc1", "1!0.1", "1.9.dev3")))
    assert offer.versions == ("1.9.dev3", "1.9", "1.9.post1", "1.10rc1", "1.10", "1!0.1")


def test_prereleases_and_yanked_releases_are_marked_by_number() -> None:
    offer = offer_of(wheel("1.0"), wheel("2.0", yanked="broken"), wheel("3.0a1"))
    assert (int(offer.prereleases, 16), int(offer.yanked, 16)) == (0b1000, 0b100)


def test_a_release_with_a_standing_file_is_not_yanked() -> None:
    good, bad = wheel("1.0"), wheel("1.0", "cp312-cp312-linux_x86_64", yanked="")
    offer = offer_of(bad, good)
    assert offer.yanked == "0"
    assert offer.files(1) == (good,)


def test_the_best_wheel_comes_first() -> None:
    names = [
        "demo-1.0-py3-none-any.whl",
        "demo-1.0-cp312-cp312-linux_x86_64.whl",
        "demo-1.0-cp312-cp312-manylinux1_x86_64.manylinux_2_17_x86_64.whl",
    ]
    assert [file.filename for file in offer_of(*names).files(1)] == names[::-1]


def test_of_equal_wheels_the_highest_build_number_comes_first() -> None:
    names = ["demo-1.0-9-py3-none-any.whl", "demo-1.0-py3-none-any.whl", "demo-1.0-10b-py3-none-any.whl"]
    assert [file.filename for file in offer_of(*names).files(1)] == [names[2], names[0], names[1]]


def test_two_spellings_of_a_version_are_one_release() -> None:
    offer = offer_of(wheel("1.0"), wheel("1.0.0", "cp312-cp312-linux_x86_64"))
    assert offer.versions == ("1.0",)
    assert len(offer.files(1)) == 2


@pytest.mark.parametrize(
    ("files", "misfits"),
    [
        (["demo-1.0-cp39-cp39-linux_x86_64.whl"], {"1.0": "wheels for cp39-cp39-linux_x86_64 only"}),
        (["demo-1.0.tar.gz"], {"1.0": "only a source archive, and --only-binary forbids it"}),
        ([wheel("1.0", requires_python=">=3.13")], {"1.0": "needs Python >=3.13"}),
        ([wheel("1.0", requires_python=">=9\nHINT: x")], {"1.0": "needs Python >=9 HINT: x"}),
        ([wheel("1.0", requires_python=">=3.13"), "demo-1.0.tar.gz"], {"1.0": "needs Python >=3.13"}),
        (
            ["demo-1.0-cp39-cp39-win32.whl", "demo-1.0-cp38-cp38-win32.whl", "demo-1.0.tar.gz"],
            {"1.0": "wheels for cp39-cp39-win32, cp38-cp38-win32 only"},
        ),
        (["demo-1.0-cp39-cp39-win32.whl", "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"], {}),
        (["other-1.0-py3-none-any.whl", "demo-one-py3-none-any.whl", "demo.whl", "README"], {}),
    ],
)
def test_what_does_not_fit_is_told(files: list[File | str], misfits: dict[str, str]) -> None:
    assert offer_of(*files, use="wheels").misfits() == misfits


def test_forbidden_wheels_are_told() -> None:
    offer = offer_of("demo-1.0-py3-none-any.whl", use="sources")
    assert offer.versions == ()
    assert offer.misfits() == {"1.0": "its wheels are forbidden by --no-binary"}


@pytest.mark.parametrize(
    ("use", "names"),
    [
        ("either", ["demo-1.0-py3-none-any.whl"]),
        ("wheels", ["demo-1.0-py3-none-any.whl"]),
        ("sources", ["demo-1.0.tar.gz", "demo-1.0.zip"]),
        ("both", ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-1.0.zip"]),
    ],
)
def test_source_archives_come_after_every_wheel(use: Use, names: list[str]) -> None:
    offer = offer_of("demo-1.0.zip", "demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl", use=use)
    assert [file.filename for file in offer.files(1)] == names
    assert offer.unbuilt == ("2" if use == "sources" else "0")


def test_a_source_archive_counts_where_no_wheel_fits() -> None:
    offer = offer_of("demo-1.0-cp39-cp39-win32.whl", "demo-1.0.tar.gz", "demo-0.9-py3-none-any.whl", "demo-0.9.zip")
    assert offer.versions == ("0.9", "1.0")
    assert [file.filename for file in offer.files(2)] == ["demo-1.0.tar.gz"]
    assert offer.unbuilt == "4"
    assert offer.misfits() == {}


def test_a_source_archive_is_left_out_where_its_release_has_a_wheel_under_another_spelling() -> None:
    offer = offer_of("demo-1.0.0.tar.gz", "demo-1.0-py3-none-any.whl")
    assert [file.filename for file in offer.files(1)] == ["demo-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    "name",
    ["other-1.0.tar.gz", "demo-1.0.exe", "demo-1.0.tar.gz.asc", "demo.tar.gz", "demo-x.zip", "demo-1.0-extra.zip"],
)
def test_what_is_no_source_archive_of_the_project_does_not_count(name: str) -> None:
    assert offer_of(name).versions == ()


def test_a_source_archive_for_another_python_does_not_count() -> None:
    offer = offer_of(File("demo-1.0.tar.gz", "https://example.com/demo-1.0.tar.gz", requires_python=">=3.13"))
    assert offer.versions == ()
    assert offer.misfits() == {"1.0": "needs Python >=3.13"}


def test_a_source_archive_stands_where_every_wheel_of_its_release_is_yanked() -> None:
    offer = offer_of(wheel("1.0", yanked="broken"), "demo-1.0.tar.gz", use="both")
    assert [file.filename for file in offer.files(1)] == ["demo-1.0.tar.gz"]
    assert offer.unbuilt == "2"
