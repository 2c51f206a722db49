/**
 * Colors that are distinct under any kind of color vision and in gray: cividis and viridis for amounts, whose lightness
 * only grows (Nuñez, Anderton & Renslow 2018; van der Walt & Smith 2015), and three of Okabe and Ito's for
 * categories, always together with a shape or a word.
 */

/** 256 colors, three bytes each. */
export type Palette = Uint8Array;

export const kinds = { blue: "#0072b2", orange: "#d55e00", black: "#000000" } as const;

export const viridis = gradient("440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725");
export const cividis = gradient("00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838");

/** Linear interpolation between colors at equal distances. */
function gradient(stops: string): Palette {
  const colors = stops.split(" ").map((stop) => Buffer.from(stop, "hex"));
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (colors.length - 1);
    const from = Math.min(Math.floor(at), colors.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const [a, b] = [colors[from]![channel]!, colors[from + 1]![channel]!];
      palette[i * 3 + channel] = Math.round(a + (b - a) * (at - from));
    }
  }
  return palette;
}

/** The palette as a CSS gradient, for a legend. */
export function gradientOf(palette: Palette): string {
  const stops = Array.from({ length: 9 }, (_, i) => {
    const [red, green, blue] = palette.subarray(Math.round((i / 8) * 255) * 3);
    return `rgb(${red},${green},${blue})`;
  });
  return `linear-gradient(to right,${stops.join(",")})`;
}
