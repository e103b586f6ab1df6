/** Words of a text, as differences compare them. Pure. */

/** Splits a text into words, each with the spaces after it, so that equal spaces align no unrelated words. */
export const splitWords = (text: string): string[] => text.match(/\s+|\S+\s*/g) ?? []
