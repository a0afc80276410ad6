"""Wheels: read an archive, check it, plan its installation. Nothing here opens a file or writes one.

``archive`` takes the zip format apart and ``paths`` says which names may be unpacked; ``contents`` finds what a wheel
says about itself (``dist_info``, ``record``, ``entry_points``); ``tail`` reads metadata out of the end of an archive
that was not downloaded. ``manifest`` is what is kept about a wheel once it is unpacked, ``plan`` where its files go and
``scripts`` the texts of its commands. PEP 427, 376, 491, 627 and the "Binary distribution format" specification.
"""
