/** Which keys end soon: what the alert about them goes by. Reads the keys' rows by an index and writes nothing. */
export interface EndingKey {
  readonly id: string;
  readonly name: string;
  readonly expiresAt: number;
}

type Row = { [Column in keyof EndingKey]: EndingKey[Column] & SqlStorageValue };

/** As the index is written (schema-alerts.ts), or it would not be used. */
const end = "json_extract(record, '$.expiresAt')";
const lives = `${end} IS NOT NULL AND json_extract(record, '$.revokedAt') IS NULL`;

export class KeyEnds {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keys that have not ended yet and will within this time. */
  within(ms: number, now: number): EndingKey[] {
    return this.#sql
      .exec<Row>(
        `SELECT id, json_extract(record, '$.name') AS name, ${end} AS expiresAt FROM api_key
         WHERE ${lives} AND ${end} > ? AND ${end} <= ? ORDER BY ${end} LIMIT 1000`,
        now,
        now + ms,
      )
      .toArray();
  }

  /** When that list next changes by itself: a key comes near its end, or reaches it. */
  nextChangeAt(ms: number, now: number): number | undefined {
    const [near, reached] = [this.#firstAfter(now + ms), this.#firstAfter(now)];
    const instants = [...(near === undefined ? [] : [near - ms]), ...(reached === undefined ? [] : [reached])];
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  #firstAfter(instant: number): number | undefined {
    const query = `SELECT min(${end}) AS at FROM api_key WHERE ${lives} AND ${end} > ?`;
    return this.#sql.exec<{ at: number | null }>(query, instant).one().at ?? undefined;
  }
}
