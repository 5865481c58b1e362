import { BlockList, SocketAddress, isIP } from "node:net";

/**
 * Addresses where no peer lives, though something of ours may: all that https://www.iana.org/assignments/iana-ipv4-special-registry
 * lists, reachable or not, multicast, and what a cloud answers its own machines from.
 */
const special4: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ["0.0.0.0", 8, "this network"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "shared by customers of a carrier"],
  ["127.0.0.0", 8, "loopback"],
  ["168.63.129.16", 32, "Azure's services for its machines"],
  ["169.254.0.0", 16, "link local, clouds' metadata"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "protocol assignments"],
  ["192.0.2.0", 24, "documentation"],
  ["192.31.196.0", 24, "AS112"],
  ["192.52.193.0", 24, "multicast tunnels"],
  ["192.88.99.0", 24, "6to4 relays"],
  ["192.168.0.0", 16, "private"],
  ["192.175.48.0", 24, "AS112"],
  ["198.18.0.0", 15, "benchmarks"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved, broadcast"],
];

/**
 * Of IPv6 only 2000::/3 is given out at all, so these are what https://www.iana.org/assignments/iana-ipv6-special-registry lists inside
 * it. What is outside (loopback, unique local, link local, NAT64, mapped, multicast) needs no line.
 */
const special6: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ["2001::", 23, "protocol assignments, with Teredo and ORCHID"],
  ["2001:db8::", 32, "documentation"],
  ["2002::", 16, "6to4"],
  ["2620:4f:8000::", 48, "AS112"],
  ["3fff::", 20, "documentation"],
];

/** Endings of names that mean something inside one network, or nothing. `onion` is refused in its own words. */
const privateEndings = ["localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "arpa"];

const special = new BlockList();
for (const [network, prefix] of special4) special.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of special6) special.addSubnet(network, prefix, "ipv6");

const given6 = new BlockList();
given6.addSubnet("2000::", 3, "ipv6");

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** The one spelling of an IP address, null when it is none. An IPv4 address inside an IPv6 one comes out. */
export function canonical(text: string): string | null {
  const family = isIP(text);
  if (family === 0 || text.includes("%")) return null;
  if (family === 4) return text;
  const { address } = new SocketAddress({ address: text, family: "ipv6" });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/** Whether an address, in its one spelling, is no place where the public could have a server. */
export function isSpecial(address: string): boolean {
  if (isIP(address) === 4) return special.check(address, "ipv4");
  return !given6.check(address, "ipv6") || special.check(address, "ipv6");
}

/** Whether an address, in its one spelling, is this machine speaking to itself. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

/** Whether a name is known inside one network only, or written so that it could be. */
export function isPrivateName(host: string): boolean {
  const labels = host.split(".");
  return labels.length < 2 || privateEndings.includes(labels.at(-1) ?? "");
}
