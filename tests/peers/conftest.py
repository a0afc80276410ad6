"""Real servers, one of each for the whole run, and the world of the end-to-end tests to install in from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from end_to_end.conftest import clean_variables, pristine, world  # noqa: F401 - fixtures
from peers import installations
from peers.servers import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from end_to_end.world import World


@pytest.fixture(scope="session")
def nginx_program() -> Path:
    """The nginx program."""
    return _program(installations.nginx)


@pytest.fixture(scope="session")
def devpi_program() -> Path:
    """The devpi-server program; devpi-init is its neighbour."""
    return _program(lambda: installations.python_program("peer-devpi", "devpi-server"))


@pytest.fixture(scope="session")
def pypiserver_program() -> Path:
    """The pypi-server program."""
    return _program(lambda: installations.python_program("peer-pypiserver", "pypi-server"))


@pytest.fixture(scope="session")
def accounts() -> tuple[Account, Account]:
    """Two people of one name, with a password each: an installer that goes by host or by user mixes them up."""
    return Account("ci"), Account("ci")


@pytest.fixture
def client(
    world: World,  # noqa: F811
    accounts: tuple[Account, Account],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A world without a keyring, which gives nobody's password away."""
    monkeypatch.setenv("PIP_KEYRING_PROVIDER", "disabled")
    yield world
    for account in accounts:
        assert world.leaks(account.password) == []


def _program(find: Callable[[], Path]) -> Path:
    try:
        return find()
    except installations.Missing as missing:
        pytest.skip(str(missing))
