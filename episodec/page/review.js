"use strict";
// Two players on one clock: the later one leads, the earlier one follows; the strip, the views and the keys move both.

class Reviewed {
  constructor(part) {
    this.part = part;
    this.rate = Number(part.dataset.rate);
    this.count = Number(part.dataset.count);
    this.runs = part.dataset.runs.split(" ").filter(Boolean).map((one) => one.split("-").map(Number));
    this.stage = part.querySelector(".stage");
    this.players = [...part.querySelectorAll(".stage video")];
    this.lead = this.players.at(-1);
    this.canvas = part.querySelector("canvas");
    this.strip = part.querySelector(".strip");
    this.wanted = Number(part.dataset.at);
    this.heard = this.lead;
    if (!this.strip) return;
    for (const one of part.querySelectorAll(".clocked")) one.hidden = false;
    for (const player of this.players) {
      player.controls = false;
      player.preload = "auto";
      player.addEventListener("seeked", () => this.draw());
      player.addEventListener("loadeddata", () => this.draw());
    }
    this.lead.addEventListener("ended", () => this.stop());
    this.listen();
    this.go(this.wanted);
  }

  frame() {
    const seconds = this.players.every((one) => one.paused) ? (this.wanted + 0.5) / this.rate : this.lead.currentTime;
    return Math.max(0, Math.min(this.count - 1, Math.floor(seconds * this.rate + 0.001)));
  }

  go(frame) {
    this.wanted = Math.max(0, Math.min(this.count - 1, Math.round(frame)));
    for (const player of this.players) player.currentTime = (this.wanted + 0.5) / this.rate; // The middle of a frame.
    this.show();
  }

  play() {
    if (!this.lead.paused) return this.stop();
    for (const other of reviewed) if (other !== this && other.strip) other.stop();
    for (const player of this.players) player.play().catch(() => {}); // One that has ended, or lies nowhere.
    const step = () => {
      if (this.lead.paused) return;
      for (const one of this.players) {
        const apart = Math.abs(one.currentTime - this.lead.currentTime);
        if (one !== this.lead && !one.ended && apart > 1.5 / this.rate) one.currentTime = this.lead.currentTime;
      }
      this.draw();
      this.show();
      requestAnimationFrame(step);
    };
    this.part.querySelector(".play").textContent = "Stop";
    requestAnimationFrame(step);
  }

  stop() {
    const frame = this.frame();
    for (const player of this.players) player.pause();
    this.part.querySelector(".play").textContent = "Play";
    this.go(frame);
  }

  step(frames) {
    if (!this.lead.paused) this.stop();
    this.go(this.wanted + frames);
  }

  change(way) {
    const now = this.frame();
    const starts = this.runs.map(([start]) => start);
    const next = way > 0 ? starts.find((one) => one > now) : starts.findLast((one) => one < now);
    if (next === undefined) return false;
    if (!this.lead.paused) this.stop();
    this.go(next);
    return true;
  }

  show() {
    const frame = this.frame();
    const seconds = frame / this.rate;
    const clock = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
    const text = `frame ${frame} of ${this.count} · ${clock}`;
    this.part.querySelector(".clock").textContent = text;
    this.strip.setAttribute("aria-valuenow", frame);
    this.strip.setAttribute("aria-valuetext", text);
    this.strip.style.setProperty("--at", `${((frame + 0.5) / this.count) * 100}%`);
  }

