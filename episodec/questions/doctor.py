"""Checks whether this machine can build: packages, ffmpeg, settings, backends, cache. Findings say how to fix them."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Literal

from episodec.backends import offers, target_of
from episodec.errors import BackendError, EpisodecError
from episodec.extras import EXTRAS, lacks, to_install
from episodec.project import tree
from episodec.project.authoring import nearest
from episodec.project.backend_checks import all_missing
from episodec.project.declared import loaded
from episodec.series.request import Request
from episodec.series.session import Session, opened
from episodec.store.rows import WrongRow
from episodec.text import count_text

_FILL_IN = "see below what each one lacks; `episodec doctor --write-local` writes a file of settings to fill in"
FREE_BYTES = 2 * 10**9  # A cache with less room fills up within an episode or two.


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    what: str
    verdict: Literal["ok", "note", "wrong"]
    sentence: str
    hint: str | None = None


def doctor(request: Request, notice: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """The checks of everything that a build on this machine depends on."""
    findings = [_python(), *_packages(), *_extras(), _ffmpeg(), _gpu(), *_installed()]
    here = tree.locate(".")
    places = [here] if here is not None else tree.locate_below(".")
    if not places:
        findings.append(Finding("series", "note", "no series found here, so no backends were checked"))
    for place in places:
        try:
            with opened(place, [place.folder()], request, notice) as session:
                findings += [*_settings(session), *_profiles(session), *_cache(session)]
        except EpisodecError as error:
            findings.append(_wrong(place.folder(), error))
    return findings


def _python() -> Finding:
    return Finding("Python", "ok", sys.version.split()[0])


def _packages() -> Iterator[Finding]:
    try:
        needed = requires("episodec") or []
    except PackageNotFoundError:
        yield Finding("episodec", "note", "runs from a checkout and is not installed", "make env")
        return
    missing, count = [], 0
    for line in needed:
        if "extra ==" in line:
            continue
        name = line.split(";")[0].strip().split(" ")[0]
        for sign in "<>=!~[":
            name = name.partition(sign)[0]
        try:
            version(name)
            count += 1
        except PackageNotFoundError:
            missing.append(name)
    yield Finding("packages", "ok", f"{count} installed")
    for name in missing:
        yield Finding(name, "wrong", "is not installed", "make env, or: pip install " + name)


def _extras() -> Iterator[Finding]:
    """The extras, all optional: the checks of a profile's backends report those that it needs."""
    for name, extra in EXTRAS.items():
        absent = [each for one in (name, *extra.implies) for each in lacks(one)]
        if absent:
            sentence = f"{extra.purpose}; not installed: {', '.join(absent)}"
            yield Finding(f"extra {name}", "note", sentence, to_install(name))
        else:
            yield Finding(f"extra {name}", "ok", extra.purpose)


