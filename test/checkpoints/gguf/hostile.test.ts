import { beforeAll, describe, expect, test } from "vitest";
import { FunAsrError } from "../../../src/errors.ts";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import { hostileHeaders } from "../../helpers/builders/hostile-gguf.ts";
import type { HostileGguf } from "../../helpers/builders/hostile-gguf.ts";
import { hostileTensors } from "../../helpers/builders/hostile-gguf-tensors.ts";
import { RawGguf, validGguf } from "../../helpers/builders/raw-gguf.ts";

const rows: readonly HostileGguf[] = [...hostileHeaders, ...hostileTensors];
const bytesOf = (file: RawGguf | Uint8Array): Uint8Array => (file instanceof RawGguf ? file.bytes() : file);

async function outcome(bytes: Uint8Array): Promise<unknown> {
  try {
    await using file = await openGguf(bytes);
    return file.tensors.size;
  } catch (error) {
    return error;
  }
}

describe("hostile GGUF", () => {
  // loads and warms what the first row would otherwise pay for
  beforeAll(async () => void (await outcome(validGguf().bytes())));

  test("the original file is valid", async () => {
    expect(await outcome(validGguf().bytes())).toBe(3);
  });

  test("there are at least 70 kinds", () => {
    expect(rows.length).toBeGreaterThanOrEqual(70);
    expect(new Set(rows.map(([title]) => title)).size).toBe(rows.length);
  });

  test.for(rows)("%s: %s", async ([, code, file]) => {
    const bytes = bytesOf(file());
    const before = { cpu: process.cpuUsage(), memory: process.memoryUsage() };
    const error = await outcome(bytes);
    const cpu = process.cpuUsage(before.cpu);
    const memory = process.memoryUsage();

    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code, where: expect.stringMatching(/^buffer, byte \d+/) as string });
    // what a refusal may cost: a hostile file must not buy time or memory
    expect((cpu.user + cpu.system) / 1_000).toBeLessThan(250);
    const grown = memory.heapUsed + memory.external - before.memory.heapUsed - before.memory.external;
    expect(grown).toBeLessThan(32 * 2 ** 20 + bytes.length);
  });
});
