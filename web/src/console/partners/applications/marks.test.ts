import { expect, test } from "vitest"
import { shippedCriteria } from "../../../../../server/src/trust/partners/onboarding/admission.ts"
import { answerNames, marksOf, placeIn } from "./marks.ts"

test("each answer except the contact has a mark of a shipped criterion", () => {
    const without = answerNames.filter((answer) => marksOf(shippedCriteria, answer).length === 0)
    expect(without).toEqual(["contact"])
    expect(marksOf(shippedCriteria, "mail")).toEqual([{ number: 1, criterion: "mailbox" }])
})

test("a criterion that the operator added has no mark", () => {
    expect(answerNames.flatMap((answer) => marksOf([{ id: "own" }], answer))).toEqual([])
})

test("an application has neighbours in the queue", () => {
    expect(placeIn(["a", "b", "c"], "b")).toEqual({ number: 2, previous: "a", next: "c" })
    expect(placeIn(["a"], "a")).toEqual({ number: 1, previous: null, next: null })
    expect(placeIn(["a"], "z")).toBeNull()
})
