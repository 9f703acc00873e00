"use strict";
// Draws a posed scene with WebGL2 as `splat/project.py` and `splat/tiles.py` do: ellipses, blended from back to front.

const TEXELS = 1024; // A row of a texture.

class Screen {
  constructor(canvas, pack, poser) {
    this.canvas = canvas;
    this.poser = poser;
    this.scene = pack.head.scene;
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("this browser has no WebGL2");
    this.gl = gl;
    // Sums of many thin layers need more than 8 bits; without the extension they are rounded.
    this.isFine = !!gl.getExtension("EXT_color_buffer_float");
    this.programs = {
      scene: this.link(SCENE_VERTEX, SCENE_FRAGMENT),
      ground: this.link(WHOLE_VERTEX, GROUND_FRAGMENT),
      copy: this.link(WHOLE_VERTEX, COPY_FRAGMENT),
    };
    this.loadSlices(pack);
    this.loadStill(pack.arrays);
    this.loadGround(pack);
    this.places = this.floats(2, poser.places.length / 4);
    this.looks = this.floats(3, Math.max(poser.looks.length / 4, 1));
    this.order = new Uint32Array(poser.total);
    this.depths = new Float32Array(poser.total);
    this.bins = new Uint16Array(poser.total);
    this.starts = new Uint32Array(65537);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, this.order.byteLength, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribIPointer(0, 1, gl.UNSIGNED_INT, 0, 0);
    gl.vertexAttribDivisor(0, 1);
  }

