import { z } from "zod";
import { bodyShapes } from "../src/federation/body.js";
import { headLineShape, statementLineShape } from "../src/federation/bundle.js";
import { entryShape } from "../src/federation/entry.js";
import { flagShape } from "../src/federation/flag.js";
import { headShape } from "../src/federation/head.js";
import { moveShape } from "../src/federation/move.js";
import { numberedShape, pageShape } from "../src/federation/reading.js";
import { receiptShape } from "../src/federation/receipt.js";
import { testimonyShape } from "../src/federation/witness.js";

/** What a node reads from another, as JSON Schema: the payloads of signed texts, the pages around them, and the lines of a bundle. */
export function feedSchema(): object {
  const records = Object.entries(bodyShapes).map(([type, body]) => [
    `record${type}`,
    { ...schemaOf(entryShape.extend({ type: z.literal(type), body })), title: `A record of type ${type}.` },
  ]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:cadre:schema:feed",
    title: "cadre-feed/1",
    description:
      "What nodes tell each other; members that are not named here are ignored. What cannot be said here (text in NFC without control characters, depth, size, signatures) is in docs/federation.md.",
    $defs: {
      head: { ...schemaOf(headShape), title: "The payload of a head." },
      record: {
        ...schemaOf(entryShape),
        title: "The payload of a record; a type that is not known is kept and not shown.",
      },
      ...Object.fromEntries(records),
      page: { ...schemaOf(pageShape), title: "A page of changes, of the collection or of a bucket." },
      bundle: {
        title: "The lines of a bundle, in order; one item stands in each line from the third on.",
        type: "array",
        prefixItems: [schemaOf(statementLineShape), schemaOf(headLineShape)],
        items: schemaOf(numberedShape),
        minItems: 2,
      },
      testimony: { ...schemaOf(testimonyShape), title: "What a witness answers." },
      move: { ...schemaOf(moveShape), title: "The payload of the word on where a withdrawn record goes on." },
      flag: { ...schemaOf(flagShape), title: "The body of a flag." },
      receipt: { ...schemaOf(receiptShape), title: "The body of a receipt." },
    },
  };
}

/** As it is sent, where what has a default may be left out. */
function schemaOf(shape: z.ZodType): object {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: "input" });
  return schema;
}
