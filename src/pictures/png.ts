import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { renderAsync, type ResvgRenderOptions } from "@resvg/resvg-js";
import { LRUCache } from "lru-cache";
import { DirectoryError } from "../errors.js";

const require = createRequire(import.meta.url);
const FONTS = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");

/** Drawn beside the event loop, and the same on every machine: with letters of our own. */
const DRAWING: ResvgRenderOptions = {
  font: {
    fontFiles: [join(FONTS, "DejaVuSans.ttf"), join(FONTS, "DejaVuSans-Bold.ttf")],
    loadSystemFonts: false,
    defaultFontFamily: "DejaVu Sans",
  },
};

/** So many bytes of pictures are remembered, and so many may wait to be drawn. */
const REMEMBERED = 16 * 2 ** 20;
const MOST_WAITING = 10;

/** Draws pictures as PNG (RFC 2083), one at a time: Tor Browser at its safest shows no SVG. */
export class Painter {
  readonly #drawn = new LRUCache<string, Buffer>({
    maxSize: REMEMBERED,
    sizeCalculation: ({ length }) => length,
  });
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** The picture as PNG; UNAVAILABLE while too many others are waiting for theirs. */
  async png(svg: string): Promise<Buffer> {
    const key = createHash("sha256").update(svg).digest("base64");
    const known = this.#drawn.get(key);
    if (known !== undefined) return known;
    if (this.#waiting >= MOST_WAITING)
      throw new DirectoryError("UNAVAILABLE", "Many pictures are being drawn; try again in a moment.");
    this.#waiting++;
    try {
      const turn = this.#last.then(() => renderAsync(svg, DRAWING));
      this.#last = turn.catch(() => undefined);
      const png = (await turn).asPng();
      this.#drawn.set(key, png);
      return png;
    } finally {
      this.#waiting--;
    }
  }
}
