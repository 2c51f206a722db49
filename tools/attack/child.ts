/** The process in which inputs are read: it answers each request with a measurement. */
import { serve } from "../child/serve.ts";
import { kinds } from "./catalog.ts";
import type { AttackCase } from "./case.ts";
import { measure } from "./measure.ts";
import type { Request } from "./runner.ts";
import { textAttacks } from "./texts/readers.ts";
import { shapes } from "./texts/shapes.ts";

const loaded = new Map<string, readonly AttackCase[]>();
const texts = textAttacks(shapes);

async function casesOf(kind: string): Promise<readonly AttackCase[]> {
  const cases = loaded.get(kind) ?? (await kinds[kind as keyof typeof kinds]());
  loaded.set(kind, cases);
  return cases;
}

serve(async (request: Request) => {
  if (!("size" in request)) return await measure((await casesOf(request.kind))[request.index]!.run);
  const { reader, text } = texts[request.index]!;
  const input = text(request.size);
  return await measure(() => reader.read(input));
});
