"""HunyuanVideo-Foley: ambience from a prompt."""
