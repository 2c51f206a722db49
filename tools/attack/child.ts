/** The process in which inputs are read: it answers each request with a measurement, and ends with its parent. */
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

async function answer(request: Request): Promise<void> {
  if ("size" in request) {
    const { reader, text } = texts[request.index]!;
    const input = text(request.size);
    process.send!(await measure(() => reader.read(input)));
  } else {
    const { run } = (await casesOf(request.kind))[request.index]!;
    process.send!(await measure(run));
  }
}

process.send!("ready");
process.on("message", (request) => void answer(request as Request));
process.on("disconnect", () => process.exit());
