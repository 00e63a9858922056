"""Charts as SVG, drawn from the same rows as the tables: bars, and lines over a number."""
import math
import re
from html import escape

from bench.tables import Results

WIDTH, LEFT, RIGHT = 760, 170, 90
BAR, GAP, HEAD, FOOT = 13, 9, 62, 12
LINES_HEIGHT = 320
OWN = ("#0b6e4f", "#5fb491", "#b5dccb")
PEER = ("#5b6472", "#a3abb8", "#d5d9e0")


def draw(document, measures):
    """(file name, SVG) of every chart."""
    results = Results(document, measures)
    for measure in measures.values():
        found = list(results.of(measure))
        for chart in measure.charts:
            for rest, series in grouped(found, chart.series):
                title = ", ".join([chart.title, *rest])
                svg = bars(title, chart, series, document["contenders"])
                if svg:
                    yield file_name(title), svg


def file_name(title):
    return re.sub("[^a-z0-9]+", "-", title.lower()).strip("-") + ".svg"


def grouped(found, key):
    """Cases that differ in one thing only: (what they share, {what differs: rows})."""
    groups = {}
    for case, rows in found:
        rest = tuple(v for k, v in case.items() if k != key)
        groups.setdefault(rest, {})[case.get(key, "")] = rows
    return groups.items()


def bars(title, chart, series, contenders):
    """One group of bars for each VPN, whiskers from the smallest to the largest run."""
    shown = [n for n in dict.fromkeys(n for rows in series.values() for n in rows.names)
             if contenders.get(n, {}).get("charted", True)
             and any(rows.values(n, chart.key) for rows in series.values())]
    if not shown:
        return None
    top = max(max(rows.values(n, chart.key), default=0) for rows in series.values() for n in shown) or 1
    scale = (WIDTH - LEFT - RIGHT) / top
    parts, y = [], HEAD
    for name in shown:
        own = contenders.get(name, {}).get("own", False)
        middle = y + len(series) * BAR / 2 + 4
        parts.append(text(LEFT - 8, middle, name, "end", bold=own))
        for i, rows in enumerate(series.values()):
            parts += bar(y + i * BAR, rows.values(name, chart.key), rows.median(name, chart.key), scale,
                         (OWN if own else PEER)[min(i, 2)], chart.digits)
        y += len(series) * BAR + GAP
    height = y + FOOT
    head = [text(12, 22, title, size=15, bold=True),
            text(12, 42, f"{chart.unit}; medians, lines from the smallest to the largest run")]
    return picture(height, [*head, *legend(series), *parts])


def picture(height, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" font-family="sans-serif">', f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *parts, "</svg>", ""])


def legend(series):
    if len(series) < 2:
        return []
    parts, x = [], LEFT + 240
    for i, name in enumerate(series):
        parts += [f'<rect x="{x}" y="33" width="10" height="10" fill="{PEER[min(i, 2)]}"/>',
                  text(x + 15, 42, name)]
        x += 40 + 7 * len(name)
    return parts


def bar(y, values, middle, scale, colour, digits):
    if middle is None:
        return []
    width, line = max(1, middle * scale), y + (BAR - 2) / 2
    low, high = LEFT + min(values) * scale, LEFT + max(values) * scale
    return [f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 2}" fill="{colour}"/>',
            f'<path d="M{low:.1f} {line}H{high:.1f}" stroke="#111" stroke-width="1"/>',
            text(max(high, LEFT + width) + 6, y + BAR - 3, f"{middle:,.{digits}f}")]


def lines(chart, points, own, unit):
    """A line for each name over a number that doubles from step to step; `points` is name -> [(number, value)]."""
    top = max(v for line in points.values() for _, v in line) or 1
    steps = sorted({x for line in points.values() for x, _ in line})
    left, right, bottom = 60, WIDTH - RIGHT - 60, LINES_HEIGHT - 42
    span = math.log2(steps[-1] / steps[0]) or 1

    def at(x, value):
        return left + (right - left) * math.log2(x / steps[0]) / span, bottom - (bottom - HEAD) * value / top

    parts = [text(12, 22, chart.title, size=15, bold=True), text(12, 42, f"{chart.unit}; medians, over {unit}"),
             f'<path d="M{left} {HEAD}V{bottom}H{right}" stroke="#111" fill="none"/>',
             text(left - 6, HEAD + 4, f"{top:,.{chart.digits}f}", "end"), text(left - 6, bottom + 4, "0", "end")]
    for x in steps:
        parts.append(text(at(x, 0)[0], bottom + 18, str(x), "middle"))
    for i, (name, line) in enumerate(points.items()):
        colour, places = OWN[0] if name in own else PEER[min(i, 2)], [at(*point) for point in line]
        parts.append(f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in places)}" stroke="{colour}" '
                     f'stroke-width="2" fill="none"/>')
        for (x, y), (_, value) in zip(places, line):
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>',
                      text(x, y - 7, f"{value:,.{chart.digits}f}", "middle", size=10)]
        parts.append(text(places[-1][0] + 24, places[-1][1] + 4, name, bold=name in own))
    return picture(LINES_HEIGHT, parts)


def text(x, y, content, anchor="start", size=12, bold=False):
    weight = ' font-weight="bold"' if bold else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight}>'
            f"{escape(content)}</text>")
