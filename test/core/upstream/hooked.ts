/** Hooks that write down what they hear, and let a test wait for it. */
import type { Hooks, ServerRequest } from "../../../core/upstream/link.ts";

export interface Hooked extends Hooks {
  readonly heard: string[];
  readonly asked: ServerRequest[];
  /** How often a stream has been opened. */
  opened(): number;
  /** Resolves once this many notifications of the method, or of all, have been heard. */
  hears(count: number, method?: string): Promise<void>;
  /** Resolves with the first request of the method, as soon as it is asked. */
  isAsked(method: string): Promise<ServerRequest>;
}

/** `takes`: whether the test will reply itself. */
export function hooked(takes: (request: ServerRequest) => boolean = () => true): Hooked {
  const heard: string[] = [];
  const asked: ServerRequest[] = [];
  const methods: string[] = [];
  let waiting: (() => boolean)[] = [];
  const check = () => (waiting = waiting.filter((done) => !done()));
  const until = <T>(find: () => T | undefined) =>
    new Promise<T>((resolve) => {
      waiting.push(() => {
        const found = find();
        if (found !== undefined) resolve(found);
        return found !== undefined;
      });
      check();
    });
  let opened = 0;
  return {
    heard,
    asked,
    opened: () => opened,
    onOpen() {
      opened++;
      check();
    },
    onNotification(text, method) {
      heard.push(text);
      methods.push(method);
      check();
    },
    onRequest(request) {
      asked.push(request);
      check();
      return takes(request);
    },
    hears: async (count, method) => {
      await until(() =>
        methods.filter((one) => method === undefined || one === method).length >= count ? true : undefined,
      );
    },
    isAsked: (method) => until(() => asked.find((request) => request.method === method)),
  };
}

/** A response to what a server asked. */
export function responseTo({ idText }: ServerRequest, resultText: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${resultText}}`;
}
