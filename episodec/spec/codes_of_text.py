"""Codes of a spec's text: the YAML (Y0) and the shape (S1)."""

from episodec.spec.code import error

YAML = (
    error(
        "Y001",
        "not-utf8",
        "The file is not UTF-8 text.",
        "Specs are UTF-8, with or without a byte-order mark. Save the file as UTF-8 in your editor; UTF-16, as some "
        "Windows tools write it, is refused rather than guessed.",
    ),
    error(
        "Y002",
        "file-too-large",
        "The file is larger than a spec may be.",
        "A spec holds some kilobytes. Files over 1 MiB are refused unparsed, and reading ends after 200 000 "
        "values, so that a file named by mistake, or made to exhaust memory, is rejected immediately.",
    ),
    error(
        "Y003",
        "control-character",
        "The text holds a control character.",
        "Control characters are invisible in reviews and can drive a terminal. Only tab, line feed and CR LF are text. "
        "This holds for characters typed into the file and for escapes such as \\0 or \\e in double quotes.",
    ),
    error(
        "Y004",
        "invisible-character",
        "The text holds an invisible character that reorders or hides text.",
        "Characters that embed, override or isolate a direction of writing can make a line look different from its "
        "actual content (the Trojan Source attack). Right-to-left text needs none of them: marks U+200E and U+200F "
        "are accepted. Tag characters (U+E0000 to U+E007F) carry text that programs read and people do not see; in "
        "flags such as Scotland's they are text.",
    ),
    error("Y005", "empty-file", "The file is empty.", "It starts with `episodec: 1`. `episodec new` writes one."),
    error(
        "Y006",
        "yaml-syntax",
        "The text is not YAML.",
        "The parser stopped at this place. The usual causes: a tab in the indentation, no space after a colon, "
        "text that holds a colon and a space without quotes, a bracket or a quote that is not closed.",
    ),
    error(
        "Y007",
        "too-deep",
        "Values are nested too deeply.",
        "No field of the language is more than a few levels deep. Nesting is bounded while the text is read, so that a "
        "file of 50 000 open brackets is rejected immediately.",
    ),
    error(
        "Y008",
        "duplicate-key",
        "A key occurs twice in one mapping.",
        "YAML tools silently take the last one, so that a reviewer reads one value and the tool uses another.",
    ),
    error(
        "Y009",
        "anchor-or-alias",
        "Anchors, aliases and merge keys are not part of the language.",
        "They make a value depend on a distant line, and a few lines of them can expand to billions of values. "
        "Values that episodes share belong in series.yaml.",
    ),
    error(
        "Y010",
        "tag",
        "Tags and directives are not part of the language.",
        "The schema gives the type of each field, so a value is written plainly: quotes make text, digits a number.",
    ),
    error(
        "Y011",
        "key-not-text",
        "A key of a mapping is not text.",
        "Keys are names. A number, true, false or null used as a name needs quotes; lists and mappings cannot be keys.",
    ),
    error(
        "Y012",
        "several-documents",
        "The file holds more than one YAML document.",
        "One spec per file: a second document after `---` would be read by some tools and ignored by others.",
    ),
    error(
        "Y013",
        "number-out-of-range",
        "No field can hold this number.",
        "Infinity, not-a-number and numbers of more than 20 digits are refused: no field accepts them.",
    ),
    error(
        "Y014",
        "not-a-mapping",
        "The file is not a mapping of fields.",
        "A spec is a mapping: lines of `field: value`, the first of them `episodec: 1`.",
    ),
    error(
        "Y015",
        "too-many-marks",
        "A letter carries too many combining marks.",
        "No script puts more than a few accents on a letter. Normalising text takes time in the square of their "
        "number, so a file of nothing else would take minutes.",
    ),
)

SHAPE = (
    error(
        "S101",
        "unknown-field",
        "The language has no such field here.",
        "Unknown fields are refused, because a misspelt one would be silently ignored. The schema lists the fields.",
    ),
    error("S102", "missing-field", "A required field is missing.", "It has no default, so the author must set it."),
    error(
        "S103",
        "wrong-type",
        "The value has the wrong type.",
        "Types are those of YAML 1.2's core schema: `072` is the number 72, `on`, `yes`, `1:30` and dates are text.",
    ),
    error("S104", "not-a-choice", "The value is not one of the choices.", "The schema lists the choices."),
    error("S105", "out-of-range", "The number lies outside its range.", "The schema gives the range and the unit."),
    error("S106", "wrong-form", "The value has the wrong length or form.", "The schema describes the form."),
    error(
        "S107",
        "version-missing",
        "The file does not name its language version.",
        "Every file starts with `episodec: 1`, so that later versions of the language can read it as intended.",
    ),
    error(
        "S108",
        "version-unknown",
        "The file is written in a language version that this version of episodec does not know.",
        "Older versions are upgraded when read. A newer one needs a newer episodec.",
    ),
    error(
        "S109",
        "kind-missing",
        "The segment does not name its kind.",
        "`move` names the kind of a camera segment, `map` that of a time segment.",
    ),
    error(
        "S110",
        "needs-one-of",
        "One of several fields is needed.",
        "A voice is a text or a recording, an ambience is a prompt or a recording: at least one must be given.",
    ),
)
