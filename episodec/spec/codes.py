"""The codes of all diagnostics: stable names that outlive their wording.

Families: Y0 the YAML text, S1 the shape, E2 within one episode, X3 across the series, F4 files and identity, P5
project. A code never gets a second meaning; a retired one keeps a line in this table so that it is not reused.
"""

from collections.abc import Mapping
from types import MappingProxyType

from episodec.spec.code import DiagnosticCode, error, warning
from episodec.spec.codes_of_narration import NARRATION
from episodec.spec.codes_of_text import SHAPE, YAML

_EPISODE = (
    error(
        "E201",
        "frames-do-not-add-up",
        "The segments of a track do not add up to the episode's frames.",
        "A track covers every frame: the frames of its segments add up to the episode's. The last "
        "segment may omit its length and then fills the rest.",
    ),
    error(
        "E260",
        "segment-without-length",
        "A segment has no length.",
        "Only the last segment of a track may omit its length: it fills the rest of the episode.",
    ),
    error(
        "E261",
        "length-in-seconds",
        "A length in seconds is not valid.",
        "`seconds` may replace `frames`, but not accompany it. It must be a whole number of frames at the "
        "episode's rate, and at most 324 000: three hours at 30 frames a second.",
    ),
    error(
        "E202",
        "keys-out-of-order",
        "Keys are out of order.",
        "The keys of a segment are in the order of their frames, each frame at most once.",
    ),
    error(
        "E203",
        "key-outside-segment",
        "A key is outside its segment.",
        "A key's frame counts from the start of its segment: 0 is the first frame.",
    ),
    error(
        "E204",
        "video-excludes",
        "A finished video is combined with a section that it replaces.",
        "`video` replaces camera, time, scene and performance: their fields would be ignored.",
    ),
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
    error(
        "E219",
        "empty-range",
        "A range is empty.",
        "`min` must not be above `max`, and the first number of a register must be below its second.",
    ),
    error(
        "E220",
        "camera-looks-nowhere",
        "The camera is at the point it looks at.",
        "The direction of view leads from `position` to `look_at`, so they must differ.",
    ),
    error(
        "E234",
        "camera-without-view",
        "The camera has no view.",
        "Where a camera looks straight up or down, the up direction is undefined; where its path passes "
        "through the point it looks at, it has no direction.",
    ),
    error(
        "E231",
        "size-missing",
        "The picture has no size.",
        "Frames have the size that the episode sets, or else its profile in series.yaml.",
    ),
    warning(
        "E232",
        "camera-inside-the-character",
        "The camera is inside the character.",
        "The character is centred on the point 0, 0, 0. From inside, a picture shows the back of a face, or nothing.",
    ),
    warning(
        "E233",
        "camera-looks-away",
        "The camera does not see the character.",
        "The character is centred on the point 0, 0, 0 and is outside the picture at the given frame.",
    ),
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
    error(
        "E241",
        "scene-conflict",
        "The fields of the episode's scene contradict each other.",
        "A scene is either a file that the episode names or the character's own: of kind `portrait`, made by the stage "
        "`scene`, or `hybrid`, made by `views`, `motion`, `dataset` and `train`. Fields of the other ways would be "
        "ignored.",
    ),
    error(
        "E281",
        "performance-conflict",
        "The fields of the episode's performance contradict each other.",
        "A performance is either made from the speech, with strengths and switches, or played from the capture in "
        "`file`.",
    ),
    warning(
        "E282",
        "expression-not-shown",
        "The narration marks an expression, but no face shows it.",
        "Marks such as `[smile]` set the expression of a performance that is made from the speech. An episode whose "
        "picture is not rendered, that has no performance, or that plays a capture has no such face.",
    ),
    warning(
        "E286",
        "lips-not-drawn",
        "The face speaks from the side, where no lips can be drawn.",
        "A lip-sync model finds a face that is filmed from at most 40° from its front. The windows of two seconds that "
        "contain other frames keep the scene's own mouth; where the two meet, they fade over 8 frames.",
    ),
    error(
        "E287",
        "required-lips-not-drawn",
        "The episode requires drawn lips where none can be drawn.",
        "`lips: {require: latentsync}` asks for drawn lips wherever the face speaks, but some of the speech is filmed "
        "from more than 40°.",
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

_SERIES = (
    error("X301", "number-twice", "Two episodes have the same number.", "An episode's number is unique in its season."),
    error(
        "X302",
        "name-twice",
        "Two episodes have the same name.",
        "Deliverables would overwrite each other. Names that differ only in case are the same on many file systems.",
    ),
    error(
        "X303",
        "foley-twice",
        "Two episodes have the same Foley prompt.",
        "Each episode has its own ambience. Prompts are compared without case, punctuation and spacing. "
        "`foley.reuse: true` on the later episode allows the repetition.",
    ),
)

_FILES = (
    error(
        "F401",
        "file-missing",
        "A referenced file does not exist.",
        "Paths are relative to the file that contains them.",
    ),
    error("F402", "file-outside", "A path leads out of the project.", "A build must depend only on the project."),
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
        "A token file is a NumPy array of integers of shape (8, T), with codes 0 to 1023, without pickled objects.",
    ),
    error(
        "F411",
        "voice-recording",
        "The reference recording of the voice cannot be used.",
        "A recording is a sound file such as WAV or FLAC, whole and not empty, with at most 32 channels, a rate of 4 "
        "to 384 kHz, and finite samples.",
    ),
    error("F408", "portrait", "The portrait cannot be used.", "A portrait is a PNG, JPEG or WebP of moderate size."),
    warning(
        "F414",
        "portrait-flaw",
        "A flaw of the portrait spoils the scenes made from it.",
        "A scene's head is fitted to the face of the portrait, and its lips and lids move from their places there. "
        "The face must be complete and seen from the front, with closed lips, and inside the silhouette. Where no "
        "face is found, the head stays flat, unless character.yaml names the points of its face: `landmarks`.",
    ),
    error(
        "F410",
        "box-outside",
        "A box is not inside the portrait.",
        "A box is x, y, width and height in the portrait's pixels, from its upper left corner, and at least one "
        "pixel large.",
    ),
    error(
        "F413",
        "background-picture",
        "The picture of a background cannot be used.",
        "A background is a complete PNG or JPEG of moderate size.",
    ),
    error(
        "F412",
        "landmarks",
        "The landmarks of the portrait's face cannot be used.",
        "They are a JSON list of 468 points `[x, y]`, in pixels of the portrait from its upper left corner, in the "
        "order of MediaPipe's face mesh: 33 is the outer corner of the person's right eye, 263 that of the left, 1 the "
        "tip of the nose, 152 the chin. Eyes, nose and chin must be inside the portrait, the right way up.",
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
        "F430",
        "take-unreadable",
        "A line of a takes file cannot be read.",
        "`episodec takes lock` writes these lines. Each names the bytes of one approved result by their digests.",
    ),
    error(
        "F431",
        "take-approved-twice",
        "Two takes are approved for the same words.",
        "A merge of two branches keeps the lines of both. A build cannot choose between them: listen to both and "
        "remove one line.",
    ),
    error(
        "F421",
        "picture-list",
        "The list of pictures cannot be used.",
        "A transforms.json lists pictures in `frames`: each has a `file_path` relative to the list, with or without "
        "its `.png`, and for views a rigid camera-to-world `transform_matrix`. There must be as many as `count` or "
        "`frames` says, all with one lens.",
    ),
    error(
        "F422",
        "one-name",
        "Two files or folders have names that are the same on other systems.",
        "macOS and Windows ignore case in file names, and macOS treats all forms in which Unicode writes an accented "
        "letter as one. A checkout there would keep only one of the two, so they are refused everywhere: specs, "
        "characters, and the files that specs name.",
    ),
    error(
        "F423",
        "misnamed-spec",
        "A spec has the wrong name.",
        "Specs are found by names that end in .episode.yaml. A YAML file of the series with another name and "
        "the key `episodec` would be skipped, and its deliverables would be removed. It is refused: until it is "
        "renamed or moved out of the series, no spec counts as removed, and only --keep-going builds the others.",
    ),
    error(
        "F424",
        "not-fetched",
        "A referenced file was not fetched.",
        "Git LFS and git-annex leave pointers or links in place of large files, DVC leaves small files beside them, "
        "and a submodule is an empty folder until it is checked out. The referenced file itself must be there.",
    ),
)

_PROJECT = (
    error(
        "P501",
        "settings-tracked",
        "Settings of one machine are tracked by git.",
        "The file may name commands to run, so git must not track it.",
    ),
    error(
        "P502",
        "unknown-backend",
        "There is no such backend.",
        "A profile or an episode names a backend that is not installed or that does not do this stage.",
    ),
    error("P503", "unknown-profile", "There is no such profile.", "Profiles are defined in series.yaml."),
    error("P504", "stage-without-backend", "A stage has no backend in this profile.", "Name one in the profile."),
    error("P505", "no-series", "The file series.yaml is missing.", "A project has one series.yaml above its specs."),
    error(
        "P507",
        "profile-is-a-folder",
        "The profile has the name of a deliverables folder.",
        "The default profile publishes to dist/, any other to dist/NAME/: their files would share a folder.",
    ),
    error(
        "P508",
        "settings-unaccepted",
        "Settings of a folder without git name programs or a cache, and were not accepted.",
        "`episodec.local.yaml` may have come with an archive, and would run what it names. Read it; then `episodec "
        "doctor --accept-settings` remembers the file in its present form, in your own folder. A changed file needs "
        "a new acceptance. Where there is no user, EPISODEC_ACCEPT_SETTINGS=1 in the environment accepts all of them.",
    ),
    error("P506", "settings", "The settings of this machine are wrong.", "`episodec doctor` checks every entry."),
)

CODES: Mapping[str, DiagnosticCode] = MappingProxyType(
    {one.code: one for family in (YAML, SHAPE, _EPISODE, _SERIES, _FILES, _PROJECT) for one in family}
)
