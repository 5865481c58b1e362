/** Networks that are nothing but their signed feeds, in a process of their own: it does what it is told, and answers with their addresses. */
import { Origins } from "../src/conformance/origins.js";
import type { Order } from "./networks.js";

let origins: Origins | null = null;

process.on("message", (order: Order) => {
  void obey(order).then((urls) => process.send?.(urls));
});

async function obey(order: Order): Promise<readonly string[]> {
  if (order.kind === "begin") {
    await origins?.close();
    origins = await Origins.start();
    for (let at = 0; at < order.networks; at++) await origins.add(order.people);
  }
  for (const origin of origins?.all ?? []) {
    const some = origin.standing().slice(0, "each" in order ? order.each : 0);
    const ids = some.map(({ id }) => id);
    if (order.kind === "withdraw") await origin.withdraw(...ids);
    if (order.kind === "change") await origin.list(...ids);
  }
  return origins?.all.map(({ url }) => url) ?? [];
}
