/** Token lists: tokens.json and tokens.txt, and what is neither. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Companions } from "../../../../converters/readers/companions.ts";
import { tokenList } from "../../../../converters/readers/tokens/token-list.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

async function read(name: string, content: string): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, name), content);
  return tokenList(new Companions(openFolder(folder)));
}

test.each([
  ["tokens.json", '["<blank>","a b"," ","c"]'],
  ["tokens.txt", "<blank> 0\na b 1\n 2\nc\t3\r\n\n"],
])("%s is a list in the order of the ids", async (name, content) => {
  expect(await read(name, content)).toEqual(["<blank>", "a b", " ", "c"]);
});

describe("refused is", () => {
  test.each([
    ["an object", "tokens.json", '{"a":0}', "no list of strings"],
    ["a number among tokens", "tokens.json", '["a",1]', "no list of strings"],
    ["an id that is left out", "tokens.txt", "a 0\nb 2\n", 'line 2 is "b 2"; wanted a token and the id 1'],
    ["an id with a zero in front", "tokens.txt", "a 0\nb 01\n", 'line 2 is "b 01"'],
    ["a line without an id", "tokens.txt", "a\n", 'line 1 is "a"; wanted a token and the id 0'],
  ])("%s", async (_, name, content, message) => {
    await expect(read(name, content)).rejects.toMatchObject({
      code: "bad_tokenizer",
      where: expect.stringContaining(name) as string,
      message: expect.stringContaining(message) as string,
    });
  });
});
