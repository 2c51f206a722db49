/** Finds out how the machine's relaxed dot product treats its operands. */

/**
 * Multiplies signed bytes by bytes with the top bit set. 1: those are unsigned and nothing saturates (vpdpbusd); 2: they are
 * signed (sdot); 0: anything else (vpmaddubsw saturates), which must not be used.
 */
export function probe(): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 0;
  const signed = i32x4.splat(0x7f7f7f7f);
  const other = i32x4.splat(0x80ff80ff);
  const sum = i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(signed, other, i32x4.splat(0)), 0);
  if (sum == 127 * (255 + 128 + 255 + 128)) return 1;
  return sum == 127 * (-1 - 128 - 1 - 128) ? 2 : 0;
}
