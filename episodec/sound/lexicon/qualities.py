"""The words that modify a sound, and those that exclude one."""

from collections.abc import Mapping

LEVELS_DB: Mapping[float, str] = {
    -6.0: (
        "quiet quietly soft softly faint faintly gentle gently light lightly subtle slight low hushed muted mild calm "
        "delicate тихо тихий тихая тихое тихие тихого тихой тихую тихим тихих мягко мягк* лёгк* легк* слаб* негромк* "
        "еле чуть едва нежн* спокойн* приглуш*"
    ),
    6.0: "loud loudly heavy heavily strong strongly intense hard noisy громк* сильн* шумн* мощн* интенсивн* резк*",
}
"""How much louder a quality makes its sound, in dB."""

FAR = (
    "distant distantly far faraway remote away afar outside далёк* далек* вдали вдалеке издали издалека поодаль "
    "снаружи дальн*"
)
NEAR = "near nearby close closeup рядом близк* вблизи близко"
RARE = (
    "occasional occasionally rare rarely sparse sparsely sometimes intermittent few single lone slow slowly редк* "
    "иногда изредка медленн* одинок* одиночн*"
)
DENSE = (
    "constant constantly frequent frequently busy dense many rapid fast crowded lively continuous endless steady "
    "постоянн* част* непрерывн* быстр* густ* много оживл* людн* бесконечн* ровн*"
)
VERY = "very extremely really super очень крайне весьма"

NONE = "no without never none neither nor minus нет без ни никак* отсутств*"
"""Excludes the words that follow, to the end of the clause or a word of `BUT`."""

NOT = "not не isn aren"
"""Before a quality, reverts it; before a sound, excludes it."""

BUT = "but only with just yet plus но а зато только лишь с со плюс"

SILENT_WORDS = (
    "a an the and or of in on at by from to into over under behind through inside around between for as is are it its "
    "some somewhere any there this that sound sounds sounding noise noises ambience ambient ambiance atmosphere "
    "atmospheric background environment tone tones unique audio texture heard hear foley soundscape scene setting "
    "while after before during up down out off along across against being one two three his her their my our your "
    "someone something everything small big large little great old new young empty open closed wooden metal metallic "
    "plastic stone concrete brick modern vintage retro ancient warm cold cool hot cosy cozy dark bright dim pleasant "
    "peaceful relaxing dreamy sad happy mysterious eerie tense natural real realistic cinematic recorded mono stereo "
    "loop looped loopable seamless long short deep high thin thick dry wet clear clean dull sharp smooth rough crisp "
    "airy white brown pink black red blue green grey gray golden site area place corner table day afternoon midday "
    "noon today life world time moment minute second hour middle top same other another each every all full whole part "
    "take episode turning chimney ice outdoor outdoors "
    "и или в во на по от до из у за над под перед о об через внутри между для как это есть где то там тут здесь около "
    "возле среди когда пока после звук* шум шума шумом шуме шумы фон фона фоном фонов* атмосфер* эмбиент* амбиент* "
    "слышн* слышен слышно слышит* звучит звучат фоли один одна одно два две три свой своя наш* мой моя его ее их кто "
    "весь вся все маленьк* больш* стар* нов* пуст* открыт* закрыт* деревянн* металлическ* каменн* бетонн* современн* "
    "тепл* холодн* уютн* темн* светл* приятн* природн* живой живая живое реалистичн* запись записи день дня днем "
    "дневн* "
    "полдень угол углу место месте стол столе столу столом время жизн* мир белый белого"
)
"""Words that ask for no sound of their own."""
