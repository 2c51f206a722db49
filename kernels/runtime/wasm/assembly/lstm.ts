/**
 * The recurrent half of an LSTM layer (ops/lstm). Steps depend on each other, so one thread computes them all. W_hh lies in
 * panels of 16 rows; a step is one product with the hidden state, then the gates four lanes at a time.
 */
import { sigmoid, storeTail, tanh } from "./simd";
import { LstmArgs } from "./structs";
import { float_f32 } from "./tiles";

/** One item. */
export function lstm(args: usize, _first: i32, _last: i32, _thread: i32): void {
  const a = changetype<LstmArgs>(args);
  const bytes = (<usize>a.size) << 2;
  const hidden = a.scratch;
  const cell = hidden + bytes + 16;
  const gates = cell + bytes + 16;
  memory.fill(hidden, 0, gates - hidden);
  for (let step = 0; step < a.frames; step++) {
    const t = a.reverse ? a.frames - 1 - step : step;
    for (let row = 0; row < 4 * a.size; row += 16) {
      const panel = a.weights + ((<usize>row * a.size) << 2);
      const at = (<usize>row) << 2;
      float_f32(1, hidden, 0, panel, a.size, a.bias + at, 0, -Infinity, gates + at, 0);
    }
    const x = a.x + <usize>t * 4 * bytes;
    const y = a.y + <usize>t * bytes;
    for (let i: usize = 0; i < bytes; i += 16) {
      const input = sigmoid(f32x4.add(v128.load(gates + i), v128.load(x + i)));
      const forget = sigmoid(f32x4.add(v128.load(gates + bytes + i), v128.load(x + bytes + i)));
      const candidate = tanh(f32x4.add(v128.load(gates + 2 * bytes + i), v128.load(x + 2 * bytes + i)));
      const output = sigmoid(f32x4.add(v128.load(gates + 3 * bytes + i), v128.load(x + 3 * bytes + i)));
      const state = f32x4.add(f32x4.mul(forget, v128.load(cell + i)), f32x4.mul(input, candidate));
      const result = f32x4.mul(output, tanh(state));
      v128.store(cell + i, state);
      v128.store(hidden + i, result);
      if (i + 16 <= bytes) v128.store(y + i, result);
      else storeTail(y + i, result, <i32>(bytes - i) >> 2);
    }
  }
}
