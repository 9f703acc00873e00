"use strict";
// A scene at a moment, performing a row: the arithmetic of `splat/rig/pose.py`, in the same order.

const SNAP = 1e-6; // Of the distance between two slices.
const MOST_STRETCH = 1.7;
const LIDS = ["lid.leftUpper", "lid.leftLower", "lid.rightUpper", "lid.rightLower"];
const BODY = { triangle: "body.triangle", weights: "body.weights", share: "body.share" };
const PARTS = { triangle: "parts.triangle", weights: "parts.weights", share: "parts.share" };
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// The two slices of a place, and the share of the second.
function between(place, count) {
  const low = Math.min(Math.floor(place), count - 1);
  const share = place - low;
  if (share < SNAP || share > 1 - SNAP) return { low: (low + Math.round(share)) % count, high: 0, share: 0 };
  return { low, high: (low + 1) % count, share };
}

class Poser {
  constructor({ head, arrays }) {
    this.scene = head.scene;
    this.rig = head.rig ?? null;
    this.arrays = arrays;
    this.count = head.scene.count;
    this.parts = this.rig ? arrays["parts.group"].length : 0;
    this.bound = this.rig ? head.scene.bound : 0;
    this.total = this.count + this.parts;
    this.drawn = this.count; // Parts come last, and are not drawn while they rest.
    // x, y, z, and half the share of the head's turn; of a part, the logarithm of its size.
    this.places = new Float32Array(4 * this.total);
    // Of each bound Gaussian: growth, share of its opacity. Of each part: red, green, blue, opacity.
    this.looks = new Float32Array(4 * (this.bound + this.parts));
    this.turn = [0, 0, 0];
    this.slices = { low: 0, high: 0, share: 0 };
    if (this.rig) this.prepare();
  }

  prepare() {
    const { arrays, rig } = this;
    this.moves = new Float64Array(arrays["rig.vertices"].length);
    this.stretch = new Float64Array(arrays["rig.triangles"].length / 3);
    this.step = new Float64Array(3); // Of `carry`.
    this.rest = new Float32Array(3 * this.parts); // Places of parts, and what lids make of them and their colours.
    this.open = new Float32Array(3 * this.parts);
    this.colours = new Float32Array(3 * this.parts);
    for (let k = 0; k < 3 * this.parts; k++) {
      this.rest[k] = rig.corner[Math.floor(k / this.parts)] + rig.step * arrays["parts.places"][k];
    }
  }

  // place: 0 to the number of slices. row: null, or {weights: by name, drive: by name}.
  pose(place, row) {
    const { scene, count, places } = this;
    this.slices = between(place, scene.slices);
    const { low, high, share } = this.slices;
    const packed = this.arrays["scene.places"];
    for (let c = 0; c < 3; c++) {
      const a = (3 * low + c) * count;
      const b = (3 * high + c) * count;
      for (let i = 0; i < count; i++) {
        const steps = share ? packed[a + i] + share * (packed[b + i] - packed[a + i]) : packed[a + i];
        places[4 * i + c] = scene.corner[c] + scene.step * steps;
      }
    }
    for (let i = 0; i < count; i++) places[4 * i + 3] = 0;
    for (let i = 0; i < this.bound; i++) this.looks.set([0, 1, 0, 0], 4 * i);
    for (let i = 0; i < this.parts; i++) this.looks[4 * (this.bound + i) + 3] = 0;
    this.turn = [0, 0, 0];
    this.drawn = this.count;
    if (!this.rig || !row) return;
    const motion = this.motionAt(place);
    this.moveMesh(row);
    this.moveBody(row, motion);
    this.placeParts(row, motion);
    this.bear(row);
  }

  // 12 numbers: how the head has moved since the slice in which the rig was fitted.
  motionAt(place) {
    const motions = this.arrays["rig.motions"];
    const count = motions.length / 12;
    const { low, high, share } = count === 1 ? { low: 0, high: 0, share: 0 } : between(place, count);
    return Array.from({ length: 12 }, (_, k) => {
      const before = motions[k * count + low];
      return share ? before + share * (motions[k * count + high] - before) : before;
    });
  }

