/**
 * The first 64 KiB of the memory belong to the kernels: the job board of the thread pool, and constants. The
 * numbers are shared with ../pool.ts. Words that different threads write lie 128 bytes apart.
 */

/** i64: number of the job << 32 | first item that nobody has taken. */
export const TICKET: usize = 1024;
/** i32: items done. */
export const DONE: usize = 1152;
/** i32: workers that sleep. */
export const SLEEPERS: usize = 1280;
/** i32: 1 while the caller sleeps until the last item is done. */
export const WAITING: usize = 1408;
/** i32: 1 when the workers are to end. */
export const STOP: usize = 1536;
/** i32 each: table index of the kernel, items, least items of a claim, that times twice the threads, the arguments. */
export const JOB: usize = 1664;
/** The kernel's arguments, up to 256 bytes, laid out as its argument class. */
export const ARGS: usize = 1792;

/** i32: what positions in a sequence count from; 0 but for lists of jobs that are run again further on. */
export const POSITION: usize = 2560;

/** From here to the end of the 64 KiB: lists of jobs, see pool.ts and ../job-list.ts. */
export const LIST: usize = 16_384;

/** f32 2^102: turns the bits of a float16 that holds 2^10·v, moved up by 13, into v. */
export const HALF_SCALE: usize = 2304;
/** i32 0x8fffe000: the bits of a float16, moved up by 13 from a sign-extended word. */
export const HALF_MASK: usize = 2320;
/** 64 zero bytes: the bias of an output without one. */
export const ZEROS: usize = 2368;
/** 13 float32: the constants of e^x, see simd.ts. */
export const EXP: usize = 2432;

/** Writes the constants; once, before anything else. */
export function initialize(): void {
  store<u32>(HALF_SCALE, 0x72800000);
  store<u32>(HALF_MASK, 0x8fffe000);
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
