"""The codes of all diagnostics: stable names that outlive their wording.

Families: Y0 the YAML text, S1 the shape, E2 within one episode, X3 over the series, F4 files and identity, P5 project.
A code is never given a second meaning; one that is no longer used is kept out of new use by a line in this table.
"""

from collections.abc import Mapping
from types import MappingProxyType

from episodec.spec.code import Code, error, warning
from episodec.spec.codes_of_narration import NARRATION
from episodec.spec.codes_of_text import SHAPE, YAML

_EPISODE = (
    error(
        "E201",
        "frames-do-not-add-up",
        "The segments of a track do not add up to the episode's frames.",
        "A track says what happens in every frame: the frames of its segments add up to the episode's. The last "
        "segment need not say how long it is: it fills the rest.",
    ),
    error(
        "E260",
        "segment-without-length",
        "A segment does not say how long it is.",
        "Only the last segment of a track may leave its length out: it fills the rest of the episode.",
    ),
    error(
        "E261",
        "length-in-seconds",
        "A length in seconds is none.",
        "`seconds` may stand in place of `frames`, and not beside them; they are a whole number of frames at the "
        "episode's rate, at most 324 000 of them: three hours at 30 a second.",
    ),
    error(
        "E202",
        "keys-out-of-order",
        "Keys do not follow one another.",
        "The keys of a segment are written in the order of their frames, each frame once.",
    ),
    error(
        "E203",
        "key-outside-segment",
        "A key lies outside its segment.",
        "A key's frame counts from the start of its segment: 0 is the first frame.",
    ),
    error(
        "E204",
        "video-excludes",
        "A ready video stands beside what it replaces.",
        "`video` takes the place of camera, time, scene and performance: what they say would be ignored.",
    ),
    error("E205", "blank-text", "A text says nothing.", "The text holds no letter and no digit."),
    *NARRATION,
    warning(
        "E250",
        "mute-characters",
        "The voice text holds characters that have no sound.",
        "Voices pass over emoji, arrows and box drawing, say the name of some, and refuse letters of scripts that "
        "they do not know. Numbers, units, currencies, mathematical signs and single Greek letters are read as words "
        "in Russian "
        "and English (docs/readings.md); other languages are only looked through for pictures.",
    ),
    warning(
        "E251",
        "markdown-in-narration",
        "The voice text is written in Markdown.",
        "A narration is plain text: captions show the marks of bold text, headings, lists, links and code, and voices "
        "say some of them. Words are stressed by the sentence, addresses are for the description.",
    ),
    error(
        "E208",
        "timings-without-recording",
        "Word times are given without the recording they belong to.",
        "`voice.timings` belongs to `voice.file`. A spoken text gets its word times from the voice backend.",
    ),
    error(
        "E209",
        "backend-conflict",
        "A file is given, and a backend that would not use it.",
        "An author's file makes the backend that takes it that of its stage: `file` for a recording, `ply` for a "
        "scene, `mesh` for a model; naming another contradicts it.",
    ),
    error("E210", "unknown-stage", "There is no such stage.", "Backends and overrides are named by stage."),
    error(
        "E211",
        "disclosure-missing",
        "The episode does not say how its synthetic media is disclosed.",
        "Viewers are told what is synthetic. Say it in series.yaml for all episodes, or in the episode.",
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
        "The line allows nothing: it is misspelt, or the code is gone. `allow` takes the codes of warnings and of "
        "backends' notes; `episodec explain` lists both.",
    ),
    error(
        "E214",
        "not-allowable",
        "`allow` names an error that cannot be allowed.",
        "Warnings and backends' notes can be allowed; past an error there is nothing sensible to build.",
    ),
    error(
        "E215",
        "naming-template",
        "The naming template cannot be used.",
        "It holds plain text and {character}, {season}, {number}; a number may have a width: {number:03}.",
    ),
    error(
        "E216",
        "unsafe-name",
        "The episode's name is not a safe file name.",
        "Deliverables are files: names hold letters, digits, dot, underscore and hyphen, start with a letter, a digit "
        "or an underscore, have at most 100 characters and are not names that Windows reserves.",
    ),
    error("E217", "character-missing", "No character is named.", "Say it in the episode, or in series.yaml for all."),
    error(
        "E218",
        "season-missing",
        "The name needs a season and none is named.",
        "The naming template holds {season}. Say the season in the episode or in series.yaml.",
    ),
    error(
        "E222",
        "nothing-reads-this",
        "No stage takes up what the spec says.",
        "The language can say more than this version can make. What no stage reads is refused, because it would be "
        "ignored in silence.",
    ),
    error(
        "E223",
        "no-such-sentence",
        "A take is asked for a sentence that is not there.",
        "`voice.takes` names sentences by how they begin, so that other sentences may come and go.",
    ),
    warning(
        "E224",
        "recording-without-words",
        "Nothing tells what a recording says.",
        "Captions are made from the words of `voice.text` or of `voice.timings`; a recording alone has none.",
    ),
    error(
        "E236",
        "not-speakable",
        "The voice cannot speak what the text says.",
        "A voice speaks the languages and the scripts that it was made for: of others it would say the names of "
        "letters, or nothing. Write how it is spoken into the lexicon, name another backend, or give a recording.",
    ),
    warning(
        "E280",
        "sound-alone",
        "An episode has sound alone, because its character cannot be seen.",
        "A picture is made of the character's portrait, which lies beside character.yaml; an episode asks for one with "
        "its `camera`. Without a portrait there is nothing to film.",
    ),
    error(
        "E219",
        "empty-range",
        "The least value is above the greatest.",
        "`min` must not be above `max`, and a register's first number is below its second.",
    ),
    error(
        "E220",
        "camera-looks-nowhere",
        "The camera stands in the point it looks at.",
        "The direction of view is the way from `position` to `look_at`: they must differ.",
    ),
    error(
        "E234",
        "camera-without-view",
        "The camera has no view.",
        "Where a camera looks straight up or down, nothing says which way is up in the picture; where its way leads "
        "through the point it looks at, it looks nowhere.",
    ),
    error(
        "E231",
        "size-missing",
        "Nothing says how large the picture is.",
        "Frames have the size that the episode says, or else its profile in series.yaml.",
    ),
    warning(
        "E232",
        "camera-inside-the-character",
        "The camera stands inside the character.",
        "The character stands around the point 0, 0, 0. From inside, a picture shows the back of a face, or nothing.",
    ),
    warning(
        "E233",
        "camera-looks-away",
        "The camera does not see the character.",
        "The character stands around the point 0, 0, 0 and is outside of the picture at the frame that is named.",
    ),
    error("E221", "profile-not-described", "The default profile is not described.", "It must be a name in `profiles`."),
    warning(
        "E230",
        "foley-words-unknown",
        "The draft ambience does not know a word of the prompt.",
        "The backend `procedural` builds ambience from single words, English and Russian. A misspelt word is taken for "
        "the known one that is nearest; another that it does not know changes nothing of what is heard. Backends with "
        "a generative model read the prompt whole.",
    ),
    error(
        "E264",
        "foley-not-understood",
        "The draft ambience knows nothing that the prompt names.",
        "The backend `procedural` builds ambience from single words, English and Russian, and knows no word of this "
        "prompt that asks for a sound: a quiet room would be heard in place of whatever is meant. Backends with a "
        "generative model take any prompt.",
    ),
    error(
        "E240",
        "recording-missing",
        "A stage takes an author's file, and none is named.",
        "Some backends make nothing of their own: `file` takes a recording, `ply` and `4dgs-checkpoint` take a scene, "
        "`mesh`, `images` and `video` what character.yaml names. A field of the stage's section names the file.",
    ),
    error(
        "E241",
        "scene-conflict",
        "What the episode says of its scene contradicts itself.",
        "A scene is a file that the episode names, or the character's own: of kind `portrait`, made by the stage "
        "`scene`, or `hybrid`, made by `views`, `motion`, `dataset` and `train`. What belongs to another way would be "
        "ignored.",
    ),
    error(
        "E281",
        "performance-conflict",
        "What the episode says of its performance contradicts itself.",
        "A performance is made from what is said, by strengths and switches, or played from the capture in `file`.",
    ),
    warning(
        "E282",
        "expression-not-shown",
        "The narration marks an expression, and no face shows it.",
        "Marks such as `[smile]` set the expression of a performance that is made from what is said. An episode whose "
        "picture is not rendered, that has no performance, or that plays a capture has no such face.",
    ),
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
        "What a stage may be overridden in hangs on its backend: `docs/overrides.md` and `episodec schema --overrides` "
        "list it.",
    ),
    error(
        "E246",
        "override-value",
        "The backend does not take this value.",
        "An override is a number in its range, a text, true or false, or one of a few words, as its backend declares: "
        "`docs/overrides.md` and `episodec schema --overrides` list it.",
    ),
    error(
        "E247",
        "background-sources",
        "What is said of a background contradicts itself.",
        "A background is of colours or a picture, and an episode says it once. What would be ignored is refused.",
    ),
    error(
        "E248",
        "films-of-one-name",
        "Two films of an episode would have one name.",
        "The first film in `deliver` bears the episode's name, each other its size besides.",
    ),
    error(
        "E272",
        "captions-no-letters",
        "The font of burnt captions does not have a letter of the narration.",
        "Burnt captions are drawn with a font that is shipped, so that they look the same on every machine. It has the "
        "letters of Latin, Greek and Cyrillic. Captions as tracks and files have all letters.",
    ),
    error(
        "E242",
        "scene-sources",
        "Fields of a character's scene exclude each other.",
        "Views come from a model, from pictures or from a backend, and motion from a video, from pictures or from a "
        "backend. What another source would have read is refused, because it would be ignored in silence.",
    ),
    error(
        "E243",
        "held-out-frames",
        "These moving frames cannot be held out.",
        "One moving frame is looked at while training and one at its end. They are two different frames, and neither "
        "is the first or the last, which bound the times that are learned.",
    ),
)

