"""Codes of series, of files that specs name, and of a project and its settings; `codes` has the others."""

from episodec.spec.code import error, warning

SERIES = (
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

FILES = (
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

PROJECT = (
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
