/** The FSMN memory, copies of rows, and the transpose of small matrices. Items are rows. */
import { fma } from "./simd";
import { CopyRowsArgs, FsmnArgs } from "./structs";

export function fsmn(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<FsmnArgs>(args);
  const bytes = (<usize>a.channels) << 2;
  for (let t = first; t < last; t++) {
    const from = max(0, a.left - t);
    const to = min(a.taps, a.frames + a.left - t);
    const row = a.v + <usize>t * bytes;
    const y = a.y + <usize>t * bytes;
    const start = a.v + <usize>(t + from - a.left) * bytes;
    const kernel = a.kernel + <usize>from * bytes;
    let c: usize = 0;
    for (; c + 32 <= bytes; c += 32) {
      let sum = v128.load(row + c);
      let other = v128.load(row + c, 16);
      let p = start + c;
      let k = kernel + c;
      for (let j = from; j < to; j++, p += bytes, k += bytes) {
        sum = fma(v128.load(k), v128.load(p), sum);
        other = fma(v128.load(k, 16), v128.load(p, 16), other);
      }
      v128.store(y + c, sum);
      v128.store(y + c, other, 16);
    }
    for (; c + 16 <= bytes; c += 16) {
      let sum = v128.load(row + c);
      let p = start + c;
      let k = kernel + c;
      for (let j = from; j < to; j++, p += bytes, k += bytes) sum = fma(v128.load(k), v128.load(p), sum);
      v128.store(y + c, sum);
    }
    for (; c < bytes; c += 4) {
      let sum = load<f32>(row + c);
      let p = start + c;
      let k = kernel + c;
      for (let j = from; j < to; j++, p += bytes, k += bytes) sum += load<f32>(k) * load<f32>(p);
      store<f32>(y + c, sum);
    }
  }
}

/** [rows, columns] to [columns, rows], for small matrices. */
export function transpose(x: usize, rows: i32, columns: i32, y: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, x += 4) store<f32>(y + ((<usize>(c * rows + r)) << 2), load<f32>(x));
  }
}

/** Copies rows of `bytes` each, which lie a stride apart on either side. */
export function copyRows(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<CopyRowsArgs>(args);
  for (let row = first; row < last; row++) {
    memory.copy(a.to + <usize>row * a.toStride, a.from + <usize>row * a.fromStride, a.bytes);
  }
}
