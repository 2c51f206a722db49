/**
 * Addresses in the first 64 KiB of the memory, which belong to the kernels: the job board of the thread pool, constants,
 * and lists of jobs. The AssemblyScript has them under the same names (generate-structs.ts). Words that different threads
 * write lie 128 bytes apart.
 */

export const layout = {
  /** i64: number of the job << 32 | first item that no thread has taken. */
  TICKET: 1024,
  /** i32: items done. */
  DONE: 1152,
  /** i32: workers that sleep. */
  SLEEPERS: 1280,
  /** i32: 1 while the caller sleeps until the last item is done. */
  WAITING: 1408,
  /** i32: 1 when the workers must end. */
  STOP: 1536,
  /** i32 each: table index of the kernel, items, grain, grain · twice the threads, address of the arguments. */
  JOB: 1664,
  /** The kernel's arguments, up to 256 bytes, in the layout of structs.ts. */
  ARGUMENTS: 1792,
  /** f32 2^102: turns the bits of a float16 that holds 2^10·v, shifted left by 13, into v. */
  HALF_SCALE: 2304,
  /** i32 0x8fffe000: the bits of a float16, sign-extended and shifted left by 13. */
  HALF_MASK: 2320,
  /** 64 zero bytes: the bias of an output without one. */
  ZEROS: 2368,
  /** 13 float32: the constants of e^x, see assembly/simd.ts. */
  EXP: 2432,
  /** i32: offset added to positions in a sequence; 0 except while recorded jobs are replayed. */
  POSITION: 2560,
  /** i32 0x7fffffff: the bits of a float32 without its sign. */
  MAGNITUDE: 2564,
  /** f32 1.5·2^23: adding it rounds a float32 below 2^22 to an integer, and subtracting its bits leaves that integer. */
  ROUND: 2568,
  /** Four bytes of 1. */
  ONES: 2572,
  /** Lists of jobs, up to the end of the 64 KiB: see assembly/pool.ts and job-list.ts. */
  LIST: 16_384,
} as const;

/** Bytes of the kernels' own memory; allocations begin after them. */
export const reservedBytes = 65_536;

/** Words of the argument area and of the job list. */
export const argumentWords = 64;
export const listWords = (reservedBytes - layout.LIST) / 4;
