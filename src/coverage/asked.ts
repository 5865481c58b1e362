import { DirectoryError, badInput } from "../errors.js";
import { parseLanguage } from "../vocabulary/language.js";
import type { RegionCode } from "../vocabulary/region.js";
import { ALL, type Cell, type Cube } from "./cube.js";
import type { CellTold, Published } from "./published.js";

export const COVERAGE_AXES = ["SPECIALTY", "REGION", "LANGUAGE"] as const;
export type CoverageAxis = (typeof COVERAGE_AXES)[number];
const REGION_LEVELS = ["COUNTRY", "AREA"] as const;

/** Which cells of the declared cube are asked for. It chooses among cells, and never makes new ones. */
export type Asked = {
  readonly by: readonly CoverageAxis[];
  readonly specialties: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly languages: readonly string[] | null;
  readonly regionLevel: string;
  readonly specialtyDepth: number;
};

/** So many cells are answered at once. */
const MOST_CELLS = 2000;

/** The cells asked for, each with its bands: a table, and what a heat map or a map is drawn from. */
export function cellsAsked(published: Published, asked: Asked): readonly CellTold[] {
  return chosen(published, asked).map((cell) => published.told(cell));
}

function chosen(published: Published, asked: Asked): readonly Cell[] {
  const { cube } = published;
  if (asked.by.length === 0) throw badInput("by: name one axis at least.", ["by"]);
  const specialties = chosenOn(asked, "SPECIALTY", specialtiesAsked(cube, asked));
  const regions = chosenOn(asked, "REGION", regionsAsked(cube, asked));
  const languages = chosenOn(asked, "LANGUAGE", languagesAsked(cube, asked));
  // Where no language is named, a region is told of in its own.
  const open = asked.by.includes("LANGUAGE") && asked.languages === null;
  const cells: Cell[] = [];
  for (const region of regions) {
    const here = open ? published.languagesIn(region) : languages;
    if (cells.length + here.length * specialties.length > MOST_CELLS) throw tooMany();
    for (const specialty of specialties)
      for (const language of here) cells.push({ specialty, region, language });
  }
  return cells;
}

function tooMany() {
  return badInput(
    `where: these are more than ${MOST_CELLS} cells; choose fewer specialties, regions or languages.`,
    ["where"],
  );
}

/** All there is on an axis that is asked for, and one of it when it is not: cells are never added up. */
function chosenOn(
  { by }: Asked,
  axis: CoverageAxis,
  codes: { readonly named: boolean; readonly all: readonly string[] },
): readonly string[] {
  if (by.includes(axis)) return codes.all;
  if (!codes.named) return [ALL];
  if (codes.all.length === 1) return codes.all;
  throw badInput(`where: several are named on the axis ${axis}; add it to by, or name one.`, ["where"]);
}

function specialtiesAsked(cube: Cube, { specialties: codes, specialtyDepth: depth }: Asked) {
  const { specialties } = cube.vocabulary;
  if (depth < 1 || depth > cube.depth)
    throw badInput(`specialtyDepth: from 1 to ${cube.depth}, as deep as this network counts.`, [
      "where",
      "specialtyDepth",
    ]);
  const at = (code: string, level: number) => code.split(".").length === level;
  if (codes === null)
    return { named: false, all: cube.specialties.filter((code) => code !== ALL && at(code, depth)) };
  const all = codes.flatMap((text, place) => {
    const code = specialties.parse(text, ["where", "specialties", place]);
    const level = Math.max(depth, code.split(".").length);
    if (level > cube.depth)
      throw badInput(`"${code}" lies deeper than this network counts, which is ${cube.depth}.`, [
        "where",
        "specialties",
        place,
      ]);
    return specialties.withNarrower(code).filter((one) => at(one, level));
  });
  return { named: true, all: [...new Set<string>(all)] };
}

function regionsAsked(cube: Cube, { by, regions: codes, regionLevel }: Asked) {
  const { regions } = cube.vocabulary;
  if (!REGION_LEVELS.some((level) => level === regionLevel))
    throw badInput(`regionLevel: it is ${REGION_LEVELS.join(" or ")} here.`, ["where", "regionLevel"]);
  const ofLevel = (code: string) => regions.kind(code as RegionCode) === regionLevel;
  if (codes === null)
    return { named: false, all: cube.regions.filter((code) => code !== ALL && ofLevel(code)) };
  const all = codes.flatMap((text, place): readonly string[] => {
    const code = regions.parse(text, ["where", "regions", place]);
    const kind = regions.kind(code);
    if (kind === "SUBDIVISION")
      throw badInput("Coverage is told by country or by area.", ["where", "regions", place]);
    // Where regions are no axis the one that is named is the cell.
    if (!by.includes("REGION")) return [kind === "WORLD" ? ALL : code];
    return regions.withInside(code).filter((one) => ofLevel(one));
  });
  if (!by.includes("REGION") && all.some((code) => code.startsWith("x-")))
    throw badInput("A grouping is no cell: add REGION to by, for the countries in it.", ["where", "regions"]);
  return { named: true, all: [...new Set(all)] };
}

function languagesAsked(cube: Cube, { languages: tags }: Asked) {
  if (tags === null) return { named: false, all: cube.languages.filter((tag) => tag !== ALL) };
  const all = tags.map((text, place) => parseLanguage(text, ["where", "languages", place]));
  const foreign = all.findIndex((tag) => !cube.languages.includes(tag));
  if (foreign >= 0)
    throw badInput(
      `"${all[foreign] ?? ""}" is not among the languages counted: those that ten thousand people speak in some country, and those in public use here.`,
      ["where", "languages", foreign],
    );
  return { named: true, all: [...new Set<string>(all)] };
}

/** What is answered before the first epoch. */
export function nothingYet(): DirectoryError {
  return new DirectoryError(
    "NOT_FOUND",
    "No coverage has been published yet: the first epoch comes once there are enough people to tell of, or when the operator publishes it.",
  );
}
