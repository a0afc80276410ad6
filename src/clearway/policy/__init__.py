"""What an answer of an index means (DESIGN 4.6). Pure: a status and what was asked go in, a meaning comes out."""