  moveMesh({ weights, drive }) {
    const { arrays, moves, rig } = this;
    const [starts, rows, packed] = [arrays["rig.starts"], arrays["rig.rows"], arrays["rig.moves"]];
    const vertices = moves.length / 3;
    moves.fill(0);
    rig.names.forEach((name, shape) => {
      const weight = drive[name] ?? weights[name] ?? 0;
      if (!weight) return;
      for (let i = starts[shape]; i < starts[shape + 1]; i++) {
        for (let c = 0; c < 3; c++) moves[c * vertices + rows[i]] += weight * rig.unit * packed[c * rows.length + i];
      }
    });
    this.stretchMesh(vertices);
  }

  // The logarithm of how much longer each triangle has become where it grows most.
  stretchMesh(vertices) {
    const [at, corners] = [this.arrays["rig.vertices"], this.arrays["rig.triangles"]];
    const { moves, stretch } = this;
    const triangles = stretch.length;
    for (let t = 0; t < triangles; t++) {
      const [a, b, c] = [corners[t], corners[triangles + t], corners[2 * triangles + t]];
      let [bb, bc, cc, newBb, newBc, newCc] = [0, 0, 0, 0, 0, 0];
      for (let k = 0; k < 3 * vertices; k += vertices) {
        let [p, q] = [at[k + b] - at[k + a], at[k + c] - at[k + a]];
        [bb, bc, cc] = [bb + p * p, bc + p * q, cc + q * q];
        [p, q] = [p + moves[k + b] - moves[k + a], q + moves[k + c] - moves[k + a]];
        [newBb, newBc, newCc] = [newBb + p * p, newBc + p * q, newCc + q * q];
      }
      const area = bb * cc - bc * bc;
      stretch[t] = 0;
      if (area <= 1e-3 * bb * cc) continue;
      const half = (0.5 * (cc * newBb - 2 * bc * newBc + bb * newCc)) / area;
      const product = (newBb * newCc - newBc * newBc) / area;
      const growth = half + Math.sqrt(Math.max(half * half - product, 0));
      if (growth > 1) stretch[t] = Math.log(Math.min(Math.sqrt(growth), MOST_STRETCH));
    }
  }

  // Leave in `step` how far Gaussian i of `body` or `parts` moves with its triangle.
  carry(kind, i) {
    const { arrays, moves, step } = this;
    const [weights, corners] = [arrays[kind.weights], arrays["rig.triangles"]];
    const triangles = this.stretch.length;
    const vertices = moves.length / 3;
    const t = arrays[kind.triangle][i];
    const [a, b, c] = [corners[t], corners[triangles + t], corners[2 * triangles + t]];
    const [u, v] = [weights[i] / 255, weights[weights.length / 2 + i] / 255];
    const w = 1 - u - v;
    const share = arrays[kind.share][i] / 255;
    for (let k = 0, at = 0; k < 3; k++, at += vertices) {
      step[k] = share * (u * moves[at + a] + v * moves[at + b] + w * moves[at + c]);
    }
  }

  moveBody({ drive }, motion) {
    const { arrays, places, looks, step, stretch } = this;
    const own = [1, drive["own.mouth"], drive["own.leftEye"], drive["own.rightEye"]];
    const [shares, triangle, group] = [arrays["body.share"], arrays["body.triangle"], arrays["body.group"]];
    for (let i = 0; i < this.bound; i++) {
      this.carry(BODY, i);
      for (let k = 0, m = 0; k < 3; k++, m += 4) {
        places[4 * i + k] += motion[m] * step[0] + motion[m + 1] * step[1] + motion[m + 2] * step[2];
      }
      looks[4 * i] = (shares[i] / 255) * stretch[triangle[i]];
      looks[4 * i + 1] = own[group[i]];
    }
  }