def _ffmpeg() -> Finding:
    try:
        import imageio_ffmpeg

        path = imageio_ffmpeg.get_ffmpeg_exe()
        ran = subprocess.run([path, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
        text = ran.stdout.decode("utf-8", "replace").splitlines()[0]
        return Finding("ffmpeg", "ok", " ".join(text.split()[:3]))
    except (ImportError, RuntimeError, OSError, subprocess.SubprocessError, IndexError) as error:
        return Finding("ffmpeg", "wrong", f"cannot be run: {error}", "pip install imageio-ffmpeg")


def _gpu() -> Finding:
    program = shutil.which("nvidia-smi")
    if program is None:
        return Finding("GPU", "note", "none found; drafts do not need one, and systems can be set to `device: cpu`")
    command = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("GPU", "note", f"nvidia-smi failed: {error}")
    return Finding("GPU", "ok", "; ".join(ran.stdout.decode("utf-8", "replace").splitlines()))


def _installed() -> Iterator[Finding]:
    """The backends of other packages. A broken one is only noted, because it may not be in use."""
    offered = offers()
    for name, rows in sorted(offered.items()):
        strangers = [one.package for one in rows if one.package != "episodec"]
        if not strangers:
            continue
        what = f"package {', '.join(strangers)}"
        try:
            stages = loaded(name, target_of(offered, name)).backend.stages
            plural = "stages" if len(stages) > 1 else "stage"
            yield Finding(what, "ok", f"offers the backend `{name}` for {plural} {', '.join(sorted(stages))}")
        except BackendError as error:
            finding = _wrong(what, error)
            yield Finding(what, "note", f"offers the backend `{name}`: {finding.sentence}", finding.hint)


def _settings(session: Session) -> Iterator[Finding]:
    """Diagnostics of series.yaml and of this machine's settings."""
    diagnostics = session.project.diagnostics
    for diagnostic in diagnostics:
        verdict: Literal["note", "wrong"] = "wrong" if diagnostic.severity == "error" else "note"
        yield Finding(diagnostic.path, verdict, f"{diagnostic.code}: {diagnostic.message}", diagnostic.help)
    if not diagnostics:
        entries = sum(len(one) for one in session.project.settings.backends.values())
        yield Finding("settings", "ok", f"series.yaml and {entries} entries of this machine can be read")


def _profiles(session: Session) -> Iterator[Finding]:
    """Each profile with its systems, the one that is built first. Every system is loaded and fingerprinted.

    Problems of the built profile are wrong. Of other profiles only the number of missing systems is noted, and the
    problems of systems named in this machine's settings.
    """
    project = session.project
    if project.series is None:
        return
    states: dict[str, Finding] = {}
    reported: set[str] = set()
    settled = project.settings.backends
    built = project.series_file.profile()[0]
    profiles = project.series.profiles
    for profile in sorted(profiles, key=lambda name: (name != built, name)):
        stages: dict[str, list[str]] = {}
        for stage, name in profiles[profile].backends.items():
            stages.setdefault(name, []).append(stage)
        for name in stages.keys() - states.keys():
            states[name] = _backend(session, name, f"profile {profile}", stages[name])
        lacking = [states[name] for name in stages if states[name].verdict == "wrong"]
        yield _profile(profile, len(stages), lacking, is_built=profile == built)
        for name in sorted(stages.keys() - reported):
            reported.add(name)
            if profile == built or states[name].verdict == "ok":
                yield from _with_licence(session, name, states[name])
            elif name in settled:
                yield _noted(states[name])
    for name in sorted(settled.keys() - states.keys()):
        yield _noted(_backend(session, name, "the settings of this machine", []))


def _profile(name: str, systems: int, lacking: Sequence[Finding], *, is_built: bool) -> Finding:
    what = f"profile {name}"
    if not lacking:
        return Finding(what, "ok", "ready")
    sentence = f"{len(lacking)} of {count_text(systems, 'system')} not set up"
    if is_built:
        return Finding(what, "wrong", sentence, _FILL_IN)
    hint = f"`episodec doctor --profile {name}` shows what each one lacks; docs/backends.md lists their settings"
    return Finding(what, "note", sentence, hint)


def _backend(session: Session, name: str, where: str, stages: Sequence[str]) -> Finding:
    """The check whether a backend can run here."""
    what, backends = f"backend {name}", session.project.backends
    try:
        known = backends.targets()
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(sorted(known))}"
            return Finding(what, "wrong", f"{where} names it, and it is not installed", hint)
        backends.fingerprint("", name)
    except EpisodecError as error:
        return _wrong(what, error, all_missing(backends, name, error))
    return Finding(what, "ok", f"ready for {', '.join(stages)}" if stages else "ready")


def _with_licence(session: Session, name: str, finding: Finding) -> Iterator[Finding]:
    yield finding
    licence = session.project.backends.licence(name) if finding.verdict == "ok" else None
    if licence is not None:
        yield Finding(finding.what, "note", str(licence))


def _noted(finding: Finding) -> Finding:
    return replace(finding, verdict="note") if finding.verdict == "wrong" else finding


def _cache(session: Session) -> Iterator[Finding]:
    root = session.cache.layout.root
    free = shutil.disk_usage(root).free
    if free < FREE_BYTES:
        yield Finding("cache", "wrong", f"only {free / 1e9:.1f} GB are free at {root}", "episodec gc --max-size 10G")
    else:
        yield Finding("cache", "ok", f"{root}, {free / 1e9:.0f} GB free")
    mode = session.cache.index.rows("PRAGMA journal_mode")[0][0]
    if mode != "wal":
        hint = "put cache/ on a local disk: here, concurrent builds block each other"
        yield Finding("index", "note", f"its journal mode is {mode}, not wal", hint)
    damaged = session.cache.index.rows("PRAGMA quick_check(1)")[0][0]
    if damaged == "ok":
        yield Finding("index", "ok", "sound")
    else:  # The damage is in a page that no command has read so far.
        where = damaged.splitlines()[-1]
        session.cache.index.recover(WrongRow(where))
        yield Finding(
            "index", "note", f"it was damaged ({where}) and has been replaced", "the next build makes its results again"
        )


def _wrong(what: str, error: EpisodecError, more: Mapping[str, str] | None = None) -> Finding:
    facts = "; ".join(f"{name}: {value}" for name, value in {**error.facts, **(more or {})}.items())
    return Finding(what, "wrong", error.sentence + (f" ({facts})" if facts else ""), error.hint)
