import fc from "fast-check";
import { expect, it } from "vitest";
import {
  giveBack,
  longestQueuedMs,
  noPlaces,
  queueOf,
  shareOf,
  take,
  type Place,
} from "../../../core/policies/in-flight.ts";

function taken(place: Place): number {
  if (place.is === "full") throw new Error("full");
  return place.ticket;
}

it("gives every isolate an equal share, and one place at least", () => {
  expect([shareOf(256, 0), shareOf(256, 1), shareOf(256, 3), shareOf(2, 5)]).toEqual([256, 256, 85, 1]);
});

it("lets as many through as its share, then a few wait, then it is full", () => {
  const places = noPlaces();
  const asked = Array.from({ length: 12 }, () => take(places, { share: 8, endsAt: 10_000 }, 0).is);
  expect(asked).toEqual([...Array.from({ length: 8 }, () => "taken"), "wait", "wait", "full", "full"]);
  expect(queueOf(8)).toBe(2);
});

it("serves those who wait in their order, before those who come", () => {
  const places = noPlaces();
  const wish = { share: 1, endsAt: 10_000 };
  const first = taken(take(places, wish, 0));
  const second = take(places, wish, 0);
  expect(second.is).toBe("wait");
  giveBack(places, first);
  expect(take(places, wish, 10).is).toBe("full");
  expect(take(places, { ...wish, ticket: taken(second) }, 10)).toEqual(
    second.is === "wait" ? { ...second, is: "taken" } : {},
  );
});

it("lets the second who waits not overtake the first", () => {
  const places = noPlaces();
  const wish = { share: 8, endsAt: 10_000 };
  const running = Array.from({ length: 8 }, () => taken(take(places, wish, 0)));
  const [first, second] = [taken(take(places, wish, 0)), taken(take(places, wish, 0))];
  giveBack(places, running[0] ?? 0);
  expect(take(places, { ...wish, ticket: second }, 10).is).toBe("wait");
  expect(take(places, { ...wish, ticket: first }, 10).is).toBe("taken");
  expect(take(places, { ...wish, ticket: second }, 10).is).toBe("wait");
});

it("lets nobody wait for longer than a moment", () => {
  const places = noPlaces();
  const wish = { share: 1, endsAt: 10_000 };
  take(places, wish, 0);
  const ticket = taken(take(places, wish, 0));
  expect(take(places, { ...wish, ticket }, longestQueuedMs - 1).is).toBe("wait");
  expect(take(places, { ...wish, ticket }, longestQueuedMs).is).toBe("full");
});

it("frees the place of a call whose end nobody told, once its deadline is over", () => {
  const places = noPlaces();
  take(places, { share: 1, endsAt: 5_000 }, 0);
  expect(take(places, { share: 1, endsAt: 9_000 }, 4_999).is).toBe("wait");
  expect(take(noPlacesWithOne(5_000), { share: 1, endsAt: 9_000 }, 5_000).is).toBe("taken");
});

function noPlacesWithOne(endsAt: number) {
  const places = noPlaces();
  take(places, { share: 1, endsAt }, 0);
  return places;
}

it("never lets more through than the share, serves in order, and forgets nobody, whatever happens", () => {
  const step = fc.record({
    does: fc.constantFrom("come", "come", "ask", "end"),
    who: fc.nat(30),
    waitMs: fc.nat(200),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 300 }), (share, steps) => {
      const places = noPlaces();
      let now = 0;
      const running = new Set<number>();
      const queue: number[] = [];
      for (const { does, who, waitMs } of steps) {
        now += waitMs;
        const endsAt = now + 1_000_000;
        if (does === "end") {
          const ticket = [...running][who % Math.max(1, running.size)];
          if (ticket !== undefined && running.delete(ticket)) giveBack(places, ticket);
          continue;
        }
        const ticket = does === "ask" ? queue[who % Math.max(1, queue.length)] : undefined;
        const place = take(places, { share, endsAt, ticket }, now);
        if (ticket !== undefined && place.is !== "wait") queue.splice(queue.indexOf(ticket), 1);
        if (place.is === "taken") running.add(place.ticket);
        // Whoever came before and may still wait goes now as well.
        const before = place.is === "taken" ? [...places.waiting.keys()].filter((other) => other < place.ticket) : [];
        expect(running.size + before.length).toBeLessThanOrEqual(share);
        if (place.is === "wait" && ticket === undefined) queue.push(place.ticket);
        expect(running.size).toBeLessThanOrEqual(share);
        expect(places.held.size).toBe(running.size);
        expect(places.waiting.size).toBeLessThanOrEqual(queueOf(share));
      }
    }),
  );
});
