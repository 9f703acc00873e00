"use strict";
// The projection of `splat/project.py`, the blending of `splat/tiles.py`, and two programs that fill the picture.

const SCENE_VERTEX = `#version 300 es
precision highp float; precision highp int;
precision highp usampler2DArray; precision highp usampler2D; precision highp sampler2D;
uniform usampler2DArray slices;  // Rotation, size.
uniform usampler2D still;        // Colour, opacity.
uniform sampler2D places, looks;
uniform mat4 toCamera;
uniform vec4 lens, limits;       // fx, fy, cx, cy in pixels; least and most slopes.
uniform vec2 size;
uniform vec3 sizes;              // Least logarithm, step, brightest colour.
uniform vec3 turn;
uniform float share;
uniform ivec4 numbers;           // Slice, next slice, Gaussians, bound Gaussians.
layout(location = 0) in uint number;
out vec4 colour; out vec2 offset; out vec3 form;

vec4 rotation(uvec4 t) { return normalize(vec4(t.x & 255u, (t.x >> 8) & 255u, (t.x >> 16) & 255u, t.x >> 24) - 128.); }
vec3 logs(uvec4 t) { return sizes.x + sizes.y * vec3(t.y & 255u, (t.y >> 8) & 255u, (t.y >> 16) & 255u); }
ivec2 texel(int i) { return ivec2(i & 1023, i >> 10); }

void main() {
  gl_Position = vec4(2., 2., 2., 1.);
  int i = int(number);
  vec4 place = texelFetch(places, texel(i), 0);
  vec4 q = vec4(1., 0., 0., 0.);
  vec3 deviation; vec4 look;
  if (i < numbers.z) {
    uvec4 a = texelFetch(slices, ivec3(texel(i), numbers.x), 0), b = texelFetch(slices, ivec3(texel(i), numbers.y), 0);
    vec4 qa = rotation(a), qb = rotation(b);
    q = share > 0. ? normalize(mix(qa, dot(qa, qb) < 0. ? -qb : qb, share)) : qa;
    vec3 logarithms = share > 0. ? mix(logs(a), logs(b), share) : logs(a);
    uvec4 c = texelFetch(still, texel(i), 0);
    look = vec4(vec3(c.xyz) / 255. * sizes.z, float(c.w) / 255.);
    if (i < numbers.w) {
      vec4 changed = texelFetch(looks, texel(i), 0);
      logarithms += changed.x; look.a *= changed.y;
    }
    deviation = exp(logarithms);
    if (place.w > 0.) {
      vec3 v = place.w * turn; float w = inversesqrt(1. + dot(v, v)); v *= w;
      q = vec4(w * q.x - dot(v, q.yzw), w * q.yzw + q.x * v + cross(v, q.yzw));
    }
  } else {
    look = texelFetch(looks, texel(numbers.w + i - numbers.z), 0);
    deviation = vec3(exp(place.w));
  }
  vec3 x = (toCamera * vec4(place.xyz, 1.)).xyz;
  if (x.z < .2 || look.a < 1. / 255.) return;
  mat3 R = mat3(
    1. - 2. * (q.z * q.z + q.w * q.w), 2. * (q.y * q.z + q.x * q.w), 2. * (q.y * q.w - q.x * q.z),
    2. * (q.y * q.z - q.x * q.w), 1. - 2. * (q.y * q.y + q.w * q.w), 2. * (q.z * q.w + q.x * q.y),
    2. * (q.y * q.w + q.x * q.z), 2. * (q.z * q.w - q.x * q.y), 1. - 2. * (q.y * q.y + q.z * q.z));
  vec2 slope = x.xy / x.z, centre = lens.xy * slope + lens.zw;
  slope = clamp(slope, limits.xz, limits.yw);
  mat3 V = mat3(toCamera);
  vec3 r0 = vec3(V[0][0], V[1][0], V[2][0]), r1 = vec3(V[0][1], V[1][1], V[2][1]), r2 = vec3(V[0][2], V[1][2], V[2][2]);
  vec3 ca = deviation * (lens.x / x.z * (r0 - slope.x * r2) * R), cb = deviation * (lens.y / x.z * (r1 - slope.y * r2) * R);
  float xx = dot(ca, ca) + .3, xy = dot(ca, cb), yy = dot(cb, cb) + .3;
  vec3 k = cross(ca, cb);
  float determinant = dot(k, k) + .3 * (xx + yy - .6) + .09;
  vec2 reach = sqrt(2. * (log(255.) + log(look.a)) * vec2(xx, yy)) + 1.;
  offset = reach * (vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2. - 1.);
  form = vec3(.5 * yy / determinant, xy / yy, .5 / yy);
  colour = look;
  vec2 at = centre + offset;
  gl_Position = vec4(2. * at.x / size.x - 1., 1. - 2. * at.y / size.y, 0., 1.);
}`;
const SCENE_FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour; in vec2 offset; in vec3 form; out vec4 pixel;
void main() {
  float across = offset.x - form.y * offset.y;
  float alpha = colour.a * exp(-form.x * across * across - form.z * offset.y * offset.y);
  if (alpha < 1. / 255.) discard;
  alpha = min(alpha, .99);
  pixel = vec4(colour.rgb * alpha, alpha);
}`;
const WHOLE_VERTEX = `#version 300 es
out vec2 part;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4. - 1.;
  part = vec2(.5 + .5 * corner.x, .5 - .5 * corner.y);
  gl_Position = vec4(corner, 0., 1.);
}`;
const GROUND_FRAGMENT = `#version 300 es
precision highp float; uniform sampler2D picture; in vec2 part; out vec4 pixel;
void main() { pixel = vec4(texture(picture, part).rgb, 1.); }`;
const COPY_FRAGMENT = `#version 300 es
precision highp float; uniform sampler2D picture; out vec4 pixel;
void main() { pixel = vec4(texelFetch(picture, ivec2(gl_FragCoord.xy), 0).rgb, 1.); }`;
