"""The words of the viewer's page: one table per language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ViewerLabels:
    """All labels of the page in one language."""

    play: str
    stop: str
    own_camera: str
    mute: str
    timeline: str
    keys_title: str
    key_play: str
    key_frame: str
    key_camera: str
    key_orbit: str
    key_dolly: str
    key_mute: str
    slices: str
    moved: str
    pack: str
    megabytes: str
    origin: str
    needs_script: str


EN = ViewerLabels(
    play="Play",
    stop="Stop",
    own_camera="Free camera",
    mute="Mute",
    timeline="Moment",
    keys_title="Keys",
    key_play="play or stop",
    key_frame="back or forward one frame",
    key_camera="free camera or the episode's",
    key_orbit="turn around the character, once the picture has the focus; or drag",
    key_dolly="nearer or further away; or the wheel, or two fingers",
    key_mute="sound off or on",
    slices="Slices of scene time",
    moved="Gaussians that move with the face, with teeth and lids",
    pack="Size of the scene",
    megabytes="{value} MB",
    origin="Made from",
    needs_script="This page draws with JavaScript and WebGL2.",
)

RU = ViewerLabels(
    play="Пуск",
    stop="Стоп",
    own_camera="Своя камера",
    mute="Без звука",
    timeline="Момент",
    keys_title="Клавиши",
    key_play="пуск или остановка",
    key_frame="на кадр назад или вперёд",
    key_camera="своя камера или камера выпуска",
    key_orbit="вокруг персонажа, когда выбрана картинка; или потянуть её",
    key_dolly="ближе или дальше; или колесо, или два пальца",
    key_mute="выключить или включить звук",
    slices="Срезов времени сцены",
    moved="Гауссиан движется с лицом, вместе с зубами и веками",
    pack="Размер сцены",
    megabytes="{value} МБ",
    origin="Сделано из",
    needs_script="Эта страница рисует с помощью JavaScript и WebGL2.",
)

_TABLES = {"en": EN, "ru": RU}


def viewer_labels(language: str) -> ViewerLabels:
    """The labels of a language (BCP 47), by its first subtag; English for a language without a table here."""
    return _TABLES.get(language.partition("-")[0].lower(), EN)
