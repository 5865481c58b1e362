import { inflateSync } from "node:zlib";
import { readConfig } from "../src/config.js";
import { publishNow } from "../src/coverage/coverage.store.js";
import { arrive } from "./coverage/people.js";
import { startTestNode, type TestNode } from "./node.js";

/** Two who work on psychosocial care in Guatemala in K'iche', six on digital security in Peru in Quechua, and one published epoch. */
let node: TestNode;

beforeAll(async () => {
  node = await startTestNode(null, { trustProxy: true }, () => new Date("2027-01-01T12:00:00Z"));
});
afterAll(() => node.close());

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${node.url}/coverage/${path}`, { headers });
}

async function svg(path: string): Promise<string> {
  const answer = await get(path);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  return text;
}

/** The names of what is drawn, which are read out by whoever cannot see it. */
function titles(drawn: string): readonly string[] {
  return [...drawn.matchAll(/<title[^>]*>([^<]*)<\/title>/g)].map(([, name]) => name ?? "");
}

test("before the first epoch there is no picture, and the answer says why", async () => {
  const answer = await get("map.svg");
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("No coverage has been published yet");
});

describe("once an epoch is published", () => {
  beforeAll(async () => {
    await arrive(node, 2);
    await arrive(node, 6, { specialty: "digital.organizational-security", region: "PE", language: "qu" });
    await publishNow({ ...node.ground, terms: readConfig({ NODE_ENV: "development" }).coverage });
  });

  test("the heat map says by its names what the table says", async () => {
    const drawn = await svg("heat-map.svg?regions=013,005");
    expect(titles(drawn)).toEqual(
      expect.arrayContaining([
        "Guatemala, Psychosocial support and well-being: few",
        "Guatemala, Digital security: none",
        "Peru, Digital security: some",
      ]),
    );
    expect(titles(await svg("heat-map.svg?regions=013&language=es"))).toContain(
      "Guatemala, Psychosocial support and well-being: none",
    );
  });

  test("without regions the heat map is that of the areas of the world", async () => {
    const names = titles(await svg("heat-map.svg"));
    expect(names).toContain("Central America, Psychosocial support and well-being: few");
    expect(names).toContain("Northern Europe, Legal protection: none");
    expect(names).not.toContain("Guatemala, Legal protection: none");
  });

  test("the map names every country, those too small for a shape as well", async () => {
    const names = titles(await svg("map.svg?specialty=psychosocial&language=quc"));
    expect(names).toContain("Guatemala: few");
    expect(names).toContain("Peru: none");
    expect(names).toContain("Tuvalu: none");
    expect(names).toContain("Congo - Kinshasa: none");
    expect(names.length).toBeGreaterThan(230);
  });

  test("pictures are written in the languages of the pages, from right to left in Arabic", async () => {
    const arabic = await svg("heat-map.svg?regions=013&lang=ar");
    expect(arabic).toContain('lang="ar"');
    expect(
      titles(arabic).some((name) => name.startsWith("غواتيمالا، ") || name.startsWith("غواتيمالا, ")),
    ).toBe(true);
    const [left, right] = [await svg("heat-map.svg?regions=013"), arabic].map((drawn) =>
      Number(/<text x="([\d.]+)"/.exec(drawn)?.[1]),
    );
    expect(left).toBeLessThan(right ?? 0);
    expect(titles(await svg("map.svg?lang=ru-KZ"))).toContain("Гватемала: мало");
    expect(titles(await svg("map.svg?lang=tlh"))).toContain("Guatemala: few");
  });

  test("a picture is there as PNG, and what it shows differs where the bands differ", async () => {
    const answer = await get("map.png?specialty=psychosocial");
    expect(answer.headers.get("content-type")).toBe("image/png");
    const png = Buffer.from(await answer.arrayBuffer());
    expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    const other = Buffer.from(await (await get("map.png?specialty=digital")).arrayBuffer());
    const drawn = await svg("map.svg?specialty=psychosocial");
    const [guatemala, peru] = [boxOf(drawn, "Guatemala: few"), boxOf(drawn, "Peru: none")];
    const middles = [guatemala, peru].map(({ left, right, top, bottom }) => [
      Math.round((left + right) / 2),
      Math.round((top + bottom) / 2),
    ]);
    const [care, digital] = [pixelsOf(png), pixelsOf(other)];
    expect([care.width, digital.width]).toEqual([1000, 1000]);
    const [few, some] = [0xa1dab4ff, 0x41b6c4ff];
    const coloursIn = (picture: Pixels) => middles.map(([x = 0, y = 0]) => picture.at(x, y));
    expect(coloursIn(care).map((colour, at) => colour === [few, some][at])).toEqual([true, false]);
    expect(coloursIn(digital).map((colour, at) => colour === [few, some][at])).toEqual([false, true]);
    // Title and notes differ as well, above and below the map.
    const elsewhere: string[] = [];
    for (let y = 50; y < 540; y++)
      for (let x = 0; x < care.width; x++)
        if (care.at(x, y) !== digital.at(x, y) && ![guatemala, peru].some((box) => isIn(box, x, y)))
          elsewhere.push(`${x} ${y}`);
    expect(elsewhere).toEqual([]);
  });

  test("whoever has the picture is told that it is still the same", async () => {
    const first = await get("map.svg");
    const etag = first.headers.get("etag") ?? "";
    expect(first.headers.get("cache-control")).toBe("public, max-age=3600");
    expect((await get("map.svg", { "if-none-match": etag })).status).toBe(304);
    expect((await get("map.svg?of=resources", { "if-none-match": etag })).status).toBe(200);
  });

  test("a picture runs nothing and asks for nothing, wherever it is opened", async () => {
    const answer = await get("map.svg");
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await answer.text()).not.toMatch(/<script|href|url\((?!#)|<style| on[a-z]+=/);
  });

  test.each([
    ["map.svg?specialty=plumbing", "plumbing"],
    ["map.svg?language=%3Cscript%3E", "language"],
    ["map.svg?of=people", "of"],
    ["map.svg?where=anywhere", "asked by these alone: of, language, lang, specialty"],
    ["heat-map.svg?depth=12", "depth"],
    ["heat-map.svg?level=COUNTRY", "80 rows at most"],
    ["heat-map.svg?regions=GT-10", "by country or by area"],
  ])("%s is refused in a sentence", async (path, told) => {
    const answer = await get(path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/json");
    expect(await answer.text()).toContain(told);
  });
});

type Box = Readonly<Record<"left" | "right" | "top" | "bottom", number>>;

/** Where a country lies in a map of the world, by the name it has there. */
function boxOf(drawn: string, name: string): Box {
  const outline = new RegExp(`<title>${name}</title><path d="([^"]+)"`).exec(drawn)?.[1] ?? "";
  const points = [...outline.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y + 50)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function isIn({ left, right, top, bottom }: Box, x: number, y: number): boolean {
  return x >= left - 2 && x <= right + 2 && y >= top - 2 && y <= bottom + 2;
}

