"use strict";
// Every text of the build goes in as text. A file has a stamp, by which a new one is told from the one on show.
const by = (id) => document.getElementById(id);
const film = by("film");
let board = null;
let chosen = null; // The address of what the reader chose; null: the first film, else the page.
let shown = "";

function address(file) {
  return `${file.href}?${file.stamp}`;
}

function block(problem) {
  const pre = document.createElement("pre");
  pre.textContent = problem.text;
  pre.className = problem.severity;
  pre.tabIndex = 0; // So that the keyboard can scroll it.
  return pre;
}

function fillProblems() {
  const list = board.problems;
  by("problems").hidden = !list.length;
  const title = document.createElement("h2");
  title.textContent = list.length === 1 ? "1 problem" : `${list.length} problems`;
  by("problems").replaceChildren(title, ...list.map(block));
}

function choice(file, current) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = file.name;
  button.setAttribute("aria-pressed", String(file === current));
  button.addEventListener("click", () => { chosen = file.href; update(); });
  return button;
}

function playFilm(file) {
  const from = shown.split("?")[0] === file.href ? film.currentTime : 0;
  const goesOn = !film.paused && !film.ended;
  film.src = address(file);
  film.addEventListener("loadedmetadata", () => {
    film.currentTime = Math.min(from, film.duration || 0);
    if (goesOn) film.play().catch(() => {});
  }, { once: true });
}

function show(file) {
  const isFilm = file.kind === "film";
  by("player").hidden = film.hidden = !isFilm;
  by("page").hidden = isFilm;
  by("name").textContent = file.name;
  if (shown === address(file)) return;
  if (isFilm) playFilm(file);
  else if (shown.split("?")[0] === file.href) by("page").contentWindow.location.reload(); // It keeps its place.
  else by("page").src = file.href;
  if (!isFilm) film.pause();
  shown = address(file);
}

function update() {
  by("state").textContent = board.state;
  by("state").dataset.phase = board.phase;
  document.title = `${{ bad: "✗ ", good: "✓ ", building: "… " }[board.phase] ?? ""}${board.title}`;
  fillProblems();
  const files = board.files;
  const current = files.find((file) => file.href === chosen) ?? files.find((file) => file.kind === "film") ?? files[0];
  by("results").hidden = files.length < 2;
  by("results").replaceChildren(...files.map((file) => choice(file, current)));
  if (current) show(current);
}

const source = new EventSource("events");
source.addEventListener("message", (event) => { board = JSON.parse(event.data); update(); });
source.addEventListener("error", () => {
  by("state").textContent = "no longer watching";
  by("state").dataset.phase = "ended";
});
