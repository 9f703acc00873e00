/* The C twin of episodec/splat/tiles.py `blend_tiles`: the same steps in the same order, left to gcc's vectoriser.
   bench/render.py compiles it with -O3 -march=native and measures both on the same lists. */
#include <math.h>
#include <stdint.h>

enum { TILE = 16, BATCH = 32, PLACES = 8, LOOKS = 8 };
enum { MEAN_X, MEAN_Y, REACH_X, REACH_Y, LEAN_X, LEAN_Y, CHORD_X, CHORD_Y };

typedef struct { int64_t first, last; float away, centre, lean, look[6]; } Ellipse;

static inline double clamp(double x, double low, double high) { return fmin(fmax(x, low), high); }

static inline Ellipse fetch(double left, double top, const double *p, const float *look) {
  double low = left - p[MEAN_X], high = left + (TILE - 1) - p[MEAN_X], bottom = p[LEAN_X] * p[REACH_Y];
  double one = clamp(bottom, low, high), two = clamp(-bottom, low, high), flat = 1 / p[REACH_X];
  double most = p[LEAN_Y] * one + p[CHORD_Y] * sqrt(fmax(0, 1 - one * flat * one * flat));
  double least = p[LEAN_Y] * two - p[CHORD_Y] * sqrt(fmax(0, 1 - two * flat * two * flat));
  double my = p[MEAN_Y] - top;
  Ellipse e = {(int64_t)ceil(fmax(my + least, 0)), (int64_t)floor(fmin(my + most, TILE - 1))};
  e.away = e.first - my;
  e.centre = p[MEAN_X] - left + p[LEAN_X] * (e.first - my);
  e.lean = p[LEAN_X];
  for (int c = 0; c < 6; c++) e.look[c] = look[c];
  return e;
}

static inline void blend(float *restrict tile, const Ellipse *e) {
  const float across = e->look[0], down = e->look[1], extinction = e->look[2];
  const float red = e->look[3], green = e->look[4], blue = e->look[5];
  for (int64_t row = e->first; row <= e->last; row++) {
    float step = row - e->first, dy = e->away + step, centre = e->lean * step + e->centre;
    float base = down * dy * dy + extinction;
    float *restrict t = tile + row * TILE, *restrict r = t + 256, *restrict g = t + 512, *restrict b = t + 768;
    for (int x = 0; x < TILE; x++) {
      float u = x - centre, q = across * u * u + base;
      float p = q * -1.7888673653487785e-07f + 9.716051863506436e-06f;
      p = q * p - 0.0003241949307266623f;
      p = q * p + 0.0078107151202857494f;
      p = q * p - 0.12499909847974777f;
      p = q * p + 0.9999999403953552f;
      p *= p;
      p *= p;
      p *= p;
      float alpha = p < 0.99f ? p : 0.99f;
      alpha = q <= 5.5412635451584258f ? alpha : 0.0f;
      float before = t[x], after = before - alpha * before;
      int is_open = after >= 1e-4f;
      float weight = is_open ? before - after : 0.0f;
      t[x] = is_open ? after : -fabsf(before);
      r[x] += weight * red;
      g[x] += weight * green;
      b[x] += weight * blue;
    }
  }
}

void blend_tiles(int64_t first, int64_t end, int64_t columns, const int64_t *starts, const int32_t *lists,
                 const double *place, const float *look, const float *background, float *picture, int64_t width,
                 int64_t height) {
  _Alignas(64) float tile[4 * TILE * TILE];
  Ellipse batch[BATCH];
  for (int64_t index = first; index < end; index++) {
    for (int i = 0; i < 4 * TILE * TILE; i++) tile[i] = i < TILE * TILE ? 1 : 0;
    int64_t left = index % columns * TILE, top = index / columns * TILE;
    for (int64_t start = starts[index]; start < starts[index + 1]; start += BATCH) {
      int64_t count = starts[index + 1] - start < BATCH ? starts[index + 1] - start : BATCH;
      for (int64_t i = 0; i < count; i++) {
        int64_t rank = lists[start + i];
        batch[i] = fetch(left, top, place + rank * PLACES, look + rank * LOOKS);
      }
      for (int64_t i = 0; i < count; i++) blend(tile, batch + i);
      int open = 0;
      for (int i = 0; i < TILE * TILE; i++) open += tile[i] > 0;
      if (!open) break;
    }
    for (int64_t y = 0; y < TILE && top + y < height; y++)
      for (int64_t x = 0; x < TILE && left + x < width; x++)
        for (int c = 0; c < 3; c++)
          picture[((top + y) * width + left + x) * 3 + c] =
              fabsf(tile[y * TILE + x]) * background[c] + tile[(c + 1) * TILE * TILE + y * TILE + x];
  }
}
