/** Safetensors that break a rule: each is refused with its code, at once, and so is any mutant of a good file. */
import { describe, expect, test } from "vitest";
import { FunAsrError } from "../../../src/errors.ts";
import {
  encodeSafetensors,
  floatTensor,
  parseSafetensors,
} from "../../../src/checkpoints/safetensors/index.ts";
import { headerLength } from "../../../src/checkpoints/safetensors/header.ts";
import { file, hostileSafetensors, one, tensor } from "../../helpers/builders/hostile-safetensors.ts";
import { survey } from "../../../tools/fuzz/survey.ts";

describe("refused", () => {
  test.each(hostileSafetensors)("%s", (_, bytes, code = "checkpoint_malformed") => {
    const start = process.cpuUsage(); // of this process alone
    let error: unknown;
    try {
      parseSafetensors(bytes, "hostile.safetensors");
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code });
    expect((error as FunAsrError).where).toContain("hostile.safetensors");
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(250);
  });
});

/** The header itself is level 1, its tensor 2, the list of sizes 3, a size 4: a list in it has items of level 5. */
test("four nested levels are parsed, and five are refused as such", () => {
  const message = (shape: string): unknown => {
    try {
      parseSafetensors(file(`{"a":${tensor(shape, "[0,4]")}}`, 4), "hostile.safetensors");
      return "";
    } catch (error) {
      return (error as FunAsrError).message;
    }
  };
  expect(message("[1]")).toBe("");
  expect(message("[[]]")).toMatch(/shape is an object or array/u);
  expect(message("[[1]]")).toMatch(/more than 4 nested levels/u);
  expect(message("[[[]]]")).toMatch(/more than 4 nested levels/u);
});

test("a key without quotes is refused where it begins", () => {
  for (const rest of ["12", 'a"b":1}', "1:1}"])
    expect(() => parseSafetensors(file(`{${rest}`), "a")).toThrow(
      `a, header, character 1: ${JSON.stringify(rest)}; wanted a string`,
    );
});

test("a key that is no string of JSON is refused with its first 20 characters", () => {
  const key = `"${"abcdefghij".repeat(3)}\\q"`;
  expect(() => parseSafetensors(file(`{${key}:1}`), "a")).toThrow(
    `a, header, character 1: ${JSON.stringify(key.slice(0, 20))}; wanted a string`,
  );
});

describe("the length of the header", () => {
  const length = (declared: number, fileBytes: number): number => {
    const field = new Uint8Array(8);
    new DataView(field.buffer).setBigUint64(0, BigInt(declared), true);
    return headerLength("a", field, fileBytes);
  };

  test("is at most 100 MB, the limit of the format", () => {
    expect(length(100_000_000, 2 ** 30)).toBe(100_000_000);
    expect(() => length(100_000_001, 2 ** 30)).toThrow(
      "a header of 100000001 bytes; wanted at most 100000000",
    );
  });

  test("is at most what the file has behind it", () => {
    expect(length(92, 100)).toBe(92);
    expect(() => length(93, 100)).toThrow("a header of 93 bytes; wanted at most 92");
  });

  test("takes eight bytes", () => {
    expect(length(0, 8)).toBe(0);
    expect(() => length(0, 7)).toThrow("7 bytes; wanted at least the 8 bytes");
  });
});

describe("accepted, though it may look odd", () => {
  test.each([
    ["no tensors", file("{}")],
    ["padding after the header", file("{}   \n")],
    ["an empty tensor", file(`{"a":${tensor("[0,7]", "[0,0]")}}`)],
    ["eight dimensions", file(`{"a":${tensor("[1,1,1,1,1,1,1,1]", "[0,4]")}}`, 4)],
    ["a tensor named __proto__", file(`{"__proto__":${one}}`, 4)],
    ["tensors listed out of order", file(`{"b":${tensor("[1]", "[4,8]")},"a":${one}}`, 8)],
  ])("%s", (_, bytes) => {
    const { tensors } = parseSafetensors(bytes);
    expect(tensors).toBeInstanceOf(Map);
    expect({}).not.toHaveProperty("dtype");
  });
});

const good = Buffer.concat(
  encodeSafetensors(
    [
      floatTensor("encoder.norm.weight", [4], Float32Array.of(1, 2, 3, 4)),
      floatTensor("encoder.norm.bias", [2, 2], Float32Array.of(5, 6, 7, 8)),
    ],
    new Map([["format", "pt"]]),
  ),
);

test("every truncation is refused", () => {
  for (let length = 0; length < good.length; length++) {
    expect(() => parseSafetensors(good.subarray(0, length))).toThrow(FunAsrError);
  }
});

test("2,000 mutants are read or refused, never anything else", async () => {
  const { read, refused } = await survey("safetensors", 0, 2_000);
  expect(read).toBeGreaterThan(5);
  expect(refused).toBeGreaterThan(500);
});
