"""The words that ambience prompts are understood by, English and Russian, as tables.

`stem*` stands for a Russian word's beginning and at most four more letters; English words are looked up with and
without their endings -s, -es, -ed, -ing.
"""

from collections.abc import Mapping

BEDS: Mapping[str, str] = {
    "room": (
        "room studio lab laboratory office library workshop hall bedroom kitchen interior indoor indoors booth cabin "
        "design recording desk quietness silence stillness комнат* студи* кабинет* лаборатори* помещени* офис* "
        "библиотек* мастерск* зал зала зале залом кухн* тишин* дизайн* тишь безмолви*"
    ),
    "hum": (
        "hum buzz drone fan fans ventilation ventilator computer server servers electric electrical electricity "
        "transformer mains fridge refrigerator conditioner machine machines machinery engine motor гул гула гулом "
        "гулу гудит гудят гуден* жужж* вентиляц* вентилятор* компьютер* сервер* трансформатор* холодильник* "
        "кондиционер* мотор* двигател*"
    ),
    "wind": "wind windy breeze gust gusts storm blizzard ветер ветр* ветер* бриз* вьюг* метел* порыв* буря бури бурю",
    "rain": (
        "rain rainy rainfall drizzle downpour shower showers дождь дождя дождю дождём дождем дожди дождлив* ливень "
        "ливн* морос*"
    ),
    "city": (
        "city street traffic urban downtown cars car road town highway город города городе городом городск* улиц* "
        "трафик* машин* автомобил* дорог* шоссе"
    ),
    "fire": (
        "fire campfire bonfire fireplace hearth flame flames crackle crackling костёр костер костр* огонь огня огне "
        "огнём огнем камин* пламя пламен* потрескив* очаг*"
    ),
    "crowd": (
        "crowd people voices chatter murmur babble audience cafe café restaurant conversation talk talking толп* люди "
        "людей людьми людях голос* разговор* болтовн* кафе ресторан* публик*"
    ),
    "sea": (
        "sea ocean surf wave waves beach shore seaside море моря морю морем морск* океан* прибой прибо* волна волн "
        "волны волнам* пляж* берег*"
    ),
    "stream": "stream river brook creek waterfall fountain ручей ручь* река реки рекой реке водопад* фонтан*",
    "leaves": (
        "forest leaves foliage trees tree wood woods park garden лес леса лесу лесом лесн* листва листв* деревья "
        "деревьев парк* сад сада саду"
    ),
}
"""Continuous sounds."""

EVENTS: Mapping[str, str] = {
    "scratch": (
        "pencil scratch scratches scribble sketch sketching drawing graphite chalk карандаш* грифел* скреб* скребёт "
        "царап* чирка* рисован* рисует набросок наброск* штрих*"
    ),
    "click": "click clicks dac relay switch button mouse snap клик* щелч* щёлк* щелк* кнопк* тумблер* реле мыш*",
    "key": "key keys keyboard press typing type typewriter keystroke клавиш* клавиатур* печата* нажат*",
    "drip": "drip drop drops droplet droplets tap faucet leak капл* капа* капел* капель кран кране крана",
    "step": "step steps footstep footsteps walk walking шаг шаги шагов шагам* шагает поступ* топот*",
    "page": (
        "page pages paper book leaf rustle rustling страниц* бумаг* бумаж* листает перелист* шелест* шорох* шурш* "
        "книг* книжн*"
    ),
    "bird": (
        "bird birds birdsong chirp chirps tweet sparrow sparrows nightingale птиц* птич* птах* чирик* щебет* щебеч* "
        "воробь* воробей соловей соловь*"
    ),
    "clock": (
        "clock clocks tick ticks ticking watch pendulum metronome часы часов часам* часах тика* ходик* маятник* "
        "метроном*"
    ),
    "cricket": "cricket crickets cicada cicadas insect insects сверч* цикад* кузнечик* насеком*",
    "thunder": "thunder thunderstorm гром грома громом гроза грозы грозой грозу раскат*",
    "bell": "bell bells chime chimes колокол* звон звона звоном",
}
"""Sparse sounds that stand over the bed."""

LEVELS_DB: Mapping[float, str] = {
    -6.0: (
        "quiet quietly soft softly faint faintly gentle gently light lightly subtle slight low hushed muted mild calm "
        "delicate тихо тихий тихая тихое тихие тихого тихой тихую тихим тихих мягко мягк* лёгк* легк* слаб* негромк* "
        "еле чуть едва нежн* спокойн* приглуш*"
    ),
    6.0: "loud loudly heavy heavily strong strongly intense hard noisy громк* сильн* шумн* мощн* интенсивн* резк*",
}
"""How much louder a quality makes its sound, in dB."""

WATER = "water вода воды водой воду"
"""A stream, unless its clause names another sound: «dripping water»."""

FAR = (
    "distant distantly far faraway remote away afar outside далёк* далек* вдали вдалеке издали издалека поодаль "
    "снаружи дальн*"
)
NEAR = "near nearby close closeup рядом близк* вблизи близко"
RARE = "occasional occasionally rare rarely sparse sometimes intermittent редк* иногда изредка"
DENSE = (
    "constant constantly frequent frequently busy dense many rapid fast постоянн* част* непрерывн* быстр* густ* много"
)
VERY = "very extremely really super очень крайне весьма"

NONE = "no without never none neither nor minus нет без ни никак* отсутств*"
"""What follows is refused, to the end of the clause or to a word of `BUT`."""

NOT = "not не isn aren"
"""Before a quality it takes the quality back; before a sound it refuses the sound."""

BUT = "but only with just yet plus но а зато только лишь с со плюс"

SILENT_WORDS = (
    "a an the and or of in on at by from to into over under behind through inside around between for as is are it its "
    "some somewhere any there this that sound sounds sounding noise noises ambience ambient atmosphere atmospheric "
    "background environment tone tones unique audio texture heard hear и или в во на по от до из у за над под перед "
    "через внутри между для как это есть где то звук* шум шума шумом шуме шумы фон фона фоном фонов* атмосфер* "
    "эмбиент* амбиент* слышн* слышен слышно слышит* звучит звучат"
)
"""Words that ask for no sound of their own."""
