import fc from "fast-check"
import { expect, test } from "vitest"
import { noncesOf } from "./code.ts"
import { separateOwners, nameOfPerson, ownerOf } from "./recipient.ts"

test("a name belongs to a partner or a person, and never to both for one id", () => {
    fc.assert(
        fc.property(fc.uuid(), (id) => {
            expect(ownerOf(id)).toEqual({ partner: id, person: null })
            expect(ownerOf(nameOfPerson(id))).toEqual({ partner: null, person: id })
            expect(noncesOf([nameOfPerson(id)])).not.toEqual(noncesOf([id]))
            expect(separateOwners([nameOfPerson(id), id])).toEqual({ partners: [id], people: [id] })
        }),
    )
})
