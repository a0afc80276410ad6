"""What the indexes offer: listings cut down to what a target can use, metadata and archives (DESIGN 4.4).

``catalog`` is the face of the room: it lives on the main thread, answers from the store at once where it can, and
else sends the crew. The other modules are plain functions that run in workers: they take ports and return values.
"""
