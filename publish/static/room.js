// Comfort only: every page works without this file.
"use strict";

// A button beside each text that is there to be copied.
for (const field of document.querySelectorAll("[data-copy]")) {
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + (field.labels?.[0]?.textContent || "text"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  field.after(button);
}

// "/" goes to the search box, as on many sites; not while one writes.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("main input[type=search]") || document.querySelector("input[type=search]");
  if (box) { event.preventDefault(); box.focus(); box.select(); }
});

// Escape takes away the note of a marked word, until the word is left.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const word of document.querySelectorAll("a.statement:hover, a.statement:focus")) {
    word.classList.add("is-quiet");
    for (const leaving of ["blur", "mouseleave"]) {
      word.addEventListener(leaving, () => word.classList.remove("is-quiet"), { once: true });
    }
  }
});
