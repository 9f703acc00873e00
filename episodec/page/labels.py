"""The words around an episode's own text, in posts, entries and on the index page: one table per language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels in one language. Those with braces are templates for `str.format`, filled only with
    numbers and other labels.
    """

    language: str
    episode: str
    says: str
    about: str
    ambience: str
    facts: str
    fact: str
    value: str
    files: str
    made_by: str
    recording: str
    tools_are: str
    conjunction: str
    views: str
    motion: str
    refined: str
    tags: str
    disclosure: str
    terms: str
    # Facts.
    length: str
    length_is: str
    length_is_one: str  # If it has one frame.
    size: str
    loudness: str
    loudness_is: str
    voice: str
    words_a_minute: str
    camera: str
    time: str
    frames: str
    frame: str
    character: str
    portrait: str
    tokens: str
    # The camera and scene time.
    static: str
    orbit: str
    turns: str
    dolly: str
    keys: str
    path: str
    eased: str
    view: str
    loop: str
    pingpong: str
    linear: str
    hold: str
    # A trained scene.
    scene: str
    gaussians: str
    psnr_train: str
    psnr_val: str
    psnr_test: str
    decibels: str
    frame_difference: str
    frame_difference_is: str
    # Files.
    video: str
    audio: str
    narration: str
    captions: str
    plan: str
    plan_picture: str
    sheet: str
    poster: str
    preview: str
    checks: str
    chart: str
    scene_film: str
    turntable: str
    fidelity: str
    fidelity_numbers: str
    training: str
    post: str
    manifest: str
    # The index page.
    find: str
    match_count: str
    nothing_found: str
    measurement: str
    measured: str
    required: str
    verdict: str
    passed: str
    failed: str
    warned: str
    not_measured: str
    notes: str
    least: str
    most: str
    all_passed: str
    some_failed: str
    no_gates: str
    to_content: str
    viewer: str


EN = Labels(
    language="en",
    episode="episode {number}",
    says="Transcript",
    about="about {seconds} s",
    ambience="Ambience",
    facts="Facts",
    fact="Fact",
    value="Value",
    files="Files",
    made_by="Made by",
    recording="a recording",
    tools_are="Made with {tools}.",
    conjunction="and",
    views="views around the character",
    motion="motion",
    refined="likeness",
    tags="Tags",
    disclosure="Disclosure",
    terms="Licences and terms",
    length="Length",
    length_is="{seconds} s: {frames} frames at {rate} per second",
    length_is_one="{seconds} s: 1 frame at {rate} per second",
    size="Picture",
    loudness="Loudness",
    loudness_is="{target} LUFS, true peak at most {peak} dBTP",
    voice="Voice",
    words_a_minute="{words} words per minute",
    camera="Camera",
    time="Scene time",
    frames="frames {first}–{last}",
    frame="frame {first}",
    character="Character",
    portrait="Portrait",
    tokens="Voice tokens",
    static="static at {position}",
    orbit="orbit of radius {radius} m, from {start}° to {end}°",
    turns="whole turns: {turns}",
    dolly="dolly from {start} to {end}",
    keys="keyframes: {count}",
    path="follows a path file",
    eased="eased",
    view="view {degrees}°",
    loop="loop of {period} samples",
    pingpong="back and forth over {period} samples",
    linear="from {start} to {end}",
    hold="held at {at}",
    scene="Scene",
    gaussians="Gaussians",
    psnr_train="PSNR, train",
    psnr_val="PSNR, validation",
    psnr_test="PSNR, test",
    decibels="{value} dB",
    frame_difference="Frame difference",
    frame_difference_is="{value} of 255, over one turn around it",
    video="video",
    audio="sound",
    narration="voice only",
    captions="captions",
    plan="frame plan",
    plan_picture="chart of the frame plan",
    sheet="contact sheet",
    poster="poster",
    preview="preview",
    checks="checks",
    chart="chart of the checks",
    scene_film="film of one turn around the scene",
    turntable="a turn around the scene",
    fidelity="training pictures and renders side by side",
    fidelity_numbers="measurements of the scene",
    training="chart of the training",
    post="post",
    manifest="manifest",
    find="Search titles, tags and text",
    match_count="episodes: {count}",
    nothing_found="Nothing found.",
    measurement="Measurement",
    measured="Measured",
    required="Limits",
    verdict="Verdict",
    passed="passed",
    failed="failed",
    warned="failed (warning)",
    not_measured="not measured",
    notes="Notes",
    least="at least {least}",
    most="at most {most}",
    all_passed="all passed: {count}",
    some_failed="failed: {failed} of {count}",
    no_gates="measured, no limits set",
    to_content="Skip to the episodes",
    viewer="the scene to walk around, with the episode playing in it",
)

