/** Addresses of the kernels' own memory (../layout.ts), and its constants. */
import { EXP, HALF_MASK, HALF_SCALE, MAGNITUDE, ONES, ROUND, TICKET, ZEROS } from "./addresses";

/** Writes the constants; once, before anything else. */
export function initialize(): void {
  store<u32>(HALF_SCALE, 0x72800000);
  store<u32>(HALF_MASK, 0x8fffe000);
  store<i32>(MAGNITUDE, 0x7fffffff);
  store<f32>(ROUND, 12582912);
  store<i32>(ONES, 0x01010101);
  memory.fill(ZEROS, 0, 64);
  store<f32>(EXP, -87);
  store<f32>(EXP, 88, 4);
  store<f32>(EXP, <f32>Math.LOG2E, 8);
  store<f32>(EXP, 12582912, 12); // 1.5 · 2^23 rounds to integers
  store<f32>(EXP, -0.693359375, 16); // −ln 2 in two parts
  store<f32>(EXP, 2.1219444e-4, 20);
  store<f32>(EXP, 1.98756915e-4, 24); // the polynomial
  store<f32>(EXP, 1.3981999507e-3, 28);
  store<f32>(EXP, 8.3334519073e-3, 32);
  store<f32>(EXP, 4.1665795894e-2, 36);
  store<f32>(EXP, 1.6666665459e-1, 40);
  store<f32>(EXP, 0.5, 44);
  store<f32>(EXP, 1, 48);
  atomic.store<i64>(TICKET, 0x7fffffff); // no job
}
