/** How a million mutants are divided among the readers: by how much can go wrong in them, and by what a mutant costs. */

const TOTAL = 1_000_000;

/** Mutants of readers that cost a millisecond or more: 20 where a decoder is started. */
const costly: Readonly<Record<string, number>> = {
  wav: 40_000,
  flac: 3_000,
  mp3: 3_000,
  vorbis: 3_000,
  opus: 3_000,
  mp4: 3_000,
  webm: 3_000,
  "audio for ffmpeg": 60_000,
  "a web server": 20_000,
  "stage archives": 20_000,
  "a form for a server": 20_000,
  "a path of a server": 20_000,
  "a text that hotwords are searched in": 6_000,
  "a text that hotwords correct": 6_000,
  "a text to align by its labels": 4_000,
};

/** Readers of binary files get as many times what a text gets. */
const heavy: Readonly<Record<string, number>> = {
  gguf: 8,
  safetensors: 8,
  torch: 8,
  onnx: 8,
};

export function sharesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const rest = names.filter((name) => costly[name] === undefined);
  const fixed = names.reduce((sum, name) => sum + (costly[name] ?? 0), 0);
  const weight = rest.reduce((sum, name) => sum + (heavy[name] ?? 1), 0);
  const each = Math.ceil((TOTAL - fixed) / weight);
  return new Map(names.map((name) => [name, costly[name] ?? each * (heavy[name] ?? 1)]));
}
