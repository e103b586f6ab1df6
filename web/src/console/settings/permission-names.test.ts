/** Tests that Settings name every permission of staff. */
import { expect, test } from "vitest"
import { permissions } from "../../../../server/src/kernel/permissions.ts"
import { operatorRoles } from "../../../../server/src/trust/identity/person.ts"
import { permissionGroups, readNamesOf, sharedPermissions } from "./permission-names.ts"

const ofStaff = Object.entries(permissions).filter(
    ([name, { operators }]) => operators.length > 0 && !["public", "self:read", "self:extend"].includes(name),
)
const named = (isShared: boolean) =>
    ofStaff
        .filter(([, { operators }]) => (operators.length === operatorRoles.length) === isShared)
        .map(([name]) => name)

test("each permission of some roles has one row, and each of every role is named", () => {
    const rows = permissionGroups.flatMap(({ names }) => Object.keys(names))
    expect(rows.toSorted()).toEqual(named(false).toSorted())
    expect(Object.keys(sharedPermissions).toSorted()).toEqual(named(true).toSorted())
})

test("a person reads what its roles read", () => {
    expect(readNamesOf(["admin"])).toEqual(
        expect.arrayContaining(["Read partners", "Read the audit log", "See how staff sign in"]),
    )
    expect(readNamesOf(["admin"])).not.toContain("Read cases")
    expect(readNamesOf(["author"])).toContain("Read artifacts")
    expect(readNamesOf([])).toEqual([])
})
