"""Places and the sounds in them, by the keys of `sounds`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceSound:
    """One sound of a place."""

    sound: str
    level_db: float = 0.0
    density: float = 1.0
    is_far: bool = False


PLACES_WORDS: Mapping[str, str] = {
    "office": "office workplace workspace cubicle coworking meeting офис* коворкинг* контор* переговорн*",
    "server": (
        "server servers server_room computer_room computer computers laptop datacenter datacentre data_center rack "
        "supercomputer gpu серверн* "
        "сервер* компьютер* ноутбук* датацентр* дата_центр"
    ),
    "cafe": (
        "cafe café coffee coffeehouse coffee_shop restaurant bar pub diner canteen кафе ресторан* кофейн* столов* бар"
    ),
    "kitchen": "kitchen кухн*",
    "library": "library reading_room bookshop archive библиотек* читальн* архив*",
    "street": (
        "street streets sidewalk pavement square courtyard yard alley улиц* двор двора дворе площад* переул* тротуар*"
    ),
    "traffic": "traffic highway road motorway freeway crossroad intersection трафик* шоссе дорог* трасс* перекрест*",
    "train": "train trains railway railroad carriage tram поезд* электричк* вагон* трамва*",
    "subway": "subway metro underground tube метро метрополитен*",
    "station": "station terminal train_station railway_station platform вокзал* станци* перрон* платформ*",
    "airport": "airport lounge departure gates аэропорт*",
    "market": "market mall shop store supermarket bazaar рынок рынк* магазин* супермаркет* базар*",
    "construction": "construction building_site construction_site scaffolding строй* стройк* строител*",
    "factory": "factory engine_room industrial assembly завод* цех цеха цехе фабрик* промышленн*",
    "hospital": "hospital clinic ward больниц* клиник* палат* госпитал*",
    "school": "school classroom lecture lesson university школ* класс класса классе урок* лекц* университет*",
    "church": "church cathedral temple monastery церков* церкв* собор* храм* монастыр*",
    "forest": "forest лес леса лесу лесом лесн* тайг* бор",
    "birds": "bird birds birdlife songbird songbirds птиц* птич* птах* щебет* щебеч* пернат*",
    "jungle": "jungle rainforest tropical tropics джунгл* тропи*",
    "meadow": "meadow field fields steppe prairie grass countryside поле поля луг луга лугу степь степи трава траве",
    "swamp": "swamp marsh pond lake болот* пруд пруда пруду озер*",
    "mountain": "mountain mountains desert summit canyon гора горы горах горн* пустын* ущель*",
    "village": "village farm rural dacha barn деревня деревни деревне деревенск* дач* ферм* село",
    "harbour": (
        "harbour harbor port pier dock boat ship yacht порт порта порту гаван* причал* лодк* корабл* яхт* пароход*"
    ),
    "camp": "camp camping tent лагер* палатк* привал*",
    "space": (
        "space spaceship spacecraft cosmos cosmic galaxy starship orbit космос* космич* звездолет* галактик* орбит*"
    ),
    "cave": "cave tunnel grotto mine пещер* туннел* тоннел* грот шахт*",
    "morning": "morning dawn sunrise утро утра утром утренн* рассвет*",
    "evening": "evening dusk sunset twilight вечер* закат* сумерк*",
    "summer": "summer лето лета летом летн*",
    "winter": "winter snow snowy snowfall frost зима зимы зимой зимн* снег* снеж* мороз мороза морозн*",
    "autumn": "autumn fall осень осени осенью осенн*",
    "spring": "spring весна весны весной весенн*",
}

PLACES: Mapping[str, tuple[PlaceSound, ...]] = {
    "office": (
        PlaceSound("air", -2),
        PlaceSound("key", -3, 0.5),
        PlaceSound("page", -3, 0.6),
        PlaceSound("click", -4, 0.5),
    ),
    "server": (PlaceSound("air"), PlaceSound("hum", -6)),
    "cafe": (PlaceSound("crowd"), PlaceSound("cup"), PlaceSound("steam", 0, 0.7)),
    "kitchen": (PlaceSound("fridge"), PlaceSound("drip", -2, 0.7), PlaceSound("cup", -2, 0.6)),
    "library": (PlaceSound("room"), PlaceSound("page"), PlaceSound("step", -4, 0.4, is_far=True)),
    "street": (PlaceSound("city"), PlaceSound("pass"), PlaceSound("step", -2, 0.7)),
    "traffic": (PlaceSound("city"), PlaceSound("pass", 2, 2.0), PlaceSound("horn", -2, 0.5, is_far=True)),
    "train": (PlaceSound("rumble"), PlaceSound("clack")),
    "subway": (PlaceSound("rumble", 0), PlaceSound("clack"), PlaceSound("screech", 0, 0.8)),
    "station": (PlaceSound("crowd", -2, is_far=True), PlaceSound("chime"), PlaceSound("clack", -4, 0.5, is_far=True)),
    "airport": (PlaceSound("crowd", -4), PlaceSound("air", 0), PlaceSound("chime")),
    "market": (PlaceSound("crowd"), PlaceSound("step", -2), PlaceSound("beep", -4, 0.5)),
    "construction": (PlaceSound("city", -4), PlaceSound("hammer"), PlaceSound("drill")),
    "factory": (PlaceSound("engine"), PlaceSound("hammer", -2), PlaceSound("steam", 0, 0.8)),
    "hospital": (PlaceSound("air", -2), PlaceSound("beep", -2), PlaceSound("step", -4, 0.5, is_far=True)),
    "school": (
        PlaceSound("crowd", -6, is_far=True),
        PlaceSound("room"),
        PlaceSound("scratch"),
        PlaceSound("ring", -6, 0.25, is_far=True),
    ),
    "church": (PlaceSound("room"), PlaceSound("toll", 0, 1.0, is_far=True)),
    "forest": (PlaceSound("leaves"), PlaceSound("chirp", -2, 0.6), PlaceSound("cuckoo", -4, 0.6, is_far=True)),
    "birds": (PlaceSound("chirp"), PlaceSound("tit", -1, 0.8), PlaceSound("warble", -1, 0.8)),
    "jungle": (PlaceSound("leaves"), PlaceSound("cicada", -6), PlaceSound("warble"), PlaceSound("frog", -2, 0.7)),
    "meadow": (PlaceSound("wind", -6), PlaceSound("cricket"), PlaceSound("warble", -4, 0.6, is_far=True)),
    "swamp": (PlaceSound("night"), PlaceSound("frog"), PlaceSound("mosquito", -4, 0.6)),
    "mountain": (PlaceSound("wind"),),
    "village": (PlaceSound("leaves", -2), PlaceSound("rooster", -2, 0.8), PlaceSound("dog", -2, 0.6, is_far=True)),
    "harbour": (PlaceSound("sea"), PlaceSound("gull"), PlaceSound("shiphorn", -2, 0.6, is_far=True)),
    "camp": (PlaceSound("fire"), PlaceSound("cricket", -2), PlaceSound("owl", -4, 0.6, is_far=True)),
    "space": (PlaceSound("drone"), PlaceSound("air", -8)),
    "cave": (PlaceSound("room", -2), PlaceSound("drip", 2)),
    "morning": (PlaceSound("chirp", -3, 0.6), PlaceSound("tit", -4, 0.5, is_far=True)),
    "evening": (PlaceSound("cricket", -3, 0.6),),
    "summer": (PlaceSound("cricket", -4, 0.6), PlaceSound("bee", -4, 0.5)),
    "winter": (PlaceSound("wind", -2),),
    "autumn": (PlaceSound("leaves", -3),),
    "spring": (PlaceSound("tit", -3, 0.6), PlaceSound("drip", -4, 0.6)),
}

INDOORS = frozenset(
    {"room", "office", "server", "kitchen", "library", "hospital", "school", "fridge", "air", "cafe", "cabin"}
)
"""Places without sounds of the hour and the season."""

HOURS = frozenset({"morning", "evening", "summer", "winter", "autumn", "spring"})
"""Times of day and seasons, rather than places."""

OUTDOORS = frozenset({"rain", "wind", "thunder", "sea", "leaves", "city", "stream", "crowd"})
"""Sounds heard through a window, which then has no sound of its own."""

BIRDS = frozenset({"chirp", "tit", "warble", "gull", "crow", "owl", "cuckoo", "dove", "woodpecker", "rooster"})
"""The sounds excluded with birds."""
