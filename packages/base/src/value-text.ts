/** Shows values of closed lists to people. */

/** Returns a value in words: its underscores become spaces. */
export const valueText = (value: string): string => value.replaceAll("_", " ")
