declare const resolved: unique symbol

/** A text in which no slot is open: an unmarked text, or a copy. Only `carriers/resolved.ts` makes one. */
export type ResolvedText = string & { readonly [resolved]: true }
