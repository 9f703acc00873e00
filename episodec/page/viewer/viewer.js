"use strict";
// The page: a film's rows on the clock of its sound, seen by its own camera or by the visitor's.

const MOST_PIXELS = 1600; // Of the drawn picture's longer side.
const KEYS = { KeyC: "c", KeyM: "m", Comma: ",", Period: "." }; // Where they are, whatever the layout writes.
const element = (id) => document.getElementById(id);

class Viewer {
  constructor(pack) {
    this.pack = pack;
    this.film = pack.head.film;
    this.poser = new Poser(pack);
    this.canvas = element("view");
    this.screen = new Screen(this.canvas, pack, this.poser);
    this.sound = element("sound");
    this.frame = 0; // The frame to show, and the one that is posed.
    this.posed = -1;
    this.isPlaying = false;
    this.started = 0; // Without sound: when frame 0 was, in milliseconds.
    this.asked = 0;
    const scene = pack.head.scene;
    const spans = [0, 1, 2].map((c) => this.span(c));
    this.centre = spans.map((span, c) => scene.corner[c] + (scene.step * span) / 2);
    this.own = new OwnCamera(this.canvas, () => ({ ...this.filmed(), centre: this.centre }), () => this.moved());
    this.listen();
    this.fit();
    this.draw();
  }

  // The greatest step of a place along an axis, in the first slice.
  span(axis) {
    const { count } = this.pack.head.scene;
    let most = 0;
    for (const steps of this.pack.arrays["scene.places"].subarray(axis * count, (axis + 1) * count)) {
      if (steps > most) most = steps;
    }
    return most;
  }

