"""The words of single sounds, by keys of `palette`: beds, which are continuous, and events, which are sparse."""

from collections.abc import Mapping

BEDS: Mapping[str, str] = {
    "room": (
        "room studio lab laboratory workshop hall bedroom interior indoor indoors booth design recording desk "
        "quietness "
        "silence stillness house home apartment flat attic basement cellar corridor hallway museum gallery theatre "
        "theater комнат* студи* кабинет* лаборатори* помещени* мастерск* зал зала зале залом залы тишин* дизайн* тишь "
        "безмолви* дом дома доме домашн* квартир* чердак* подвал* коридор* музе* спальн*"
    ),
    "air": (
        "air fan fans ventilation ventilator conditioner conditioning aircon hvac vent blower airflow cooler cooling "
        "воздух* вентиляц* вентилятор* кондиционер* кулер* обдув*"
    ),
    "hum": (
        "hum buzz buzzing electric electrical electricity transformer mains neon lamp machine machines machinery "
        "гул гула гулом гулу гудит гудят гуден* трансформатор* электрич* лампа лампы неон* станок станк*"
    ),
    "fridge": "fridge refrigerator freezer compressor холодильник* компрессор* морозильник*",
    "engine": "engine motor diesel generator tractor двигател* мотор мотора моторы мотором дизел* генератор* трактор*",
    "rumble": "rumble rumbling vibration грохот* рокот* вибрац*",
    "cabin": (
        "cabin airplane aeroplane plane aircraft jet flight самолет* авиа* салон салона салоне полет полета полете"
    ),
    "wind": (
        "wind windy breeze gust gusts storm blizzard draught draft ветер ветр* бриз* вьюг* метел* порыв* буря бури "
        "бурю сквозняк* шторм*"
    ),
    "rain": (
        "rain rainy rainfall raindrop raindrops drizzle downpour hail shower showers дождь дождя дождю дождём дождем "
        "дожди дождик* дождлив* ливень ливн* морос* град градом"
    ),
    "city": "city town urban downtown metropolis skyline город города городе городом городу городск* мегаполис*",
    "fire": (
        "fire campfire bonfire fireplace hearth flame flames crackle crackling ember embers stove костёр костер костр* "
        "огонь огня огне огнём огнем камин* пламя пламен* потрескив* очаг* печь печк* печи треск* угли"
    ),
    "crowd": (
        "crowd people voices voice chatter murmur babble audience conversation talk talking whisper whispers толп* "
        "люди "
        "людей людьми людях голос* разговор* болтовн* публик* гомон* шепот* говор"
    ),
    "applause": "applause clap clapping ovation аплодис* хлопк* хлопает овац* овации",
    "sea": (
        "sea ocean surf wave waves beach shore seaside coast tide море моря морю морем морск* океан* прибой прибо* "
        "волна волн волны волнам* пляж* берег*"
    ),
    "stream": (
        "stream river brook creek waterfall fountain spring_water running_water ручей ручь* река реки рекой реке "
        "водопад* фонтан* родник* журч*"
    ),
    "boil": "boil boiling simmer cooking frying кипит кипящ* кипят* кипен* варит* жарит*",
    "underwater": "underwater aquarium submarine diving подводн* аквариум* батискаф* водолаз*",
    "leaves": (
        "leaves foliage tree trees wood woods park garden grove листва листв* листья листьев деревья деревьев дерев* "
        "парк* сад сада саду роща рощи роще"
    ),
    "hush": "hush",
    "night": "night nighttime midnight nights ночь ночи ночью ночн* полноч*",
    "hiss": "hiss hissing static radio white_noise pink_noise tape cassette шипен* шипит шипящ* радио помех* кассет*",
    "vinyl": (
        "vinyl vinyl_crackle record_crackle record треск_винила треск_пластинки turntable gramophone phonograph "
        "record_player винил* пластинк* граммофон* проигрыватель*"
    ),
    "purr": "purr purring cat_purr мурч* мурлы* мурлыкан* урчан* урчит",
    "cicada": "cicada cicadas цикад*",
    "drone": "drone synth pad synthesizer дрон дрона синтезатор*",
}

