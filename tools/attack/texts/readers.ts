/** Every reader of a text, by name. */
import { nodePlatform } from "../../../src/adapters/node/platform.ts";
import { installPlatform } from "../../../src/platform/current.ts";
import { ofModels } from "./of-models.ts";
import { ofPunctuation } from "./of-punctuation.ts";
import { ofSpeech } from "./of-speech.ts";
import { ofUsers } from "./of-users.ts";
import type { TextReader, TextReaders } from "./reader.ts";
import type { Shape } from "./shapes.ts";

installPlatform(nodePlatform);

export const textReaders: TextReaders = { ...ofModels, ...ofUsers, ...ofSpeech, ...ofPunctuation };

/** A reader with one place for the shape, and one shape. */
export interface TextAttack {
  readonly name: string;
  readonly reader: TextReader;
  /** The text, with about this number of bytes. */
  readonly text: (size: number) => string;
}

/** Each reader with each place and each shape. */
export function textAttacks(shapes: Readonly<Record<string, Shape>>): TextAttack[] {
  return Object.entries(textReaders).flatMap(([readerName, reader]) =>
    Object.entries({ alone: (shape: string) => shape, ...reader.frames }).flatMap(([place, frame]) =>
      Object.entries(shapes).map(([shapeName, shape]) => ({
        name: `${readerName}, ${place}: ${shapeName}`,
        reader,
        text: (size: number) => frame(shape(size)),
      })),
    ),
  );
}
