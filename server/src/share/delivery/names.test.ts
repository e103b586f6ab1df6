import fc from "fast-check"
import { expect, test } from "vitest"
import { keysFrom } from "../../platform/crypto/keys.ts"
import { type AliasKind, idOfAlias, aliasFor } from "./actions/aliases.ts"

const keys = keysFrom(Buffer.alloc(32, 7))
const other = keysFrom(Buffer.alloc(32, 8))
const kind = fc.constantFrom<AliasKind>("warning", "artifact")

test("a name leads back to what it names, for its own partner", () => {
    fc.assert(
        fc.property(fc.uuid(), fc.uuid(), kind, (partner, id, named) => {
            const name = aliasFor(keys, partner, named, id)
            expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
            expect(idOfAlias(keys, partner, named, name)).toBe(id)
            expect(idOfAlias(keys, partner, named, name.toUpperCase())).toBe(id)
            expect(aliasFor(keys, partner, named, id)).toBe(name)
        }),
    )
})

test("the same thing has another name for each partner, each kind and each program", () => {
    fc.assert(
        fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (item, two, id) => {
            const names = [
                aliasFor(keys, item, "artifact", id),
                aliasFor(keys, item, "warning", id),
                aliasFor(other, item, "artifact", id),
                ...(item === two ? [] : [aliasFor(keys, two, "artifact", id)]),
            ]
            expect(new Set(names).size).toBe(names.length)
            expect(names).not.toContain(id)
        }),
    )
})

test("any name leads somewhere, and no two to the same: a foreign name is no error, just nothing", () => {
    fc.assert(
        fc.property(fc.uuid(), fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 5 }), (partner, names) => {
            const ids = names.map((name) => idOfAlias(keys, partner, "artifact", name))
            expect(new Set(ids).size).toBe(names.length)
            expect(ids.map((id) => aliasFor(keys, partner, "artifact", id))).toEqual(names)
        }),
    )
})
