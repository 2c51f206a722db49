/** The most probable labels of rows of logits, and the sums of their softmax. */
import { exp, loadTail } from "./simd";
import { TopLabelsArgs } from "./structs";

/** Items: rows. */
export function topLabels(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<TopLabelsArgs>(args);
  for (let row = first; row < last; row++) {
    const x = a.x + ((<usize>row * a.width) << 2);
    const logits = a.logits + ((<usize>row * a.count) << 2);
    best(x, a.width, a.count, a.labels + ((<usize>row * a.count) << 2), logits);
    store<f64>(a.sums + ((<usize>row) << 3), sumOfPowers(x, a.width, load<f32>(logits)));
  }
}

/** Few values exceed the least of the best so far, so four at a time are compared with it first. */
function best(x: usize, width: i32, count: i32, labels: usize, logits: usize): void {
  for (let id = 0; id < count; id++) insert(load<f32>(x + ((<usize>id) << 2)), id, id, labels, logits);
  const worst = logits + ((<usize>(count - 1)) << 2);
  let least = v128.load32_splat(worst);
  let id = count;
  for (; id + 4 <= width; id += 4) {
    if (!v128.any_true(f32x4.gt(v128.load(x + ((<usize>id) << 2)), least))) continue;
    for (let i = id; i < id + 4; i++) challenge(x, i, count, labels, logits);
    least = v128.load32_splat(worst);
  }
  for (; id < width; id++) challenge(x, id, count, labels, logits);
}

function challenge(x: usize, id: i32, count: i32, labels: usize, logits: usize): void {
  const value = load<f32>(x + ((<usize>id) << 2));
  if (value > load<f32>(logits + ((<usize>(count - 1)) << 2))) insert(value, id, count - 1, labels, logits);
}

/** Inserts a label into the first `at`, after equal ones; the label at index `at` is dropped. */
function insert(value: f32, id: i32, at: i32, labels: usize, logits: usize): void {
  let place = (<usize>at) << 2;
  for (; place > 0 && value > load<f32>(logits + place - 4); place -= 4) {
    store<f32>(logits + place, load<f32>(logits + place - 4));
    store<f32>(labels + place, load<f32>(labels + place - 4));
  }
  store<f32>(logits + place, value);
  store<f32>(labels + place, <f32>id);
}

/** Eight powers are added as float32, their sums as float64: the result is accurate to float32 for any vocabulary. */
function sumOfPowers(x: usize, width: i32, largest: f32): f64 {
  const most = f32x4.splat(largest);
  let sums = f64x2.splat(0);
  let left = width;
  for (; left >= 32; left -= 32, x += 128) {
    let eight = exp(f32x4.sub(v128.load(x), most));
    for (let i: usize = 16; i < 128; i += 16)
      eight = f32x4.add(eight, exp(f32x4.sub(v128.load(x + i), most)));
    sums = f64x2.add(sums, widen(eight));
  }
  for (; left >= 4; left -= 4, x += 16) sums = f64x2.add(sums, widen(exp(f32x4.sub(v128.load(x), most))));
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (left > 0) {
    const powers = exp(f32x4.sub(loadTail(x, left), most));
    sum += <f64>f32x4.extract_lane(powers, 0);
    if (left > 1) sum += <f64>f32x4.extract_lane(powers, 1);
    if (left > 2) sum += <f64>f32x4.extract_lane(powers, 2);
  }
  return sum;
}

/** Sums of lanes 0 and 2, and of 1 and 3, as float64. */
function widen(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1)));
}
