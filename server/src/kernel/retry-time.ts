/** When something that is tried again by wall-clock time is due, also where a clock was wrong when its instant was written. */

/**
 * SQL: whether the instant in `column` has come, by `now`. One further ahead than the longest wait counts as due: it was written
 * while the clock was ahead.
 */
export const isDue = (column: string, now: string, waitMsMax: number): string =>
    `(${column} <= ${now} or ${column} > ${now}::timestamptz + interval '${waitMsMax} milliseconds')`
