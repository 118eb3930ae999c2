// The four roundings of WebAssembly. x86-64 has an instruction for them since SSE4.1 only, and libm chooses at the start of a
// program, which the engine does not wait for.
#include "wasm-operators.h"

namespace {

// From here on every number is whole; adding it makes the processor round to the nearest whole number, halves to even.
constexpr f64 kWholeFrom = 4503599627370496.0;

f64 with_sign_of(f64 x, f64 sign) { return __builtin_copysign(x, sign); }

f64 nearest(f64 x) {
  const f64 size = __builtin_fabs(x);
  if (!(size < kWholeFrom)) return x;
  volatile f64 sum = size + kWholeFrom;  // volatile: the sum must be rounded, not folded away
  return with_sign_of(sum - kWholeFrom, x);
}

}  // namespace

f64 engine_nearbyint(f64 x) { return nearest(x); }

f64 engine_floor(f64 x) {
  const f64 near = nearest(x);
  return near > x ? with_sign_of(near - 1, x) : near;
}

f64 engine_ceil(f64 x) {
  const f64 near = nearest(x);
  return near < x ? with_sign_of(near + 1, x) : near;
}

f64 engine_trunc(f64 x) {
  const f64 size = __builtin_fabs(x);
  const f64 near = nearest(size);
  return with_sign_of(near > size ? near - 1 : near, x);
}
