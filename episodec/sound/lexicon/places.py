"""Places and the sounds in them, by the keys of `sounds`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
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

PLACES: Mapping[str, tuple[Part, ...]] = {
    "office": (Part("air", -2), Part("key", -3, 0.5), Part("page", -3, 0.6), Part("click", -4, 0.5)),
    "server": (Part("air"), Part("hum", -6)),
    "cafe": (Part("crowd"), Part("cup"), Part("steam", 0, 0.7)),
    "kitchen": (Part("fridge"), Part("drip", -2, 0.7), Part("cup", -2, 0.6)),
    "library": (Part("room"), Part("page"), Part("step", -4, 0.4, is_far=True)),
    "street": (Part("city"), Part("pass"), Part("step", -2, 0.7)),
    "traffic": (Part("city"), Part("pass", 2, 2.0), Part("horn", -2, 0.5, is_far=True)),
    "train": (Part("rumble"), Part("clack")),
    "subway": (Part("rumble", 0), Part("clack"), Part("screech", 0, 0.8)),
    "station": (Part("crowd", -2, is_far=True), Part("chime"), Part("clack", -4, 0.5, is_far=True)),
    "airport": (Part("crowd", -4), Part("air", 0), Part("chime")),
    "market": (Part("crowd"), Part("step", -2), Part("beep", -4, 0.5)),
    "construction": (Part("city", -4), Part("hammer"), Part("drill")),
    "factory": (Part("engine"), Part("hammer", -2), Part("steam", 0, 0.8)),
    "hospital": (Part("air", -2), Part("beep", -2), Part("step", -4, 0.5, is_far=True)),
    "school": (Part("crowd", -6, is_far=True), Part("room"), Part("scratch"), Part("ring", -6, 0.25, is_far=True)),
    "church": (Part("room"), Part("toll", 0, 1.0, is_far=True)),
    "forest": (Part("leaves"), Part("chirp", -2, 0.6), Part("cuckoo", -4, 0.6, is_far=True)),
    "birds": (Part("chirp"), Part("tit", -1, 0.8), Part("warble", -1, 0.8)),
    "jungle": (Part("leaves"), Part("cicada", -6), Part("warble"), Part("frog", -2, 0.7)),
    "meadow": (Part("wind", -6), Part("cricket"), Part("warble", -4, 0.6, is_far=True)),
    "swamp": (Part("night"), Part("frog"), Part("mosquito", -4, 0.6)),
    "mountain": (Part("wind"),),
    "village": (Part("leaves", -2), Part("rooster", -2, 0.8), Part("dog", -2, 0.6, is_far=True)),
    "harbour": (Part("sea"), Part("gull"), Part("shiphorn", -2, 0.6, is_far=True)),
    "camp": (Part("fire"), Part("cricket", -2), Part("owl", -4, 0.6, is_far=True)),
    "space": (Part("drone"), Part("air", -8)),
    "cave": (Part("room", -2), Part("drip", 2)),
    "morning": (Part("chirp", -3, 0.6), Part("tit", -4, 0.5, is_far=True)),
    "evening": (Part("cricket", -3, 0.6),),
    "summer": (Part("cricket", -4, 0.6), Part("bee", -4, 0.5)),
    "winter": (Part("wind", -2),),
    "autumn": (Part("leaves", -3),),
    "spring": (Part("tit", -3, 0.6), Part("drip", -4, 0.6)),
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
