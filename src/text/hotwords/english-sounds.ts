/**
 * Approximate sounds of an English word, by rules from letters to sounds, so that names with the same sound and different
 * spellings are found: Kathryn and Catherine, More and Moore. Both texts of a comparison go through the same rules, so what
 * counts is that one sound has one symbol, not that the symbol is right. A dictionary of pronunciations would be better
 * for irregular words, and takes megabytes.
 */

/** The first rule that fits is taken: letters, with their surroundings, and the sounds that they are, a character each. */
const RULES: readonly (readonly [RegExp, string])[] = (
  [
    // At the beginning.
    ["^[kgp]n", "n"],
    ["^wr", "r"],
    ["^ps", "s"],
    ["^wh(?=o)", "h"],
    ["^x", "z"],
    // Several letters for one consonant.
    ["wh", "w"],
    ["tch", "C"],
    ["sch", "S"],
    ["(?<=s)ch|ch(?=[rl])", "k"],
    ["ch", "C"],
    ["sh", "S"],
    ["ph", "f"],
    ["th", "T"],
    ["igh", "i"],
    ["[ae]igh", "a"],
    ["[ao]ugh", "o"],
    ["(?<=[a-z])gh", ""],
    ["gh", "g"],
    ["t(?=i[aeou])|ssi(?=on)|si(?=on)|ci(?=[aeou])", "S"],
    ["dg(?=[eiy])", "j"],
    ["sc(?=[eiy])|c(?=[eiy])", "s"],
    ["ck|cc?|k+", "k"],
    ["qu", "kw"],
    ["q", "k"],
    ["x", "ks"],
    // Silent letters.
    ["mb$|mn$", "m"],
    ["(?<=[aeiouyrlwt])h(?![aeiouy])|(?<=r)h", ""],
    ["(?<=[a-z][^aeiouy])es$", "s"],
    ["(?<=[^aeiouy]|[aeiouy][aeiouy])e$|e(?=d$)", ""],
    // Vowels.
    ["(?:ey|ie|y|i|ee|ea)$", "i"],
    ["a[iy]|e[iy]", "a"],
    ["a[uw]", "o"],
    ["a+", "a"],
    ["ew|oo|ou|u[ei]?", "u"],
    ["e[ae]?", "e"],
    ["o[aew]?", "o"],
    ["ie?|y", "i"],
  ] as const
).map(([letters, sounds]) => [new RegExp(letters, "yu"), sounds]);

/** Of a word in lower case; runs of one sound are one. */
export function englishSounds(word: string): string[] {
  const sounds: string[] = [];
  for (let at = 0; at < word.length;) {
    const [length, found] = soundAt(word, at);
    for (const sound of found) if (sound !== sounds.at(-1)) sounds.push(sound);
    at += length;
  }
  return sounds;
}

/** How many letters a rule reads at this place, and their sounds; a letter without a rule is its own sound. */
function soundAt(word: string, at: number): readonly [length: number, sounds: string] {
  for (const [letters, sounds] of RULES) {
    letters.lastIndex = at;
    const found = letters.exec(word)?.[0] ?? "";
    if (found !== "") return [found.length, sounds];
  }
  return [1, word.charAt(at)];
}
