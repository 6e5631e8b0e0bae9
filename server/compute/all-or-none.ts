// Fragments that run side by side and are of use only together.

/** Their answers, in order, once all have ended. Throws what failed first: the others may have been ended for it. `onFailure` is told at once. */
export async function allOrNone<T>(
  runs: readonly Promise<T>[],
  onFailure: () => void,
): Promise<readonly T[]> {
  const failures: unknown[] = [];
  const settled = await Promise.allSettled(
    runs.map(async (run) => {
      try {
        return await run;
      } catch (error) {
        failures.push(error);
        onFailure();
        throw error;
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
  return settled.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : [],
  );
}
