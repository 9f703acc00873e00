"""The sentence that names the tools an episode was made with."""

from collections.abc import Mapping, Sequence

from episodec.page.labels import Labels
from episodec.page.markdown import inline
from episodec.page.summary import EpisodeSummary


def tools_sentence(summary: EpisodeSummary) -> str:
    """`Made with espeak (voice), procedural (ambience) and relief (scene).`; empty if no stage of these was done.

    The stages between them (joining, encoding, checking) are left out: readers would not recognise their results.
    """
    words = summary.labels
    names = _stage_names(words)
    uses: dict[str, list[str]] = {}
    for stage, backend in summary.params["backends"]:
        if name := names.get(str(stage)):
            purposes = uses.setdefault(words.recording if backend == "file" else str(backend), [])
            purposes += [] if name in purposes else [name]
    tools = [f"{inline(tool)} ({', '.join(purposes)})" for tool, purposes in uses.items()]
    return words.tools_are.format(tools=_listed(tools, words)) if tools else ""


def _stage_names(words: Labels) -> Mapping[str, str]:
    """The results of the stages, in words within a sentence."""
    named = {
        "voice": words.voice,
        "foley": words.ambience,
        "views": words.views,
        "motion": words.motion,
        "refine": words.refined,
        "scene": words.scene,
        "train": words.scene,
        "video": words.video,
    }
    return {stage: name[:1].lower() + name[1:] for stage, name in named.items()}


def _listed(names: Sequence[str], words: Labels) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {words.conjunction} {names[-1]}"
