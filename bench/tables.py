"""Markdown tables of what a race found: medians, and medians of ratios within a round."""
from collections import defaultdict

from bench.race import BUSY_SHARE_MAX
from harness import median


class Results:
    """Records by measure and case, and what is known of the contenders by name."""

    def __init__(self, document, measures):
        self.contenders = document["contenders"]
        self.measures = measures
        self.cases = defaultdict(list)          # (measure, label of the case) -> records
        for record in document["records"]:
            self.cases[record["measure"], tuple(record["case"].items())].append(record)

    def of(self, measure):
        """(case, rows) of each case of a measure."""
        for (name, items), records in self.cases.items():
            if name == measure.name:
                yield dict(items), Rows(measure, records, self.contenders)


class Rows:
    """One case: each contender's figures, round by round."""

    def __init__(self, measure, records, contenders):
        self.measure = measure
        self.records = records
        self.names = list(dict.fromkeys(r["contender"] for r in records))
        self.sealed = [n for n in self.names if contenders.get(n, {}).get("sealed")]
        rounds = {(r["contender"], r["round"]): r["figures"] for r in records if "figures" in r}
        self.figures = defaultdict(dict)        # contender -> round -> figures
        for (name, n), figures in rounds.items():
            self.figures[name][n] = measure.derive(figures, rounds.get((measure.reference, n)))

    def values(self, name, key):
        found = (f.get(key) for f in self.figures[name].values())
        return [v for v in found if v is not None]

    def median(self, name, key):
        values = self.values(name, key)
        return median(values) if values else None

    def best(self, column):
        """The sealed peer with the best median, or None."""
        known = [n for n in self.sealed if self.median(n, column.key) is not None]
        return column.best(known, key=lambda n: self.median(n, column.key)) if known else None

    def ratio(self, name, key, reference):
        """Median over the rounds of name's figure divided by the reference's in the same round."""
        pairs = [(f.get(key), self.figures[reference].get(n, {}).get(key))
                 for n, f in self.figures[name].items()] if reference else []
        ratios = [x / y for x, y in pairs if x is not None and y]
        return median(ratios) if ratios else None

    def disturbed(self, name):
        """How many of its runs began on a busy machine."""
        return sum(r["busyBefore"] > BUSY_SHARE_MAX for r in self.records if r["contender"] == name)

    def failed(self, name):
        return sum("failed" in r for r in self.records if r["contender"] == name)

    def table(self):
        heads, cells = ["contender"], [[self.marked(n)] for n in self.names]
        for column in self.measure.columns:
            if not any(self.values(n, column.key) for n in self.names):
                continue
            for head, values in self.column(column):
                heads.append(head)
                for row, value in zip(cells, values):
                    row.append(value)
        return markdown(heads, cells)

    def column(self, column):
        """(heading, one text per contender): the figure, and what it is compared with."""
        yield column.title + (", median (min-max)" if column.spread else ""), [
            self.figure(n, column) for n in self.names]
        if column.to_reference and self.measure.reference in self.names:
            yield f"x {self.measure.reference}", [
                number(self.ratio(n, column.key, self.measure.reference)) for n in self.names]
        best = self.best(column) if column.to_best else None
        if best:
            yield f"x best peer ({best})", [number(self.ratio(n, column.key, best)) for n in self.names]

    def figure(self, name, column):
        values = self.values(name, column.key)
        if not values:
            return ""
        text = f"{median(values):,.{column.digits}f}"
        if column.spread and len(values) > 1:
            text += f" ({min(values):,.{column.digits}f}-{max(values):,.{column.digits}f})"
        return text

    def marked(self, name):
        return name + (f" [busy {self.disturbed(name)}]" if self.disturbed(name) else "") \
            + (f" [failed {self.failed(name)}]" if self.failed(name) else "")


def markdown(heads, rows):
    align = "|---" if len(heads) == 2 else "|---:"
    lines = ["| " + " | ".join(heads) + " |", "|---" + align * (len(heads) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value):
    return "" if value is None else f"{value:.3f}" if value < 1 else f"{value:.2f}"


def overview(measure, found):
    """All cases of a measure beside each other: x the reference and x the best peer."""
    column = next((c for c in measure.columns if c.to_reference and c.to_best), None)
    if not column or len(found) < 2:
        return None
    names = list(dict.fromkeys(n for _, rows in found for n in rows.names))
    cells = [[n] + [f"{number(rows.ratio(n, column.key, measure.reference))} / "
                    f"{number(rows.ratio(n, column.key, rows.best(column)))}" for _, rows in found]
             for n in names]
    return f"x {measure.reference} / x best peer:\n\n" + markdown(
        ["contender", *(", ".join(case.values()) for case, _ in found)], cells)


def report(document, measures):
    """The whole document as markdown."""
    results = Results(document, measures)
    machine = document["machine"]
    lines = [f"{document['date']}, {machine['processor']}, {machine['processors']} processors, Linux "
             f"{machine['kernel']}, default congestion control {machine['congestion']}, {machine['iperf3']}. "
             "Ratios are medians of each round's ratio. "
             f"[busy N]: N of its runs began on a machine more than {BUSY_SHARE_MAX:.0%} busy.", ""]
    lines.append(markdown(["contender", "what"],
                          [[n, c["about"]] for n, c in document["contenders"].items()]))
    lines += ["", *(f"Skipped: {name} ({reason})."
                    for name, reason in document["skipped"].items())]
    for measure in measures.values():
        found = list(results.of(measure))
        for case, rows in found:
            count = len({r["round"] for r in rows.records})
            lines += ["", f"**{measure.label(case)}** ({count} round{'s' if count > 1 else ''})", "", rows.table()]
        summary = overview(measure, found)
        if summary:
            lines += ["", f"**{measure.title}: all cases**; {summary}"]
    return "\n".join(lines) + "\n"
