// The one script of the pages. Everything works without it.
"use strict";

// A theme is kept as soon as it is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.theme");
  if (!form) return;
  delete document.documentElement.dataset.theme;
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
});

// What is live is asked for every few seconds; not while nobody looks, types, selects or has paused it.
let paused = false;
const field = (element) => element && element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
const written = () => [...document.querySelectorAll("[data-live] textarea, [data-live] input[type=text]")]
  .some((each) => each.value !== each.defaultValue);
const busy = () => paused || document.hidden || field(document.activeElement) || written()
  || document.querySelector("[data-live] .pick:checked, [data-live] .menu[open]");
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-live]") && busy()) event.preventDefault();
});

// Who is signed out while they read is told, and goes on once they have signed in elsewhere; so while the database is away.
const told = { 401: "ended", 503: "away" };
document.addEventListener("htmx:responseError", (event) => {
  const what = told[event.detail.xhr.status];
  const template = what && document.querySelector(`template#${what}`);
  if (!template || document.querySelector(`#main > .${what}`)) return;
  const note = template.content.cloneNode(true).firstElementChild;
  note.classList.add(what);
  template.after(note);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.querySelectorAll("#main > .ended, #main > .away").forEach((each) => each.remove());
});

// What was unfolded stays so when the page is renewed.
let unfolded = [];
const folds = () => [...document.querySelectorAll("[data-live] details")];
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = folds().filter((each) => each.open).map((each) => each.querySelector("summary").textContent);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const each of folds()) if (unfolded.includes(each.querySelector("summary").textContent)) each.open = true;
  show();
});
const show = () => {
  for (const button of document.querySelectorAll("[data-pause]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(paused));
  }
};
const pause = () => { paused = !paused; show(); };
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-pause]")) pause();
});
show();

// The button that was pressed has a turning ring while the answer is awaited, and a form is not sent twice meanwhile; a
// file that is saved leaves the page as it is.
const turning = (form, button, is) => {
  button?.classList.toggle("turns", is);
  form.toggleAttribute("data-sent", is);
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post" && form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  turning(form, event.submitter, true);
  setTimeout(turning, 20000, form, event.submitter, false);
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((each) => {
  turning(each, each.querySelector(".turns"), false);
}));

// What is typed is kept in this tab until the form is answered: who was signed out finds it again. Never a password or a file.
const reader = document.querySelector(".me")?.textContent;
const fillable = (form) => [...form.elements]
  .filter((each) => each.name && each.matches("textarea, select, input:not([type=hidden], [type=file], [type=password])"));
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!reader || form?.method !== "post" || event.target.type === "password" || form.matches(".theme")) return;
  const typed = fillable(form).map((each) => [each.name, each.value, each.checked]);
  sessionStorage.setItem("typed", JSON.stringify({ reader, action: form.getAttribute("action"), typed }));
});
const refill = (form, typed) => {
  fillable(form).forEach((each, at) => {
    const [name, value, checked] = typed[at] || [];
    if (name !== each.name) return;
    if (each.matches("[type=checkbox], [type=radio]")) each.checked = checked;
    else each.value = value;
  });
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const template = document.querySelector("template#typed");
  template.after(template.content.cloneNode(true));
  sessionStorage.setItem("typed", JSON.stringify({ ...kept, ended: false }));
};
const kept = JSON.parse(sessionStorage.getItem("typed"));
const unanswered = document.querySelector("[data-unanswered]");
if (kept && unanswered) {
  sessionStorage.setItem("typed", JSON.stringify({ ...kept, ended: true }));
  document.querySelectorAll("[data-kept]").forEach((each) => { each.hidden = false; });
} else if (kept) {
  const form = [...document.forms].find((each) => each.getAttribute("action") === kept.action);
  if (kept.ended && kept.reader === reader && form) refill(form, kept.typed);
  else sessionStorage.removeItem("typed");
}

// A page is printed by a button where the browser can.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Keys; a field that has the focus keeps them, but for Escape and Ctrl Enter. Each reader can switch single ones off.
const places = { a: "/attention", p: "/processes", c: "/commands", r: "/reports" };
const root = document.documentElement;
let went = false;
const row = (step) => {
  const links = [...document.querySelectorAll(".cases tbody th a, .causes .do a, .causes .do button")];
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
  if (next) next.focus();
};
const keys = {
  "/": () => document.querySelector(".find input")?.focus(),
  j: () => row(1),
  k: () => row(-1),
  x: () => document.activeElement.closest("tr")?.querySelector(".pick")?.click(),
  r: () => document.querySelector("#reason")?.focus(),
  ".": pause,
  "?": () => document.querySelector("#keys")?.togglePopover(),
  g: () => { went = true; },
};
document.addEventListener("keydown", (event) => {
  const typing = field(document.activeElement);
  if (event.key === "Escape" && typing) document.activeElement.blur();
  if (event.key === "Enter" && event.ctrlKey && typing) document.activeElement.form?.requestSubmit();
  if (typing || root.dataset.keys === "off" || event.ctrlKey || event.altKey || event.metaKey) return;
  const place = went && places[event.key];
  went = false;
  if (place) location.assign(place);
  else if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});