  view(name) {
    if (!this.canvas) return;
    for (const button of this.part.querySelectorAll(".view")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === name));
      this.stage.classList.toggle(button.dataset.view, button.dataset.view === name);
    }
    this.canvas.hidden = name !== "difference";
    this.part.querySelector(".wiping").hidden = name !== "wipe";
    const [before, after] = this.stage.querySelectorAll("figure");
    before.classList.toggle("away", name === "toggle");
    after.classList.remove("away");
    this.draw();
  }

  toggle() {
    if (!this.canvas) return;
    if (!this.stage.classList.contains("toggle")) this.view("toggle");
    else for (const one of this.stage.querySelectorAll("figure")) one.classList.toggle("away");
  }

  sound() {
    if (this.players.length < 2) return;
    this.heard = this.players.find((one) => one !== this.heard);
    for (const one of this.players) one.muted = one !== this.heard;
    this.part.querySelector(".sound").textContent = `Sound: ${this.heard === this.lead ? "after" : "before"}`;
  }

  draw() {
    if (!this.canvas || this.canvas.hidden || this.players.some((one) => one.readyState < 2)) return;
    const { videoWidth: width, videoHeight: height } = this.lead;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const paint = this.canvas.getContext("2d");
    paint.globalCompositeOperation = "copy";
    paint.drawImage(this.players[0], 0, 0, width, height);
    paint.globalCompositeOperation = "difference";
    paint.drawImage(this.lead, 0, 0, width, height);
  }

  listen() {
    const at = (event) => {
      const box = this.strip.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * this.count - 0.5;
    };
    this.strip.addEventListener("pointerdown", (event) => {
      this.strip.setPointerCapture(event.pointerId);
      if (!this.lead.paused) this.stop();
      this.go(at(event));
    });
    this.strip.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) this.go(at(event));
    });
    const click = (name, does) => this.part.querySelector(name)?.addEventListener("click", does);
    click(".play", () => this.play());
    click(".back", () => this.change(-1));
    click(".on", () => this.change(1));
    click(".sound", () => this.sound());
    click(".stage", () => this.stage.classList.contains("toggle") && this.toggle());
    for (const button of this.part.querySelectorAll(".view")) {
      button.addEventListener("click", () => this.view(button.dataset.view));
    }
    const line = this.part.querySelector(".line");
    const wipe = () => this.stage.style.setProperty("--at", `${line.value}%`);
    line?.addEventListener("input", wipe);
    for (const name of ["pointerdown", "pointermove"]) {
      this.stage.addEventListener(name, (event) => {
        if (!this.stage.classList.contains("wipe") || !(event.buttons & 1)) return;
        const box = this.stage.getBoundingClientRect();
        line.value = ((event.clientX - box.left) / box.width) * 100;
        wipe();
      });
    }
    for (const moment of this.part.querySelectorAll(".moment")) {
      moment.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (!this.lead.paused) this.stop();
        this.go(Math.floor(Number(moment.dataset.at) * this.rate));
        this.stage.scrollIntoView({ block: "nearest" });
      });
    }
  }
}

const reviewed = [];
for (const part of document.querySelectorAll(".reviewed:not(.shared)")) reviewed.push(new Reviewed(part));
let current = reviewed.find((one) => one.strip);

function choose(part) {
  const found = reviewed.find((one) => one.part === part && one.strip);
  if (found) current = found;
}
document.addEventListener("pointerdown", (event) => choose(event.target.closest(".reviewed")));
document.addEventListener("focusin", (event) => choose(event.target.closest(".reviewed")));

function toChange(way) {
  if (current.change(way)) return;
  const playing = reviewed.filter((one) => one.strip && one.runs.length);
  const next = playing[playing.indexOf(current) + way];
  if (!next) return;
  current = next;
  next.go(way > 0 ? next.runs[0][0] : next.runs.at(-1)[0]);
  next.part.scrollIntoView();
}

const VIEWS = ["beside", "wipe", "toggle", "difference"];
document.addEventListener("keydown", (event) => {
  if (!current || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("audio, input")) return;
  const ten = event.shiftKey ? 10 : 1;
  const does = {
    " ": () => event.target.closest("button, summary, a") === null && (current.play(), true),
    ArrowLeft: () => current.step(-ten),
    ArrowRight: () => current.step(ten),
    Home: () => event.target.closest(".strip") !== null && (current.go(0), true),
    End: () => event.target.closest(".strip") !== null && (current.go(current.count), true),
    j: () => toChange(1),
    k: () => toChange(-1),
    t: () => current.toggle(),
    s: () => current.sound(),
    ...Object.fromEntries(VIEWS.map((name, place) => [String(place + 1), () => current.view(name)])),
  }[event.key];
  if (does && does() !== false) event.preventDefault();
});

// What is heard by itself stops the rest.
document.addEventListener("play", ({ target }) => {
  if (target.localName !== "audio") return;
  for (const other of document.querySelectorAll("audio")) if (other !== target) other.pause();
  for (const one of reviewed) if (one.strip && !one.lead.paused) one.stop();
}, true);
