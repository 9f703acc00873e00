"""Whether this machine can build: packages, ffmpeg, settings, backends, cache. Findings say how to mend them."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Literal

from episodec.backends import offers, target_of
from episodec.errors import BackendError, EpisodecError
from episodec.extras import EXTRAS, lacks, to_install
from episodec.project import tree
from episodec.project.declared import loaded
from episodec.series.request import Request
from episodec.series.session import Session, opened
from episodec.store.rows import WrongRow

FREE_BYTES = 2 * 10**9  # A cache with less room fills up within an episode or two.


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Literal["ok", "note", "wrong"]
    sentence: str
    hint: str | None = None


def doctor(request: Request, notice: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Everything that a build on this machine hangs on."""
    findings = [_python(), *_packages(), *_extras(), _ffmpeg(), _gpu(), *_installed()]
    here = tree.locate(".")
    places = [here] if here is not None else tree.locate_below(".")
    if not places:
        findings.append(Finding("series", "note", "there is no series here, so its backends were not looked at"))
    for place in places:
        try:
            with opened(place, [place.folder()], request, notice) as session:
                findings += [*_settings(session), *_backends(session), *_cache(session)]
        except EpisodecError as error:
            findings.append(_wrong(place.folder(), error))
    return findings


def _python() -> Finding:
    return Finding("Python", "ok", sys.version.split()[0])


def _packages() -> Iterator[Finding]:
    try:
        needed = requires("episodec") or []
    except PackageNotFoundError:
        yield Finding("episodec", "note", "runs from its folder and is not installed", "make env")
        return
    missing, found = [], 0
    for line in needed:
        if "extra ==" in line:
            continue
        name = line.split(";")[0].strip().split(" ")[0]
        for sign in "<>=!~[":
            name = name.partition(sign)[0]
        try:
            version(name)
            found += 1
        except PackageNotFoundError:
            missing.append(name)
    yield Finding("packages", "ok", f"{found} installed")
    for name in missing:
        yield Finding(name, "wrong", "is not installed", "make env, or: pip install " + name)


def _extras() -> Iterator[Finding]:
    """None of them must be there: what a profile needs of them, its backends tell."""
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
        return Finding("GPU", "note", "none was found; nothing of this version needs one")
    command = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("GPU", "note", f"nvidia-smi does not answer: {error}")
    return Finding("GPU", "ok", "; ".join(ran.stdout.decode("utf-8", "replace").splitlines()))


def _installed() -> Iterator[Finding]:
    """Every backend of another package. What is wrong with one that nobody names harms nobody: it is noted."""
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
            told = _wrong(what, error)
            yield Finding(what, "note", f"offers the backend `{name}`: {told.sentence}", told.hint)


def _settings(session: Session) -> Iterator[Finding]:
    """Diagnostics of series.yaml and of the settings of this machine."""
    found = session.project.diagnostics
    for one in found:
        verdict: Literal["note", "wrong"] = "wrong" if one.severity == "error" else "note"
        yield Finding(one.path, verdict, f"{one.code}: {one.message}", one.help)
    if not found:
        entries = sum(len(one) for one in session.project.settings.backends.values())
        yield Finding("settings", "ok", f"series.yaml and {entries} entries of this machine can be read")


def _backends(session: Session) -> Iterator[Finding]:
    """Every backend that a profile or this machine's settings name: it is loaded and asked for its fingerprint."""
    project = session.project
    profiles = project.series.profiles if project.series is not None else {}
    named = {name: f"profile {profile}" for profile, one in profiles.items() for name in one.backends.values()}
    named |= dict.fromkeys(project.settings.backends, "the settings of this machine")
    for name, where in sorted(named.items()):
        try:
            known = project.backends.targets()
            if name not in known:
                hint = f"there are: {', '.join(sorted(known))}"
                yield Finding(f"backend {name}", "wrong", f"{where} names it, and it is not installed", hint)
                continue
            parts = project.backends.fingerprint("", name)
            yield Finding(f"backend {name}", "ok", f"{len(parts)} parts of its fingerprint are known")
            licence = project.backends.licence(name)
            if licence is not None:
                yield Finding(f"backend {name}", "note", str(licence))
        except EpisodecError as error:
            yield _wrong(f"backend {name}", error)


def _cache(session: Session) -> Iterator[Finding]:
    root = session.cache.layout.root
    free = shutil.disk_usage(root).free
    if free < FREE_BYTES:
        yield Finding("cache", "wrong", f"only {free / 1e9:.1f} GB are free at {root}", "episodec gc --max-size 10G")
    else:
        yield Finding("cache", "ok", f"{root}, {free / 1e9:.0f} GB free")
    mode = session.cache.index.rows("PRAGMA journal_mode")[0][0]
    if mode != "wal":
        hint = "put cache/ on a local disk: two builds at once wait for each other here"
        yield Finding("index", "note", f"its journal mode is {mode}, not wal", hint)
    damaged = session.cache.index.rows("PRAGMA quick_check(1)")[0][0]
    if damaged == "ok":
        yield Finding("index", "ok", "sound")
    else:  # In a place that no command has read so far.
        where = damaged.splitlines()[-1]
        session.cache.index.mend(WrongRow(where))
        yield Finding("index", "note", f"it was damaged ({where}), and is replaced", "build: results are made again")


def _wrong(what: str, error: EpisodecError) -> Finding:
    facts = "; ".join(f"{name}: {value}" for name, value in error.facts.items())
    return Finding(what, "wrong", error.sentence + (f" ({facts})" if facts else ""), error.hint)
