"use strict";
// Reads a pack, the file of docs/viewer-pack.md: gzip of a header, a line of JSON, and arrays.

const PACK_TYPES = {
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  i2: Int16Array,
  f4: Float32Array,
};

// The head of a pack, and its arrays by name; `shapes` has their sizes. Rejects what is damaged or of another version.
async function readPack(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const numbers = new DataView(bytes.buffer);
  const text = (start, end) => new TextDecoder().decode(bytes.subarray(start, end));
  if (bytes.length < 16 || text(0, 8) !== "EPVIEW\0\0") throw new Error("this is not a pack");
  const version = numbers.getUint32(8, true);
  if (version !== 1) throw new Error(`a pack of version ${version}; this reader knows version 1`);
  let at = 16 + numbers.getUint32(12, true);
  const { arrays: table, ...head } = JSON.parse(text(16, at));
  const arrays = {};
  const shapes = {};
  for (const [name, type, shape, coding] of table) {
    const array = new PACK_TYPES[type](shape.reduce((product, side) => product * side, 1));
    if (at + array.byteLength > bytes.length) throw new Error(`the pack is cut off in ${name}`);
    joinPlanes(bytes.subarray(at, at + array.byteLength), array, shape.length > 1 ? shape[0] : 1);
    at += array.byteLength;
    if (coding === "steps") addUp(array, array.length / shape[0], array.length);
    if (coding === "along") addUp(array, 1, shape.at(-1));
    arrays[name] = array;
    shapes[name] = shape;
  }
  if (at !== bytes.length) throw new Error("something follows the pack");
  return { head, arrays, shapes };
}

// Each step has the lowest bytes of all its elements first, then the next ones. Typed arrays are little-endian on every
// machine with a browser.
function joinPlanes(bytes, array, steps) {
  const out = new Uint8Array(array.buffer);
  const width = array.BYTES_PER_ELEMENT;
  const size = array.length / steps;
  for (let step = 0, at = 0; step < steps; step++) {
    for (let byte = 0; byte < width; byte++) {
      for (let k = 0; k < size; k++) out[(step * size + k) * width + byte] = bytes[at++];
    }
  }
}

// Differences, folded to 0, 1, 2, 3 for 0, -1, 1, -2, become values: each is added to the value `back` before it, in
// every run of `length`. The array's own type drops what overflows.
function addUp(array, back, length) {
  for (let k = 0; k < array.length; k++) {
    const difference = (array[k] >>> 1) ^ -(array[k] & 1);
    array[k] = k % length < back ? difference : array[k - back] + difference;
  }
}
