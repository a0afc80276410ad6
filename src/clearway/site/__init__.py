"""Changing an environment, whole or not at all (DESIGN 4.9).

::

    stage     new files are linked, written and compiled below <site-packages>/.clearway/new     nothing has changed yet
    plan      removal and merge find the renames that take old files away and put new ones in
    journal   the renames are written down, done, and - killed, failed or interrupted - undone
    finish    what was put aside is deleted, and .clearway with it

``environment_site`` is the way in. ``staging`` uses ``linking`` and ``bytecode``; ``removal`` uses ``cover``; ``files``
holds the few things that are done to files everywhere here.
"""
