// Follows what happens: fetches the page again and swaps the parts that changed. Without it, reload the page.
"use strict";
(() => {
  if (!document.querySelector("[data-live]") || !window.EventSource) return;
  let busy = false, again = false;
  const plain = (node) => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("details").forEach((folded) => folded.removeAttribute("open"));
    return copy.innerHTML;
  };
  const swap = (old, fresh) => {
    if (plain(old) === plain(fresh)) return;
    const open = [...old.querySelectorAll("details")].map((folded) => folded.open);
    const all = "a,button,input,select,summary,[tabindex]";
    const at = [...old.querySelectorAll(all)].indexOf(document.activeElement);
    const href = at >= 0 ? document.activeElement.getAttribute("href") : null;
    old.innerHTML = fresh.innerHTML;
    old.querySelectorAll("details").forEach((folded, i) => { if (open[i]) folded.open = true; });
    if (at < 0) return;
    const now = [...old.querySelectorAll(all)];
    (now.find((element) => href && element.getAttribute("href") === href) || now[at])?.focus({ preventScroll: true });
  };
  const look = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.querySelectorAll("[data-live]").forEach((old) => {
          const fresh = page.getElementById(old.id);
          if (fresh) swap(old, fresh);
        });
        const state = document.querySelector("[data-state]")?.dataset.state, told = document.getElementById("told");
        if (state && state !== look.state && look.state && told) { told.className = "told"; told.textContent = state; }
        look.state = state;
      }
    } catch { /* the server has gone; the page stays as it is */ }
    busy = false;
    if (again) { again = false; look(); }
  };
  look.state = document.querySelector("[data-state]")?.dataset.state;
  new EventSource("/ui/moved").onmessage = look;
})();
