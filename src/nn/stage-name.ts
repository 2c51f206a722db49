/**
 * Names of captured activations. The samples', the audio's and the prompt's activations have the path of their stage;
 * after the prompt a decoder computes one row for each generated token, and the row of token n, counted from 1, is
 * `path@n`. It is computed in the step that feeds token n to the model, however many tokens that step feeds.
 */

interface StageName {
  readonly path: string;
  /** Whose row it is; 0 for the audio and the prompt. */
  readonly token: number;
}

export function formatStageName({ path, token }: StageName): string {
  return token === 0 ? path : `${path}@${token}`;
}

export function parseStageName(name: string): StageName {
  const [, path, token] = /^(.*)@(\d+)$/su.exec(name) ?? [];
  return path === undefined ? { path: name, token: 0 } : { path, token: Number(token) };
}
