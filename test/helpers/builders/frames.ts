/** Streams of frames in codecs that are not decoded here: true headers, and zeros for audio. */
import { join, text, u32 } from "./wav.ts";

function repeated(count: number, length: number, header: readonly number[]): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set(header);
  return join(...Array.from({ length: count }, () => frame));
}

/** AAC in ADTS: 1,024 samples of 44,100 Hz in each frame of 200 bytes. */
export const adts = (count: number): Uint8Array =>
  repeated(count, 200, [0xff, 0xf1, 0x50, 0x40, 200 >> 3, ((200 & 7) << 5) | 0x1f, 0xfc]);

/** MPEG-1 layer II: 1,152 samples of 48,000 Hz in each frame of 384 bytes, 128 kbit/s. */
export const layer2 = (count: number): Uint8Array => repeated(count, 384, [0xff, 0xfd, 0x84, 0xc0]);

/** AC-3: 1,536 samples of 48,000 Hz in each frame of 768 bytes, 192 kbit/s. */
export const ac3 = (count: number): Uint8Array => repeated(count, 768, [0x0b, 0x77, 0, 0, 0x14, 0x40, 0]);

/** E-AC-3: 1,536 samples of 48,000 Hz in each frame of 400 bytes. */
export const eac3 = (count: number): Uint8Array =>
  repeated(count, 400, [0x0b, 0x77, 0, 400 / 2 - 1, 0x34, 16 << 3, 0]);

const big = (value: number): Uint8Array => u32(value).toReversed();
const box = (name: string, ...bytes: Uint8Array[]): Uint8Array => {
  const body = join(...bytes);
  return join(big(body.length + 8), text(name), body);
};

/** An MP4 file that says that it lasts `seconds`. */
export const mp4 = (seconds: number): Uint8Array =>
  join(
    box("ftyp", text("M4A "), big(0)),
    box("mdat", new Uint8Array(500)),
    box("moov", box("mvhd", big(0), big(0), big(0), big(1000), big(seconds * 1000), new Uint8Array(80))),
  );
