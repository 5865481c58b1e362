import type { Cast } from "../seeds/cast.js";
import { ceiba } from "../seeds/cast.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { startTestNode, type TestNode } from "./node.js";

const ownWords = {
  specialties: [
    {
      code: "psychosocial.self-care.temazcal",
      names: { en: "Temazcal", es: "Temazcal" },
      descriptions: { en: "A steam bath shared as a rite of rest." },
      aliases: ["sweat lodge"],
    },
  ],
  groupings: [
    {
      code: "x-usumacinta",
      names: { en: "Usumacinta basin", es: "Cuenca del Usumacinta" },
      members: ["GT", "MX"],
    },
  ],
};

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode(withOwnWords(), { ownWords });
});
afterAll(() => node.close());

function withOwnWords(): Cast {
  const [one] = ceiba.practitioners as readonly [Practitioner];
  const facts = {
    ...one.facts,
    specialties: [
      { value: { specialty: "psychosocial.self-care.temazcal", depth: null }, audience: "PUBLIC" as const },
    ],
    regions: [
      { value: { region: "x-usumacinta", relation: "WORKS_IN" as const }, audience: "PUBLIC" as const },
    ],
  };
  return { ...ceiba, practitioners: [{ ...one, facts }], vouches: [] };
}

test("a network's own specialty is found by its code, by everything broader, and by its names", async () => {
  const { data } = await node.ask(`{
    own: practitioners(where: { specialty: { anyOf: ["psychosocial.self-care.temazcal"] } }) { totalCount }
    broader: practitioners(where: { specialty: { anyOf: ["psychosocial"] } }) { totalCount }
    named: practitioners(search: "sweat lodge") { nodes { specialties { specialty { name(in: "es") broader { code } } } } }
  }`);
  expect(data).toEqual({
    own: { totalCount: 1 },
    broader: { totalCount: 1 },
    named: {
      nodes: [
        { specialties: [{ specialty: { name: "Temazcal", broader: { code: "psychosocial.self-care" } } }] },
      ],
    },
  });
});

test("who serves a network's own grouping serves every country in it", async () => {
  const { data } = await node.ask(`{
    inside: practitioners(where: { region: { anyOf: ["GT"] } }) { totalCount }
    beside: practitioners(where: { region: { anyOf: ["HN"] } }) { totalCount }
    grouping: regions(kind: GROUPING) { code name(in: "es") contains { code } }
  }`);
  expect(data).toMatchObject({
    inside: { totalCount: 1 },
    beside: { totalCount: 0 },
    grouping: expect.arrayContaining([
      { code: "x-usumacinta", name: "Cuenca del Usumacinta", contains: [{ code: "GT" }, { code: "MX" }] },
    ]),
  });
});
