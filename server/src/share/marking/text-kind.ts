/** Which text of a version a staff member reads. */

/** `unmarked`: the class carries no marks, and all readers get the same text. */
export const textKinds = ["master", "staff_copy", "unmarked"] as const
export type TextKind = (typeof textKinds)[number]
