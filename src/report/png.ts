/** A PNG with one byte a pixel and a palette (RFC 2083), as a data URL. */
import { crc32, deflateSync } from "node:zlib";
import type { Palette } from "./palettes.ts";

/** `pixels`: [height, width] indices into the palette. */
export function png(pixels: Uint8Array, width: number, height: number, palette: Palette): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8); // bits
  header.writeUInt8(3, 9); // indices
  const lines = Buffer.alloc(height * (width + 1)); // each begins with its filter type, 0
  for (let row = 0; row < height; row++) {
    lines.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from("\u0089PNG\r\n\u001a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", palette),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

export const asDataUrl = (image: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(image).toString("base64")}`;

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), data.length + 8);
  return bytes;
}
