"""Questions about a series, answered as values: what a build would do, how things stand, why, and what hangs on what.

Nothing here changes dist/ or runs an action; memos in cache/ may be filled. How an answer is shown is `report`'s.
"""
