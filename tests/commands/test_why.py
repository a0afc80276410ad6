"""What would be installed and why: every reason against a release, who needs it, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clearway.cache.store import MemoryStore
from clearway.commands.events import Silent
from clearway.commands.explanation import Place
from clearway.commands.solving import Order
from clearway.commands.why import Inquirer
from clearway.errors import IndexFailure
from clearway.index.routing import make_index
from clearway.model.inputs import Stated
from clearway.model.names import normalize
from clearway.model.requirements import parse_requirement
from clearway.policy.rules import Rules
from clearway.resolution.problem import Wishes
from clearway.settings.formats import Formats
from support.jobs import Bench, RecordingSite, make_installed, metadata_of
from support.simulator import Answer
from support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clearway.commands.explanation import Explanation
    from clearway.index.records import Index
    from support.simulator import IndexSimulator


class Asker:
    """Asks about the environment ``installed`` ("name version" to requirements) and the indexes ``turns``."""

    def __init__(self, simulator: IndexSimulator) -> None:
        self.simulator = simulator
        self.turns: list[list[Index]] = [[make_index(simulator.url, name="corp")]]
        self.installed: dict[str, Sequence[str]] = {}
        self.benches: list[Bench] = []
        self.formats = Formats()

    def ask(
        self,
        name: str,
        *requirements: str,
        constraints: Sequence[str] = (),
        hashes: Sequence[str] = (),
        **wishes: object,
    ) -> Explanation:
        """Ask about a project; what would be installed is the project alone if nothing else is named."""
        bench = Bench(self.turns, MemoryStore(), self.formats, whole=False)
        self.benches.append(bench)
        installed = make_installed(dict(one.split() for one in self.installed))
        order = Order(
            tuple(Stated(parse_requirement(one), "command line", tuple(hashes)) for one in (requirements or (name,))),
            tuple(Stated(parse_requirement(one), "-c limits.txt, line 1") for one in constraints),
            Wishes(**wishes),
        )
        site = RecordingSite()
        inquirer = Inquirer(bench.catalog, bench.crew, installed, metadata_of(self.installed), (), self.turns)
        try:
            return inquirer.explain(normalize(name), order, site, Silent())
        finally:
            assert site.changes == []

    def publish(self, name: str, *versions: str, **facts: object) -> None:
        """Publish pure wheels."""
        for version in versions:
            self.simulator.add(make_wheel(name, version, **facts))

    def refuse(self, name: str, version: str, answer: Answer | None = None) -> None:
        """Let a wheel be refused from now on."""
        filename = f"{name}-{version}-py3-none-any.whl"
        self.simulator.on(answer or Answer(403, "Held"), stage="file", filename=filename)


@pytest.fixture
def asker(simulator: IndexSimulator) -> Iterator[Asker]:
    asker = Asker(simulator)
    yield asker
    for bench in asker.benches:
        bench.close()


def reasons(explanation: Explanation) -> dict[str, str]:
    return {one.version: one.reason for one in explanation.releases}


def kinds(explanation: Explanation) -> dict[str, str]:
    return {one.version: one.kind for one in explanation.releases}


def chosen(explanation: Explanation) -> str:
    return explanation.pin.version if explanation.pin is not None else ""


# -- one reason each ---------------------------------------------------------------------------------------------------


def test_every_newer_release_has_its_reason(asker: Asker) -> None:
    asker.formats = Formats(only_binary=frozenset({":all:"}))
    asker.publish("lib", "1.0", "2.0", "2.1", "9.0a1", "2.9")
    asker.publish("lib", "2.2", requires_python=">=3.99")
    asker.publish("lib", "2.3", tags="cp312-cp312-win_amd64")
    asker.simulator.add(make_sdist("lib", "2.4"))
    asker.simulator.add(make_wheel("lib", "2.5"), yanked="broken")
    asker.simulator.add(make_wheel("lib", "2.6"), served=False)
    asker.refuse("lib", "2.1")
    told = asker.ask("lib", "lib<2.9")
    assert chosen(told) == "2.0"
    assert told.older == 1
    assert list(reasons(told).items()) == [
        ("9.0a1", "not in lib<2.9, asked for (command line)"),
        ("2.9", "not in lib<2.9, asked for (command line)"),
        ("2.6", "listed by corp but not there (404)"),
        ("2.5", "yanked: broken, and nothing pins it"),
        ("2.4", "only a source archive, and --only-binary forbids it"),
        ("2.3", "wheels for cp312-cp312-win_amd64 only"),
        ("2.2", "needs Python >=3.99, and this is 3.12.0"),
        ("2.1", 'refused by corp (403: "Held")'),
    ]
    assert kinds(asker.ask("lib"))["9.0a1"] == "prerelease"


def test_a_python_that_only_the_metadata_names(asker: Asker) -> None:
    asker.publish("lib", "1.0")
    asker.simulator.add(make_wheel("lib", "2.0", requires_python=">=3.99"), entry={"requires-python": None})
    assert reasons(asker.ask("lib")) == {"2.0": "needs Python >=3.99, and this is 3.12.0"}


def test_a_hash_that_was_given(asker: Asker) -> None:
    first = make_wheel("lib", "1.0")
    asker.simulator.add(first)
    asker.publish("lib", "2.0")
    told = asker.ask("lib", hashes=[f"sha256:{first.sha256}"])
    assert (chosen(told), kinds(told)) == ("1.0", {"2.0": "hash"})


def test_what_nobody_may_step_around(asker: Asker) -> None:
    asker.installed = {"lib 1.0": ()}
    asker.simulator.add(make_wheel("lib", "2.0"), sidecar=False, entry={"hashes": {"sha256": "0" * 64}})
    (release,) = asker.ask("lib").releases
    assert release.kind == "fault"
    assert "is not the file that was promised" in release.reason
    assert release.details[0].endswith("0" * 64)


def test_metadata_that_nobody_can_read(asker: Asker) -> None:
    asker.publish("lib", "1.0")
    asker.publish("lib", "2.0", requires=["not a requirement"])
    told = asker.ask("lib")
    assert chosen(told) == "1.0"
    assert told.releases[0].kind == "fault"
    assert "not a requirement" in told.releases[0].reason


def test_what_a_constraint_leaves_out(asker: Asker) -> None:
    asker.publish("lib", "1.0", "2.0")
    told = asker.ask("lib", constraints=["lib<2"])
    assert reasons(told) == {"2.0": "not in lib<2, a constraint (-c limits.txt, line 1)"}
    assert [one.constraint for one in told.demands] == [False, True]


# -- who needs it, and what it needs -----------------------------------------------------------------------------------


def test_the_way_to_a_dependency(asker: Asker) -> None:
    asker.publish("lib", "1.0", "2.0")
    asker.publish("mid", "1.0", requires=["lib<2", "app"])
    asker.publish("app", "1.0", extras={"more": ["mid"]})
    told = asker.ask("lib", "app[more]")
    assert chosen(told) == "1.0"
    assert reasons(told) == {"2.0": "not in lib<2, which mid 1.0 needs"}
    (demand,) = told.demands
    assert (demand.by, demand.version, demand.through) == ("mid", "1.0", ("app",))


def test_a_requirement_of_the_release_that_is_not_met(asker: Asker) -> None:
    asker.publish("dep", "1.0", "2.0")
    asker.publish("lib", "1.0", requires=["dep"])
    asker.publish("lib", "2.0", requires=["dep>=2"])
    told = asker.ask("lib", "lib", "dep<2")
    assert chosen(told) == "1.0"
    assert reasons(told) == {"2.0": "needs dep>=2, and dep 1.0 is chosen"}


def test_a_requirement_that_is_refused(asker: Asker) -> None:
    asker.publish("dep", "1.0", "2.0")
    asker.publish("lib", "1.0", requires=["dep"])
    asker.publish("lib", "2.0", requires=["dep>=2"])
    asker.refuse("dep", "2.0")
    told = asker.ask("lib")
    assert chosen(told) == "1.0"
    assert reasons(told) == {"2.0": 'needs dep>=2, and dep 2.0 is refused by corp (403: "Held")'}


def test_a_conflict_further_down_is_derived(asker: Asker) -> None:
    asker.publish("base", "1.0", "2.0")
    asker.publish("dep", "2.0", requires=["base>=2"])
    asker.publish("lib", "1.0")
    asker.publish("lib", "2.0", requires=["dep"])
    told = asker.ask("lib", "lib", "base<2")
    assert chosen(told) == "1.0"
    (release,) = told.releases
    assert (release.kind, release.reason) == ("conflict", "there is no solution with it")
    assert "dep" in release.details[0]
    assert "you asked for base<2" in " ".join(release.details)


def test_what_another_choice_would_cost(asker: Asker) -> None:
    """Of two solutions, neither better than the other, the one that is not taken is told."""
    for name, base in (("left", "1.0"), ("right", "2.0")):
        asker.publish(name, "1.0")
        asker.publish(name, "2.0", requires=[f"through-{name}"])
        asker.publish(f"through_{name}", "1.0", requires=[f"base=={base}"])
    asker.publish("base", "1.0", "2.0")
    told = asker.ask("right", "left", "right")
    assert chosen(asker.ask("left", "left", "right")) == "2.0"
    assert chosen(told) == "1.0"
    assert reasons(told) == {"2.0": "would take base 2.0 instead of 1.0, left 1.0 instead of 2.0"}


# -- what is installed -------------------------------------------------------------------------------------------------


def test_newer_ones_than_what_is_kept_are_asked_for(asker: Asker) -> None:
    asker.installed = {"lib 1.0": ()}
    asker.publish("lib", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
    asker.refuse("lib", "1.6")
    told = asker.ask("lib")
    assert told.pin is not None
    assert told.pin.located is None
    assert kinds(told) == {
        "1.7": "open",
        "1.6": "refused",
        "1.5": "open",
        "1.4": "open",
        "1.3": "open",
        "1.2": "unseen",
        "1.1": "unseen",
    }
    asked = [seen.filename for seen in asker.simulator.seen(stage="file", method="GET")]
    assert sorted(asked) == [f"lib-1.{minor}-py3-none-any.whl" for minor in range(3, 8)]


def test_an_upgrade_that_would_be_refused(asker: Asker) -> None:
    asker.installed = {"lib 1.0": ()}
    asker.publish("lib", "1.0", "2.0")
    asker.refuse("lib", "2.0")
    told = asker.ask("lib", upgrade="only-if-needed")
    assert chosen(told) == "1.0"
    assert kinds(told) == {"2.0": "refused"}


def test_what_no_index_lists_is_kept(asker: Asker) -> None:
    asker.installed = {"lib 1.0": ()}
    told = asker.ask("lib")
    assert (chosen(told), told.releases, told.older) == ("1.0", (), 0)
    assert told.places == (Place("corp", "lacks"),)


# -- no release at all -------------------------------------------------------------------------------------------------


def test_what_nothing_needs(asker: Asker) -> None:
    asker.installed = {"lib 1.0": ()}
    asker.publish("lib", "2.0", "3.0")
    asker.publish("app", "1.0")
    asker.refuse("lib", "3.0")
    told = asker.ask("lib", "app")
    assert (told.pin, told.failure, told.demands) == (None, None, ())
    assert told.installed is not None
    assert kinds(told) == {"3.0": "refused", "2.0": "open"}


def test_a_pin_that_is_refused(asker: Asker) -> None:
    asker.publish("lib", "1.0", "2.0")
    asker.refuse("lib", "2.0")
    told = asker.ask("lib", "lib==2.0")
    assert told.failure is not None
    assert told.failure.code == "no-solution"
    assert reasons(told) == {
        "2.0": 'refused by corp (403: "Held")',
        "1.0": "not in lib==2.0, asked for (command line)",
    }
    assert told.releases[0].absence is not None
    assert told.releases[0].absence.reason == "Held"


def test_a_conflict_of_others(asker: Asker) -> None:
    asker.publish("lib", "1.0")
    asker.publish("app", "1.0", requires=["gone>3"])
    told = asker.ask("lib", "lib", "app")
    assert told.failure is not None
    assert "gone" in told.failure.context[0]
    assert kinds(told) == {"1.0": "open"}


@pytest.mark.parametrize(
    ("rules", "code"),
    [(Rules(on_refusal="fail"), "refused"), (Rules(max_refusals=1), "too-many-refusals")],
    ids=["refusals end the run", "too many refusals"],
)
def test_rules_by_which_an_installation_ends(asker: Asker, rules: Rules, code: str) -> None:
    asker.turns = [[make_index(asker.simulator.url, name="corp", rules=rules)]]
    asker.publish("lib", "1.0", "2.0", "3.0")
    asker.refuse("lib", "2.0")
    asker.refuse("lib", "3.0")
    told = asker.ask("lib")
    assert told.failure is not None
    assert told.failure.code == code
    assert kinds(told) == {"3.0": "refused", "2.0": "refused", "1.0": "open"}


def test_an_index_that_cannot_answer_is_no_answer(asker: Asker) -> None:
    asker.publish("lib", "1.0")
    asker.simulator.on(Answer(401), stage="listing")
    with pytest.raises(IndexFailure) as raised:
        asker.ask("lib")
    assert raised.value.code == "credential"


# -- where from --------------------------------------------------------------------------------------------------------


def test_the_order_of_the_indexes(asker: Asker) -> None:
    first, owner, last = (asker.simulator.repository(name) for name in ("first", "owner", "last"))
    asker.turns = [[make_index(one.url, name=one.name)] for one in (first, owner, last)]
    for one in (owner, last):
        one.add(make_wheel("lib", "1.0"))
    told = asker.ask("lib")
    assert [(one.name, one.standing) for one in told.places] == [
        ("first", "lacks"),
        ("owner", "owner"),
        ("last", "not asked"),
    ]
    assert asker.simulator.seen(repository="last") == []


def test_quarantine(asker: Asker) -> None:
    asker.simulator.default.project("lib", status="quarantined", reason="malware")
    told = asker.ask("lib")
    assert told.failure is not None
    assert told.withheld == "in quarantine: malware"


def test_a_url_asks_no_index(asker: Asker) -> None:
    wheel = make_wheel("lib", "1.0")
    asker.publish("lib", "2.0")
    asker.simulator.default.add(wheel, listed=False)
    told = asker.ask("lib", f"lib @ {asker.simulator.default.file_url(wheel)}")
    assert told.pin is not None
    assert (told.pin.version, told.pin.direct, told.releases) == ("1.0", True, ())
    assert asker.simulator.seen(stage="listing") == []
