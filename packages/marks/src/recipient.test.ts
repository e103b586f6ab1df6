import fc from "fast-check"
import { expect, test } from "vitest"
import { noncesOf } from "./code.ts"
import { apart, nameOfPerson, whose } from "./recipient.ts"

test("a name belongs to a partner or a person, and never to both for one id", () => {
    fc.assert(
        fc.property(fc.uuid(), (id) => {
            expect(whose(id)).toEqual({ partner: id, person: null })
            expect(whose(nameOfPerson(id))).toEqual({ partner: null, person: id })
            expect(noncesOf([nameOfPerson(id)])).not.toEqual(noncesOf([id]))
            expect(apart([nameOfPerson(id), id])).toEqual({ partners: [id], people: [id] })
        }),
    )
})
