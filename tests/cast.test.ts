import { baobab, ceiba, yasmin } from "../seeds/cast.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { parseLanguage } from "../src/vocabulary/language.js";
import { startTestNode } from "./node.js";

const casts = [ceiba, yasmin, baobab].map((cast) => [cast.network.name, cast] as const);

describe.each(casts)("the cast of %s", (_name, cast) => {
  test("uses only codes of the vocabulary", () => {
    const { specialties, regions } = readVocabulary();
    for (const { facts } of cast.practitioners) {
      for (const { value } of facts.specialties) expect(specialties.has(value.specialty)).toBe(true);
      for (const { value } of facts.regions) expect(regions.has(value.region)).toBe(true);
      for (const { value } of facts.languages) expect(parseLanguage(value.language)).toBe(value.language);
    }
  });

  test("is found by everybody exactly as far as it is public", async () => {
    const node = await startTestNode(cast);
    const open = cast.practitioners.filter(({ audience }) => audience === "PUBLIC");
    const aliases = open.map(({ facts }) => facts.alias?.value ?? "").toSorted();
    const { data } = await node.ask<{ practitioners: { nodes: { alias: string }[] } }>(
      "{ practitioners(orderBy: ALIAS, first: 50) { nodes { alias } } }",
    );
    expect(data.practitioners.nodes.map(({ alias }) => alias).toSorted()).toEqual(aliases);
    for (const alias of aliases) {
      const found = await node.ask<{ practitioners: { nodes: { alias: string }[] } }>(
        "query ($search: String) { practitioners(search: $search, first: 1) { nodes { alias } } }",
        { search: alias },
      );
      expect(found.data.practitioners.nodes).toEqual([{ alias }]);
    }
    await node.close();
  });
});
