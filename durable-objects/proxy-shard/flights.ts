/**
 * Single flight: whoever asks for what is under way already joins it. Promises may be shared between the requests of
 * one object, which all run in its one context; a Worker could not do this.
 */
export class Flights<Result> {
  readonly #underWay = new Map<string, Promise<Result>>();

  has(name: string): boolean {
    return this.#underWay.has(name);
  }

  join(name: string, start: () => Promise<Result>): Promise<Result> {
    const joined = this.#underWay.get(name);
    if (joined) return joined;
    const mine = start().finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, mine);
    return mine;
  }
}
