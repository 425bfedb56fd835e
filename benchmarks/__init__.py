"""Measures what the engine costs, beside the least that the same work could cost."""
