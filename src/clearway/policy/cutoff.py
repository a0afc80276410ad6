"""When a file must have been uploaded to count (``--uploaded-prior-to``): before a moment, or before an age ago."""

from __future__ import annotations

import msgspec


class Cutoff(msgspec.Struct, frozen=True):
    """What was uploaded at this moment or later does not count.

    :param text: as stated: a date, or a date and time, of ISO 8601; without an offset in the zone of this machine.
    :param age: for a duration: the seconds before now.
    """

    text: str
    age: float | None = None

    def moment(self, now: float) -> float:
        """Return it in seconds of the epoch.

        :raises ValueError: the text is no date; ``OverflowError`` and ``OSError`` for those that are out of reach.
        """
        if self.age is not None:
            return now - self.age
        from datetime import datetime  # late: hardly any run has a cut-off

        return datetime.fromisoformat(self.text).timestamp()

    def shown(self, now: float) -> str:
        """Say it to people."""
        if self.age is None:
            return self.text
        from datetime import UTC, datetime  # late: as above

        return f"{datetime.fromtimestamp(self.moment(now), UTC):%Y-%m-%d %H:%M} UTC ({self.text})"
