"""What the measures have in common: what they take, and how tables show it."""
from dataclasses import dataclass
from typing import Callable

from bench import contenders
from bench.contenders import Bare

START_SECONDS = 3           # to bring one contender up, about
BETWEEN_SECONDS = 0.8       # from one run to the next: programs start, the machine is looked at


@dataclass(frozen=True)
class Column:
    """A figure in a table: its median, and what it is compared with within each round."""
    title: str
    key: str
    digits: int = 0
    spread: bool = False            # smallest and largest, too
    to_reference: bool = False      # times the bare link's
    to_best: bool = False           # times the best sealed peer's
    best: Callable = max


@dataclass(frozen=True)
class Chart:
    """Bars of a figure; one chart for all cases that differ in `series` only."""
    title: str
    key: str
    unit: str
    series: str
    digits: int = 0


@dataclass(frozen=True)
class Stage:
    """The lab that a measure needs; measures with the same one share it."""
    words: tuple

    def start(self, run, chosen):
        """The contenders that are up, and {name: reason} of those that are not."""
        return contenders.start_all(run, chosen, *self.words)


class Measure:
    """One kind of figure. `take` does one run of one contender in one case.

    `args` are the command's options; what only shows figures needs none.
    """
    name = ""
    title = ""
    reference = Bare.name
    columns = ()
    charts = ()

    def __init__(self, args=None):
        self.args = args

    def stages(self):
        """Pairs of a Stage and a case: a dictionary of what tells it from the others."""
        raise NotImplementedError

    def rounds(self):
        return self.args.rounds

    def seconds(self):
        """How long one run takes, about."""
        raise NotImplementedError

    def take(self, run, contender, case):
        """The figures of one run, by key."""
        raise NotImplementedError

    def label(self, case):
        return f"{self.title}, " + ", ".join(case.values())

    def line(self, figures):
        """One run in short."""
        return ", ".join(f"{c.title} {figures[c.key]:.{c.digits}f}" for c in self.columns
                         if figures.get(c.key) is not None)

    @staticmethod
    def derive(figures, _reference):
        """The figures with those that need the reference's of the same round."""
        return figures


def pair(offload, *words):
    return Stage(("--offload", offload, *words))


def percentile(values, share):
    """The nearest-rank percentile; NaN of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("nan")
