"""The differences between two texts as ``diff -u`` prints them.

Which lines count as changed when there is a choice follows GNU diff: Myers' algorithm from both ends ("An O(ND) Difference
Algorithm", 1986), then every run of changes is moved as far down as it goes, or to where the other text changed, too.
"""

from __future__ import annotations

from collections.abc import Sequence

_CONTEXT = 3
_FAR = 1 << 60


def unified(old: str, new: str) -> str:
    """The hunks, without a header; empty for equal texts. Both end with a newline or are empty."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    start, end = _equal_ends(before, after)
    middle = changed_lines(before[start : len(before) - end], after[start : len(after) - end])
    gone, come = ([False] * start + changed + [False] * end for changed in middle)
    return "".join(_hunk(before, after, gone, come, group) for group in _groups(_runs(gone, come)))


def _equal_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many equal lines at the start and at the end are not looked at: all but those of the context."""
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    start = max(0, start - _CONTEXT)
    rest = shorter - start
    end = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    return start, max(0, end - _CONTEXT)


def changed_lines(old: Sequence[str], new: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """For each line whether it was taken out of ``old``, and whether it was put into ``new``."""
    known_new, known_old = set(new), set(old)
    matching_old = [i for i, line in enumerate(old) if line in known_new]
    matching_new = [i for i, line in enumerate(new) if line in known_old]
    gone, come = [line not in known_new for line in old], [line not in known_old for line in new]
    search = _Search([old[i] for i in matching_old], [new[i] for i in matching_new])
    for i, changed in zip(matching_old, search.gone, strict=True):
        gone[i] = changed
    for i, changed in zip(matching_new, search.come, strict=True):
        come[i] = changed
    _shift(old, gone, come)
    _shift(new, come, gone)
    return gone, come


class _Search:
    """A shortest way from one sequence to another."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old, self._new = old, new
        self.gone, self.come = [False] * len(old), [False] * len(new)
        waiting = [(0, len(old), 0, len(new))]
        while waiting:
            x, x_end, y, y_end = waiting.pop()
            while x < x_end and y < y_end and old[x] == new[y]:
                x, y = x + 1, y + 1
            while x < x_end and y < y_end and old[x_end - 1] == new[y_end - 1]:
                x_end, y_end = x_end - 1, y_end - 1
            if x == x_end:
                self.come[y:y_end] = [True] * (y_end - y)
            elif y == y_end:
                self.gone[x:x_end] = [True] * (x_end - x)
            else:
                x_mid, y_mid = self._middle(x, x_end, y, y_end)
                waiting += [(x, x_mid, y, y_mid), (x_mid, x_end, y_mid, y_end)]

    def _middle(self, x_start: int, x_end: int, y_start: int, y_end: int) -> tuple[int, int]:
        """A point on a shortest way, about halfway: where the searches from both ends meet. ``x - y`` names a diagonal."""
        old, new = self._old, self._new
        lowest, highest = x_start - y_end, x_end - y_start
        start, end = x_start - y_start, x_end - y_end
        forward, backward = {start: x_start}, {end: x_end}
        f_low = f_high = start
        b_low = b_high = end
        odd = bool((start - end) & 1)
        while True:
            f_low, f_high = _wider(forward, f_low, f_high, lowest, highest, -1)
            for diagonal in range(f_high, f_low - 1, -2):
                x = max(forward[diagonal - 1] + 1, forward[diagonal + 1])
                while x < x_end and x - diagonal < y_end and old[x] == new[x - diagonal]:
                    x += 1
                forward[diagonal] = x
                if odd and b_low <= diagonal <= b_high and backward[diagonal] <= x:
                    return x, x - diagonal
            b_low, b_high = _wider(backward, b_low, b_high, lowest, highest, _FAR)
            for diagonal in range(b_high, b_low - 1, -2):
                x = min(backward[diagonal - 1], backward[diagonal + 1] - 1)
                while x_start < x and y_start < x - diagonal and old[x - 1] == new[x - diagonal - 1]:
                    x -= 1
                backward[diagonal] = x
                if not odd and f_low <= diagonal <= f_high and x <= forward[diagonal]:
                    return x, x - diagonal


def _wider(reached: dict[int, int], low: int, high: int, lowest: int, highest: int, outside: int) -> tuple[int, int]:
    """One more diagonal on each side, or one less where the edge is."""
    if low > lowest:
        low -= 1
        reached[low - 1] = outside
    else:
        low += 1
    if high < highest:
        high += 1
        reached[high + 1] = outside
    else:
        high -= 1
    return low, high


def _shift(lines: Sequence[str], changed: list[bool], other: list[bool]) -> None:
    """Moves every run of changes in ``changed``; ``other`` are the changes of the other text. The unchanged lines of both belong
    together, one to one."""
    count = len(lines)
    ours, theirs = [*changed, False], [*other, False]
    i = j = 0
    while True:
        while i < count and not ours[i]:
            while theirs[j]:
                j += 1
            i, j = i + 1, j + 1
        if i == count:
            break
        first = i
        while ours[i]:
            i += 1
        while theirs[j]:
            j += 1
        while True:
            length = i - first
            while first and lines[first - 1] == lines[i - 1]:
                first, i = first - 1, i - 1
                ours[first], ours[i] = True, False
                while first and ours[first - 1]:
                    first -= 1
                j = _unchanged_before(theirs, j)
            meets = i if j and theirs[j - 1] else count
            while i < count and lines[first] == lines[i]:
                ours[first], ours[i] = False, True
                first, i = first + 1, i + 1
                while ours[i]:
                    i += 1
                j += 1
                while theirs[j]:
                    meets = i
                    j += 1
            if length == i - first:
                break
        while meets < i:
            first, i = first - 1, i - 1
            ours[first], ours[i] = True, False
            j = _unchanged_before(theirs, j)
    changed[:] = ours[:-1]


def _unchanged_before(changed: Sequence[bool], index: int) -> int:
    index -= 1
    while index > 0 and changed[index]:
        index -= 1
    return index


Run = tuple[int, int, int, int]
"""Lines from-to of the old text that become lines from-to of the new one."""


def _runs(gone: Sequence[bool], come: Sequence[bool]) -> list[Run]:
    runs: list[Run] = []
    i = j = 0
    while i < len(gone) or j < len(come):
        i_start, j_start = i, j
        while i < len(gone) and gone[i]:
            i += 1
        while j < len(come) and come[j]:
            j += 1
        if (i, j) == (i_start, j_start):
            i, j = i + 1, j + 1
        else:
            runs.append((i_start, i, j_start, j))
    return runs


def _groups(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs whose context would touch, together."""
    groups: list[list[Run]] = []
    for run in runs:
        if groups and run[0] - groups[-1][-1][1] <= 2 * _CONTEXT:
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _hunk(before: Sequence[str], after: Sequence[str], gone: Sequence[bool], come: Sequence[bool], group: list[Run]) -> str:
    i, j = max(0, group[0][0] - _CONTEXT), max(0, group[0][2] - _CONTEXT)
    i_end, j_end = min(len(before), group[-1][1] + _CONTEXT), min(len(after), group[-1][3] + _CONTEXT)
    lines = [f"@@ -{_range(i, i_end)} +{_range(j, j_end)} @@\n"]
    for i_run, i_next, j_run, j_next in group:
        lines += [f" {line}" for line in before[i:i_run]]
        lines += [f"-{line}" for line in before[i_run:i_next]]
        lines += [f"+{line}" for line in after[j_run:j_next]]
        i = i_next
    lines += [f" {line}" for line in before[i:i_end]]
    return "".join(lines)


def _range(start: int, end: int) -> str:
    if end - start == 1:
        return str(end)
    return f"{start + 1 if end > start else start},{end - start}"
