import fc from "fast-check"
import { expect, test } from "vitest"
import { keysFrom } from "../../platform/crypto/keys.ts"
import { type AliasKind, idOfAlias, aliasFor } from "./actions/resolve-alias.ts"

const keys = keysFrom(Buffer.alloc(32, 7))
const other = keysFrom(Buffer.alloc(32, 8))
const kind = fc.constantFrom<AliasKind>("warning", "artifact")

test("an alias leads back to its object, for its own partner", () => {
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

test("an object has a different alias for each partner, kind and installation", () => {
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

test("aliases never collide, and a foreign alias finds nothing", () => {
    fc.assert(
        fc.property(fc.uuid(), fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 5 }), (partner, names) => {
            const ids = names.map((name) => idOfAlias(keys, partner, "artifact", name))
            expect(new Set(ids).size).toBe(names.length)
            expect(ids.map((id) => aliasFor(keys, partner, "artifact", id))).toEqual(names)
        }),
    )
})
