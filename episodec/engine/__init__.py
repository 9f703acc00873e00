"""The engine: actions, keys, plans and the protocols of the parts around it. It has never heard of film, and does no
I/O.
"""
