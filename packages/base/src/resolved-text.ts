declare const resolved: unique symbol

/** A text without open slots: an unmarked text, or a copy. Only `carriers/resolved-text.ts` makes one. */
export type ResolvedText = string & { readonly [resolved]: true }
