/** Arguments of the kernels that pack weights, quantize activations, and multiply. */
import { struct, structWithMatrices } from "./struct.ts";

/** Activations as 8-bit (or 16-bit) integers with a scale for each block of 32 columns. */
const quantized = {
  integers: "usize",
  scales: "usize",
  /** First value of each accumulator, see assembly/quantize.ts. */
  initialSums: "usize",
} as const;

export const productStructs = {
  quantize: struct("QuantizeArgs", {
    x: "usize",
    blocks: "i32",
    frames: "i32",
    ...quantized,
    /** 1: integers of 16 bits, for the `int16` products; 0: of 8 bits. */
    int16: "i32",
    /** Factor of the sums in `initialSums`: −128 or 0. */
    sumFactor: "i32",
  }),
  quantizeTiles: struct("QuantizeTilesArgs", {
    x: "usize",
    frames: "i32",
    /** Number of tiles of six frames; the remaining frames are packed in tiles of four. */
    tilesOfSix: "i32",
    blocks: "i32",
    ...quantized,
    int16: "i32",
    sumFactor: "i32",
    /** 0, or room for six rows of each thread, where a layer norm is computed before. */
    normed: "usize",
    /** Of the layer norm, as its eps. */
    weight: "usize",
    bias: "usize",
    eps: "f32",
  }),
  packFloat: struct("PackFloatArgs", {
    source: "usize",
    target: "usize",
    rows: "i32",
    columns: "i32",
    /** Bytes of a value: 4 (float32) or 2. */
    valueBytes: "i32",
    /** 1: the values are float16, stored times 2^10. */
    half: "i32",
  }),
  packQ8: struct("PackQ8Args", {
    /** Rows of 34-byte Q8_0 blocks. */
    source: "usize",
    quants: "usize",
    scales: "usize",
    rows: "i32",
    blocks: "i32",
    /** XORed with each four weights: 0x80808080 where they are stored as q + 128, else 0. */
    signFlip: "u32",
    int16: "i32",
    /** Address of an i32 counter of scales that the layout cannot represent. */
    outOfRange: "usize",
  }),
  linearQ8: structWithMatrices("LinearQ8Args", {
    ...quantized,
    frames: "i32",
    blocks: "i32",
    lowerBound: "f32",
    int16: "i32",
    /** 2 KiB for each thread: the sums of a tile, and partial groups. */
    scratch: "usize",
  }),
  gemmQ8: structWithMatrices("GemmQ8Args", {
    ...quantized,
    frames: "i32",
    tilesOfSix: "i32",
    blocks: "i32",
    lowerBound: "f32",
    int16: "i32",
    /** Maximum number of panels that are taken together, so that rows of y are written in long runs. */
    together: "i32",
    /** Added to the result of the only matrix: [frames, rows], or 0. */
    addend: "usize",
    /** Added after it. */
    otherAddend: "usize",
    /** Not 0: the result is not written but packed as quantizeTiles packs; rows are whole blocks of the only matrix. */
    toIntegers: "usize",
    toScales: "usize",
    toInitialSums: "usize",
    sumFactor: "i32",
    /** Scratch of the first thread, and its size: see assembly/gemm.ts. */
    scratch: "usize",
    scratchBytes: "i32",
  }),
  linearFloat: structWithMatrices("LinearFloatArgs", {
    x: "usize",
    frames: "i32",
    columns: "i32",
    lowerBound: "f32",
    /** 0 float32, 1 float16 times 2^10 (x then holds 2^102 times the activations), 2 bfloat16. */
    kind: "i32",
    /** 1 KiB for each thread, for partial tiles. */
    scratch: "usize",
    /** 0, or 16 · 256 float32 for each thread, where panels of 16-bit weights are expanded. */
    expanded: "usize",
  }),
} as const;
