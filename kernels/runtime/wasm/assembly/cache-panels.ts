/** Converts keys and values between rows and the panels that attention reads (attention.ts). */
import { POSITION } from "./addresses";
import { CacheWriteArgs, KeyPanelArgs, ValuePanelArgs } from "./structs";

/** Rows [S, W] to panels of 16 positions, [S / 16][W][16]. Items: panels; positions beyond the last row are zero. */
export function toKeyPanels(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<KeyPanelArgs>(args);
  for (let panel = first; panel < last; panel++) {
    const to = a.to + ((<usize>panel * a.columns) << 6);
    for (let r = 0; r < 16; r += 4) {
      const row = (panel << 4) + r;
      const from = a.from + ((<usize>row * a.columns) << 2);
      toKeyRows(from, a.columns, min(4, a.rows - row), to + (r << 2));
    }
  }
}

/** Four rows of keys, `present` of them real, to four lanes of a panel. */
function toKeyRows(from: usize, columns: i32, present: i32, to: usize): void {
  const row = (<usize>columns) << 2;
  const whole = present == 4 ? columns & ~3 : 0;
  for (let c = 0; c < whole; c += 4, from += 16, to += 256) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + row);
    const r2 = v128.load(from + 2 * row);
    const r3 = v128.load(from + 3 * row);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 64);
    v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 128);
    v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 192);
  }
  for (let c = whole; c < columns; c++, from += 4, to += 64) {
    for (let r = 0; r < 4; r++) store<f32>(to + (r << 2), r < present ? load<f32>(from + <usize>r * row) : 0);
  }
}

/** Rows [T, W] into key panels. Items: rows. */
export function writeKeys(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<CacheWriteArgs>(args);
  for (let r = first; r < last; r++) {
    const at = a.position + load<i32>(POSITION) + r;
    const to = a.panels + ((<usize>(at >> 4) * a.columns) << 6) + ((at & 15) << 2);
    const from = a.from + ((<usize>r * a.columns) << 2);
    for (let c = 0; c < a.columns; c++)
      store<f32>(to + ((<usize>c) << 6), load<f32>(from + ((<usize>c) << 2)));
  }
}

/** The first `rows` positions of key panels as rows [rows, W]. */
export function readKeys(panels: usize, rows: i32, columns: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    const from = panels + ((<usize>(row >> 4) * columns) << 6) + ((row & 15) << 2);
    for (let c = 0; c < columns; c++, to += 4) store<f32>(to, load<f32>(from + ((<usize>c) << 6)));
  }
}

/** Rows [S, heads · D] to panels of 16 columns. Items: panels. */
export function toValuePanels(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<ValuePanelArgs>(args);
  const perHead = (a.headDim + 15) >> 4;
  for (let panel = first; panel < last; panel++) {
    const column = (panel / perHead) * a.headDim + ((panel % perHead) << 4);
    let from = a.from + ((<usize>column) << 2);
    let to = a.to + ((<usize>panel * a.capacity) << 6);
    for (let row = 0; row < a.rows; row++, from += (<usize>a.columns) << 2, to += 64) copy64(from, to);
  }
}

/** Rows [T, heads · D] into value panels. Items: rows. */
export function writeValues(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<CacheWriteArgs>(args);
  const headDim = a.headDim;
  const capacity = a.capacity;
  const head = (<usize>(((headDim + 15) >> 4) * capacity)) << 6;
  for (let r = first; r < last; r++) {
    let to = a.panels + ((<usize>(a.position + load<i32>(POSITION) + r)) << 6);
    let from = a.from + ((<usize>r * a.columns) << 2);
    for (let h = 0; h < a.columns / headDim; h++, to += head, from += (<usize>headDim) << 2)
      copyHead(from, 64, to, (<usize>capacity) << 6, headDim);
  }
}

/** The first `rows` positions of value panels as rows [rows, heads · D]. */
export function readValues(
  panels: usize,
  rows: i32,
  columns: i32,
  headDim: i32,
  capacity: i32,
  to: usize,
): void {
  const head = (<usize>(((headDim + 15) >> 4) * capacity)) << 6;
  for (let r = 0; r < rows; r++) {
    let from = panels + ((<usize>r) << 6);
    for (let h = 0; h < columns / headDim; h++, from += head, to += (<usize>headDim) << 2)
      copyHead(from, (<usize>capacity) << 6, to, 64, headDim);
  }
}

/** Copies 64 bytes without a call out of WebAssembly, as memory.copy is; upper halves first, as in attention.ts. */
function copy64(from: usize, to: usize): void {
  for (let i: usize = 0; i < 64; i += 32) {
    const low = v128.load(from + i);
    v128.store(to + i, v128.load(from + i, 16), 16);
    v128.store(to + i, low);
  }
}

/** Copies the values of one head at one position, 16 at a time. */
function copyHead(from: usize, fromStep: usize, to: usize, toStep: usize, headDim: i32): void {
  for (let c = 0; c < headDim; c += 16, from += fromStep, to += toStep) {
    if (headDim - c >= 16) copy64(from, to);
    else memory.copy(to, from, (headDim - c) << 2);
  }
}
