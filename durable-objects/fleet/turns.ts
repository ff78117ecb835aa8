/**
 * One change to the fleet at a time. Operations that move servers wait for shards, and while they wait another request
 * would see a plan half carried out; so each takes its turn. A turn that fails does not spoil the next one.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine;
    return mine;
  }
}
