/** The one way to this object's SQLite. Counts the rows written, which is what is billed and what the hot path must not do. */
export type Column = string | number | null;

export class Store {
  readonly #storage: DurableObjectStorage;
  #rowsWritten = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Rows written since the object started. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  /** Of everything that is stored. */
  get bytes(): number {
    return this.#storage.sql.databaseSize;
  }

  rows<Row extends Record<string, Column>>(query: string, ...values: readonly Column[]): Row[] {
    const cursor = this.#storage.sql.exec<Row>(query, ...values);
    const rows = cursor.toArray();
    this.#rowsWritten += cursor.rowsWritten;
    return rows;
  }

  /** All of it or nothing; `work` may not wait for anything. */
  atomically(work: () => void): void {
    this.#storage.transactionSync(work);
  }
}