_SERIES = (
    error("X301", "number-twice", "Two episodes have one number.", "An episode's number is unique in its season."),
    error(
        "X302",
        "name-twice",
        "Two episodes have one name.",
        "Deliverables would overwrite each other. Names that differ only in case are the same on many file systems.",
    ),
    error(
        "X303",
        "foley-twice",
        "Two episodes have the same Foley prompt.",
        "Each episode has an ambience of its own. Prompts are compared without case, punctuation and spacing. "
        "`foley.reuse: true` on the later episode says that the likeness is meant.",
    ),
)

_FILES = (
    error(
        "F401",
        "file-missing",
        "A file that is named does not exist.",
        "Paths are relative to the file they stand in.",
    ),
    error("F402", "file-outside", "A path leads out of the project.", "A build must depend on the project alone."),
    error(
        "F403",
        "path-form",
        "The path is not a relative path.",
        "Paths are relative to the file that names them and use `/`: an absolute path, a home folder, a drive or "
        "an address would mean something else on every machine.",
    ),
    error("F404", "symlink-outside", "A symbolic link leads out of the project.", "See F402."),
    error("F405", "unknown-character", "There is no such character.", "A character is a folder under characters/."),
    error("F406", "not-a-file", "A path names something that is not a file.", "Folders and devices cannot be read."),
    error(
        "F407",
        "voice-tokens",
        "The voice tokens cannot be used.",
        "A token file is a NumPy array of integers of shape (8, T), codes 0 to 1023, without pickled objects.",
    ),
    error(
        "F411",
        "voice-recording",
        "The reference recording of the voice cannot be used.",
        "A recording is a sound file such as WAV or FLAC, whole and not empty, with at most 32 channels, a rate of 4 "
        "to 384 kHz, and samples that are numbers.",
    ),
    error("F408", "portrait", "The portrait cannot be used.", "A portrait is a PNG, JPEG or WebP of moderate size."),
    warning(
        "F414",
        "portrait-flaw",
        "The portrait spoils the scenes that are made of it.",
        "A scene's head is fitted to the face of the portrait, and its lips and lids move from where they are in it. "
        "The face is whole and seen from in front, its lips are closed, and the silhouette holds all of it. Where no "
        "face is found, the head stays flat, unless character.yaml names the points of its face: `landmarks`.",
    ),
    error(
        "F410",
        "box-outside",
        "A box does not lie in the portrait.",
        "A box is x, y, width and height in the portrait's pixels, from its upper left corner, and holds at least one.",
    ),
    error(
        "F413",
        "background-picture",
        "The picture of a background cannot be used.",
        "A background is a PNG or a JPEG, whole, of moderate size.",
    ),
    error(
        "F412",
        "landmarks",
        "The landmarks of the portrait's face cannot be used.",
        "They are a JSON list of 468 points `[x, y]`, in pixels of the portrait from its upper left corner, in the "
        "order of MediaPipe's face mesh: 33 is the outer corner of the person's right eye, 263 that of the left, 1 the "
        "tip of the nose, 152 the chin. Eyes, nose and chin lie in the portrait, upright.",
    ),
    error("F409", "unreadable", "A file cannot be read.", "The operating system refused to open it."),
    error(
        "F420",
        "camera-path",
        "The camera's path file cannot be used.",
        "Path files are nerfstudio's camera_path.json (`camera_path` or `keyframes`) and Blender's transforms.json "
        "(`frames`): finite numbers, rigid camera-to-world matrices, fields of view between 1 and 179 degrees.",
    ),
    error(
        "F421",
        "picture-list",
        "The list of pictures cannot be used.",
        "A transforms.json lists pictures in `frames`: each has a `file_path` relative to the list, with or without "
        "its `.png`, and for views a rigid camera-to-world `transform_matrix`. There are as many as `count` or "
        "`frames` says, and one lens for all.",
    ),
    error(
        "F422",
        "one-name",
        "Two files or folders have names that are one name on other systems.",
        "macOS and Windows take capital and small letters of a file's name for the same, and macOS all forms in which "
        "Unicode writes a letter with its accent. A checkout there would keep one of the two, so they are refused "
        "everywhere: specs, characters, and the files that specs name.",
    ),
    error(
        "F423",
        "misnamed-spec",
        "A spec has a name that specs do not have.",
        "A spec is found by its name, which ends in .episode.yaml. A YAML file of the series with another name and "
        "the key `episodec` would be passed over, and what it delivered would be removed. It is refused: until it is "
        "renamed or moved out of the series, no spec counts as gone, and only --keep-going builds the others.",
    ),
    error(
        "F424",
        "not-fetched",
        "A file that is named was not fetched.",
        "Git LFS and git-annex leave pointers or links in place of large files, DVC leaves small files beside them, "
        "and a submodule is an empty folder until it is checked out. What is named must be there itself.",
    ),
)

