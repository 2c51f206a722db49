/** Split GGUF files whose parts contradict each other, or promise more than there is. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bytesOf, encodeGguf, openGguf } from "../../src/checkpoints/gguf/index.ts";
import type { TypedMetadata, TypedValue } from "../../src/checkpoints/gguf/index.ts";
import { FunAsrError } from "../../src/errors.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

type Numbers = Readonly<Record<"no" | "count" | "tensors", TypedValue | number | undefined>>;

/** A part with one tensor. */
async function part(tensor: string, { no, count, tensors }: Partial<Numbers>): Promise<Uint8Array> {
  const typed = (value: TypedValue | number): TypedValue =>
    typeof value === "number" ? { type: "uint16", array: false, value } : value;
  const keys = [
    ["split.no", no],
    ["split.count", count],
    ["split.tensors.count", tensors],
  ] as const;
  const metadata: TypedMetadata = new Map(
    keys.flatMap(([key, value]) => (value === undefined ? [] : [[key, typed(value)] as const])),
  );
  const content = { metadata, tensors: [bytesOf(tensor, [8], "F32", new Uint8Array(32))] };
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeGguf(content)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

const text: TypedValue = { type: "string", array: false, value: "2" };
const real: TypedValue = { type: "float32", array: false, value: 1.5 };
const list: TypedValue = { type: "uint16", array: true, value: [0, 1] };

type Part = readonly [tensor: string, numbers: Partial<Numbers>];
const rows: readonly (readonly [what: string, code: string, parts: readonly Part[]])[] = [
  [
    "a second part of another number",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 2 }],
      ["b", { no: 0, count: 2 }],
    ],
  ],
  [
    "a second part of another model",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 2 }],
      ["b", { no: 1, count: 3 }],
    ],
  ],
  [
    "a second part that is a whole model",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 2 }],
      ["b", {}],
    ],
  ],
  [
    "one tensor in both parts",
    "bad_tensors",
    [
      ["a", { no: 0, count: 2 }],
      ["a", { no: 1, count: 2 }],
    ],
  ],
  [
    "fewer tensors than promised",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 2, tensors: 3 }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "more tensors than promised",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 2, tensors: 1 }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "a number of tensors that is text",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 2, tensors: text }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "no part of all",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 0 }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "65,535 parts",
    "gguf_malformed",
    [
      ["a", { no: 0, count: 65_535 }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "a number of parts that is text",
    "gguf_malformed",
    [
      ["a", { no: 0, count: text }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "one and a half parts",
    "gguf_malformed",
    [
      ["a", { no: 0, count: real }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "a list of parts",
    "gguf_malformed",
    [
      ["a", { no: 0, count: list }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "a part without a number",
    "gguf_malformed",
    [
      ["a", { count: 2 }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
  [
    "a part beyond the last",
    "gguf_malformed",
    [
      ["a", { no: 2, count: 2 }],
      ["b", { no: 1, count: 2 }],
    ],
  ],
];

describe("parts", () => {
  it.each(rows)("%s", async (_, code, parts) => {
    const folder = await temporaryFolder();
    for (const [index, [tensor, numbers]] of parts.entries())
      await writeFile(join(folder, `m-0000${index + 1}-of-00002.gguf`), await part(tensor, numbers));
    const error: unknown = await openGguf(join(folder, "m-00001-of-00002.gguf")).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code });
  });

  it("a thousand parts, of which one is there, cost one look", async () => {
    const path = join(await temporaryFolder(), "m-00001-of-01000.gguf");
    await writeFile(path, await part("a", { no: 0, count: 1000 }));
    await expect(openGguf(path)).rejects.toMatchObject({ code: "file_not_found" });
  });

  it("one part is a whole model, whatever its name", async () => {
    const path = join(await temporaryFolder(), "m.gguf");
    await writeFile(path, await part("a", { no: 0, count: 1, tensors: 1 }));
    await using file = await openGguf(path);
    expect([...file.tensors.keys()]).toEqual(["a"]);
  });
});
