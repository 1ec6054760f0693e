"use strict";
(function () {
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const body = document.querySelector("#table tbody");
  const order = ["ready", "minor-work", "major-work", "not-containerisable", "error"];
  const levels = ["", "low", "medium", "high", "critical"];
  const state = { q: "", filters: {}, sort: "w", down: false, all: false };
  const most = 200; // rows that are shown at first: a table of thousands is slow to lay out
  const more = document.getElementById("more");

  // All text goes in as text: nothing of a repository is ever read as markup.
  function el(tag, text, cls) {
    const e = document.createElement(tag);
    if (text !== undefined && text !== "") e.textContent = text;
    if (cls) e.className = cls;
    return e;
  }
  function values(r, filter) {
    switch (filter) {
      case "verdict": return [r.v];
      case "stack": return r.st || [];
      case "place": return r.pl || [];
      case "wave": return [String(r.w)];
      case "owner": return r.o ? [r.o] : [];
      case "rule": return (r.f || []).map((f) => f.r);
      case "life": return (r.eol || []).map((e) => e[0]);
      case "service": return r.sv || [];
      case "image": return r.im || [];
    }
    return [];
  }
  function waveText(w) { return w ? "Wave " + w : "Not planned"; }

  for (const r of rows) {
    r.text = [r.n, r.l, r.o, r.k, (r.t || []).join(" "), r.v, (r.st || []).join(" "), (r.sv || []).join(" "), (r.im || []).join(" "), (r.cp || []).join(" "),
      (r.eol || []).map((e) => e[0]).join(" "), (r.f || []).map((f) => f.r + " " + f.t).join(" "), r.er].join(" ").toLowerCase();
    const tr = el("tr");
    const name = el("th");
    name.scope = "row";
    const open = el("button", r.n, "open");
    open.type = "button";
    open.setAttribute("aria-expanded", "false");
    open.addEventListener("click", () => toggle(r, open));
    name.append(open);
    const verdict = el("td");
    const spot = el("i", "", r.v);
    spot.setAttribute("aria-hidden", "true");
    verdict.append(spot, r.v);
    tr.append(name, verdict, el("td", String(r.s), "num"), el("td", r.d ? String(r.d) : "–", "num"), el("td", r.w ? String(r.w) : "–", "num"), el("td", (r.st || []).join(", ")),
      el("td", (r.pl || []).join(", ")), el("td", (r.eol || []).map((e) => e[0]).join(", ")), el("td", r.o || ""), el("td", r.k || ""));
    r.tr = tr;
  }

  function proofs(list) {
    const ul = el("ul");
    for (const [at, text] of list || []) {
      const li = el("li");
      li.append(el("code", at));
      if (text) li.append(" ", el("code", text));
      ul.append(li);
    }
    return ul;
  }
  function section(into, title, items, make) {
    if (!items || !items.length) return;
    into.append(el("h3", title));
    const ul = el("ul");
    for (const x of items) {
      const li = el("li");
      make(li, x);
      ul.append(li);
    }
    into.append(ul);
  }
  function detail(r) {
    const tr = el("tr", "", "detail");
    const td = el("td");
    td.colSpan = 10;
    const where = el("p");
    where.append(el("code", r.l), r.c ? " at " + r.c : "");
    td.append(where);
    if (r.er) td.append(el("p", r.er));
    if (r.ww) td.append(el("p", waveText(r.w) + ": " + r.ww));
    if (r.ve) td.append(el("p", "Verified: " + r.ve));
    if (r.co) td.append(el("p", "A copy of " + r.co));
    section(td, "Components", r.cp, (li, x) => li.append(x));
    section(td, "What stands in the way", r.f, (li, f) => {
      li.append(el("strong", f.r), " " + f.t + " (" + f.s + ", −" + f.p + " points)");
      for (const m of f.m || []) li.append(el("div", m));
      li.append(proofs(f.e));
    });
    section(td, "Where it belongs", r.p, (li, p) => {
      li.append(el("strong", p.c + ": " + p.y));
      for (const x of p.x || []) li.append(el("div", "Split by " + x));
      const ul = el("ul");
      for (const z of p.r || []) {
        const one = el("li");
        one.append(el("strong", z.r), " → " + z.t + ": " + z.w, proofs(z.e));
        ul.append(one);
      }
      li.append(ul);
      for (const h of p.h || []) li.append(el("div", "Would change it: " + h));
    });
    section(td, "Effort", r.e, (li, x) => li.append(x.d + " d: " + x.w));
    section(td, "End of life", r.eol, (li, x) => li.append(x[0] + " since " + x[1]));
    section(td, "Services", r.sv, (li, x) => li.append(x));
    section(td, "Base images", r.im, (li, x) => li.append(x));
    section(td, "Holds the same code", r.si, (li, x) => li.append(x));
    tr.append(td);
    return tr;
  }
  function toggle(r, button) {
    if (r.detail) {
      r.detail.remove();
      r.detail = null;
    } else {
      r.detail = detail(r);
      r.tr.after(r.detail);
    }
    button.setAttribute("aria-expanded", String(!!r.detail));
  }

  const text = new Intl.Collator("en", { numeric: true }).compare;
  const by = {
    n: (a, b) => text(a.n, b.n), v: (a, b) => order.indexOf(a.v) - order.indexOf(b.v), s: (a, b) => a.s - b.s, d: (a, b) => a.d - b.d,
    w: (a, b) => (a.w || 9) - (b.w || 9), st: (a, b) => text((a.st || []).join(), (b.st || []).join()), pl: (a, b) => text((a.pl || []).join(), (b.pl || []).join()),
    eol: (a, b) => (a.eol || []).length - (b.eol || []).length, o: (a, b) => text(a.o || "", b.o || ""), k: (a, b) => levels.indexOf((a.k || "").toLowerCase()) - levels.indexOf((b.k || "").toLowerCase()),
  };
  function show() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const active = Object.entries(state.filters).filter(([, v]) => v !== "");
    const seen = rows.filter((r) => words.every((w) => r.text.includes(w)) && active.every(([f, v]) => values(r, f).includes(v)));
    const compare = by[state.sort];
    seen.sort((a, b) => (state.down ? compare(b, a) : compare(a, b)) || text(a.n, b.n));
    const list = document.createDocumentFragment();
    let days = 0;
    for (const r of seen) days += r.w ? r.d : 0;
    const shown = state.all ? seen : seen.slice(0, most);
    for (const r of shown) {
      list.append(r.tr);
      if (r.detail) list.append(r.detail);
    }
    body.replaceChildren(list);
    more.hidden = shown.length === seen.length;
    more.textContent = "Show all " + seen.length + " repositories";
    document.getElementById("count").textContent = seen.length + " of " + rows.length + " repositories, " + days + " days";
    for (const th of document.querySelectorAll("#table thead th")) {
      const mine = th.firstElementChild.dataset.sort === state.sort;
      th.setAttribute("aria-sort", mine ? (state.down ? "descending" : "ascending") : "none");
    }
    for (const b of document.querySelectorAll(".bars button")) b.setAttribute("aria-pressed", String(state.filters[b.dataset.filter] === b.dataset.value));
    for (const s of document.querySelectorAll("select")) s.value = state.filters[s.dataset.filter] || "";
  }

  for (const s of document.querySelectorAll("select")) {
    const filter = s.dataset.filter;
    const all = new Set();
    for (const r of rows) for (const v of values(r, filter)) all.add(v);
    const sorted = [...all].sort(filter === "verdict" ? (a, b) => order.indexOf(a) - order.indexOf(b) : text);
    for (const v of sorted) {
      const o = el("option", filter === "wave" ? waveText(Number(v)) : v);
      o.value = v;
      s.append(o);
    }
    if (!sorted.length) s.closest("label").hidden = true;
    s.addEventListener("change", () => { state.filters[filter] = s.value; show(); });
  }
  for (const b of document.querySelectorAll(".bars button")) {
    b.addEventListener("click", () => {
      const { filter, value } = b.dataset;
      state.filters[filter] = state.filters[filter] === value ? "" : value;
      show();
    });
  }
  for (const b of document.querySelectorAll("#table thead button")) {
    b.addEventListener("click", () => {
      state.down = state.sort === b.dataset.sort ? !state.down : false;
      state.sort = b.dataset.sort;
      show();
    });
  }
  let waiting = 0;
  document.getElementById("q").addEventListener("input", (e) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { state.q = e.target.value; show(); }, 80);
  });
  const form = document.getElementById("filters");
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("reset", () => { state.q = ""; state.filters = {}; state.all = false; setTimeout(show, 0); });
  more.addEventListener("click", () => {
    state.all = true;
    show();
    const next = body.children[most];
    if (next) next.querySelector("button").focus();
  });
  addEventListener("beforeprint", () => { state.all = true; show(); });
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      document.getElementById("q").focus();
    } else if (e.key === "Escape") {
      const row = document.activeElement.closest("tr");
      const one = rows.find((r) => r.detail && (r.tr === row || r.detail === row));
      if (one) {
        const open = one.tr.querySelector(".open");
        toggle(one, open);
        open.focus();
      }
    }
  });
  show();
})();
