"""Run one step, in whatever way its author asked for.

Nothing is imported here: a child imports this package first, and its start is what a step waits for.
"""
