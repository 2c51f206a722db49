/** Rotary position embedding of rows of heads, after an optional norm of each head. Items are rows. */
import { POSITION } from "./addresses";
import { normRow } from "./norms";
import { NormRopeArgs } from "./structs";

export function normRope(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<NormRopeArgs>(args);
  const bytes = (<usize>a.headDim) << 2;
  const half = bytes >> 1;
  const angles = a.angles + <usize>load<i32>(POSITION) * bytes;
  for (let row = first; row < last; row++) {
    const cosines = angles + <usize>row * bytes;
    const sines = cosines + half;
    for (let head = 0; head < a.heads; head++) {
      const at = <usize>(row * a.heads + head) * bytes;
      const y = a.y + at;
      let x = a.x + at;
      if (a.weight != 0) {
        normRow(x, a.weight, y, a.headDim, a.eps);
        x = y;
      }
      let i: usize = 0;
      for (; i + 16 <= half; i += 16) {
        const u = v128.load(x + i);
        const v = v128.load(x + half + i);
        const c = v128.load(cosines + i);
        const s = v128.load(sines + i);
        v128.store(y + i, f32x4.sub(f32x4.mul(u, c), f32x4.mul(v, s)));
        v128.store(y + half + i, f32x4.add(f32x4.mul(v, c), f32x4.mul(u, s)));
      }
      for (; i < half; i += 4) {
        const u = load<f32>(x + i);
        const v = load<f32>(x + half + i);
        const c = load<f32>(cosines + i);
        const s = load<f32>(sines + i);
        store<f32>(y + i, u * c - v * s);
        store<f32>(y + half + i, v * c + u * s);
      }
    }
  }
}
