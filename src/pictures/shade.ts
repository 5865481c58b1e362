import type { Band } from "../practitioners/practitioner.js";
import { element, INK, PAPER, type Drawn } from "./svg.js";

/** What a picture shows of a cell. `mayBeNone`: the difference between nobody and a few is not told there. */
export type Shade = { readonly band: Band; readonly mayBeNone: boolean };

/** From light to dark in one hue, told apart by whoever sees no colours too (ColorBrewer YlGnBu). Nobody is hatched. */
const FILLS: Readonly<Record<Band, string>> = {
  NONE: "url(#nobody)",
  FEW: "#a1dab4",
  SOME: "#41b6c4",
  MANY: "#225ea8",
};

export function fillOf({ band, mayBeNone }: Shade): string {
  return mayBeNone && band === "FEW" ? "url(#perhaps)" : FILLS[band];
}

/** What the fills refer to. */
export const PATTERNS: Drawn = element(
  "defs",
  {},
  hatched("nobody", PAPER, "#c0392b"),
  hatched("perhaps", FILLS.FEW, "#c0392b"),
);

function hatched(id: string, ground: string, line: string): Drawn {
  return element(
    "pattern",
    { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    element("rect", { width: 6, height: 6, fill: ground }),
    element("rect", { width: 1.2, height: 6, fill: line }),
  );
}

/** So many dots stand in a cell, so that nothing is told by colour alone. */
const DOTS: Readonly<Record<Band, number>> = { NONE: 0, FEW: 1, SOME: 2, MANY: 3 };

/** The dots of a band around a point. */
export function dots({ band, mayBeNone }: Shade, x: number, y: number): readonly Drawn[] {
  const [many, apart] = [DOTS[band], 10];
  const hollow = mayBeNone && band === "FEW";
  return Array.from({ length: many }, (_, at) =>
    element("circle", {
      cx: x + (at - (many - 1) / 2) * apart,
      cy: y,
      r: 3,
      fill: hollow ? PAPER : band === "MANY" ? PAPER : INK,
      stroke: hollow ? INK : undefined,
    }),
  );
}

/** The shades that a legend explains, in order. */
export function legendOf(merged: boolean): readonly Shade[] {
  const shades: Shade[] = (["NONE", "FEW", "SOME", "MANY"] as const).map((band) => ({
    band,
    mayBeNone: false,
  }));
  return merged ? [...shades, { band: "FEW", mayBeNone: true }] : shades;
}
