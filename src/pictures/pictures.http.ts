import { createHash } from "node:crypto";
import { Hono, type Context } from "hono";
import { z } from "zod";
import { badInput } from "../errors.js";
import { nothingYet } from "../coverage/asked.js";
import type { Epochs } from "../coverage/coverage.store.js";
import { PICTURED } from "./picture-words.js";
import type { Painter } from "./png.js";
import type { Published } from "../coverage/published.js";

const code = z.string().min(1).max(100);
const codes = z
  .string()
  .min(1)
  .max(2000)
  .transform((list) => list.split(","));
/** What both pictures can be asked by: `of` what is counted, `language` in which, `lang` the language they are written in. */
const either = {
  of: z.enum(PICTURED).default("practitioners"),
  language: code.optional(),
  lang: z.string().max(35).default("en"),
};
const heatMap = z.strictObject({
  ...either,
  regions: codes.optional(),
  level: z.enum(["AREA", "COUNTRY"]).optional(),
  specialties: codes.optional(),
  depth: z.coerce.number().int().min(1).max(9).default(1),
});
const worldMap = z.strictObject({ ...either, specialty: code.optional() });

/**
 * Pictures of the epoch that is published, at `/coverage/heat-map` and `/coverage/map`, each as `.svg` and `.png`. They show what
 * everybody may ask, so an address may say what is asked and whoever carries them may keep a copy.
 */
export function pictureRoutes(epochs: Epochs): Hono {
  const app = new Hono();
  const pictures = {
    "heat-map": ({ heatMapOf }: Drawing, published: Published, query: unknown) => {
      const { of, language, lang, regions, level, specialties, depth } = read(heatMap, query);
      return heatMapOf(published, {
        of,
        language: language ?? null,
        locale: lang,
        regions: regions ?? null,
        // A part of the world is told by its countries, the whole by its areas.
        regionLevel: level ?? (regions === undefined ? "AREA" : "COUNTRY"),
        specialties: specialties ?? null,
        specialtyDepth: depth,
      });
    },
    map: ({ worldMapOf }: Drawing, published: Published, query: unknown) => {
      const { of, language, lang, specialty } = read(worldMap, query);
      return worldMapOf(published, {
        of,
        language: language ?? null,
        locale: lang,
        specialty: specialty ?? null,
      });
    },
  } as const;
  app.get("/coverage/:name{(heat-map|map)\\.(svg|png)}", async (asked) => {
    const published = await epochs.current();
    if (published === null) throw nothingYet();
    const [name, format] = asked.req.param("name").split(".") as [keyof typeof pictures, "svg" | "png"];
    const drawing = await draws();
    return answer(asked, pictures[name](drawing, published, asked.req.query()), format, drawing.painter);
  });
  return app;
}

type Drawing = typeof import("./pictures.js") & { readonly painter: Painter };

let drawing: Promise<Drawing> | undefined;

/** What draws is loaded for the first picture: most starts are for none. */
function draws(): Promise<Drawing> {
  return (drawing ??= Promise.all([import("./pictures.js"), import("./png.js")]).then(
    ([pictures, { Painter }]) => ({ ...pictures, painter: new Painter() }),
  ));
}

async function answer(
  asked: Context,
  svg: string,
  format: "svg" | "png",
  painter: Painter,
): Promise<Response> {
  const tag = `"${createHash("sha256").update(svg).digest("base64url").slice(0, 22)}-${format}"`;
  const headers = {
    etag: tag,
    "cache-control": "public, max-age=3600",
    // Shown in the pages of whoever wants, and running nothing there.
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "default-src 'none'",
    "content-type": format === "svg" ? "image/svg+xml; charset=utf-8" : "image/png",
  };
  if (asked.req.header("if-none-match") === tag) return new Response(null, { status: 304, headers });
  const body = format === "svg" ? svg : new Uint8Array(await painter.png(svg));
  return new Response(body, { headers });
}

function read<T extends z.ZodType>(shape: T, query: unknown): z.output<T> {
  const told = shape.safeParse(query);
  if (told.success) return told.data;
  const [issue] = told.error.issues;
  const known = Object.keys((shape as unknown as z.ZodObject).shape).join(", ");
  const path = issue?.path.map(String) ?? [];
  throw badInput(
    path.length === 0
      ? `A picture is asked by these alone: ${known}.`
      : `${path.join(".")}: this is none of its values; pictures of coverage are described in the README.`,
    path,
  );
}
