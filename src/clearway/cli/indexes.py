"""Makes the indexes of a run: those that have a table, those that options name, each with its credential.

One that is meant by its name has all that its tables say. One that is given by URL has what the URL says, and what is
kept for its host.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from clearway.index.routing import choose_index, make_index, route
from clearway.secrets.sources import Want

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clearway.errors import IndexFailure
    from clearway.index.records import Index
    from clearway.model.inputs import Given
    from clearway.policy.rules import Rules
    from clearway.secrets.sources import Secrets
    from clearway.settings.settings import ConfiguredIndex, Settings

Turns = tuple[tuple["Index", ...], ...]


def make_turns(
    settings: Settings,
    default: Given,
    secrets: Secrets,
    failed: Callable[[Index, IndexFailure], None] | None = None,
) -> Turns:
    """Return the indexes in the order in which they are asked.

    :param default: the one to ask last.
    :param failed: told of an index whose credential command has failed; else that is raised.
    :raises InputError: ``bad-index-url``, ``unknown-index``, and what is wrong with a credential's source.
    :raises IndexFailure: ``credential-command``.
    """
    configured = [(_configure(one), one) for one in settings.indexes]
    indexes = [index for index, _ in configured]
    wants = []
    for given in (*settings.extra_index_url, default):
        index = choose_index(given.value, given.origin, indexes, settings.rules)
        own = next((one for known, one in configured if known is index), None)
        text = own.url.value if own is not None else given.value
        wants.append(Want(index, is_complete=_has_password(text), own=own))
    *extras, last = secrets.fill(wants, failed)
    return route(last, extras, settings.index_strategy)


def make_links(places: Sequence[Given], rules: Rules, secrets: Secrets) -> tuple[Index, ...]:
    """Return pages and folders of links.

    :raises InputError: ``bad-index-url``.
    """
    return secrets.fill(
        [
            Want(
                make_index(one.value, kind="find-links", source=one.origin, rules=rules),
                is_complete=_has_password(one.value),
            )
            for one in places
        ]
    )


def _configure(one: ConfiguredIndex) -> Index:
    """Return an index that has a table."""
    more = one.particulars
    return msgspec.structs.replace(
        make_index(one.url.value, name=one.name, source=one.url.origin, rules=one.rules),
        origins=more.origins,
        claims=more.packages,
        lent=not one.vouched,
        explicit=more.explicit,
        forwarded=more.forwarded,
        client_cert=os.path.expanduser(more.client_cert),
        client_key=os.path.expanduser(more.client_key),
    )


def _has_password(url: str) -> bool:
    """Whether the user info of a URL has a password, be it empty: then it is all that there is to say."""
    try:
        return urlsplit(url.strip()).password is not None
    except ValueError:  # no URL; it is a folder then, or the name of an index
        return False