EVENTS: Mapping[str, str] = {
    "scratch": (
        "pencil scratch scratches scribble sketch sketching drawing graphite chalk pen writing handwriting карандаш* "
        "грифел* скреб* скребёт царап* чирка* рисован* рисует набросок наброск* штрих* ручка ручкой пишет мел мелом"
    ),
    "click": (
        "click clicks dac relay switch button mouse snap shutter lighter клик* щелч* щёлк* щелк* кнопк* тумблер* реле "
        "мыш* затвор* зажигалк*"
    ),
    "key": ("key keys keyboard press typing type typewriter keystroke клавиш* клавиатур* печата* нажат*"),
    "page": (
        "page pages paper papers book books leaf rustle rustling magazine newspaper страниц* бумаг* бумаж* листает "
        "перелист* шелест* шорох* шурш* книг* книжн* газет* журнал*"
    ),
    "clock": (
        "clock clocks tick ticks ticking watch pendulum metronome часы часов часам* часах тика* ходик* маятник* "
        "метроном*"
    ),
    "printer": "printer printing scanner copier fax plotter принтер* сканер* ксерокс* копир* факс*",
    "disk": "disk drive hdd harddisk modem диск диска дисковод* винчестер* модем*",
    "beep": "beep beeps beeping blip monitor notification microwave писк* пищит сигнал* микроволнов* уведомлен*",
    "ring": "phone telephone ring ringing ringtone alarm телефон* звонок звонк* будильник* звонит",
    "pane": "pane windowpane windowpanes",
    "drip": "drip drop drops droplet droplets tap faucet leak sink капл* капа* капел* капель кран кране крана протека*",
    "cup": (
        "cup cups dish dishes plate plates cutlery spoon fork clink clinking crockery tea coffee_cup чашк* посуд* "
        "ложк* "
        "ложеч* тарелк* вилк* звяк* бокал* стакан* чай чая чаем"
    ),
    "steam": "steam steamer espresso coffee_machine пар паром пара кофемашин* эспрессо",
    "whistle": "kettle teapot whistle whistling чайник* свист* свистит",
    "step": (
        "step steps footstep footsteps walk walking stairs staircase heels шаг шаги шагов шагам* шагает поступ* топот* "
        "лестниц* каблук*"
    ),
    "door": "door doors creak creaking hinge gate двер* скрип* калитк* петл* ворота ворот",
    "knock": "knock knocking tapping thud стук стука стуком стучит стучат постук*",
    "bell": "bell bells jingle колокольчик* бубен* бубенц*",
    "toll": "church_bell church_bells belfry toll tolling колокол* звон звона звоном благовест* звонница",
    "chime": "chime chimes announcement gong doorbell объявлен* гонг* перезвон*",
    "clack": "clack clatter rails railway_track перестук* рельс*",
    "screech": "screech brakes braking squeal визг* тормоз*",
    "pass": "car cars bus truck vehicle motorcycle машин* автомобил* автобус* грузовик* мотоцикл*",
    "horn": "horn honk honking car_horn клаксон* гудок гудк* сигналит",
    "shiphorn": "ship_horn foghorn steamer_horn ревун*",
    "siren": "siren sirens ambulance police сирен* полици*",
    "hammer": "hammer hammering hammers anvil молоток молотк* молот молота наковальн* кувалд*",
    "drill": "drill drilling saw chainsaw jackhammer дрель дрел* пила пилы пилит перфоратор* бормашин*",
    "thunder": "thunder thunderstorm lightning гром грома громом гроза грозы грозой грозу раскат* молни*",
    "heart": "heart heartbeat pulse сердц* сердеч* сердцебиен* пульс*",
    "breath": "breath breathing breathe sleep sleeping snore дыхан* дышит храп*",
    "chirp": "chirp chirps tweet sparrow sparrows чирик* воробь* воробей воробьи",
    "tit": "tit titmouse chickadee finch синиц* зяблик*",
    "warble": "nightingale blackbird thrush lark canary birdsong соловей соловь* дрозд* жаворон* канарейк* трели трель",
    "gull": "gull gulls seagull seagulls чайк* чаек",
    "crow": "crow crows raven rook ворон* карка*",
    "owl": "owl owls hoot сова совы сову филин* ухает",
    "cuckoo": "cuckoo кукушк* куку*",
    "dove": "dove doves pigeon pigeons голуб*",
    "woodpecker": "woodpecker дятел дятл*",
    "rooster": "rooster cock cockerel петух*",
    "dog": "dog dogs bark barking собак* лай лая лает лаем пес пса щенок",
    "meow": "cat cats meow kitten кот кота кошк* мяук* котен*",
    "cow": "cow cows moo cattle корова коров* мычит мычан*",
    "horse": "horse horses hoof hooves gallop лошад* конь коня копыт* кони",
    "frog": "frog frogs croak croaking лягуш* квака*",
    "cricket": "cricket crickets insect insects grasshopper grasshoppers сверч* кузнечик* насеком*",
    "bee": "bee bees bumblebee fly flies wasp hive пчел* шмел* муха мухи мух жужж* оса осы улей",
    "mosquito": "mosquito mosquitoes mosquitos gnat комар*",
    "wolf": "wolf wolves howl howling волк волка волки волч* вой воет",
}

WATER = "water вода воды водой воду водян*"
"""A stream, unless its clause names another sound: «dripping water»."""

WINDOW = "window windows windowsill окно окна окном окне окну оконн* форточк* подоконник*"
"""With rain, drops upon the pane; without any sound of outdoors, the town behind it."""

GLASS = "glass glasses стекло стекла стеклу стекле стеклом стеклянн*"
"""As a window with rain; else glasses."""
