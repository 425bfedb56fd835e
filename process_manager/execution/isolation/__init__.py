"""Steps in a process of their own: a crash, a hang or an exit in one ends its child, and neither worker nor neighbours.

Nothing is imported here: a child imports this package first, and its start is what a step waits for.
"""
