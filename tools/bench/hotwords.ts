/** Searching long lists of hotwords: random words of 2 to 5 common characters, in a text of such characters. */
import { Hotwords } from "../../src/node.ts";
import type { Figures } from "./sections.ts";
import { uniform } from "../../test/helpers/builders/random.ts";

/** Common characters, so that every sound of the list occurs in the text. */
const CHARACTERS = Array.from(
  "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴林",
);

export async function benchHotwords(): Promise<Figures> {
  const random = uniform(5);
  const draw = (count: number): string =>
    Array.from({ length: count }, () => CHARACTERS[Math.floor(random() * CHARACTERS.length)]).join("");
  const words = Array.from({ length: 100_000 }, () => draw(2 + Math.floor(random() * 4)));
  const text = draw(350);
  const figures: { [name: string]: number } = {};
  for (const count of [1000, 10_000, 100_000]) {
    const started = performance.now();
    const hotwords = new Hotwords(words.slice(0, count));
    figures[`${count} words.build.milliseconds`] = performance.now() - started;
    const runs = Array.from({ length: 7 }, () => {
      const start = performance.now();
      hotwords.match(text);
      return performance.now() - start;
    });
    figures[`${count} words.first.milliseconds`] = runs[0]!;
    figures[`${count} words.median.milliseconds`] = runs.toSorted((a, b) => a - b)[3]!;
  }
  return figures;
}
