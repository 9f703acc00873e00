"use strict";
// The visitor's own camera: it circles a point; and the pointers, wheel and keys that move it.

const NEAREST_M = 0.4;
const FURTHEST_M = 12;
const STEEPEST = 1.4; // Radians above and below.

class OwnCamera {
  // changed: called when it has moved. start: gives the episode's camera, from which it sets out.
  constructor(canvas, start, changed) {
    this.isOn = false;
    this.start = start;
    this.changed = changed;
    this.pointers = new Map();
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    }
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.dolly(Math.exp(clamp(event.deltaY, -200, 200) * 0.002));
    }, { passive: false });
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.pointers.set(event.pointerId, now);
    if (others.length) {
      const reach = ([x, y]) => Math.hypot(x - others[0][0], y - others[0][1]) || 1;
      this.dolly(reach(before) / reach(now));
    } else {
      this.orbit((before[0] - now[0]) * 0.008, (now[1] - before[1]) * 0.008);
    }
  }

  orbit(yaw, pitch) {
    this.take();
    this.yaw += yaw;
    this.pitch = clamp(this.pitch + pitch, -STEEPEST, STEEPEST);
    this.changed();
  }

  dolly(factor) {
    this.take();
    this.radius = clamp(this.radius * factor, NEAREST_M, FURTHEST_M);
    this.changed();
  }

  // Set out from where the episode's camera is; it circles what that one has in its middle.
  take() {
    if (this.isOn) return;
    const { camera: m, lens, centre } = this.start();
    const eye = [0, 1, 2].map((c) => -(m[c] * m[3] + m[4 + c] * m[7] + m[8 + c] * m[11]));
    const ahead = m[8] * (centre[0] - eye[0]) + m[9] * (centre[1] - eye[1]) + m[10] * (centre[2] - eye[2]);
    this.isOn = true;
    this.lens = lens;
    this.radius = clamp(ahead, NEAREST_M, FURTHEST_M);
    this.target = [0, 1, 2].map((c) => eye[c] + m[8 + c] * this.radius);
    this.yaw = Math.atan2(-m[8], -m[10]);
    this.pitch = clamp(Math.asin(clamp(-m[9], -1, 1)), -STEEPEST, STEEPEST);
  }

  // World to camera, 3 x 4: x right, y down, z into the picture.
  matrix() {
    const [cy, sy, cp, sp] = [Math.cos(this.yaw), Math.sin(this.yaw), Math.cos(this.pitch), Math.sin(this.pitch)];
    const rows = [[cy, 0, -sy], [sy * sp, -cp, cy * sp], [-sy * cp, -sp, -cy * cp]];
    const eye = [0, 1, 2].map((c) => this.target[c] - this.radius * rows[2][c]);
    return rows.flatMap((row) => [...row, -(row[0] * eye[0] + row[1] * eye[1] + row[2] * eye[2])]);
  }
}