_PROJECT = (
    error("P501", "settings-tracked", "Settings of one machine are tracked by git.", "They may name commands to run."),
    error(
        "P502",
        "unknown-backend",
        "There is no such backend.",
        "A profile or an episode names one that is not installed, or that does another stage.",
    ),
    error("P503", "unknown-profile", "There is no such profile.", "Profiles are described in series.yaml."),
    error("P504", "stage-without-backend", "A stage has no backend in this profile.", "Name one in the profile."),
    error("P505", "no-series", "There is no series.yaml.", "A project has one series.yaml above its specs."),
    error(
        "P507",
        "profile-is-a-folder",
        "The profile has the name of a folder of deliverables.",
        "The default profile publishes to dist/, any other to dist/NAME/: the files of both would lie in one folder.",
    ),
    error(
        "P508",
        "settings-unaccepted",
        "Settings of a folder without git name programs or a cache, and nobody has accepted them.",
        "`episodec.local.yaml` may have come with an archive, and would run what it names. Read it; then "
        "`episodec doctor --accept-settings` remembers the file as it is, in your own folder. A changed file is asked "
        "about again. Where no user is, EPISODEC_ACCEPT_SETTINGS=1 in the environment accepts them all.",
    ),
    error("P506", "settings", "The settings of this machine are wrong.", "`episodec doctor` checks every entry."),
)

CODES: Mapping[str, Code] = MappingProxyType(
    {one.code: one for family in (YAML, SHAPE, _EPISODE, _SERIES, _FILES, _PROJECT) for one in family}
)
