/** Which answers of an application each criterion reads. Pure. */

/** The answers of the form, in the order of the page. */
export const answerNames = [
    "productClasses",
    "products",
    "regions",
    "dataUse",
    "mailboxReaders",
    "automation",
    "inHouseProtection",
    "workedExample",
    "mail",
    "contact",
] as const

export type AnswerName = (typeof answerNames)[number]

/** The answers by the shipped criteria. A criterion that the operator added has no answers of its own. */
const answersOf: Readonly<Record<string, readonly AnswerName[]>> = {
    mailbox: ["mailboxReaders", "mail"],
    "protects-others": ["productClasses", "products", "regions"],
    "track-record": ["products"],
    "in-house": ["inHouseProtection"],
    "worked-example": ["workedExample"],
    "first-hand": ["products", "workedExample"],
    confidence: ["dataUse", "mailboxReaders", "automation"],
    "no-offence": ["productClasses", "products"],
    "gives-back": ["dataUse"],
}

/** A mark at an answer: the number of a criterion on this page. */
export interface Mark {
    readonly number: number
    readonly criterion: string
}

export function marksOf(criteria: readonly { readonly id: string }[], answer: AnswerName): Mark[] {
    return criteria.flatMap(({ id }, n) =>
        answersOf[id]?.includes(answer) === true ? [{ number: n + 1, criterion: id }] : [],
    )
}

/** Returns the place of an application in the queue, with its neighbours; null where it is not in the queue. */
export function placeIn(
    queue: readonly string[],
    id: string,
): { readonly number: number; readonly previous: string | null; readonly next: string | null } | null {
    const n = queue.indexOf(id)
    return n < 0 ? null : { number: n + 1, previous: queue[n - 1] ?? null, next: queue[n + 1] ?? null }
}
