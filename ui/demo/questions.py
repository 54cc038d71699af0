"""The demo's question in each of the eleven languages, and what the languages are called."""

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "it": "Italian",
    "es": "Spanish",
    "ru": "Russian",
    "ja": "Japanese",
    "zh": "Chinese",
    "pl": "Polish",
    "tr": "Turkish",
    "ko": "Korean",
}

BUILDING = {
    "en": "a tall building by the water",
    "de": "ein hohes Gebäude am Wasser",
    "fr": "un grand bâtiment au bord de l'eau",
    "it": "un edificio alto vicino all'acqua",
    "es": "un edificio alto junto al agua",
    "ru": "высокое здание у воды",
    "ja": "水辺の高い建物",
    "zh": "水边的一座高楼",
    "pl": "wysoki budynek nad wodą",
    "tr": "su kenarında yüksek bir bina",
    "ko": "물가의 높은 건물",
}
"""Asked of the photographs that ship with packages; one of them answers it."""

PEOPLE = {
    "en": "people outdoors on a sunny day",
    "de": "Menschen im Freien an einem sonnigen Tag",
    "fr": "des gens dehors par une journée ensoleillée",
    "it": "persone all'aperto in una giornata di sole",
    "es": "personas al aire libre en un día soleado",
    "ru": "люди на улице в солнечный день",
    "ja": "晴れた日に屋外にいる人々",
    "zh": "晴天在户外的人们",
    "pl": "ludzie na świeżym powietrzu w słoneczny dzień",
    "tr": "güneşli bir günde dışarıdaki insanlar",
    "ko": "화창한 날 야외에 있는 사람들",
}
"""Asked of one's own folder: nearly every collection has an answer."""
