/** An event as this service keeps it: of those who lead it the directory's ids, and nothing else. */
export type KeptEvent = {
  readonly id: string;
  readonly title: string;
  readonly day: string;
  readonly ledBy: readonly string[];
};

/**
 * Invented, with ids of the invented people whom a directory node shows in development. The second leader of `clinic` shows their
 * entry to partner networks only, and the third never had one: whoever has not signed in gets null in the place of both.
 */
export const events: readonly KeptEvent[] = [
  {
    id: "gathering",
    title: "Gathering of trainers in Central America",
    day: dayAfter(60),
    ledBy: ["3e7b5c82-1f4d-4a96-8e03-b9c2d4f6a711", "b2d5f709-3c4e-4d6f-8a81-92b3c4d5e613"],
  },
  {
    id: "workshop",
    title: "Workshop: a security plan for a small organization",
    day: dayAfter(14),
    ledBy: ["0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10"],
  },
  {
    id: "clinic",
    title: "Clinic: bring your own device",
    day: dayAfter(30),
    ledBy: [
      "0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10",
      "d4f7192b-5e60-4f81-8ca3-b4d5e6f70815",
      "3fd1c8a2-9b7e-4c05-8d16-2e7a4b90c5f1",
    ],
  },
  {
    id: "past",
    title: "A workshop that is over",
    day: dayAfter(-7),
    ledBy: ["3e7b5c82-1f4d-4a96-8e03-b9c2d4f6a711"],
  },
];

/** So that there is always something to come. */
function dayAfter(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}
