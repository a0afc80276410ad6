"""The simple repository protocol: records, parsing, rendering, content negotiation, and which index is asked for what.

Pure: bytes and texts go in, values come out. Standards: PEP 503 (HTML), 691 (JSON), 700 (sizes, upload times), 592
(yanked), 658 and 714 (metadata sidecars), 629 (versioning), 792 (project status); 708 is not followed (DESIGN 4.8).
"""
