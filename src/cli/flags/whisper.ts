/** Flags of whisper.cpp and of Whisper's programs in Python that have other names here, or nothing to do. */
const flags: readonly (readonly [names: string, remedy: string])[] = [
  [
    "-nt --no-timestamps --without_timestamps",
    "Leave it out: the text that is printed has no times. -osrt, -ovtt and -ojf write them",
  ],
  [
    "-o --output_dir",
    "--output-dir FOLDER, or -of BASE for a single input; without them, output files are beside the audio file",
  ],
  [
    "--output_format --output-format",
    "-otxt, -osrt, -ovtt, -otsv and -oj choose the formats of the output files",
  ],
  [
    "--prompt --initial_prompt --initial-prompt",
    "--context TEXT gives the topic of the recording, --hotwords WORDS the words that may occur",
  ],
  ["-vm --vad-model --vad_model --vad_filter", "--vad MODEL detects speech and splits long recordings there"],
  ["-owts --word_timestamps --word-timestamps", "-ojf writes the times of words, -osrt subtitles"],
  ["-sow --split-on-word", "Leave it out: subtitles are split between words"],
  [
    "-bs --beam-size --beam_size -bo --best-of --best_of",
    "Leave it out: decoding takes the best token, or samples with --temperature",
  ],
  ["-nf --no-fallback", "Leave it out: nothing is retried without --fallback"],
  ["-tp", "--temperature sets it"],
  ["-tr --translate --task", "Leave it out: these models write what is spoken, and do not translate"],
  ["-dl --detect-language", "Leave it out: without -l the model finds the language"],
  ["-dev --device -ng --no-gpu", "--backend chooses what computes"],
  ["--compute_type --compute-type", "fun-asr quantize stores the matrices of a model in another format"],
];

/** What to do about each, by its name. */
export const whisperFlags: ReadonlyMap<string, string> = new Map(
  flags.flatMap(([names, remedy]) => names.split(" ").map((name) => [name, remedy] as const)),
);
