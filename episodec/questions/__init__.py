"""Questions about a series, answered as values: plans, states, reasons and dependencies.

Nothing here changes dist/ or runs an action; memos in cache/ may be filled. `report` turns the answers into text.
"""
