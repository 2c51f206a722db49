/** Where things are in the module's memory. The host writes floats to INPUT and takes blocks from OUTPUT. */

/** Super-blocks per call. */
export const MOST: i32 = 256;
export const SUPER_BLOCK: i32 = 256;
export const INPUT: usize = 0x10000;
export const OUTPUT: usize = INPUT + ((<usize>(MOST * SUPER_BLOCK)) << 2);

/** One super-block turned on its side: row i holds value i of each sub-block, a sub-block to a lane. */
export const X: usize = 0x1000;
export const W: usize = 0x2000;
/** The trial levels, as floats; in the end the stored levels, as integers. */
export const N: usize = 0x3000;
/** Results of the search, for each sub-block. */
export const SCALES: usize = 0x4000;
export const MINIMA: usize = 0x4100;
/** d·s and dmin·m as they are stored. */
export const STORED_SCALES: usize = 0x4200;
export const STORED_MINIMA: usize = 0x4300;
