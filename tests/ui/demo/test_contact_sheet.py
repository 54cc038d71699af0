from PIL import Image

from ui.demo.contact_sheet import CARD, HIT, PAPER, WIDTH, Answer, Pair, contact_sheet

RED, GREEN, BLUE = ((color, Image.new("RGB", (300, 200), color)) for color in ("#ff0000", "#00ff00", "#0000ff"))


def _colors(sheet: Image.Image) -> dict[tuple[int, ...], int]:
    found = sheet.getcolors(maxcolors=1 << 24)
    assert found is not None
    return {color: count for count, color in found}  # type: ignore[misc]


def test_every_picture_is_on_the_sheet() -> None:
    answers = [Answer("en", "English", [(GREEN[1], 0.5), (BLUE[1], 0.25)])]
    sheet = contact_sheet("a heading", "a question", [Pair(RED[1], GREEN[1], "anonymised")], answers)
    colors = _colors(sheet)
    assert sheet.width == WIDTH
    assert colors[255, 0, 0] > 20_000
    assert colors[0, 0, 255] > 0.9 * HIT[0] * HIT[1]
    assert colors[0, 255, 0] > colors[255, 0, 0] > colors[0, 0, 255]


def test_the_sheet_grows_with_the_answers() -> None:
    few = contact_sheet("h", "q", [], [Answer("en", "English", [])])
    many = contact_sheet("h", "q", [], [Answer("en", "English", [])] * 11)
    assert many.height > 3 * few.height / 2


def test_corners_are_round() -> None:
    sheet = contact_sheet("h", "q", [Pair(RED[1], RED[1], "clear")], [])
    reds = [(x, y) for x in range(sheet.width) for y in range(250, 300) if sheet.getpixel((x, y)) == (255, 0, 0)]
    left, top = min(x for x, _ in reds), min(y for _, y in reds)
    assert (left, top) not in reds
    assert {PAPER, CARD} & {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in [sheet.getpixel((left, top))]}  # type: ignore[misc]
