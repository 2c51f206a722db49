/** CrispASR's SenseVoice-Small. It has no place for the normalizing constants. */
import { crispAsrSenseVoice as dialect } from "../../../src/checkpoints/gguf/dialects/sensevoice-crispasr.ts";
import { crispAsrFile } from "./crispasr.ts";
import { cmvnIsLost, rename } from "./layout.ts";
import type { KeyPair, Layout } from "./layout.ts";

const keys: readonly KeyPair[] = [
  ["sensevoice.n_mels", "sensevoice.frontend.n_mels"],
  ["sensevoice.lfr_m", "sensevoice.frontend.lfr_m"],
  ["sensevoice.lfr_n", "sensevoice.frontend.lfr_n"],
  ["sensevoice.sample_rate", "sensevoice.frontend.sample_rate"],
  ["sensevoice.frame_length_ms", "sensevoice.frontend.frame_length_ms"],
  ["sensevoice.frame_shift_ms", "sensevoice.frontend.frame_shift_ms"],
  ["sensevoice.d_model", "sensevoice.encoder.output_size"],
  ["sensevoice.n_heads", "sensevoice.encoder.attention_heads"],
  ["sensevoice.ffn_dim", "sensevoice.encoder.linear_units"],
  ["sensevoice.n_blocks_base", "sensevoice.encoder.num_blocks"],
  ["sensevoice.n_blocks_tp", "sensevoice.encoder.tp_blocks"],
  ["sensevoice.sanm_kernel", "sensevoice.encoder.kernel_size"],
  ["sensevoice.vocab_size", "sensevoice.vocab_size"],
  ["sensevoice.blank_id", "sensevoice.ctc.blank_id"],
  // Ids, and rows of the query table, as SenseVoice-Small has them.
  ["sensevoice.sos_id", 1],
  ["sensevoice.eos_id", 2],
  ["sensevoice.lang_auto", 0],
  ["sensevoice.lang_zh", 3],
  ["sensevoice.lang_en", 4],
  ["sensevoice.lang_yue", 7],
  ["sensevoice.lang_ja", 11],
  ["sensevoice.lang_ko", 12],
  ["sensevoice.lang_nospeech", 13],
  ["sensevoice.event_query", 1],
  ["sensevoice.emo_query", 2],
  ["sensevoice.textnorm_withitn", 14],
  ["sensevoice.textnorm_woitn", 15],
  ["tokenizer.ggml.model", "tokenizer.ggml.model"],
  ["tokenizer.ggml.tokens", "tokenizer.ggml.tokens"],
];

export const crispAsrSenseVoice: Layout = {
  async files(model, to, wish) {
    const metadata = new Map([
      ["general.architecture", "sensevoice"] as const,
      ["general.name", wish.name ?? model.metadata.get("general.name") ?? "SenseVoiceSmall"] as const,
      ...rename(model, keys),
    ]);
    const names = dialect.names({ source: model.source, metadata });
    return [crispAsrFile(model, to, { metadata, names }, wish)];
  },
  notes: cmvnIsLost,
};
