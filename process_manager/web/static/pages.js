// The one script of the pages. Everything works without it.
"use strict";

// A theme is kept as soon as it is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.theme");
  if (!form) return;
  delete document.documentElement.dataset.theme;
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
});
