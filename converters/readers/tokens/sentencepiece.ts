/**
 * The pieces of a SentencePiece model: a protobuf message whose repeated field 1 is a piece, whose own field 1 is its text.
 * https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
 */
import { ModelFormatError } from "../../../src/errors.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import type { Companions } from "../companions.ts";
import { WireReader } from "../onnx/wire.ts";
import { tokenList } from "./token-list.ts";

const senseVoiceModel = "chn_jpn_yue_eng_ko_spectok.bpe.model";

/** SenseVoice's pieces in the order of their ids: tokens.json, or else the SentencePiece model that it was made from. */
export async function senseVoicePieces(folder: Companions): Promise<readonly string[]> {
  if ((await folder.has("tokens.json")) || !(await folder.has(senseVoiceModel))) return tokenList(folder);
  return sentencePieces(folder, senseVoiceModel);
}

export async function sentencePieces(folder: Companions, name: string): Promise<readonly string[]> {
  const wire = new WireReader(openBytes(await folder.bytes(name), name));
  const pieces: string[] = [];
  for await (const field of wire.fields(wire.all)) {
    if (field.number !== 1 || field.kind !== "bytes") continue;
    let text: string | undefined;
    for await (const part of wire.fields(field.span))
      if (part.number === 1 && part.kind === "bytes") text = await wire.text(part.span);
    if (text === undefined)
      throw new ModelFormatError("bad_tokenizer", folder.where(name), `piece ${pieces.length} has no text`);
    pieces.push(text);
  }
  if (pieces.length === 0)
    throw new ModelFormatError("bad_tokenizer", folder.where(name), "no pieces", {
      wanted: "a SentencePiece model",
    });
  return pieces;
}