  listen() {
    element("play").addEventListener("click", () => this.playOrStop());
    element("camera").addEventListener("click", () => this.switchCamera());
    element("time").addEventListener("input", () => this.go(Number(element("time").value)));
    if (this.sound) {
      element("mute").addEventListener("click", () => this.mute());
      this.sound.addEventListener("ended", () => this.stop());
    }
    addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.screen = new Screen(this.canvas, this.pack, this.poser);
      this.posed = -1;
      this.fit();
      this.ask();
    });
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isOnScene = document.activeElement === this.canvas;
    const onControl = document.activeElement?.matches("button, input, summary, a");
    const turns = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    const acts = {
      ",": () => this.go(this.frame - 1),
      ".": () => this.go(this.frame + 1),
      Home: () => this.go(0),
      End: () => this.go(this.film.frames - 1),
      c: () => this.switchCamera(),
      m: () => this.sound && this.mute(),
      "+": () => this.own.dolly(1 / 1.1),
      "-": () => this.own.dolly(1.1),
    };
    const name = KEYS[event.code] ?? event.key;
    if (name === " " && !onControl) this.playOrStop();
    else if (isOnScene && turns[name]) this.own.orbit(...turns[name]);
    else if (acts[name] && !(onControl && ["Home", "End"].includes(name))) acts[name]();
    else return;
    event.preventDefault();
  }

  // The size of the drawn picture, in the shape of the film.
  fit() {
    const [width, height] = this.film.size;
    const box = this.canvas.getBoundingClientRect();
    const most = Math.max(width, height) / MOST_PIXELS;
    const scale = Math.min((box.width * devicePixelRatio) / width || 1, 1 / most);
    if (this.screen.resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)))) this.ask();
  }

  clock() {
    return this.sound ? this.sound.currentTime : (performance.now() - this.started) / 1000;
  }

  playOrStop() {
    if (this.isPlaying) this.stop();
    else this.play();
  }

  async play() {
    if (this.frame === this.film.frames - 1) this.go(0);
    this.started = performance.now() - (this.frame / this.film.rate) * 1000;
    this.isPlaying = true;
    this.label(true);
    try {
      await this.sound?.play();
    } catch (error) {
      if (error.name !== "AbortError") this.tell(error);
    }
    this.ask();
  }

  stop() {
    this.sound?.pause();
    this.isPlaying = false;
    this.label(false);
    this.ask();
  }

  go(frame) {
    this.frame = clamp(Math.round(frame), 0, this.film.frames - 1);
    if (this.sound) this.sound.currentTime = (this.frame + 0.5) / this.film.rate; // The middle of the frame.
    this.started = performance.now() - (this.frame / this.film.rate) * 1000;
    this.ask();
  }

  mute() {
    this.sound.muted = !this.sound.muted;
    element("mute").setAttribute("aria-pressed", String(this.sound.muted));
  }

  switchCamera() {
    if (this.own.isOn) this.own.isOn = false;
    else this.own.take();
    this.moved();
  }

  moved() {
    element("camera").setAttribute("aria-pressed", String(this.own.isOn));
    this.ask();
  }

  label(isPlaying) {
    const button = element("play");
    button.textContent = isPlaying ? button.dataset.stop : button.dataset.play;
  }

  tell(error) {
    element("note").textContent = String(error.message ?? error);
    element("note").hidden = false;
  }

  ask() {
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  column(name, frame) {
    const array = this.pack.arrays[name];
    const frames = this.film.frames;
    return Array.from({ length: array.length / frames }, (_, k) => array[k * frames + frame]);
  }

  // The film's camera in the frame to show.
  filmed() {
    return { camera: this.column("film.cameras", this.frame), lens: this.column("film.lenses", this.frame) };
  }

  row(frame) {
    if (!this.pack.arrays["film.weights"]) return null;
    const named = (names, values) => Object.fromEntries(names.map((name, k) => [name, values[k]]));
    const weights = this.column("film.weights", frame).map((weight) => weight / 255);
    return { weights: named(this.film.shapes, weights), drive: named(this.film.drives, this.column("film.drives", frame)) };
  }

  draw() {
    const { film } = this;
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    if (this.isPlaying) {
      this.frame = Math.min(film.frames - 1, Math.floor(this.clock() * film.rate + 0.001));
      if (this.frame === film.frames - 1 && !this.sound) this.stop();
      else this.ask();
    }
    if (this.posed !== this.frame) {
      this.poser.pose(this.pack.arrays["film.places"][this.frame], this.row(this.frame));
      this.screen.load();
      this.posed = this.frame;
      this.tellTime();
    }
    const { camera, lens } = this.own.isOn ? { camera: this.own.matrix(), lens: this.own.lens } : this.filmed();
    this.screen.draw(camera, lens);
  }

  tellTime() {
    const seconds = this.frame / this.film.rate;
    const told = (time) => `${Math.floor(time / 60)}:${String(Math.floor(time % 60)).padStart(2, "0")}`;
    const [slider, text] = [element("time"), `${told(seconds)} / ${told(this.film.frames / this.film.rate)}`];
    slider.value = this.frame;
    slider.setAttribute("aria-valuetext", text);
    element("clock").textContent = text;
    const cue = this.film.captions.find(([start, end]) => start <= seconds && seconds < end);
    element("caption").textContent = cue ? cue[2] : "";
    element("caption").hidden = !cue;
  }

  // A frame as a picture of this size, as PNG in a data: URL; camera and lens as of `Screen.draw`, or the film's.
  picture(frame, [width, height], view = null) {
    this.screen.resize(width, height);
    this.frame = frame;
    this.posed = frame;
    this.poser.pose(this.pack.arrays["film.places"][frame], this.row(frame));
    this.screen.load();
    const { camera, lens } = view ?? this.filmed();
    this.screen.draw(camera, lens);
    return this.canvas.toDataURL("image/png");
  }

  // Frames a second that this machine poses, sorts and draws, over some seconds.
  async bench(seconds = 5) {
    const { gl } = this.screen;
    const pixel = new Uint8Array(4);
    const start = performance.now();
    let frames = 0;
    for (; performance.now() - start < 1000 * seconds; frames++) {
      this.frame = frames % this.film.frames;
      this.draw();
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel); // Waits until all is drawn.
      if (frames % 10 === 9) await new Promise(requestAnimationFrame);
    }
    const rate = (1000 * frames) / (performance.now() - start);
    const by = gl.getExtension("WEBGL_debug_renderer_info");
    const name = by ? gl.getParameter(by.UNMASKED_RENDERER_WEBGL) : gl.getParameter(gl.RENDERER);
    return `${rate.toFixed(1)} frames a second, ${this.canvas.width} × ${this.canvas.height} pixels, ${name}`;
  }
}

async function start() {
  const text = element("pack").textContent.trim();
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) packed[k] = letters.charCodeAt(k);
  const pack = await readPack(packed);
  window.viewer = new Viewer(pack);
  document.documentElement.dataset.state = "ready";
  for (const control of document.querySelectorAll(".bar [disabled]")) control.disabled = false;
  if (new URLSearchParams(location.search).has("bench")) {
    element("note").textContent = await window.viewer.bench();
    element("note").hidden = false;
  }
}

start().catch((error) => {
  document.documentElement.dataset.state = "failed";
  element("note").textContent = String(error.message ?? error);
  element("note").hidden = false;
});