type Pixels = { readonly width: number; at(x: number, y: number): number };

/** The colours of a PNG of eight bits for each of red, green, blue and alpha (PNG specification, 9.2). */
function pixelsOf(png: Buffer): Pixels {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect([png[24], png[25]]).toEqual([8, 6]);
  const row = width * 4;
  const packed = inflateSync(dataOf(png));
  const bytes = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const filter = packed[y * (row + 1)]!;
    for (let n = 0; n < row; n++) {
      const at = y * row + n;
      const left = n < 4 ? 0 : bytes[at - 4]!;
      const up = y === 0 ? 0 : bytes[at - row]!;
      const corner = n < 4 || y === 0 ? 0 : bytes[at - row - 4]!;
      bytes[at] = packed[at + y + 1]! + guess(filter, left, up, corner);
    }
  }
  return { width, at: (x, y) => bytes.readUInt32BE((y * width + x) * 4) };
}

function guess(filter: number, left: number, up: number, corner: number): number {
  if (filter === 4) return nearest(left, up, corner);
  if (filter === 3) return (left + up) >> 1;
  return filter === 0 ? 0 : filter === 1 ? left : up;
}

/** The Paeth predictor (PNG specification, 9.4). */
function nearest(left: number, up: number, corner: number): number {
  const sum = left + up - corner;
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - up), Math.abs(sum - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** What the IDAT chunks of a PNG hold (PNG specification, 11.2.4). */
function dataOf(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return Buffer.concat(parts);
}
