/** Tells when a retry by wall-clock time is due, even if its instant was written by a wrong clock. */

/**
 * SQL condition: the instant in `column` has come by `now`. An instant further ahead than `waitMsMax` milliseconds
 * also counts as due, because a clock that was ahead wrote it.
 */
export const isDueSql = (column: string, now: string, waitMsMax: number): string =>
    `(${column} <= ${now} or ${column} > ${now}::timestamptz + interval '${waitMsMax} milliseconds')`
