/**
 * Every model of the registry, from `pull` to text: the stand-in of the hubs has tiny files of the right shape at the places
 * that the registry names, with the registry's own roles, recipes and hubs.
 */
import { describe, expect, test, vi } from "vitest";
import { platform } from "../../src/platform/current.ts";
import { models, pull } from "../../src/pull/index.ts";
import { registry } from "../../src/registry/index.ts";
import type { RegistryEntry } from "../../src/registry/index.ts";
import { load } from "../../src/transcriber/load.ts";
import { detectSpeech } from "../../src/vad/detect-speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import { cli } from "../helpers/environment/screen.ts";
import { tinyRegistry } from "../helpers/builders/tiny-registry.ts";

const tiny = await vi.hoisted(async () => {
  const { readFileSync } = await import("node:fs");
  const file = new URL("../../models/registry.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof tinyRegistry>[0];
});

vi.mock("../../models/registry.json", async () => {
  const { tinyRegistry } = await import("../helpers/builders/tiny-registry.ts");
  return { default: (await tinyRegistry(tiny)).registry };
});

const { repositories } = await tinyRegistry(tiny);
const clip = fixture("audio/tiny.wav");

const usable = registry.filter(({ unsupported }) => unsupported === undefined);
const refused = registry.filter(({ unsupported }) => unsupported !== undefined);
const named = (entries: readonly RegistryEntry[]) =>
  entries.flatMap((entry) => entry.variants.map(({ format }) => [`${entry.name}:${format}`, entry] as const));

describe("models that this version uses", () => {
  test.each(named(usable))("%s", async (name, entry) => {
    const { hub } = await modelsHome(repositories);
    const model = await pull(name);
    expect(model.name).toBe(name);
    const { paths } = await (await platform().openStore()).pathsOf(model);

    // as it is used: by its name, without the network
    const asked = hub.requests.length;
    if (entry.task === "vad") {
      expect(await detectSpeech(clip, { vad: name, backend: "cpu" })).toEqual(
        await detectSpeech(clip, { vad: fixture("tiny/fsmn-vad/fsmn-vad.gguf"), backend: "cpu" }),
      );
    } else {
      using byName = await load(name, { backend: "cpu" });
      const { text } = await byName.transcribe(clip, { silenceGate: "off", maxNewTokens: 8 });
      expect(byName.info.architecture).toBe(entry.architecture);
      expect(byName.info.ctc).toBe(entry.abilities.ctc);
      const amMvn = entry.architecture === "sensevoice" ? fixture("tiny/sensevoice/am.mvn") : undefined;
      using byPath = await load(paths, { backend: "cpu", amMvn });
      expect(text).toBe((await byPath.transcribe(clip, { silenceGate: "off", maxNewTokens: 8 })).text);
      expect(text.length).toBeGreaterThan(0);
    }
    expect(hub.requests.length).toBe(asked);

    const status = (await models()).find((one) => one.name === name);
    expect(status).toMatchObject({
      installed: true,
      complete: true,
      isDefault: name.endsWith(`:${entry.defaultFormat}`),
    });
  });

  test.each(usable.flatMap(({ name, aliases }) => aliases.map((alias) => [alias, name] as const)))(
    "%s is another name of %s",
    async (alias, name) => {
      await modelsHome(repositories);
      const entry = usable.find((one) => one.name === name)!;
      expect((await pull(alias)).name).toBe(`${name}:${entry.defaultFormat}`);
    },
  );
});

describe("models that this version cannot use", () => {
  test.each(named(refused))(
    "%s is refused by pull and load, and nothing is asked for",
    async (name, entry) => {
      const { hub } = await modelsHome(repositories);
      for (const attempt of [pull, load])
        await expect(attempt(name)).rejects.toMatchObject({
          code: "unknown_architecture",
          where: entry.name,
        });
      await expect(pull(name)).rejects.toThrow(entry.unsupported!);
      const { exitCode, notes } = await cli("pull", name);
      expect(exitCode).toBe(3);
      expect(notes.join("\n")).toContain(`${entry.name}: ${entry.unsupported!}`);
      expect(hub.requests).toEqual([]);
    },
  );
});
