/** Waits for a while and no longer. What was waited for goes on; only this wait ends. */
export async function within<Result>(waitMs: number, work: Promise<Result>): Promise<Result | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), Math.max(waitMs, 0));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
