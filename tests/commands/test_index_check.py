"""``clearway index check``, without the command line: what is asked, what is seen, and what is made of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.commands.index_advice import advise, is_usable, wants_credential
from clearway.commands.index_check import COMMON, ROOT_LIMIT, check_indexes
from clearway.crew import Crew
from clearway.index.routing import make_index
from clearway.model.names import normalize
from clearway.policy.rules import Rules
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.stdlib_sender import StdlibSender
from support.simulator import Answer, IndexSimulator, login_page, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearway.commands.index_findings import Findings
    from clearway.index.records import Index
    from support.repository import Repository

FORBIDDEN = Answer(403, headers={"Content-Type": "application/json"}, body=b'{"message": "not for this token"}')


def look(*indexes: Index, wanted: Sequence[str] = ()) -> tuple[Findings, ...]:
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=5)
    asker = partial(StdlibSender, user_agent="clearway-tests", timeout=5)
    fetcher, crew = HttpFetcher(sender, asker, retries=0, pause=0.001), Crew()
    try:
        return check_indexes(fetcher, crew, indexes, indexes, [normalize(name) for name in wanted])
    finally:
        crew.stop()
        fetcher.close()


def remarks(findings: Findings) -> list[str]:
    return [f"{one.level}: {one.text}" for one in advise(findings)]


def says(findings: Findings, *words: str) -> None:
    """Check that one remark says all of this."""
    assert any(all(word in line for word in words) for line in remarks(findings)), remarks(findings)


@pytest.fixture
def corp(simulator: IndexSimulator) -> Repository:
    """A private repository that does everything well."""
    made = simulator.repository("corp", users={"zoe": "s3cret"})
    made.add(make_wheel("corplib", "1.0"))
    return made


def private(repository: Repository, **more: object) -> Index:
    return msgspec.structs.replace(make_index(repository.url_for("zoe"), name="corp"), **more)


# -- an index as it should be ------------------------------------------------------------------------------------------


def test_a_good_index(simulator: IndexSimulator, corp: Repository) -> None:
    (findings,) = look(private(corp))
    assert remarks(findings) == []
    root, seen, file = findings.root, findings.seen, findings.file
    assert (root.answer.status, root.projects, root.anonymous.status if root.anonymous else 0) == (200, 1, 401)
    assert seen is not None
    assert file is not None
    assert (seen.name, seen.form, seen.files, seen.wheels, seen.sidecars) == ("corplib", "json", 1, 1, 1)
    assert (seen.hashes, seen.sizes, seen.upload_times, seen.yanked) == (1, 1, 1, 0)
    assert (seen.etag, seen.revalidated, seen.is_public, seen.elsewhere) == (True, True, False, ())
    assert (file.answer.status, file.ranged, file.agrees, file.sidecar and file.sidecar.status) == (
        206,
        True,
        True,
        200,
    )
    assert findings.unknown is not None
    assert findings.unknown.answer.status == 404
    assert findings.round_trip is not None
    assert len(simulator.seen()) <= 12


def test_only_the_requests_that_are_meant_to_leave_the_credential_out(
    simulator: IndexSimulator, corp: Repository
) -> None:
    look(private(corp))
    without = [(one.stage, one.status) for one in simulator.seen() if "authorization" not in one.headers]
    assert sorted(without) == [("listing", 401), ("root", 401)]


def test_no_archive_is_read(simulator: IndexSimulator, corp: Repository) -> None:
    corp.ranges = False
    corp.add(make_wheel("corplib", "1.0", files={"corplib/data.bin": bytes(range(256)) * 40_000}))
    (findings,) = look(private(corp))
    assert findings.file is not None
    assert (findings.file.answer.status, findings.file.ranged) == (200, False)
    assert not [one for one in simulator.seen(stage="file") if one.method != "GET"]


def test_indexes_are_looked_at_apart(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.add(make_wheel("pip", "24.0"))
    simulator.on(Answer(503), repository="", stage="listing")
    first, second = look(private(corp), make_index(simulator.url))
    assert (first.index.name, is_usable(advise(first))) == ("corp", True)
    assert not is_usable(advise(second))
    says(second, "problem", "The listing of pip", "503")


# -- the credential ----------------------------------------------------------------------------------------------------


def test_a_refused_token(corp: Repository) -> None:
    (findings,) = look(make_index(corp.url.replace("://", "://zoe:wrong@"), source="CLEARWAY_INDEX_CORP_TOKEN"))
    assert wants_credential(findings)
    says(findings, "problem", "refused: 401", "CLEARWAY_INDEX_CORP_TOKEN")
    assert len(remarks(findings)) == 1


def test_no_credential(corp: Repository) -> None:
    (findings,) = look(make_index(corp.url))
    assert wants_credential(findings)
    says(findings, "problem", "none was found: 401")
    assert findings.root.anonymous is None


@pytest.mark.parametrize("status", [403, 404])
def test_a_credential_that_may_see_nothing(simulator: IndexSimulator, corp: Repository, status: int) -> None:
    corp.projects.clear()
    simulator.on(Answer(status), repository="corp", stage="root")
    (findings,) = look(private(corp))
    says(findings, "problem", "shows nothing", str(status), "--index-url")
    assert not wants_credential(findings)


def test_an_index_that_lists_nothing(corp: Repository) -> None:
    corp.projects.clear()
    (findings,) = look(private(corp))
    says(findings, "advice", "lists no project to the credential from --index-url", *COMMON)


def test_an_index_that_is_open_to_everybody(corp: Repository) -> None:
    index = private(corp)
    corp.users = None
    (findings,) = look(index)
    assert findings.seen is not None
    assert findings.seen.is_public
    says(findings, "note", "the same without the credential")


def test_a_stranger_is_shown_something_else(simulator: IndexSimulator, corp: Repository) -> None:
    index = private(corp)
    corp.users = None
    simulator.on(Answer(200, body=b"<title>Links</title>"), skip=1, times=1, repository="corp", project="corplib")
    (findings,) = look(index)
    assert findings.seen is not None
    assert findings.seen.anonymous is not None
    assert (findings.seen.anonymous.status, findings.seen.is_public) == (200, False)


def test_a_listing_that_the_credential_may_not_read(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.on(FORBIDDEN, repository="corp", stage="listing")
    (findings,) = look(private(corp))
    says(findings, "problem", "The listing of corplib is refused: 403", "not for this token", "--index-url")
    (findings,) = look(private(corp, rules=Rules(absent_status=frozenset({403}))))
    assert is_usable(advise(findings))  # it was said that this is how it lacks a project


@pytest.mark.parametrize(("scheme", "told"), [("http", True), ("https", False)])
def test_clear_text(corp: Repository, scheme: str, told: bool) -> None:
    (findings,) = look(private(corp))
    far = msgspec.structs.replace(findings.index, url=f"{scheme}://packages.example.com/simple/")
    said = remarks(msgspec.structs.replace(findings, index=far))
    assert any("in the clear" in line for line in said) == told


# -- names that it lacks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (FORBIDDEN, ("absent-status = [403]", "not for this token")),
        (Answer(400), ("absent-status = [400]",)),
        (Answer(502), ("find out why", "502")),
        (Answer(401), ("401", "an installation stops there")),
        (Answer(200, body=b'{"files": [], "meta": {}}', headers={"Content-Type": "application/json"}), ("0 files",)),
        (redirect("https://u:p@public.example.com:444/x/?t=1"), ("https://public.example.com:444:", "packages")),
    ],
)
def test_names_that_it_lacks(
    simulator: IndexSimulator, corp: Repository, answer: Answer, words: tuple[str, ...]
) -> None:
    simulator.on(answer, repository="corp", stage="listing", times=1)
    (findings,) = look(private(corp))
    says(findings, "advice: ", *words)
    assert is_usable(advise(findings))


def test_what_is_settled_is_not_advised(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.on(FORBIDDEN, repository="corp", stage="listing", times=1)
    (findings,) = look(private(corp, rules=Rules(absent_status=frozenset({403}))))
    assert remarks(findings) == []


@pytest.mark.parametrize("settled", [{"claims": ("corp*",)}, {"forwarded": "refuse"}])
def test_forwarding_that_is_provided_for(
    simulator: IndexSimulator, corp: Repository, settled: dict[str, object]
) -> None:
    simulator.on(redirect("https://public.example.com/x/"), repository="corp", stage="listing", times=1)
    (findings,) = look(private(corp, **settled))
    says(findings, "note: ", "https://public.example.com")


def test_a_redirect_is_not_followed_to_another_origin(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.add(make_wheel("pip", "24.0"))
    corp.projects.clear()
    simulator.on(redirect(f"{simulator.other_host}/simple/pip/"), repository="corp", stage="listing")
    (findings,) = look(private(corp))
    assert findings.seen is None
    assert simulator.seen(repository="") == []


# -- which projects are asked for --------------------------------------------------------------------------------------


def test_what_another_index_claims_is_not_asked(simulator: IndexSimulator, corp: Repository) -> None:
    claiming = private(corp, claims=("corp*", "pip"))
    look(claiming, make_index(simulator.url), wanted=["corplib"])
    asked = {one.project for one in simulator.seen(repository="", stage="listing")}
    assert [name for name in asked if not name.startswith("clearway-index-check-")] == []
    look(claiming, make_index(simulator.url))
    assert "pip" not in {one.project for one in simulator.seen(repository="", stage="listing")}


def test_nothing_may_be_asked(simulator: IndexSimulator, corp: Repository) -> None:
    """That nothing is seen says nothing about the credential then."""
    simulator.on(Answer(404), repository="corp", stage="root")
    claiming = msgspec.structs.replace(make_index(simulator.url), claims=("corplib",))
    first, _ = look(private(corp), claiming, wanted=["corplib"])
    assert first.asked == ()
    assert is_usable(advise(first))
    says(first, "advice", "No project could be looked at")


def test_the_first_wanted_project_that_is_there(corp: Repository) -> None:
    corp.add(make_wheel("other", "1.0"))
    (findings,) = look(private(corp), wanted=["nothing", "other", "corplib"])
    assert [(str(name), answer.status) for name, answer in findings.asked] == [("nothing", 404), ("other", 200)]
    assert findings.seen is not None
    assert findings.seen.name == "other"


def test_nothing_is_known(simulator: IndexSimulator) -> None:
    simulator.on(Answer(404), stage="root")
    (findings,) = look(make_index(simulator.url))
    says(findings, "advice", "No project could be looked at", "404", "--project")


def test_a_large_root_page(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.on(Answer(200, body=b"x" * (ROOT_LIMIT + 1)), repository="corp", stage="root", times=1)
    (findings,) = look(private(corp, claims=("corplib",)))
    assert findings.root.is_large
    assert findings.seen is not None


# -- pages and files ---------------------------------------------------------------------------------------------------


def test_a_poor_index(simulator: IndexSimulator) -> None:
    poor = simulator.repository("poor", formats=("html",), ranges=False, sidecars=False, etags=False)
    poor.add(make_wheel("six", "1.0"), entry={"hashes": {}})
    (findings,) = look(make_index(poor.url))
    assert findings.seen is not None
    assert (findings.seen.form, findings.seen.sizes, findings.seen.upload_times) == ("html", 0, 0)
    says(findings, "advice", "no metadata files and no ranges")
    says(findings, "advice", "no ETag")
    says(findings, "advice", "1 of 1 files of six have no hash")
    assert is_usable(advise(findings))


def test_etags_that_are_not_heeded(simulator: IndexSimulator, corp: Repository) -> None:
    corp.etags = False
    simulator.on(Answer(200, headers={"ETag": '"1"'}), repository="corp", project="corplib", stage="listing")
    (findings,) = look(private(corp))
    assert findings.seen is not None
    assert (findings.seen.etag, findings.seen.revalidated) == (True, False)
    says(findings, "advice", "asking with its ETag is answered with all of it")


def test_metadata_files_that_do_not_come(simulator: IndexSimulator, corp: Repository) -> None:
    corp.ranges = False
    simulator.on(Answer(404), stage="sidecar")
    (findings,) = look(private(corp))
    says(findings, "advice", "Metadata files are announced", "404")
    says(findings, "advice", "no metadata files and no ranges")


def test_a_metadata_file_that_is_another_one(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.on(Answer(200, body=b"Name: other\n"), stage="sidecar")
    (findings,) = look(private(corp))
    says(findings, "problem", "hash does not match")


def test_a_refused_range_is_no_verdict(simulator: IndexSimulator, corp: Repository) -> None:
    simulator.on(Answer(403), stage="file", ranged=True)
    (findings,) = look(private(corp))
    assert findings.file is not None
    assert (findings.file.answer.status, findings.file.ranged) == (200, False)
    assert is_usable(advise(findings))


@pytest.mark.parametrize("lie", [(0, 255), (-256, -10)], ids=["the start", "cut short"])
def test_another_part_than_was_asked_for(simulator: IndexSimulator, corp: Repository, lie: tuple[int, int]) -> None:
    size = 1 << 20
    first, last = (at % size for at in lie)
    simulator.on(Answer(206, headers={"Content-Range": f"bytes {first}-{last}/{size}"}), stage="file", ranged=True)
    (findings,) = look(private(corp))
    assert findings.file is not None
    assert (findings.file.answer.status, findings.file.ranged) == (206, False)


def test_a_wheel_with_a_metadata_file_is_looked_at_first(corp: Repository) -> None:
    corp.projects.clear()
    corp.add(make_wheel("corplib", "0.9"), sidecar=False)
    corp.add(make_wheel("corplib", "1.0"))
    (findings,) = look(private(corp))
    assert findings.file is not None
    assert findings.file.filename.startswith("corplib-1.0")
    assert findings.seen is not None
    assert (findings.seen.wheels, findings.seen.sidecars) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (FORBIDDEN, "note", "refused by policy"),
        (Answer(404), "advice", "listed and not handed out: 404"),
        (Answer(401), "problem", "listed and not handed out: 401"),
        (login_page("Corp login"), "problem", "An HTML page comes in place"),
        (Answer(drop_after=-1), "problem", "cannot be had"),
    ],
)
def test_a_file(simulator: IndexSimulator, corp: Repository, answer: Answer, level: str, words: str) -> None:
    simulator.on(answer, stage="file")
    (findings,) = look(private(corp))
    says(findings, f"{level}: ", words)
    assert is_usable(advise(findings)) == (level != "problem")


@pytest.mark.parametrize(("status", "level"), [(401, "problem"), (403, "advice")])
def test_files_on_another_origin(simulator: IndexSimulator, status: int, level: str) -> None:
    corp = simulator.repository("corp", users={"zoe": "s3cret"})
    closed = simulator.repository("files", users={"zoe": "s3cret"}, missing=status)
    wheel = make_wheel("corplib", "1.0")
    closed.add(wheel)
    elsewhere = closed.file_url(wheel).replace(simulator.host, simulator.other_host)
    corp.add(wheel, entry={"url": elsewhere})
    (findings,) = look(private(corp))
    says(findings, f"{level}: ", "another origin", f'origins = ["{simulator.other_host}"]', str(status))
    (findings,) = look(private(corp, origins=(simulator.other_host,)))
    assert remarks(findings) == []


# -- no index at all ---------------------------------------------------------------------------------------------------


def test_a_login_page(simulator: IndexSimulator) -> None:
    simulator.on(login_page("Corp login"))
    (findings,) = look(make_index(simulator.url))
    assert not is_usable(advise(findings))
    says(findings, "problem", "something else than a listing")


def test_another_page(simulator: IndexSimulator) -> None:
    page = simulator.serve("/wiki/", b'<title>Wiki</title><input type="password">', "text/html").replace(
        "wiki/", "wiki"
    )
    (findings,) = look(make_index(page))
    says(findings, "problem", '"Wiki"')


def test_nobody_answers() -> None:
    with IndexSimulator() as gone:
        url = gone.url
    (findings,) = look(make_index(url))
    assert findings.unknown is None
    says(findings, "problem", "cannot be used")
    assert not wants_credential(findings)


def test_a_redirect_loop(simulator: IndexSimulator) -> None:
    simulator.on(redirect("/simple/"))
    (findings,) = look(make_index(simulator.url))
    says(findings, "problem", "circles")
