"""The frame that all pages share: one file, no scripts, nothing loaded from anywhere, in light and dark and on paper."""

from __future__ import annotations

import html

from gitops_sim.course.grading.names import shown

_LIGHT = "--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--card:#fff;--ground:#f6f8fa;--good:#00694a;--bad:#a63c00;--link:#0b5cad"
_DARK = "--ink:#e6edf3;--soft:#a2acb8;--line:#3d4650;--card:#1b2027;--ground:#15191f;--good:#2fbf93;--bad:#ff9a5c;--link:#7cc0ff"
_STYLE = f"""
:root{{color-scheme:light dark;{_LIGHT}}}
@media(prefers-color-scheme:dark){{:root{{{_DARK}}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif}}
main{{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}}
main.wide{{max-width:90rem}}
h1{{font-size:1.7rem;line-height:1.25;margin:0 0 .25rem}}h2{{font-size:1.25rem;margin:2.5rem 0 .5rem}}
h3{{font-size:1.05rem;margin:0}}p{{margin:.4rem 0}}a{{color:var(--link)}}
.soft{{color:var(--soft)}}.big{{font-size:1.35rem;font-weight:650}}
.card{{background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--soft);border-radius:.5rem;
padding:.85rem 1.1rem;margin:.7rem 0;break-inside:avoid}}
.card.good{{border-left-color:var(--good)}}.card.bad{{border-left:.35rem double var(--bad)}}.card.open{{border-left-style:dashed}}
.head{{display:flex;gap:.75rem;justify-content:space-between;align-items:baseline;flex-wrap:wrap}}
.word{{font-weight:650;white-space:nowrap}}.good .word,td.good{{color:var(--good)}}.bad .word,td.bad{{color:var(--bad)}}
dl{{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0 0}}
dt{{color:var(--soft)}}dd{{margin:0;overflow-wrap:anywhere}}
pre{{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;overflow-x:auto;margin:.6rem 0;
font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}}
.scroll{{overflow-x:auto}}table{{border-collapse:collapse;background:var(--card);min-width:100%;font-variant-numeric:tabular-nums}}
th,td{{border:1px solid var(--line);padding:.4rem .65rem;text-align:left;vertical-align:top}}

td.n,th.n{{text-align:right}}td.n,td.line{{white-space:nowrap}}
thead th{{background:var(--ground)}}th[scope=row]{{font-weight:600}}
caption{{text-align:left;color:var(--soft);padding:.3rem 0}}td.text{{min-width:14rem;overflow-wrap:anywhere}}
meter{{width:7rem;height:.9rem;vertical-align:middle}}
footer{{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem}}
@media(max-width:34rem){{dl{{grid-template-columns:1fr;gap:0}}dd{{margin-bottom:.4rem}}}}
@media print{{:root{{{_LIGHT};--ground:#fff}}body{{font-size:11pt}}main{{max-width:none;padding:0}}
pre{{white-space:pre-wrap;font-size:8.5pt;overflow:visible}}a{{color:inherit}}.scroll{{overflow:visible}}}}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, body: str, *, wide: bool = False) -> str:
    """A whole document. ``title`` is plain text, ``body`` is HTML; ``wide`` is for tables."""
    main = '<main class="wide">' if wide else "<main>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(shown(title))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{main}\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def text(value: str) -> str:
    """A text that somebody wrote, for HTML: nothing in it is markup, and its direction stays its own."""
    return f"<bdi>{html.escape(value)}</bdi>"


def plain(value: str) -> str:
    """A text of ours, for HTML."""
    return html.escape(value)
