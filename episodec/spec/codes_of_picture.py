"""Codes of tracks, camera, scene and performance; `codes` has the others."""

from episodec.spec.code import error, warning

TRACKS = (
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
)

CAMERA = (
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
)

FACE = (
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
)
