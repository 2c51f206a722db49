import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, Utf8Stream } from "../../src/text/utf8-stream.ts";

describe("streaming UTF-8 decoder", () => {
  it("holds an unfinished character back", () => {
    const stream = new Utf8Stream();
    const bytes = new TextEncoder().encode("a中𠮷");
    expect([...bytes].map((byte) => stream.push(Uint8Array.of(byte)))).toEqual([
      "a",
      "",
      "",
      "中",
      "",
      "",
      "",
      "𠮷",
    ]);
    expect(stream.end()).toBe("");
  });

  it("shows an unfinished character as U+FFFD only at the end", () => {
    const stream = new Utf8Stream();
    expect(stream.push(Uint8Array.of(0xe4, 0xb8))).toBe("");
    expect(stream.end()).toBe("\ufffd");
    expect(stream.push(Uint8Array.of(0x41))).toBe("A");
  });

  it("keeps a byte order mark as a character", () => {
    expect(decodeUtf8([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf, 0x41)])).toBe("\ufeffA");
  });

  it("equals decoding all at once, however the bytes are cut", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40, size: "max" }),
      fc.string({ unit: "binary", maxLength: 20, size: "max" }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(8), { size: "max", maxLength: 10 }), (all, sizes) => {
        const parts: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) parts.push(all.subarray(at, (at += size)));
        parts.push(all.subarray(at));
        expect(decodeUtf8(parts)).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(all));
      }),
    );
  });
});
