"use strict";
// The page's interactions: seek by sentence, show captions, highlight the current sentence, search episodes.
const episodes = [...document.querySelectorAll(".episode")];
const playerOf = (part) => part.closest(".episode").querySelector("video, audio");

function seek(player, seconds) {
  const go = () => {
    player.currentTime = seconds;
    player.play().catch(() => {}); // The browser may ask for a click on the player itself.
  };
  if (player.readyState >= 1) return go();
  player.addEventListener("loadedmetadata", go, { once: true });
  player.preload = "auto";
  player.load();
}

function mark(player) {
  // With a small tolerance: a seek to a sentence's start may end a rounding error before it.
  const links = [...player.closest(".episode").querySelectorAll(".transcript a")];
  const now = links.filter((link) => Number(link.dataset.at) <= player.currentTime + 0.02).at(-1);
  for (const link of links) {
    if (link === now) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".transcript a");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (link && isPlain) {
    event.preventDefault();
    seek(playerOf(link), Number(link.dataset.at));
  }
  const tag = event.target.closest(".tags button");
  if (tag) {
    input.value = tag.textContent;
    find();
    window.scrollTo(0, 0);
  }
});

// Media events do not bubble, so they are handled in the capture phase.
document.addEventListener("play", ({ target }) => {
  for (const other of document.querySelectorAll("video, audio")) if (other !== target) other.pause();
  if (!target.dataset.met) {
    target.dataset.met = "true"; // From here on, the reader's own choice of captions holds.
    for (const track of target.textTracks) track.mode = "showing";
  }
}, true);
for (const name of ["timeupdate", "seeked"]) {
  document.addEventListener(name, ({ target }) => mark(target), true);
}

const form = document.querySelector(".find");
const input = form.querySelector("input");
const count = document.querySelector(".count");
const nothing = document.querySelector(".nothing");
let texts = null; // Built by the first search: with thousands of episodes it takes a moment.

function find() {
  texts ??= episodes.map((one) => one.querySelector(".words").textContent.toLowerCase());
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  episodes.forEach((one, place) => {
    one.hidden = !words.every((word) => texts[place].includes(word));
    found += one.hidden ? 0 : 1;
  });
  for (const part of document.querySelectorAll("main section")) {
    part.hidden = !part.querySelector(".episode:not([hidden])");
  }
  count.textContent = count.dataset.found.replace("{count}", found);
  nothing.hidden = found > 0;
}

form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", find);
form.hidden = false;
for (const tag of document.querySelectorAll(".tags li")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = tag.textContent;
  tag.replaceChildren(button);
}