RU = Labels(
    language="ru",
    episode="выпуск {number}",
    says="Текст",
    about="около {seconds} с",
    ambience="Фоновый звук",
    facts="Данные",
    fact="Параметр",
    value="Значение",
    files="Файлы",
    made_by="Чем сделано",
    recording="запись",
    tools_are="Сделано с помощью {tools}.",
    conjunction="и",
    views="виды вокруг персонажа",
    motion="движение",
    refined="сходство",
    tags="Теги",
    disclosure="Раскрытие информации",
    terms="Лицензии и условия",
    length="Длительность",
    length_is="{seconds} с: кадров {frames}, {rate} в секунду",
    length_is_one="{seconds} с: 1 кадр, {rate} в секунду",
    size="Размер кадра",
    loudness="Громкость",
    loudness_is="{target} LUFS, истинный пик не выше {peak} dBTP",
    voice="Голос",
    words_a_minute="слов в минуту: {words}",
    camera="Камера",
    time="Время сцены",
    frames="кадры {first}–{last}",
    frame="кадр {first}",
    character="Персонаж",
    portrait="Портрет",
    tokens="Токены голоса",
    static="неподвижна, в точке {position}",
    orbit="облёт на расстоянии {radius} м, от {start}° до {end}°",
    turns="полных оборотов: {turns}",
    dolly="проезд от {start} до {end}",
    keys="ключевых точек: {count}",
    path="движется по траектории из файла",
    eased="плавно",
    view="угол зрения {degrees}°",
    loop="цикл из {period} отсчётов",
    pingpong="туда и обратно за {period} отсчётов",
    linear="от {start} до {end}",
    hold="остановлено на {at}",
    scene="Сцена",
    gaussians="Гауссианы",
    psnr_train="PSNR, обучение",
    psnr_val="PSNR, валидация",
    psnr_test="PSNR, тест",
    decibels="{value} дБ",
    frame_difference="Разница кадров",
    frame_difference_is="{value} из 255, за один оборот вокруг сцены",
    video="видео",
    audio="звук",
    narration="только голос",
    captions="субтитры",
    plan="план кадров",
    plan_picture="схема плана кадров",
    sheet="раскадровка",
    poster="постер",
    preview="анимация",
    checks="проверки",
    chart="график проверок",
    scene_film="фильм сцены, один оборот",
    turntable="оборот вокруг сцены",
    fidelity="исходные кадры рядом с рендером",
    fidelity_numbers="измерения сцены",
    training="график обучения",
    post="пост",
    manifest="манифест",
    find="Поиск по названиям, тегам и тексту",
    match_count="выпусков: {count}",
    nothing_found="Ничего не найдено.",
    measurement="Измерение",
    measured="Измерено",
    required="Допуск",
    verdict="Итог",
    passed="пройдено",
    failed="не пройдено",
    warned="не пройдено (предупреждение)",
    not_measured="не измерялось",
    notes="Примечания",
    least="не меньше {least}",
    most="не больше {most}",
    all_passed="все пройдены: {count}",
    some_failed="не пройдено: {failed} из {count}",
    no_gates="измерено, границ не задано",
    to_content="К выпускам",
    viewer="сцена, которую можно обойти; в ней идёт выпуск",
)

_TABLES = {table.language: table for table in (EN, RU)}


def labels(language: str) -> Labels:
    """The labels of a language (BCP 47), by its first subtag; English for a language without a table here."""
    return _TABLES.get(language.partition("-")[0].lower(), EN)
