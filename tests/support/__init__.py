"""What the tests share: factories, an index simulator and fakes for the ports."""
