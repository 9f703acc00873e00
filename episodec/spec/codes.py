"""The codes of all diagnostics: stable names that outlive their wording.

Families: Y0 the YAML text, S1 the shape, E2 within one episode, X3 across the series, F4 files and identity, P5
project. A code never gets a second meaning; a retired one keeps a line in this table so that it is not reused.
"""

from collections.abc import Mapping
from types import MappingProxyType

from episodec.spec.code import DiagnosticCode, error, warning
from episodec.spec.codes_of_narration import NARRATION
from episodec.spec.codes_of_picture import CAMERA, FACE, TRACKS
from episodec.spec.codes_of_project import FILES, PROJECT, SERIES
from episodec.spec.codes_of_text import SHAPE, YAML

_EPISODE = (
    *TRACKS,
    error("E205", "blank-text", "A text is blank.", "The text has no letter or digit."),
    *NARRATION,
    warning(
        "E250",
        "mute-characters",
        "The voice text has characters without a sound.",
        "Voices skip emoji, arrows and box drawing, name some of them, and refuse letters of scripts that "
        "they do not know. Numbers, units, currencies, mathematical signs and single Greek letters are read as words "
        "in Russian "
        "and English (docs/readings.md); other languages are checked only for pictures.",
    ),
    warning(
        "E251",
        "markdown-in-narration",
        "The voice text contains Markdown.",
        "A narration is plain text: captions would show the marks of bold text, headings, lists, links and code, and "
        "voices read some of them aloud. Put addresses into the description.",
    ),
    error(
        "E208",
        "timings-without-recording",
        "Word times are given without their recording.",
        "`voice.timings` belongs to `voice.file`. A spoken text gets its word times from the voice backend.",
    ),
    error(
        "E209",
        "backend-conflict",
        "A file is given, but the chosen backend would not use it.",
        "An author's file selects the backend of its stage: `file` for a recording, `ply` for a "
        "scene, `mesh` for a model; another backend contradicts it.",
    ),
    error(
        "E290",
        "unknown-placeholder",
        "A post has an unknown placeholder.",
        "`post.header` and `post.footer` may contain placeholders such as {number}, {ordinal} and {file:video}; "
        "docs/posts.md lists them. A brace that is text is written twice: `{{`. `post.body` has no placeholders.",
    ),
    error("E210", "unknown-stage", "There is no such stage.", "Backends and overrides are named by stage."),
    error(
        "E211",
        "disclosure-missing",
        "The episode has no disclosure of its synthetic media.",
        "Viewers must learn what is synthetic. Set `disclosure` in series.yaml for all episodes, or in the episode.",
    ),
    error(
        "E212",
        "language-tag",
        "This is not a language tag.",
        "Languages are named by BCP 47 tags: ru, en, en-GB, zh-Hant-TW.",
    ),
    error(
        "E213",
        "unknown-code",
        "`allow` names a code that does not exist.",
        "The line allows nothing: it is misspelt, or the code was removed. `allow` takes the codes of warnings and of "
        "notes of backends; `episodec explain` lists both.",
    ),
    error(
        "E214",
        "not-allowable",
        "`allow` names an error that cannot be allowed.",
        "Only warnings and notes of backends can be allowed; with an error there is nothing sensible to build.",
    ),
    error(
        "E215",
        "naming-template",
        "The naming template cannot be used.",
        "It may contain plain text and {character}, {season}, {number}; a number may have a width: {number:03}.",
    ),
    error(
        "E216",
        "unsafe-name",
        "The episode's name is not a safe file name.",
        "Deliverables are files: names consist of letters, digits, dot, underscore and hyphen, start with a letter, "
        "a digit or an underscore, have at most 100 characters and are not names that Windows reserves.",
    ),
    error("E217", "character-missing", "No character is named.", "Set `character` in the episode, or in series.yaml."),
    error(
        "E218",
        "season-missing",
        "The name needs a season, but none is named.",
        "The naming template uses {season}. Set `season` in the episode or in series.yaml.",
    ),
    error(
        "E222",
        "nothing-reads-this",
        "The spec has a field that no stage reads.",
        "The language has fields that this version cannot use. A field that no stage reads is refused, because it "
        "would be silently ignored.",
    ),
    error(
        "E223",
        "no-such-sentence",
        "A take is given for a sentence that does not exist.",
        "`voice.takes` names sentences by how they begin, so that other sentences can be added or removed.",
    ),
    warning(
        "E224",
        "recording-without-words",
        "A recording has no words.",
        "Captions are made from the words of `voice.text` or of `voice.timings`; a recording alone has none.",
    ),
    error(
        "E236",
        "not-speakable",
        "The voice cannot speak the text.",
        "A voice speaks the languages and scripts that it was made for; in others it would say the names of "
        "letters, or nothing. Add the spoken form to the lexicon, choose another backend, or give a recording.",
    ),
    warning(
        "E280",
        "sound-alone",
        "An episode has only sound, because its character has no portrait.",
        "A picture is made from the character's portrait, which is beside character.yaml; an episode asks for one with "
        "its `camera`. Without a portrait there is nothing to film.",
    ),
    *CAMERA,
    error("E221", "profile-not-described", "The default profile is not defined.", "It must be a name in `profiles`."),
    warning(
        "E230",
        "foley-words-unknown",
        "The draft ambience does not know a word of the prompt.",
        "The backend `procedural` builds ambience from single words, English and Russian. A misspelt word counts as "
        "the nearest known one; any other unknown word changes nothing in the sound. Backends with "
        "a generative model read the whole prompt.",
    ),
    error(
        "E264",
        "foley-not-understood",
        "The draft ambience does not know any sound of the prompt.",
        "The backend `procedural` builds ambience from single words, English and Russian, and knows no word of this "
        "prompt that asks for a sound: it would play a quiet room instead. Backends with a "
        "generative model accept any prompt.",
    ),
    error(
        "E240",
        "recording-missing",
        "A stage needs an author's file, but none is named.",
        "Some backends only take files: `file` takes a recording, `ply` and `4dgs-checkpoint` take a scene, `mesh`, "
        "`images` and `video` take files that character.yaml names. A field of the stage's section names the file.",
    ),
    *FACE,
    error(
        "E244",
        "absent-stage",
        "The episode does not have this stage.",
        "An episode has the stages that its sections ask for: `voice`, `join` and `captions` for a `voice`, `plan`, "
        "`scene`, `render` and `picture` for a `camera`. A backend or an override of another stage would be ignored in "
        "silence.",
    ),
    error(
        "E245",
        "unknown-override",
        "The backend does not take this override.",
        "The overrides of a stage depend on its backend: `docs/overrides.md` and `episodec schema --overrides` "
        "list them.",
    ),
    error(
        "E246",
        "override-value",
        "The backend does not take this value.",
        "An override is a number in a range, a text, true or false, or one of a few words, as its backend declares; "
        "`docs/overrides.md` and `episodec schema --overrides` list them.",
    ),
    error(
        "E247",
        "background-sources",
        "The fields of a background contradict each other.",
        "A background is either colours or a picture, and an episode sets it once. Fields that would be ignored are "
        "refused.",
    ),
    error(
        "E248",
        "films-of-one-name",
        "Two films of an episode would have the same name.",
        "The first film in `deliver` has the episode's name; each other one also has its size in its name.",
    ),
    error(
        "E272",
        "captions-no-letters",
        "The font of burnt captions lacks a letter of the narration.",
        "Burnt captions are drawn with a font that ships with episodec, so that they look the same everywhere. It "
        "has the letters of Latin, Greek and Cyrillic. Captions as tracks and files can have any letter.",
    ),
    error(
        "E242",
        "scene-sources",
        "Fields of a character's scene exclude each other.",
        "Views come from a model, pictures or a backend; motion comes from a video, pictures or a "
        "backend. Fields of another source are refused, because they would be silently ignored.",
    ),
    error(
        "E243",
        "held-out-frames",
        "These moving frames cannot be held out.",
        "One moving frame is held out for validation and one for the final test. They are two different frames, and "
        "neither is the first or the last, which bound the times that are learned.",
    ),
)

CODES: Mapping[str, DiagnosticCode] = MappingProxyType(
    {one.code: one for family in (YAML, SHAPE, _EPISODE, SERIES, FILES, PROJECT) for one in family}
)