  link(vertex, fragment) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    const uniforms = {};
    for (let k = 0; k < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); k++) {
      const { name } = gl.getActiveUniform(program, k);
      uniforms[name] = gl.getUniformLocation(program, name);
    }
    return { program, uniforms };
  }

  texture(unit, target, filter) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(target, texture);
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
    gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }

  loadSlices({ arrays, shapes }) {
    const { gl } = this;
    const { count } = this.scene;
    const [turns, sizes] = [arrays["scene.turns"], arrays["scene.sizes"]];
    const [turning, growing] = [shapes["scene.turns"][0], shapes["scene.sizes"][0]];
    const layers = Math.max(turning, growing);
    if (layers > gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS)) throw new Error(`${layers} slices are too many here`);
    const rows = Math.ceil(count / TEXELS);
    this.layers = layers;
    this.texture(0, gl.TEXTURE_2D_ARRAY, gl.NEAREST);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RG32UI, TEXELS, rows, layers);
    const cells = new Uint8Array(8 * TEXELS * rows);
    const words = new Uint32Array(cells.buffer);
    for (let layer = 0; layer < layers; layer++) {
      const a = 4 * count * Math.min(layer, turning - 1);
      const b = 3 * count * Math.min(layer, growing - 1);
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < 4; c++) cells[8 * i + c] = turns[a + c * count + i];
        for (let c = 0; c < 3; c++) cells[8 * i + 4 + c] = sizes[b + c * count + i];
      }
      const part = [0, 0, 0, layer, TEXELS, rows, 1, gl.RG_INTEGER, gl.UNSIGNED_INT, words];
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, ...part);
    }
  }

  loadStill(arrays) {
    const { gl } = this;
    const { count } = this.scene;
    const rows = Math.ceil(count / TEXELS);
    const cells = new Uint8Array(4 * TEXELS * rows);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 3; c++) cells[4 * i + c] = arrays["scene.colours"][c * count + i];
      cells[4 * i + 3] = arrays["scene.opacities"][i];
    }
    this.texture(1, gl.TEXTURE_2D, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8UI, TEXELS, rows);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, TEXELS, rows, gl.RGBA_INTEGER, gl.UNSIGNED_BYTE, cells);
  }

  // A texture of four floats for each of `count`, which is filled at each pose.
  floats(unit, count) {
    const { gl } = this;
    const rows = Math.ceil(count / TEXELS);
    const texture = this.texture(unit, gl.TEXTURE_2D, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, TEXELS, rows);
    return { unit, texture, rows, cells: new Float32Array(4 * TEXELS * rows) };
  }

  loadGround({ arrays, shapes }) {
    const { gl } = this;
    const picture = arrays["film.ground"];
    const [rows, columns] = shapes["film.ground"];
    const full = picture instanceof Uint16Array ? 65535 : 255;
    this.texture(5, gl.TEXTURE_2D, gl.LINEAR);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGB16F, columns / 3, rows);
    const values = Float32Array.from(picture, (value) => value / full);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, columns / 3, rows, gl.RGB, gl.FLOAT, values);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  }

  // Take over what the poser has posed.
  load() {
    const { gl } = this;
    for (const [store, values] of [[this.places, this.poser.places], [this.looks, this.poser.looks]]) {
      store.cells.set(values);
      gl.activeTexture(gl.TEXTURE0 + store.unit);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, TEXELS, store.rows, gl.RGBA, gl.FLOAT, store.cells);
    }
  }

  // Draw in this size from now on; whether it is another one.
  resize(width, height) {
    const { canvas, gl } = this;
    if (canvas.width === width && canvas.height === height && this.target !== undefined) return false;
    [canvas.width, canvas.height] = [width, height];
    if (this.target) {
      gl.deleteTexture(this.target.texture);
      gl.deleteFramebuffer(this.target.buffer);
    }
    this.target = null;
    if (!this.isFine) return true;
    const texture = this.texture(4, gl.TEXTURE_2D, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA16F, width, height);
    const buffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    this.target = { texture, buffer };
    return true;
  }

  // Order what is drawn from far to near by 65 536 bins of depth. camera: 3 x 4, world to camera, row by row.
  sort(camera) {
    const { places, drawn } = this.poser;
    const { depths, bins, starts, order } = this;
    const [x, y, z] = [camera[8], camera[9], camera[10]];
    let [least, most] = [Infinity, -Infinity];
    for (let i = 0; i < drawn; i++) {
      const depth = x * places[4 * i] + y * places[4 * i + 1] + z * places[4 * i + 2];
      depths[i] = depth;
      if (depth < least) least = depth;
      if (depth > most) most = depth;
    }
    const scale = 65535 / (most - least || 1);
    starts.fill(0);
    for (let i = 0; i < drawn; i++) {
      bins[i] = 65535 - (depths[i] - least) * scale;
      starts[bins[i] + 1]++;
    }
    for (let k = 0; k < 65536; k++) starts[k + 1] += starts[k];
    for (let i = 0; i < drawn; i++) order[starts[bins[i]]++] = i;
  }

  // camera: as of `sort`; lens: fx, fy, cx, cy in heights of the picture.
  draw(camera, lens) {
    const { canvas, gl, poser, scene } = this;
    const [width, height] = [canvas.width, canvas.height];
    this.sort(camera);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target ? this.target.buffer : null);
    gl.viewport(0, 0, width, height);
    gl.disable(gl.BLEND);
    this.whole(this.programs.ground, 5);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const { program, uniforms } = this.programs.scene;
    const [fx, fy, cx, cy] = lens.map((value) => value * height);
    const [beyondX, beyondY] = [(0.15 * width) / fx, (0.15 * height) / fy];
    const { low, high, share } = poser.slices;
    const layer = (slice) => Math.min(slice, this.layers - 1);
    const m = camera;
    gl.useProgram(program);
    for (const [name, unit] of [["slices", 0], ["still", 1], ["places", 2], ["looks", 3]]) gl.uniform1i(uniforms[name], unit);
    const columns = [m[0], m[4], m[8], 0, m[1], m[5], m[9], 0, m[2], m[6], m[10], 0, m[3], m[7], m[11], 1];
    gl.uniformMatrix4fv(uniforms.toCamera, false, columns);
    gl.uniform4f(uniforms.lens, fx, fy, cx, cy);
    const [left, right] = [-cx / fx - beyondX, (width - cx) / fx + beyondX];
    gl.uniform4f(uniforms.limits, left, right, -cy / fy - beyondY, (height - cy) / fy + beyondY);
    gl.uniform2f(uniforms.size, width, height);
    gl.uniform3f(uniforms.sizes, scene.least_log_size, scene.log_size_step, scene.brightest);
    gl.uniform3f(uniforms.turn, ...poser.turn);
    gl.uniform1f(uniforms.share, share);
    gl.uniform4i(uniforms.numbers, layer(low), layer(high), scene.count, poser.bound);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.order.subarray(0, poser.drawn));
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, poser.drawn);
    if (!this.target) return;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.disable(gl.BLEND);
    this.whole(this.programs.copy, 4);
  }

  whole({ program, uniforms }, unit) {
    const { gl } = this;
    gl.useProgram(program);
    gl.uniform1i(uniforms.picture, unit);
    gl.disableVertexAttribArray(0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.enableVertexAttribArray(0);
  }
}
