"""Events and answers as text, for people, for logs and for programs. Decides nothing, runs nothing."""
