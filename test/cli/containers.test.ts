/** `-m` opens every container that holds a model. */
import { expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";

const clip = fixture("audio/tiny.wav");

it.each(["paraformer", "sensevoice", "fun-asr-nano"])(
  "recognizes with the folder of %s as with its GGUF file",
  async (name) => {
    const texts = async (model: string): Promise<readonly string[]> => {
      const run = await cli("-m", fixture(model), "-n", "3", clip);
      expect(run.exitCode).toBe(0);
      return run.results;
    };
    const folder = await texts(`tiny/${name}`);
    expect(folder[0]).not.toBe("");
    expect(folder).toEqual(await texts(`tiny/${name}/model.pt`));
    expect(folder).toEqual(await texts(`tiny/${name}/${name}-bf16.gguf`));
  },
);
