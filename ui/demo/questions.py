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

PHOTOGRAPHER = {
    "en": "a man taking a photo with a camera",
    "de": "ein Mann fotografiert mit einer Kamera",
    "fr": "un homme prend une photo avec un appareil photo",
    "it": "un uomo scatta una foto con una macchina fotografica",
    "es": "un hombre toma una foto con una cámara",
    "ru": "мужчина фотографирует на фотоаппарат",
    "ja": "カメラで写真を撮っている男性",
    "zh": "一个男人正在用相机拍照",
    "pl": "mężczyzna robi zdjęcie aparatem",
    "tr": "fotoğraf makinesiyle fotoğraf çeken bir adam",
    "ko": "카메라로 사진을 찍고 있는 남자",
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
