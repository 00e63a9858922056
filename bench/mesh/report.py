"""Tables and charts over the number of hosts, and what one more connection costs."""
from bench import charts, tables
from bench.tables import Results, markdown


def over_hosts(results, measure):
    """(number of hosts, its rows) in ascending order."""
    return sorted(((int(case["hosts"]), rows) for case, rows in results.of(measure)), key=lambda pair: pair[0])


def table(results, measure):
    """One row for each number of hosts and network."""
    found = over_hosts(results, measure)
    shown = [c for c in measure.columns if any(rows.values(n, c.key) for _, rows in found for n in rows.names)]
    cells = [[str(count), rows.marked(name), *(rows.figure(name, c) for c in shown)]
             for count, rows in found for name in rows.names]
    return markdown(["hosts", "network", *(c.title for c in shown)], cells)


def points(results, measure, key):
    """Network -> [(hosts, median)]."""
    lines = {}
    for count, rows in over_hosts(results, measure):
        for name in rows.names:
            value = rows.median(name, key)
            if value is not None:
                lines.setdefault(name, []).append((count, value))
    return lines


def slope(xs, ys):
    """Least squares: (what each x adds, what there is without any); None of fewer than two x."""
    if len(set(xs)) < 2:
        return None
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    each = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys)) / sum((x - middle_x) ** 2 for x in xs)
    return each, middle_y - each * middle_x


WORTH = (("a host's live heap", "connections", "heapMb", "memory", 1000, "kB"),
         ("a host's memory that is not shared", "connections", "anonymousMb", "memory", 1000, "kB"),
         ("the helper's live heap", "helperConnections", "helperHeapMb", "memory", 1000, "kB"),
         ("the helper's memory that is not shared", "helperConnections", "helperAnonymousMb", "memory", 1000, "kB"),
         ("a host's idle traffic", "connections", "hostBytes", "idle", 1, "bytes/s"),
         ("the helper's idle traffic", "helperConnections", "helperBytes", "idle", 1, "bytes/s"))


def each_connection(document):
    """What one more connection adds, fitted over all numbers of hosts."""
    rows = []
    for name in document["contenders"]:
        by_hosts = {}
        for record in document["records"]:
            if record["contender"] == name and "figures" in record:
                by_hosts.setdefault(record["case"]["hosts"], {})[record["measure"]] = record["figures"]
        for title, connections, key, measure, factor, unit in WORTH:
            found = [(f["memory"][connections], f[measure][key] * factor) for f in by_hosts.values()
                     if measure in f and "memory" in f and f[measure].get(key) is not None]
            line = slope(*zip(*found)) if found else None
            if line:
                rows.append([name, title, f"{line[0]:,.1f} {unit}", f"{line[1]:,.0f} {unit}"])
    return markdown(["network", "what", "each connection adds", "without any"], rows) if rows else ""


def report(document, measures, options):
    """The whole document as markdown."""
    results = Results(document, measures)
    machine = document["machine"]
    lines = [f"{document['date']}, {machine['processor']}, {machine['processors']} processors, Linux "
             f"{machine['kernel']}, congestion control {machine['congestion']}, {machine['iperf3']}. Lab: "
             f"{document['lab']}. [busy N]: N of its runs began on a machine more than "
             f"{tables.BUSY_SHARE_MAX:.0%} busy.", "",
             markdown(["network", "what"], [[n, c["about"]] for n, c in document["contenders"].items()])]
    for measure in measures.values():
        if over_hosts(results, measure):
            lines += ["", f"**{measure.title}**", "", measure.about.format(**options), "", table(results, measure)]
    worth = each_connection(document)
    if worth:
        lines += ["", "**For each connection** (least squares over the rows above)", "", worth]
    return "\n".join(lines) + "\n"


def draw(document, measures):
    """(file name, SVG) of every chart."""
    results = Results(document, measures)
    for measure in measures.values():
        for chart in measure.charts:
            lines = points(results, measure, chart.key)
            if any(len(line) > 1 for line in lines.values()):
                own = {n for n, c in document["contenders"].items() if c["own"]}
                yield charts.file_name(chart.title), charts.lines(chart, lines, own, "hosts")