  placeParts({ drive }, motion) {
    const { arrays, places, looks, open, colours, parts, step, rig } = this;
    const there = [0, drive["parts.mouth"], drive["parts.leftEye"], drive["parts.rightEye"]];
    if (!there.some(Boolean)) return;
    this.drawn = this.total;
    const opacity = sigmoid(rig.part_logit);
    const [group, sizes] = [arrays["parts.group"], arrays["parts.log_sizes"]];
    const [shares, triangle] = [arrays["parts.share"], arrays["parts.triangle"]];
    this.closeLids(drive);
    for (let i = 0; i < parts; i++) {
      this.carry(PARTS, i);
      for (let k = 0; k < 3; k++) step[k] += open[k * parts + i];
      const at = 4 * (this.count + i);
      const look = 4 * (this.bound + i);
      for (let k = 0, m = 0; k < 3; k++, m += 4) {
        places[at + k] = motion[m] * step[0] + motion[m + 1] * step[1] + motion[m + 2] * step[2] + motion[m + 3];
        looks[look + k] = colours[k * parts + i] / 255;
      }
      places[at + 3] = sizes[i] + (shares[i] / 255) * this.stretch[triangle[i]];
      looks[look + 3] = there[group[i]] * opacity;
    }
  }

  // Leave in `open` and `colours` the places and colours of all parts, with lids as far closed as they are.
  closeLids(drive) {
    const { arrays, colours, open, parts, rest, rig } = this;
    const [rows, kinds, along] = [arrays["lids.row"], arrays["lids.kind"], arrays["lids.along"]];
    const [bulge, shut] = [arrays["lids.bulge"], arrays["lids.colours"]];
    open.set(rest);
    colours.set(arrays["parts.colours"]);
    for (let i = 0; i < rows.length; i++) {
      const c = drive[LIDS[kinds[i]]];
      const over = c > 0 ? c * (1 - c) : 0;
      const mixed = clamp(2 * c, 0, 1);
      for (let k = 0; k < 3; k++) {
        const [at, lid] = [k * parts + rows[i], k * rows.length + i];
        open[at] += rig.unit * (c * along[lid] + over * bulge[lid]);
        colours[at] += mixed * (shut[lid] - colours[at]);
      }
    }
  }

  // The head turned about the neck, the chest swollen by the breath.
  bear({ drive }) {
    const { pivot, eyes_y: eyes, decimetre, breath } = this.rig.neck;
    const { places } = this;
    const turn = [-drive.headPitch, drive.headYaw, -drive.headRoll].map((degrees) => (degrees * Math.PI) / 180);
    const by = breath * drive.breath;
    const isTurned = turn.some(Boolean);
    if (!isTurned && !by) return;
    this.turn = turn;
    const headShare = (y) => {
      const x = clamp((1.5 - (eyes - y) / decimetre) / 0.8, 0, 1);
      return x * x * (3 - 2 * x);
    };
    for (let i = 0; i < this.total; i++) {
      const at = 4 * i;
      const share = 0.5 * headShare(places[at + 1]);
      if (isTurned && share > 0) {
        turnPlace(places, at, pivot, turn, share);
        if (i < this.count) places[at + 3] = share;
      }
      const trunk = by && by * (1 - headShare(places[at + 1]));
      if (trunk > 0) {
        places[at + 1] += 0.5 * trunk;
        places[at + 2] += trunk * clamp((places[at + 2] - pivot[2]) / decimetre + 0.5, 0, 1);
      }
    }
  }
}

// Turn a place about the pivot by the quaternion (1, share * turn), made a unit.
function turnPlace(places, at, pivot, turn, share) {
  let [ax, ay, az] = [share * turn[0], share * turn[1], share * turn[2]];
  const w = 1 / Math.sqrt(1 + ax * ax + ay * ay + az * az);
  [ax, ay, az] = [ax * w, ay * w, az * w];
  const [x, y, z] = [places[at] - pivot[0], places[at + 1] - pivot[1], places[at + 2] - pivot[2]];
  const [cx, cy, cz] = [ay * z - az * y, az * x - ax * z, ax * y - ay * x];
  places[at] = pivot[0] + x + 2 * (w * cx + ay * cz - az * cy);
  places[at + 1] = pivot[1] + y + 2 * (w * cy + az * cx - ax * cz);
  places[at + 2] = pivot[2] + z + 2 * (w * cz + ax * cy - ay * cx);
}
