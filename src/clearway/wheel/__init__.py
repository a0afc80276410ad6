"""Wheels: read an archive, check it, plan its installation. Nothing here opens a file or writes one.

``directory`` and ``archive`` take the zip format apart, and ``paths`` says which names may be unpacked; ``contents``
finds what a wheel says about itself (with ``record`` and ``entry_points``); ``tail`` reads metadata out of the end of
an archive that was not downloaded. ``manifest`` is what is kept about a wheel once it is unpacked, ``plan`` where its
files go, and ``scripts`` the texts of its commands. PEP 427, 376, 491, 627 and the "Binary distribution format".
"""
