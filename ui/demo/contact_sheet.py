"""The contact sheet: one picture that shows photos before and after anonymisation, and what every language found."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

WIDTH = 1600
MARGIN = 64
GAP = 24
PAD = 20

PAPER = "#f4f2ee"
CARD = "#ffffff"
EDGE = "#e2ded6"
INK = "#1d1f23"
FAINT = "#767a82"
ACCENT = "#0f766e"

PAIRS_PER_ROW = 3
PAIR_PHOTO = 216
ROWS_PER_LINE = 2
HIT = (134, 104)
LABEL_WIDTH = 118

LEGEND = """Below each photo: how well it answers, higher is better.
Every photo on this half of the sheet is shown as the
library keeps it, with faces and licence plates covered."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One photo as its owner has it and as the library keeps it."""

    before: Image.Image
    after: Image.Image
    caption: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one language found: hits as the library keeps them, best first, with their scores."""

    code: str
    language: str
    hits: Sequence[tuple[Image.Image, float]]


def contact_sheet(heading: str, question: str, pairs: Sequence[Pair], answers: Sequence[Answer]) -> Image.Image:
    """RGB, `WIDTH` pixels wide, as high as its content. Text must be ASCII: Pillow's own font has no more letters."""
    per_line = max((len(answer.hits) for answer in answers), default=0)
    pair_lines = -(-len(pairs) // PAIRS_PER_ROW)
    answer_lines = -(-len(answers) // ROWS_PER_LINE)
    pairs_top = MARGIN + 206
    answers_top = pairs_top + pair_lines * (_pair_height() + GAP) + 84
    height = answers_top + answer_lines * (_answer_height() + GAP) + MARGIN
    sheet = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    _title(draw, heading)
    _section(draw, pairs_top - 50, "Before and after", "the library keeps only what is on the right")
    for place, pair in enumerate(pairs):
        left, top = _cell(place, PAIRS_PER_ROW, pairs_top, _pair_height())
        _draw_pair(sheet, draw, left, top, pair)
    _section(draw, answers_top - 50, "One question, eleven languages", f'"{question}"')
    for place, answer in enumerate(answers):
        left, top = _cell(place, ROWS_PER_LINE, answers_top, _answer_height())
        _draw_answer(sheet, draw, left, top, answer, per_line)
    left, top = _cell(len(answers), ROWS_PER_LINE, answers_top, _answer_height())
    if len(answers) % ROWS_PER_LINE:
        draw.multiline_text((left + PAD, top + 44), LEGEND, font=_font(19), fill=FAINT, spacing=10)
    return sheet


def _title(draw: ImageDraw.ImageDraw, heading: str) -> None:
    draw.rounded_rectangle((MARGIN, MARGIN, MARGIN + 10, MARGIN + 96), radius=5, fill=ACCENT)
    draw.text((MARGIN + 30, MARGIN - 8), "photoveil", font=_font(58), fill=INK, stroke_width=1, stroke_fill=INK)
    draw.text((MARGIN + 32, MARGIN + 72), heading, font=_font(22), fill=FAINT)


def _section(draw: ImageDraw.ImageDraw, top: int, name: str, remark: str) -> None:
    font = _font(30)
    draw.text((MARGIN, top), name, font=font, fill=INK)
    draw.text((MARGIN + draw.textlength(name, font=font) + 18, top + 9), remark, font=_font(21), fill=ACCENT)


def _cell(place: int, per_line: int, top: int, height: int) -> tuple[int, int]:
    line, column = divmod(place, per_line)
    return MARGIN + column * (_card_width(per_line) + GAP), top + line * (height + GAP)


def _card_width(per_line: int) -> int:
    return (WIDTH - 2 * MARGIN - (per_line - 1) * GAP) // per_line


def _pair_height() -> int:
    return PAIR_PHOTO + 2 * PAD + 30


def _answer_height() -> int:
    return HIT[1] + 2 * PAD + 24


def _draw_pair(sheet: Image.Image, draw: ImageDraw.ImageDraw, left: int, top: int, pair: Pair) -> None:
    width = _card_width(PAIRS_PER_ROW)
    _card(draw, left, top, width, _pair_height())
    photo = ((width - 3 * PAD) // 2, PAIR_PHOTO)
    for column, (image, label) in enumerate(((pair.before, "before"), (pair.after, "after"))):
        x = left + PAD + column * (photo[0] + PAD)
        _paste_rounded(sheet, image, x, top + PAD, photo)
        text = label if column == 0 else f"after: {pair.caption}"
        draw.text((x, top + PAD + PAIR_PHOTO + 10), text, font=_font(18), fill=ACCENT if column else FAINT)


def _draw_answer(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, left: int, top: int, answer: Answer, per_line: int
) -> None:
    width = _card_width(ROWS_PER_LINE)
    _card(draw, left, top, width, _answer_height())
    draw.text((left + PAD, top + PAD + 18), answer.code, font=_font(40), fill=ACCENT)
    draw.text((left + PAD, top + PAD + 68), answer.language, font=_font(19), fill=FAINT)
    step = (width - LABEL_WIDTH - PAD) // max(per_line, 1)
    for rank, (image, score) in enumerate(answer.hits):
        x = left + LABEL_WIDTH + rank * step
        _paste_rounded(sheet, image, x, top + PAD, HIT)
        draw.text((x + HIT[0] // 2, top + PAD + HIT[1] + 8), f"{score:.3f}", font=_font(16), fill=FAINT, anchor="mt")


def _card(draw: ImageDraw.ImageDraw, left: int, top: int, width: int, height: int) -> None:
    draw.rounded_rectangle((left, top, left + width, top + height), radius=16, fill=CARD, outline=EDGE)


def _paste_rounded(sheet: Image.Image, image: Image.Image, left: int, top: int, size: tuple[int, int]) -> None:
    fitted = ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS, centering=(0.5, 0.35))
    # Drawn four times as large and scaled down: Pillow does not smooth the corners it draws.
    mask = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius=48, fill=255)
    sheet.paste(fitted, (left, top), mask.resize(size, Image.Resampling.LANCZOS))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
