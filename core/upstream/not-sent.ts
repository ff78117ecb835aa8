/** Thrown by a network that knows that nothing of a request has reached its server. `fetch` never knows that. */
export class NotSent extends Error {
  /** Since when it could not have been sent; epoch ms. */
  readonly since: number;
  /** It could be sent later: what is under way has to end first. */
  readonly isBusy: boolean;

  constructor(reason: string, since = Date.now(), isBusy = false) {
    super(reason);
    this.since = since;
    this.isBusy = isBusy;
  }
}
